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

void AlignRagged(tf::GraphBuilder& b, std::vector<EmittedColumn>* columns) {
  std::vector<EmittedColumn*> ragged;
  bool aligned = true;
  for (EmittedColumn& column : *columns) {
    if (column.type.shape != Shape::kRagged) continue;
    ragged.push_back(&column);
    aligned = aligned && column.indices.name() == ragged[0]->indices.name();
  }
  if (aligned) return;
  const auto scope = b.Enter("align");
  const tf::DataType int64 = ::tensorflow::DT_INT64;
  std::vector<tf::Tensor> rows;  // of each value of each column
  tf::Tensor least, most;        // number of values of each row
  for (EmittedColumn* column : ragged) {
    rows.push_back(column->RowOfValue(b));
    const tf::Tensor num_rows = b.StridedSlice(ragged[0]->dense_shape, {0}, {1}, 0, 0, 1);
    const tf::Tensor count =
        b.Op("UnsortedSegmentSum", {b.Unary("OnesLike", rows.back()), rows.back(), num_rows},
             {{"T", int64}, {"Tindices", int64}, {"Tnumsegments", int64}}, int64);
    least = rows.size() == 1 ? count : b.Binary("Minimum", least, count);
    most = rows.size() == 1 ? count : b.Binary("Maximum", most, count);
  }
  const tf::Tensor kept = b.Compare("Greater", least, b.ConstInt64(0));
  const tf::Tensor fits = b.Reduce("All", b.Or(b.Compare("Equal", least, most), b.Not(kept)), {0});
  const std::string check = b.Target(
      "Assert",
      {fits, b.ConstString("features with different numbers of values cannot be taken side by "
                           "side")},
      {{"T", tf::Attr::Types({::tensorflow::DT_STRING})}});
  for (size_t i = 0; i < ragged.size(); ++i) {
    const tf::Tensor positions = b.Reshape(b.Where(b.Gather(kept, rows[i])), {-1});
    ragged[i]->values = b.Gather(ragged[i]->values, positions);
    ragged[i]->indices = b.Gather(ragged[i]->indices, positions);
    b.AddControlInput(ragged[i]->values, check);
  }
}

}  // namespace bessemer::transform
