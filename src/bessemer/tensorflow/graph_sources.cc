// Constants, placeholders, variables, tables and parsing of tf.Example.
#include <cstring>

#include "bessemer/base/hash.h"
#include "bessemer/io/file.h"
#include "bessemer/proto/serialize.h"
#include "bessemer/tensorflow/graph_builder.h"
#include "tensorflow/core/framework/attr_value.pb.h"
#include "tensorflow/core/framework/graph.pb.h"
#include "tensorflow/core/framework/tensor.pb.h"

namespace bessemer::tf {
namespace {

using ::tensorflow::DT_BOOL;
using ::tensorflow::DT_DOUBLE;
using ::tensorflow::DT_FLOAT;
using ::tensorflow::DT_INT32;
using ::tensorflow::DT_INT64;
using ::tensorflow::DT_RESOURCE;
using ::tensorflow::DT_STRING;

::tensorflow::TensorProto TensorOf(DataType dtype, const Shape& shape) {
  ::tensorflow::TensorProto tensor;
  tensor.set_dtype(dtype);
  tensor.mutable_tensor_shape();  // a scalar is a present, empty shape
  for (const int64_t size : shape) tensor.mutable_tensor_shape()->add_dim()->set_size(size);
  return tensor;
}

template <typename T>
Shape VectorShape(const std::vector<T>& values) {
  return {static_cast<int64_t>(values.size())};
}

}  // namespace

Tensor GraphBuilder::Placeholder(DataType dtype, const Shape& shape, std::string_view name) {
  return Op("Placeholder", {}, {{"dtype", dtype}, {"shape", Attr::OfShape(shape)}}, dtype, name);
}

Tensor GraphBuilder::Const(const ::tensorflow::TensorProto& value, std::string_view name) {
  return Op("Const", {}, {{"dtype", value.dtype()}, {"value", Attr::OfTensor(value)}},
            value.dtype(), name);
}

Tensor GraphBuilder::ConstFloat(float value, std::string_view name) {
  ::tensorflow::TensorProto tensor = TensorOf(DT_FLOAT, {});
  tensor.add_float_val(value);
  return Const(tensor, name);
}

Tensor GraphBuilder::ConstDouble(double value, std::string_view name) {
  ::tensorflow::TensorProto tensor = TensorOf(DT_DOUBLE, {});
  tensor.add_double_val(value);
  return Const(tensor, name);
}

Tensor GraphBuilder::ConstInt32(int32_t value, std::string_view name) {
  ::tensorflow::TensorProto tensor = TensorOf(DT_INT32, {});
  tensor.add_int_val(value);
  return Const(tensor, name);
}

Tensor GraphBuilder::ConstInt64(int64_t value, std::string_view name) {
  ::tensorflow::TensorProto tensor = TensorOf(DT_INT64, {});
  tensor.add_int64_val(value);
  return Const(tensor, name);
}

Tensor GraphBuilder::ConstBool(bool value, std::string_view name) {
  ::tensorflow::TensorProto tensor = TensorOf(DT_BOOL, {});
  tensor.add_bool_val(value);
  return Const(tensor, name);
}

Tensor GraphBuilder::ConstString(std::string_view value, std::string_view name) {
  ::tensorflow::TensorProto tensor = TensorOf(DT_STRING, {});
  tensor.add_string_val(std::string(value));
  return Const(tensor, name);
}

Tensor GraphBuilder::ConstOf(DataType dtype, double value, std::string_view name) {
  switch (dtype) {
    case DT_FLOAT:
      return ConstFloat(static_cast<float>(value), name);
    case DT_DOUBLE:
      return ConstDouble(value, name);
    case DT_INT32:
      return ConstInt32(static_cast<int32_t>(value), name);
    case DT_INT64:
      return ConstInt64(static_cast<int64_t>(value), name);
    case DT_BOOL:
      return ConstBool(value != 0, name);
    default:
      Fail(InvalidArgumentError("no constant number of type {} ('{}')",
                                ::tensorflow::DataType_Name(dtype), name));
      return ConstDouble(value, name);
  }
}

Tensor GraphBuilder::ConstRaw(DataType dtype, const Shape& shape, const void* data,
                              size_t num_bytes, size_t num_values, std::string_view name) {
  size_t wanted = 1;
  for (const int64_t size : shape) wanted *= static_cast<size_t>(size);
  if (wanted != num_values) {
    Fail(InvalidArgumentError("constant '{}': {} values for a shape of {}", name, num_values,
                              wanted));
  }
  ::tensorflow::TensorProto tensor = TensorOf(dtype, shape);
  tensor.mutable_tensor_content()->assign(static_cast<const char*>(data), num_bytes);
  return Const(tensor, name);
}

Tensor GraphBuilder::ConstFloats(const std::vector<float>& values, const Shape& shape,
                                 std::string_view name) {
  return ConstRaw(DT_FLOAT, shape, values.data(), values.size() * sizeof(float), values.size(),
                  name);
}

Tensor GraphBuilder::ConstFloats(const std::vector<float>& values, std::string_view name) {
  return ConstFloats(values, VectorShape(values), name);
}

Tensor GraphBuilder::ConstInt32s(const std::vector<int32_t>& values, std::string_view name) {
  return ConstRaw(DT_INT32, VectorShape(values), values.data(), values.size() * sizeof(int32_t),
                  values.size(), name);
}

Tensor GraphBuilder::ConstInt64s(const std::vector<int64_t>& values, std::string_view name) {
  return ConstRaw(DT_INT64, VectorShape(values), values.data(), values.size() * sizeof(int64_t),
                  values.size(), name);
}

Tensor GraphBuilder::ConstStrings(const std::vector<std::string>& values, std::string_view name) {
  ::tensorflow::TensorProto tensor = TensorOf(DT_STRING, VectorShape(values));
  for (const std::string& value : values) tensor.add_string_val(value);
  return Const(tensor, name);
}

Tensor GraphBuilder::VocabularyTable(const std::string& path, std::string_view name) {
  return TextFileTable(path, DT_STRING, DT_INT64, -2, -1, "\t", name);
}

// Tables are shared by name between graphs of one process: a name made of the content keeps two
// models that happen to use the same node names apart.
Tensor GraphBuilder::TextFileTable(const std::string& path, DataType key, DataType value,
                                   int64_t key_index, int64_t value_index,
                                   std::string_view delimiter, std::string_view name) {
  const StatusOr<std::string> content = io::ReadFile(path);
  const std::string shared_name =
      fmt::format("table_{}_{}_{}_{:016x}", io::BaseName(path), key_index, value_index,
                  Fingerprint64(content.ok() ? *content : path));
  const Tensor table =
      Op("HashTableV2", {},
         {{"key_dtype", key}, {"value_dtype", value}, {"shared_name", shared_name}}, DT_RESOURCE,
         name);
  const Tensor filename = ConstString(path, fmt::format("{}_asset", name));
  assets_.push_back({filename.node, path});
  AddInitializer(Target("InitializeTableFromTextFileV2", {table, filename},
                        {{"key_index", key_index},
                         {"value_index", value_index},
                         {"vocab_size", -1},
                         {"delimiter", delimiter},
                         {"offset", 0}},
                        {}, fmt::format("{}_init", name)));
  return table;
}

Tensor GraphBuilder::ConstTable(const Tensor& keys, const Tensor& values, std::string_view name) {
  uint64_t fingerprint = 0;
  for (const Tensor& tensor : {keys, values}) {
    const auto node = nodes_.find(tensor.node);
    if (node == nodes_.end()) continue;  // NewNode reports it
    const auto& attrs = graph_->node(node->second).attr();
    const auto value = attrs.find("value");
    if (value == attrs.end()) continue;
    fingerprint = fingerprint * 31 + Fingerprint64(proto::Serialize(value->second.tensor()));
  }
  const Tensor table =
      Op("HashTableV2", {},
         {{"key_dtype", keys.dtype},
          {"value_dtype", values.dtype},
          {"shared_name", fmt::format("table_{}_{:016x}", name, fingerprint)}},
         DT_RESOURCE, name);
  AddInitializer(Target("InitializeTableV2", {table, keys, values},
                        {{"Tkey", keys.dtype}, {"Tval", values.dtype}}, {},
                        fmt::format("{}_init", name)));
  return table;
}

Tensor GraphBuilder::LookupFind(const Tensor& table, const Tensor& keys,
                                const Tensor& default_value) {
  return Op("LookupTableFindV2", {table, keys, default_value},
            {{"Tin", keys.dtype}, {"Tout", default_value.dtype}}, default_value.dtype);
}

Tensor GraphBuilder::LookupSize(const Tensor& table) {
  return Op("LookupTableSizeV2", {table}, {}, DT_INT64);
}

GraphBuilder::ParsedExamples GraphBuilder::ParseExamples(
    const Tensor& serialized, const std::vector<DenseFeature>& dense,
    const std::vector<std::pair<std::string, DataType>>& sparse,
    const std::vector<std::pair<std::string, DataType>>& ragged) {
  std::vector<std::string> dense_keys, sparse_keys, ragged_keys;
  std::vector<DataType> dense_types, sparse_types, ragged_types;
  std::vector<Shape> dense_shapes;
  std::vector<Tensor> defaults;
  for (const DenseFeature& feature : dense) {
    dense_keys.push_back(feature.key);
    dense_types.push_back(feature.dtype);
    dense_shapes.push_back(feature.shape);
    defaults.push_back(feature.default_value);
    if (feature.default_value.node.empty()) {  // an empty vector: there is no default
      defaults.back() = Const(TensorOf(feature.dtype, {0}), "no_default");
    }
  }
  for (const auto& [key, dtype] : sparse) {
    sparse_keys.push_back(key);
    sparse_types.push_back(dtype);
  }
  for (const auto& [key, dtype] : ragged) {
    ragged_keys.push_back(key);
    ragged_types.push_back(dtype);
  }
  std::vector<Tensor> inputs = {serialized, ConstStrings({}, "names"),
                                ConstStrings(sparse_keys, "sparse_keys"),
                                ConstStrings(dense_keys, "dense_keys"),
                                ConstStrings(ragged_keys, "ragged_keys")};
  inputs.insert(inputs.end(), defaults.begin(), defaults.end());
  std::vector<DataType> outputs(sparse.size(), DT_INT64);
  outputs.insert(outputs.end(), sparse_types.begin(), sparse_types.end());
  outputs.insert(outputs.end(), sparse.size(), DT_INT64);
  outputs.insert(outputs.end(), dense_types.begin(), dense_types.end());
  outputs.insert(outputs.end(), ragged_types.begin(), ragged_types.end());
  outputs.insert(outputs.end(), ragged.size(), DT_INT64);
  const std::vector<Tensor> parsed =
      MultiOp("ParseExampleV2", inputs,
              {{"Tdense", Attr::Types(dense_types)},
               {"num_sparse", static_cast<int64_t>(sparse.size())},
               {"sparse_types", Attr::Types(sparse_types)},
               {"ragged_value_types", Attr::Types(ragged_types)},
               {"ragged_split_types",
                Attr::Types(std::vector<DataType>(ragged.size(), DT_INT64))},
               {"dense_shapes", Attr::Shapes(dense_shapes)}},
              outputs, "parse");
  ParsedExamples result;
  const size_t s = sparse.size(), d = dense.size(), r = ragged.size();
  for (size_t i = 0; i < s; ++i) {
    result.sparse.push_back({parsed[i], parsed[s + i], parsed[2 * s + i]});
  }
  for (size_t i = 0; i < d; ++i) result.dense.push_back(parsed[3 * s + i]);
  for (size_t i = 0; i < r; ++i) {
    result.ragged.push_back({parsed[3 * s + d + i], parsed[3 * s + d + r + i]});
  }
  return result;
}

Tensor GraphBuilder::Variable(DataType dtype, const Shape& shape, std::string_view name) {
  const std::string shared_name = UniqueName(name);
  const Tensor handle = Op(
      "VarHandleOp", {},
      {{"dtype", dtype}, {"shape", Attr::OfShape(shape)}, {"shared_name", shared_name}},
      DT_RESOURCE, name);
  variables_.push_back({handle, dtype, shape});
  return handle;
}

Tensor GraphBuilder::ReadVariable(const Tensor& handle, DataType dtype, std::string_view name) {
  return Op("ReadVariableOp", {handle}, {{"dtype", dtype}}, dtype, name);
}

}  // namespace bessemer::tf
