#include "bessemer/transform/tensors.h"

#include "conformance/arrow_json.h"
#include "conformance/protos.h"
#include "conformance/suites/tfxbsl_param_cases/runs.h"
#include "tensorflow_metadata/proto/v0/schema.pb.h"

namespace bessemer::conformance::tfxbsl_param_cases {
namespace {

using transform::DenseTensor;
using transform::RaggedTensor;
using transform::SparseTensor;
using transform::TensorType;
using ::tensorflow::metadata::v0::TensorRepresentation;

// Values [begin, end) as nested lists of these inner dimensions.
Json Nested(const Json& values, const std::vector<int64_t>& dims, size_t depth, int64_t begin,
            int64_t end) {
  Json list = Json::array();
  if (depth == dims.size()) {
    for (int64_t i = begin; i < end; ++i) list.push_back(values.at(static_cast<size_t>(i)));
    return list;
  }
  const int64_t count = dims[depth];
  if (count == 0) return list;
  for (int64_t i = 0; i < count; ++i) {
    const int64_t size = (end - begin) / count;
    list.push_back(Nested(values, dims, depth + 1, begin + i * size, begin + (i + 1) * size));
  }
  return list;
}

Json DenseToJson(const DenseTensor& tensor) {
  const Json values = ArrayToJson(*tensor.values);
  std::vector<int64_t> outer(tensor.shape.begin(), tensor.shape.end() - 1);
  return Nested(values, outer, 0, 0, tensor.values->length());
}

Json RaggedToJson(const RaggedTensor& tensor, const Json& values, size_t level, int64_t row) {
  Json list = Json::array();
  const auto& splits = tensor.row_splits[level];
  for (int64_t i = splits[static_cast<size_t>(row)]; i < splits[static_cast<size_t>(row) + 1];
       ++i) {
    if (level + 1 < tensor.row_splits.size()) {
      list.push_back(RaggedToJson(tensor, values, level + 1, i));
      continue;
    }
    int64_t size = 1;
    for (const int64_t dim : tensor.inner_shape) size *= dim;
    if (tensor.inner_shape.empty()) {
      list.push_back(values.at(static_cast<size_t>(i)));
    } else {
      const std::vector<int64_t> outer(tensor.inner_shape.begin(), tensor.inner_shape.end() - 1);
      list.push_back(Nested(values, outer, 0, i * size, (i + 1) * size));
    }
  }
  return list;
}

Json RaggedToJson(const RaggedTensor& tensor) {
  // Splits count groups of inner_shape where that is given.
  const Json values = ArrayToJson(*tensor.values);
  Json rows = Json::array();
  for (size_t row = 0; row + 1 < tensor.row_splits[0].size(); ++row) {
    rows.push_back(RaggedToJson(tensor, values, 0, static_cast<int64_t>(row)));
  }
  return rows;
}

Json IndicesToJson(const SparseTensor& tensor) {
  Json rows = Json::array();
  const size_t rank = tensor.dense_shape.size();
  for (size_t i = 0; i + rank <= tensor.indices.size(); i += rank) {
    Json row = Json::array();
    for (size_t k = 0; k < rank; ++k) row.push_back(tensor.indices[i + k]);
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string DtypeOf(const arrow::DataType& type) {
  const std::string name = type.ToString();
  if (name == "float") return "float32";
  if (name == "double") return "float64";
  return name.find("int") == std::string::npos ? "string" : name;
}

// {"@spec", "dtype", "shape", "ragged_rank"}
Verdict CompareType(const Json& spec, const TensorType& got) {
  static constexpr const char* kNames[] = {"TensorSpec", "SparseTensorSpec", "RaggedTensorSpec"};
  Json shape = Json::array();
  for (const int64_t dim : got.shape) shape.push_back(dim < 0 ? Json() : Json(dim));
  Json ours = {{"@spec", kNames[static_cast<int>(got.kind)]},
               {"dtype", DtypeOf(*got.value_type)},
               {"shape", shape}};
  if (spec.contains("ragged_rank")) ours["ragged_rank"] = got.ragged_rank;
  return FromDifference(DiffJson(spec, ours));
}

std::string CompareTensor(const Json& expected, const transform::Tensor& got) {
  if (expected.contains("@tensor")) {
    const auto* dense = std::get_if<DenseTensor>(&got);
    if (dense == nullptr) return "not a dense tensor";
    const std::string shape = DiffJson(expected["@tensor"].at("shape"), Json(dense->shape));
    return shape.empty() ? DiffJson(expected["@tensor"].at("values"), DenseToJson(*dense))
                         : "shape: " + shape;
  }
  if (expected.contains("@sparse")) {
    const auto* sparse = std::get_if<SparseTensor>(&got);
    if (sparse == nullptr) return "not a sparse tensor";
    const Json ours = {{"dense_shape", sparse->dense_shape},
                       {"dtype", expected["@sparse"].at("dtype")},
                       {"indices", IndicesToJson(*sparse)},
                       {"values", ArrayToJson(*sparse->values)}};
    return DiffJson(expected["@sparse"], ours);
  }
  const auto* ragged = std::get_if<RaggedTensor>(&got);
  if (ragged == nullptr) return "not a ragged tensor";
  return DiffJson(expected.at("@ragged"), RaggedToJson(*ragged));
}

StatusOr<std::shared_ptr<arrow::RecordBatch>> InputOf(const Json& params) {
  if (params.contains("record_batch")) return BatchOf(params["record_batch"]);
  BESSEMER_ASSIGN_OR_RETURN(auto array, ArrayOf(params.at("arrow_array")));
  const auto schema = arrow::schema({arrow::field("input", array->type())});
  return arrow::RecordBatch::Make(schema, array->length(), {array});
}

Verdict RunTensor(const Json& params) {
  const auto batch = InputOf(params);
  if (!batch.ok()) return Failed(batch.status());
  const auto representation =
      FromText<TensorRepresentation>(params.at("tensor_representation_textpb"));
  const auto type = transform::TensorTypeOf(*(*batch)->schema(), representation);
  if (!type.ok()) return Failed(type.status());
  const Verdict typed = CompareType(params.at("expected_type_spec"), *type);
  if (!typed.passed()) return typed;
  const auto tensor = transform::MakeTensor(**batch, representation);
  if (!tensor.ok()) return Failed(tensor.status());
  return FromDifference(CompareTensor(params.contains("expected_output")
                                          ? params["expected_output"]
                                          : params.at("expected_ragged_tensor"),
                                      *tensor));
}

// The batch stands in the test's code: indices of two columns, over a shape that is known or not.
Verdict RunSparse2D(const Json& params) {
  const bool known = params.at("is_dense_shape_known");
  const auto column = [](const char* name, Json values) {
    return Json{{"name", name}, {"type", "list<item: int64>"}, {"values", std::move(values)}};
  };
  const auto batch = BatchOf(
      {{"@arrow",
        {{"num_rows", 3},
         {"columns", {column("i", {{9, 9}, nullptr, {7}}), column("j", {{0, 1}, nullptr, {2}}),
                      column("v", {{1, 2}, nullptr, {3}})}}}}});
  if (!batch.ok()) return Failed(batch.status());
  const int size = known ? 10 : -1;
  const auto representation = FromText<TensorRepresentation>(fmt::format(
      "sparse_tensor {{ index_column_names: ['i', 'j'] value_column_name: 'v' "
      "dense_shape {{ dim {{ size: {0} }} dim {{ size: {0} }} }} }}", size));
  const auto tensor = transform::MakeTensor(**batch, representation);
  if (!tensor.ok()) return Failed(tensor.status());
  const Json expected = {{"dense_shape", {3, size, size}},
                         {"dtype", "int64"},
                         {"indices", {{0, 9, 0}, {0, 9, 1}, {2, 7, 2}}},
                         {"values", {1, 2, 3}}};
  return FromDifference(CompareTensor({{"@sparse", expected}}, *tensor));
}

Verdict Refused(const arrow::Schema& schema, const TensorRepresentation& representation) {
  const auto type = transform::TensorTypeOf(schema, representation);
  return type.ok() ? Failed("expected an error, got none") : Passed();
}

Verdict RunInvalidDefault(const Json& params) {
  const auto type = TypeOf(params.at("value_type").at("@arrow_type").get<std::string>());
  if (!type.ok()) return Failed(type.status());
  TensorRepresentation representation;
  auto* dense = representation.mutable_dense_tensor();
  dense->set_column_name("input");
  dense->mutable_shape();
  *dense->mutable_default_value() = FromText<TensorRepresentation::DefaultValue>(
      params.at("default_value_pbtxt"));
  return Refused(*arrow::schema({arrow::field("input", arrow::list(*type))}), representation);
}

Verdict RunInvalidSparse(const Json& params) {
  arrow::FieldVector fields;
  for (const auto& [name, encoded] : params.at("arrow_schema").items()) {
    const auto type = TypeOf(encoded.at("@arrow_type").get<std::string>());
    if (!type.ok()) return Failed(type.status());
    fields.push_back(arrow::field(name, *type));
  }
  return Refused(*arrow::schema(fields), FromText<TensorRepresentation>(
                                             params.at("tensor_representation_textpb")));
}

}  // namespace

Verdict RunTensors(const Case& one) {
  const std::string test = one.json.at("test");
  const Json& params = one.json.at("params");
  if (test == "TensorAdapterTest.test2DSparseTensor") return RunSparse2D(params);
  if (test == "TensorAdapterTest.testRaiseOnInvalidDefaultValue") {
    return RunInvalidDefault(params);
  }
  if (test == "TensorAdapterTest.testRaiseOnInvalidSparseTensorRepresentation") {
    return RunInvalidSparse(params);
  }
  if (params.contains("tensor_representation_textpb")) return RunTensor(params);
  return NotImplemented(test);
}

}  // namespace bessemer::conformance::tfxbsl_param_cases
