#include "bessemer/example_gen/example_codec.h"
#include "conformance/arrow_json.h"
#include "conformance/feature_spec_json.h"
#include "conformance/protos.h"
#include "conformance/suites/tft_param_cases/runs.h"
#include "tensorflow/core/example/example.pb.h"

namespace bessemer::conformance::tft_param_cases {
namespace {

namespace v0 = ::tensorflow::metadata::v0;
using Types = std::map<std::string, schema::FeatureType>;

// The columns of a record, by the features that are made of them.
void AddColumns(const std::string& name, const schema::ParsedFeature& parsed, Types* types) {
  if (const auto* sparse = std::get_if<schema::SparseFeature>(&parsed)) {
    for (const std::string& index : sparse->index_keys) (*types)[index] = v0::INT;
    (*types)[sparse->value_key] = sparse->type;
  } else if (const auto* ragged = std::get_if<schema::RaggedFeature>(&parsed)) {
    for (const auto& partition : ragged->partitions) {
      if (const auto* lengths = std::get_if<std::string>(&partition)) (*types)[*lengths] = v0::INT;
    }
    (*types)[ragged->value_key.empty() ? name : ragged->value_key] = ragged->type;
  } else {
    (*types)[name] = std::visit([](const auto& feature) { return feature.type; }, parsed);
  }
}

// The leaves of a value: a scalar, nested lists, {"@ndarray": {"values"}}.
void Flatten(const Json& value, Json* out) {
  if (value.is_object() && value.contains("@ndarray")) {
    Flatten(value["@ndarray"].at("values"), out);
  } else if (value.is_array()) {
    for (const Json& item : value) Flatten(item, out);
  } else {
    out->push_back(value);
  }
}

StatusOr<std::shared_ptr<arrow::RecordBatch>> BatchOfInstance(const Json& instance,
                                                              const schema::FeatureSpec& spec) {
  Types types;
  for (const auto& [name, parsed] : spec) AddColumns(name, parsed, &types);
  arrow::FieldVector fields;
  arrow::ArrayVector arrays;
  for (const auto& [name, type] : types) {
    Json row;
    if (instance.contains(name) && !instance[name].is_null()) {
      row = Json::array();
      Flatten(instance[name], &row);
    }
    const auto values = type == v0::INT     ? arrow::int64()
                        : type == v0::FLOAT ? arrow::float32()
                                            : arrow::binary();
    BESSEMER_ASSIGN_OR_RETURN(auto array, MakeArray(arrow::list(values), Json::array({row})));
    fields.push_back(arrow::field(name, array->type()));
    arrays.push_back(std::move(array));
  }
  return arrow::RecordBatch::Make(arrow::schema(fields), 1, arrays);
}

}  // namespace

Verdict RunExampleCoder(const Case& one) {
  const Json& params = one.json.at("params");
  const auto spec = FeatureSpecFromJson(params.at("feature_spec"));
  if (!spec.ok()) return Failed(spec.status());
  const auto batch = BatchOfInstance(params.at("instance"), *spec);
  if (!batch.ok()) return Failed(batch.status());
  auto encoder = example_gen::ExampleEncoder::Make(
      *batch, {.missing = example_gen::MissingCell::kNoKind});
  Verdict verdict;
  const bool error = params.contains("error_msg") && !params["error_msg"].is_null();
  if (DecidedByError(error, encoder.status(), &verdict)) return verdict;
  ::tensorflow::Example got;
  if (!got.ParseFromString(std::string(encoder->Encode(0)))) return Failed("not a tf.Example");
  return FromDifference(
      DiffProtos(FromText<::tensorflow::Example>(params.at("ascii_proto")), got));
}

}  // namespace bessemer::conformance::tft_param_cases
