// Operations on tensors.
#include "bessemer/tensorflow/graph_builder.h"
#include "tensorflow/core/framework/graph.pb.h"

namespace bessemer::tf {

using ::tensorflow::DT_BOOL;
using ::tensorflow::DT_FLOAT;
using ::tensorflow::DT_INT32;
using ::tensorflow::DT_INT64;
using ::tensorflow::DT_STRING;

Tensor GraphBuilder::Identity(const Tensor& x, std::string_view name) {
  return Op("Identity", {x}, {{"T", x.dtype}}, x.dtype, name);
}

Tensor GraphBuilder::Cast(const Tensor& x, DataType to) {
  if (x.dtype == to) return x;
  return Op("Cast", {x}, {{"SrcT", x.dtype}, {"DstT", to}, {"Truncate", false}}, to);
}

Tensor GraphBuilder::Unary(std::string_view op, const Tensor& x) {
  return Op(op, {x}, {{"T", x.dtype}}, x.dtype);
}

Tensor GraphBuilder::Binary(std::string_view op, const Tensor& x, const Tensor& y) {
  if (x.dtype != y.dtype) {
    Fail(InvalidArgumentError("{} of '{}' ({}) and '{}' ({}): the types differ", op, x.name(),
                              ::tensorflow::DataType_Name(x.dtype), y.name(),
                              ::tensorflow::DataType_Name(y.dtype)));
  }
  return Op(op, {x, y}, {{"T", x.dtype}}, x.dtype);
}

Tensor GraphBuilder::Compare(std::string_view op, const Tensor& x, const Tensor& y) {
  Tensor result = Binary(op, x, y);
  result.dtype = DT_BOOL;
  return result;
}

Tensor GraphBuilder::Test(std::string_view op, const Tensor& x) {
  return Op(op, {x}, {{"T", x.dtype}}, DT_BOOL);
}

Tensor GraphBuilder::And(const Tensor& x, const Tensor& y) {
  return Op("LogicalAnd", {x, y}, {}, DT_BOOL);
}
Tensor GraphBuilder::Or(const Tensor& x, const Tensor& y) {
  return Op("LogicalOr", {x, y}, {}, DT_BOOL);
}
Tensor GraphBuilder::Not(const Tensor& x) { return Op("LogicalNot", {x}, {}, DT_BOOL); }

Tensor GraphBuilder::Select(const Tensor& condition, const Tensor& then, const Tensor& otherwise) {
  if (then.dtype != otherwise.dtype) {
    Fail(InvalidArgumentError("Select of '{}' ({}) and '{}' ({}): the types differ", then.name(),
                              ::tensorflow::DataType_Name(then.dtype), otherwise.name(),
                              ::tensorflow::DataType_Name(otherwise.dtype)));
  }
  return Op("SelectV2", {condition, then, otherwise}, {{"T", then.dtype}}, then.dtype);
}

Tensor GraphBuilder::ShapeOf(const Tensor& x, DataType out) {
  return Op("Shape", {x}, {{"T", x.dtype}, {"out_type", out}}, out);
}

Tensor GraphBuilder::SizeOf(const Tensor& x, DataType out) {
  return Op("Size", {x}, {{"T", x.dtype}, {"out_type", out}}, out);
}

Tensor GraphBuilder::Reshape(const Tensor& x, const Tensor& shape) {
  return Op("Reshape", {x, shape}, {{"T", x.dtype}, {"Tshape", shape.dtype}}, x.dtype);
}

Tensor GraphBuilder::Reshape(const Tensor& x, const std::vector<int32_t>& shape) {
  return Reshape(x, ConstInt32s(shape, "shape"));
}

Tensor GraphBuilder::ExpandDims(const Tensor& x, int axis) {
  return Op("ExpandDims", {x, ConstInt32(axis, "axis")}, {{"T", x.dtype}, {"Tdim", DT_INT32}},
            x.dtype);
}

Tensor GraphBuilder::Squeeze(const Tensor& x, const std::vector<int64_t>& axes) {
  return Op("Squeeze", {x}, {{"T", x.dtype}, {"squeeze_dims", Attr::Ints(axes)}}, x.dtype);
}

Tensor GraphBuilder::Concat(const std::vector<Tensor>& parts, int axis) {
  if (parts.empty()) {
    Fail(InvalidArgumentError("Concat of nothing in scope '{}'", scope_));
    return {};
  }
  if (parts.size() == 1) return parts[0];
  std::vector<Tensor> inputs = parts;
  inputs.push_back(ConstInt32(axis, "axis"));
  return Op("ConcatV2", inputs,
            {{"N", static_cast<int64_t>(parts.size())}, {"T", parts[0].dtype}, {"Tidx", DT_INT32}},
            parts[0].dtype, "concat");
}

Tensor GraphBuilder::Stack(const std::vector<Tensor>& parts, int axis) {
  if (parts.empty()) {
    Fail(InvalidArgumentError("Stack of nothing in scope '{}'", scope_));
    return {};
  }
  return Op("Pack", parts,
            {{"N", static_cast<int64_t>(parts.size())}, {"T", parts[0].dtype}, {"axis", axis}},
            parts[0].dtype, "stack");
}

Tensor GraphBuilder::Gather(const Tensor& params, const Tensor& indices, int axis) {
  return Op("GatherV2", {params, indices, ConstInt32(axis, "axis")},
            {{"Tparams", params.dtype},
             {"Tindices", indices.dtype},
             {"Taxis", DT_INT32},
             {"batch_dims", 0}},
            params.dtype);
}

Tensor GraphBuilder::StridedSlice(const Tensor& x, const std::vector<int32_t>& begin,
                                  const std::vector<int32_t>& end, int begin_mask, int end_mask,
                                  int shrink_mask) {
  if (begin.size() != end.size()) {
    Fail(InvalidArgumentError("StridedSlice of '{}': {} begins, {} ends", x.name(), begin.size(),
                              end.size()));
  }
  const std::vector<int32_t> strides(begin.size(), 1);
  return Op("StridedSlice",
            {x, ConstInt32s(begin, "begin"), ConstInt32s(end, "end"),
             ConstInt32s(strides, "strides")},
            {{"T", x.dtype},
             {"Index", DT_INT32},
             {"begin_mask", begin_mask},
             {"end_mask", end_mask},
             {"ellipsis_mask", 0},
             {"new_axis_mask", 0},
             {"shrink_axis_mask", shrink_mask}},
            x.dtype);
}

Tensor GraphBuilder::Column(const Tensor& x, int column) {
  return StridedSlice(x, {0, column}, {0, column + 1}, /*begin_mask=*/1, /*end_mask=*/1,
                      /*shrink_mask=*/2);
}

Tensor GraphBuilder::Fill(const Tensor& shape, const Tensor& value) {
  return Op("Fill", {shape, value}, {{"T", value.dtype}, {"index_type", shape.dtype}}, value.dtype);
}

Tensor GraphBuilder::Range(const Tensor& start, const Tensor& limit, const Tensor& delta) {
  return Op("Range", {start, limit, delta}, {{"Tidx", start.dtype}}, start.dtype);
}

Tensor GraphBuilder::Tile(const Tensor& x, const Tensor& multiples) {
  return Op("Tile", {x, multiples}, {{"T", x.dtype}, {"Tmultiples", multiples.dtype}}, x.dtype);
}

Tensor GraphBuilder::OneHot(const Tensor& indices, int64_t depth, DataType dtype) {
  return Op("OneHot",
            {indices, ConstInt32(static_cast<int32_t>(depth), "depth"),
             ConstOf(dtype, 1, "on_value"), ConstOf(dtype, 0, "off_value")},
            {{"T", dtype}, {"TI", indices.dtype}, {"axis", -1}}, dtype);
}

Tensor GraphBuilder::Where(const Tensor& condition) {
  return Op("Where", {condition}, {{"T", condition.dtype}}, DT_INT64);
}

Tensor GraphBuilder::Reduce(std::string_view op, const Tensor& x, const std::vector<int32_t>& axes,
                            bool keep_dims) {
  Attrs attrs = {{"keep_dims", keep_dims}, {"Tidx", DT_INT32}};
  if (op != "All" && op != "Any") attrs.push_back({"T", x.dtype});
  return Op(op, {x, ConstInt32s(axes, "axes")}, attrs, x.dtype);
}

Tensor GraphBuilder::ArgMax(const Tensor& x, int axis) {
  return Op("ArgMax", {x, ConstInt32(axis, "axis")},
            {{"T", x.dtype}, {"Tidx", DT_INT32}, {"output_type", DT_INT64}}, DT_INT64);
}

Tensor GraphBuilder::MatMul(const Tensor& x, const Tensor& y, bool transpose_x, bool transpose_y) {
  return Op("MatMul", {x, y},
            {{"T", x.dtype}, {"transpose_a", transpose_x}, {"transpose_b", transpose_y}}, x.dtype);
}

Tensor GraphBuilder::BiasAdd(const Tensor& x, const Tensor& bias) {
  return Op("BiasAdd", {x, bias}, {{"T", x.dtype}, {"data_format", "NHWC"}}, x.dtype);
}

Tensor GraphBuilder::AsString(const Tensor& x, int precision) {
  return Op("AsString", {x},
            {{"T", x.dtype},
             {"precision", precision},
             {"scientific", false},
             {"shortest", false},
             {"width", -1},
             {"fill", ""}},
            DT_STRING);
}

Tensor GraphBuilder::StringToNumber(const Tensor& x, DataType out) {
  return Op("StringToNumber", {x}, {{"out_type", out}}, out);
}

Tensor GraphBuilder::HashBucketFast(const Tensor& x, int64_t num_buckets) {
  return Op("StringToHashBucketFast", {x}, {{"num_buckets", num_buckets}}, DT_INT64);
}

Tensor GraphBuilder::StringOp(std::string_view op, const Tensor& x, const Attrs& attrs) {
  return Op(op, {x}, attrs, DT_STRING);
}

Tensor GraphBuilder::StringJoin(const std::vector<Tensor>& parts, std::string_view separator) {
  return Op("StringJoin", parts,
            {{"N", static_cast<int64_t>(parts.size())}, {"separator", separator}}, DT_STRING);
}

Tensor GraphBuilder::RegexReplace(const Tensor& x, std::string_view pattern,
                                  std::string_view rewrite, bool global) {
  return Op("StaticRegexReplace", {x},
            {{"pattern", pattern}, {"rewrite", rewrite}, {"replace_global", global}}, DT_STRING);
}

Tensor GraphBuilder::RegexFullMatch(const Tensor& x, std::string_view pattern) {
  return Op("StaticRegexFullMatch", {x}, {{"pattern", pattern}}, DT_BOOL);
}

SparseTensor GraphBuilder::StringSplit(const Tensor& x, const Tensor& separator) {
  const std::vector<Tensor> out = MultiOp("StringSplitV2", {x, separator}, {{"maxsplit", -1}},
                                          {DT_INT64, DT_STRING, DT_INT64});
  return {out[0], out[1], out[2]};
}

Tensor GraphBuilder::SparseToDense(const SparseTensor& x, const Tensor& dense_shape,
                                   const Tensor& filler) {
  return Op("SparseToDense", {x.indices, dense_shape, x.values, filler},
            {{"T", x.values.dtype}, {"Tindices", DT_INT64}, {"validate_indices", true}},
            x.values.dtype);
}

Tensor GraphBuilder::Bucketize(const Tensor& x, const std::vector<float>& boundaries) {
  return Op("Bucketize", {x}, {{"T", x.dtype}, {"boundaries", Attr::Floats(boundaries)}},
            DT_INT32);
}

}  // namespace bessemer::tf
