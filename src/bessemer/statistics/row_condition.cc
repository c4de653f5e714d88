#include "bessemer/statistics/row_condition.h"

#include <arrow/array.h>
#include <arrow/array/util.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include "bessemer/columnar/arrow_status.h"
#include "bessemer/expression/column.h"
#include "bessemer/statistics/untyped_columns.h"

namespace bessemer::statistics {
namespace {

StatusOr<std::vector<RowOutcome>> Outcomes(const expression::Column& column, int64_t num_rows) {
  if (column.type().kind == expression::Kind::kBytes) {
    return InvalidArgumentError("the rule is a text, not a condition");
  }
  const bool is_int = column.type().kind == expression::Kind::kInt;
  const auto is_false = [&](int64_t i) {
    const auto at = static_cast<size_t>(i);
    return is_int ? column.ints()[at] == 0 : column.floats()[at] == 0;
  };
  std::vector<RowOutcome> outcomes(static_cast<size_t>(num_rows), RowOutcome::kUnknown);
  if (!column.type().per_row()) {
    if (column.num_values() > 0) {
      outcomes.assign(outcomes.size(), is_false(0) ? RowOutcome::kBroken : RowOutcome::kHolds);
    }
    return outcomes;
  }
  for (int64_t row = 0; row < num_rows; ++row) {
    if (!column.IsValid(row)) continue;
    RowOutcome& outcome = outcomes[static_cast<size_t>(row)];
    for (int64_t i = column.begin(row); i < column.end(row); ++i) {
      outcome = is_false(i) ? RowOutcome::kBroken : RowOutcome::kHolds;
      if (outcome == RowOutcome::kBroken) break;
    }
  }
  return outcomes;
}

}  // namespace

StatusOr<RowCondition> RowCondition::Parse(std::string_view expression) {
  BESSEMER_ASSIGN_OR_RETURN(expression::Expression parsed,
                            expression::Expression::Parse(expression));
  return RowCondition(std::move(parsed));
}

StatusOr<std::vector<RowOutcome>> RowCondition::Judge(const arrow::RecordBatch& batch) const {
  arrow::FieldVector fields;
  arrow::ArrayVector arrays;
  for (const std::string& name : features_) {
    auto array = batch.GetColumnByName(name);
    if (array == nullptr) {
      BESSEMER_ASSIGN_OR_RETURN_ARROW(array,
                                      arrow::MakeArrayOfNull(arrow::null(), batch.num_rows()));
    }
    fields.push_back(arrow::field(name, array->type()));
    arrays.push_back(std::move(array));
  }
  const auto rows = arrow::RecordBatch::Make(arrow::schema(fields), batch.num_rows(), arrays);
  BESSEMER_ASSIGN_OR_RETURN(const BoundColumns ready, BindColumns(expression_, *rows));
  BESSEMER_ASSIGN_OR_RETURN(const expression::Column column,
                            ready.bound.EvaluateColumn(*ready.columns));
  return Outcomes(column, batch.num_rows());
}

}  // namespace bessemer::statistics
