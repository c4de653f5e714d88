#include "bessemer/expression/expression.h"

#include <arrow/array.h>
#include <arrow/compute/api_vector.h>
#include <arrow/datum.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/record_batch.h>

#include <algorithm>
#include <cmath>

#include "bessemer/columnar/arrow_status.h"

namespace bessemer::expression {
namespace {

void CollectFeatures(const Syntax& syntax, std::vector<std::string>& out) {
  if (syntax.kind == Syntax::Kind::kFeature &&
      std::find(out.begin(), out.end(), syntax.text) == out.end()) {
    out.push_back(syntax.text);
  }
  for (const auto& arg : syntax.args) CollectFeatures(*arg, out);
  for (const auto& [name, arg] : syntax.keywords) CollectFeatures(*arg, out);
}

}  // namespace

StatusOr<Expression> Expression::Parse(std::string_view text) {
  BESSEMER_ASSIGN_OR_RETURN(auto syntax, ParseSyntax(text));
  Expression expression;
  expression.text_ = std::string(text);
  expression.syntax_ = std::move(syntax);
  return expression;
}

std::vector<std::string> Expression::features() const {
  std::vector<std::string> out;
  CollectFeatures(*syntax_, out);
  return out;
}

StatusOr<BoundExpression> Expression::Bind(const InputTypes& types,
                                           const FunctionRegistry& functions) const {
  BESSEMER_RETURN_IF_ERROR(functions.status());
  Graph graph(&functions, types);
  BESSEMER_ASSIGN_OR_RETURN(const int root, graph.Add(*syntax_, text_));
  BESSEMER_RETURN_IF_ERROR(graph.Fold());
  return BoundExpression(text_, std::move(graph), root);
}

StatusOr<Column> BoundExpression::EvaluateColumn(const arrow::RecordBatch& batch) const {
  auto columns = graph_.Evaluate(batch, {root_});
  if (!columns.ok()) return WithContext(columns.status(), fmt::format("in '{}'", text_));
  return columns->front();
}

StatusOr<std::shared_ptr<arrow::Array>> BoundExpression::Evaluate(
    const arrow::RecordBatch& batch) const {
  BESSEMER_ASSIGN_OR_RETURN(const Column column, EvaluateColumn(batch));
  return column.ToArrow(batch.num_rows());
}

StatusOr<std::vector<int64_t>> BoundExpression::EvaluatePredicate(
    const arrow::RecordBatch& batch) const {
  if (type().kind == Kind::kBytes || type().shape == Shape::kList) {
    return InvalidArgumentError("'{}' is a {}, not a condition; compare it with something", text_,
                                type().ToString());
  }
  BESSEMER_ASSIGN_OR_RETURN(const Column column, EvaluateColumn(batch));
  const auto holds = [&](int64_t i) {
    if (column.type().kind == Kind::kInt) return column.ints()[i] != 0;
    return column.floats()[i] != 0 && !std::isnan(column.floats()[i]);
  };
  std::vector<int64_t> rows;
  for (int64_t row = 0; row < batch.num_rows(); ++row) {
    bool keep = false;
    if (column.type().shape == Shape::kScalar) {
      keep = holds(0);
    } else {
      for (int64_t i = column.begin(row); i < column.end(row) && !keep; ++i) keep = holds(i);
    }
    if (keep) rows.push_back(row);
  }
  return rows;
}

StatusOr<std::shared_ptr<arrow::RecordBatch>> BoundExpression::Filter(
    const std::shared_ptr<arrow::RecordBatch>& batch) const {
  BESSEMER_ASSIGN_OR_RETURN(const std::vector<int64_t> rows, EvaluatePredicate(*batch));
  if (static_cast<int64_t>(rows.size()) == batch->num_rows()) return batch;
  arrow::Int64Builder builder;
  std::shared_ptr<arrow::Array> indices;
  BESSEMER_RETURN_IF_ARROW_ERROR(builder.AppendValues(rows));
  BESSEMER_RETURN_IF_ARROW_ERROR(builder.Finish(&indices));
  BESSEMER_ASSIGN_OR_RETURN_ARROW(
      arrow::Datum taken, arrow::compute::Take(batch, indices,
                                               arrow::compute::TakeOptions::NoBoundsCheck()));
  return taken.record_batch();
}

}  // namespace bessemer::expression
