#include "bessemer/transform/emission.h"

namespace bessemer::transform {

using expression::Kind;
using expression::Shape;

tf::DataType DataTypeOf(Kind kind) {
  return kind == Kind::kInt     ? ::tensorflow::DT_INT64
         : kind == Kind::kFloat ? ::tensorflow::DT_FLOAT
                                : ::tensorflow::DT_STRING;
}

tf::Tensor EmittedColumn::RowOfValue(tf::GraphBuilder& builder) const {
  return builder.Column(indices, 0);
}

const EmittedColumn* Emission::Lead() const {
  for (const EmittedColumn& column : columns_) {
    if (column.type.shape == Shape::kRagged || column.type.shape == Shape::kVector) return &column;
  }
  return nullptr;
}

tf::Tensor Emission::value(size_t i) {
  const EmittedColumn& column = columns_[i];
  const EmittedColumn* lead = Lead();
  if (lead == nullptr || column.type.shape != Shape::kRow) return column.values;
  if (lead->type.shape == Shape::kVector) return b.ExpandDims(column.values, 1);
  return b.Gather(column.values, lead->RowOfValue(b));
}

const expression::Column* Emission::constant(size_t i) const {
  const expression::Node& input = graph_.nodes()[node_.inputs[i]];
  return input.is_constant() ? &input.constant : nullptr;
}

void Emission::Return(tf::Tensor values, tf::Tensor also_valid) {
  result_.type = node_.type;
  result_.values = std::move(values);
  result_.valid = std::move(also_valid);
  if (const EmittedColumn* lead = Lead()) {
    result_.indices = lead->indices;
    result_.dense_shape = lead->dense_shape;
  }
  for (const EmittedColumn& column : columns_) {
    if (!column.has_valid()) continue;
    result_.valid = result_.has_valid() ? b.And(result_.valid, column.valid) : column.valid;
  }
}

}  // namespace bessemer::transform
