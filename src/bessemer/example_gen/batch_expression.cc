#include "bessemer/example_gen/batch_expression.h"

#include <arrow/array.h>
#include <arrow/type.h>

#include <algorithm>

#include "bessemer/columnar/arrow_status.h"

namespace bessemer::example_gen {

BatchExpression::BatchExpression(expression::Expression expression)
    : expression_(std::move(expression)), names_(expression_.features()), seen_(names_.size()) {}

StatusOr<std::unique_ptr<BatchExpression>> BatchExpression::Parse(const std::string& text) {
  BESSEMER_ASSIGN_OR_RETURN(expression::Expression expression, expression::Expression::Parse(text));
  return std::unique_ptr<BatchExpression>(new BatchExpression(std::move(expression)));
}

Status BatchExpression::Evaluate(
    const arrow::RecordBatch& batch,
    const std::function<Status(const expression::BoundExpression& bound,
                               const arrow::RecordBatch& input)>& evaluate) {
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
  for (const auto& type : {arrow::float32(), arrow::binary()}) {
    for (const size_t i : unknown) {
      BESSEMER_ASSIGN_OR_RETURN_ARROW(arrays[i], arrow::MakeArrayOfNull(type, batch.num_rows()));
      fields[i] = arrow::field(names_[i], type);
    }
    const auto input = arrow::RecordBatch::Make(arrow::schema(fields), batch.num_rows(), arrays);
    const StatusOr<expression::BoundExpression> bound =
        expression_.Bind(expression::InputTypes::FromBatch(*input));
    if (bound.ok()) return evaluate(*bound, *input);
    if (error.ok()) error = bound.status();
    if (unknown.empty()) break;
  }
  return error;
}

Status BatchExpression::CheckNames(std::string_view what) const {
  for (size_t i = 0; i < names_.size(); ++i) {
    if (any_batch_ && !seen_[i]) {
      return NotFoundError("{}: no row of the input has a feature '{}'", what, names_[i]);
    }
  }
  return OkStatus();
}

StatusOr<std::unique_ptr<ComputedColumns>> ComputedColumns::Parse(
    const std::vector<std::pair<std::string, std::string>>& columns) {
  auto computed = std::make_unique<ComputedColumns>();
  for (const auto& [name, text] : columns) {
    StatusOr<std::unique_ptr<BatchExpression>> expression = BatchExpression::Parse(text);
    if (!expression.ok()) {
      return WithContext(expression.status(), fmt::format("column '{}'", name));
    }
    computed->columns_.emplace_back(name, *std::move(expression));
  }
  return computed;
}

StatusOr<std::shared_ptr<arrow::RecordBatch>> ComputedColumns::Append(
    std::shared_ptr<arrow::RecordBatch> batch) {
  for (const auto& column : columns_) {
    const auto& name = column.first;
    if (batch->schema()->GetFieldIndex(name) >= 0) {
      return InvalidArgumentError(
          "column '{}': the input has a feature of this name; choose another", name);
    }
    const Status status = column.second->Evaluate(
        *batch, [&](const expression::BoundExpression& bound, const arrow::RecordBatch& input) {
          BESSEMER_ASSIGN_OR_RETURN(const std::shared_ptr<arrow::Array> array,
                                    bound.Evaluate(input));
          BESSEMER_ASSIGN_OR_RETURN_ARROW(
              batch, batch->AddColumn(batch->num_columns(), name, array));
          return OkStatus();
        });
    if (!status.ok()) return WithContext(status, fmt::format("column '{}'", name));
  }
  return batch;
}

std::vector<std::string> ComputedColumns::names() const {
  std::vector<std::string> names;
  for (const auto& [name, expression] : columns_) names.push_back(name);
  return names;
}

std::vector<std::string> ComputedColumns::inputs() const {
  std::vector<std::string> inputs;
  const std::vector<std::string> own = names();
  for (const auto& [name, expression] : columns_) {
    for (const std::string& feature : expression->names()) {
      const bool known = std::find(own.begin(), own.end(), feature) != own.end() ||
                         std::find(inputs.begin(), inputs.end(), feature) != inputs.end();
      if (!known) inputs.push_back(feature);
    }
  }
  return inputs;
}

Status ComputedColumns::CheckNames() const {
  for (const auto& [name, expression] : columns_) {
    BESSEMER_RETURN_IF_ERROR(expression->CheckNames(fmt::format("column '{}'", name)));
  }
  return OkStatus();
}

}  // namespace bessemer::example_gen
