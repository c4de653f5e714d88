#include "bessemer/example_gen/row_filter.h"

namespace bessemer::example_gen {

StatusOr<std::unique_ptr<RowFilter>> RowFilter::Parse(const std::string& text) {
  BESSEMER_ASSIGN_OR_RETURN(std::unique_ptr<BatchExpression> condition,
                            BatchExpression::Parse(text));
  return std::unique_ptr<RowFilter>(new RowFilter(std::move(condition)));
}

StatusOr<std::vector<uint8_t>> RowFilter::Keep(const arrow::RecordBatch& batch) {
  std::vector<uint8_t> keep(static_cast<size_t>(batch.num_rows()), 0);
  BESSEMER_RETURN_IF_ERROR(condition_->Evaluate(
      batch,
      [&](const expression::BoundExpression& bound, const arrow::RecordBatch& input) -> Status {
        BESSEMER_ASSIGN_OR_RETURN(const std::vector<int64_t> rows, bound.EvaluatePredicate(input));
        for (const int64_t row : rows) keep[static_cast<size_t>(row)] = 1;
        return OkStatus();
      }));
  return keep;
}

}  // namespace bessemer::example_gen
