#include "bessemer/example_gen/row_filter.h"

#include <arrow/array.h>
#include <arrow/type.h>

#include "bessemer/columnar/arrow_status.h"

namespace bessemer::example_gen {

RowFilter::RowFilter(expression::Expression expression)
    : expression_(std::move(expression)), names_(expression_.features()), seen_(names_.size()) {}

StatusOr<std::unique_ptr<RowFilter>> RowFilter::Parse(const std::string& text) {
  BESSEMER_ASSIGN_OR_RETURN(expression::Expression expression, expression::Expression::Parse(text));
  return std::unique_ptr<RowFilter>(new RowFilter(std::move(expression)));
}

StatusOr<std::vector<uint8_t>> RowFilter::Keep(const arrow::RecordBatch& batch) {
  any_batch_ = true;
  std::vector<std::shared_ptr<arrow::Field>> fields;
  std::vector<std::shared_ptr<arrow::Array>> arrays;
  std::vector<size_t> unknown;  // columns whose kind nothing tells
  for (size_t i = 0; i < names_.size(); ++i) {
    std::shared_ptr<arrow::Array> array = batch.GetColumnByName(names_[i]);
    if (array != nullptr) seen_[i] = true;
    if (array == nullptr || array->type_id() == arrow::Type::NA) {
      unknown.push_back(arrays.size());
      array = nullptr;
    }
    fields.push_back(arrow::field(names_[i], array == nullptr ? arrow::null() : array->type()));
    arrays.push_back(std::move(array));
  }
  Status error;
  // A column without values fits a number as well as a string: what the expression wants.
  for (const auto& type : {arrow::float32(), arrow::binary()}) {
    for (const size_t i : unknown) {
      BESSEMER_ASSIGN_OR_RETURN_ARROW(arrays[i], arrow::MakeArrayOfNull(type, batch.num_rows()));
      fields[i] = arrow::field(names_[i], type);
    }
    const auto input = arrow::RecordBatch::Make(arrow::schema(fields), batch.num_rows(), arrays);
    const StatusOr<expression::BoundExpression> bound =
        expression_.Bind(expression::InputTypes::FromBatch(*input));
    if (bound.ok()) {
      BESSEMER_ASSIGN_OR_RETURN(const std::vector<int64_t> rows, bound->EvaluatePredicate(*input));
      std::vector<uint8_t> keep(static_cast<size_t>(batch.num_rows()), 0);
      for (const int64_t row : rows) keep[static_cast<size_t>(row)] = 1;
      return keep;
    }
    if (error.ok()) error = bound.status();
    if (unknown.empty()) break;
  }
  return error;
}

Status RowFilter::CheckNames() const {
  for (size_t i = 0; i < names_.size(); ++i) {
    if (any_batch_ && !seen_[i]) {
      return NotFoundError("where: no row of the input has a feature '{}'", names_[i]);
    }
  }
  return OkStatus();
}

}  // namespace bessemer::example_gen
