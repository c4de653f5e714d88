#include "bessemer/schema/feature_spec.h"
#include "bessemer/schema/tensor_representation.h"
#include "conformance/arrow_json.h"
#include "conformance/feature_spec_json.h"
#include "conformance/protos.h"
#include "conformance/suites/tfxbsl_param_cases/runs.h"

namespace bessemer::conformance::tfxbsl_param_cases {
namespace {

using schema::TensorRepresentation;
using schema::TensorRepresentations;
using ::tensorflow::metadata::v0::Schema;

schema::RepresentationOptions OptionsOf(const Json& params) {
  return {.shape_by_value_count = params.value("generate_legacy_feature_spec", false)};
}

bool HasText(const Json& params, const char* key) {
  return params.contains(key) && !params[key].is_null();
}

Verdict Infer(const Json& params) {
  const auto schema = FromText<Schema>(params.at("ascii_proto"));
  const auto got = params.value("schema_is_mixed", false)
                       ? schema::CompleteTensorRepresentations(schema, OptionsOf(params))
                       : schema::InferTensorRepresentations(schema, OptionsOf(params));
  Verdict verdict;
  if (DecidedByError(HasText(params, "error_msg"), got.status(), &verdict)) return verdict;
  const Json& expected = params.at("expected");
  for (const auto& [name, representation] : *got) {
    if (!expected.contains(name)) return Failed("tensor " + name + " is not expected");
  }
  for (const auto& [name, text] : expected.items()) {
    const auto found = got->find(name);
    if (found == got->end()) return Failed("no tensor " + name);
    const std::string difference =
        DiffProtos(FromText<TensorRepresentation>(text), found->second);
    if (!difference.empty()) return Failed(name + ": " + difference);
  }
  return Passed();
}

Verdict Columns(const Json& params) {
  Json got = Json::array();
  for (const auto& path : schema::SourceColumns(FromText<TensorRepresentation>(
           params.at("pbtxt")))) {
    got.push_back(path.steps());
  }
  return FromDifference(DiffJson(params.at("expected"), got));
}

Verdict Values(const Json& params) {
  const auto got = schema::ValueColumn(FromText<TensorRepresentation>(params.at("pbtxt")));
  const Json expected = params.value("expected", Json());
  Verdict verdict;
  if (DecidedByError(expected.is_null(), got.status(), &verdict)) return verdict;
  return expected.is_array() ? FromDifference(DiffJson(expected, Json(got->steps())))
                             : Same(expected.get<std::string>(), got->ToString());
}

Verdict ParserConfig(const Json& params) {
  const auto got = schema::ParsedFeatureOf(
      FromText<TensorRepresentation>(params.at("tensor_representation")),
      static_cast<schema::FeatureType>(params.at("feature_type").get<int>()));
  const bool error = HasText(params, "error_string") || HasText(params, "error_msg") ||
                     HasText(params, "error");
  Verdict verdict;
  if (DecidedByError(error, got.status(), &verdict)) return verdict;
  return FromDifference(DiffParsedFeature(params.at("expected_feature"), *got));
}

Verdict Project(const Json& params) {
  const auto got = schema::ProjectToTensors(
      FromText<Schema>(params.at("schema")),
      params.at("tensor_names").get<std::set<std::string>>(), OptionsOf(params));
  Verdict verdict;
  if (DecidedByError(HasText(params, "expected_error"), got.status(), &verdict)) return verdict;
  return FromDifference(
      DiffProtos(FromText<Schema>(params.at("expected_projection")), *got));
}

Verdict Check(const Json& params) {
  const Status status = schema::CheckTensorRepresentations(
      FromText<Schema>(params.at("schema")),
      params.value("tensor_representation_group_name", ""));
  Verdict verdict;
  const bool error = HasText(params, "expected_error") || HasText(params, "error_msg");
  return DecidedByError(error, status, &verdict) ? verdict : Passed();
}

Verdict SequenceConfig(const Json& params) {
  const auto got = schema::SequenceFeatureSpecOf(FromText<Schema>(params.at("schema")));
  Verdict verdict;
  if (DecidedByError(HasText(params, "expected_error") || HasText(params, "error_msg"),
                     got.status(), &verdict)) {
    return verdict;
  }
  const std::string context =
      DiffFeatureSpec(params.at("expected_context_features"), got->context);
  return context.empty()
             ? FromDifference(DiffFeatureSpec(params.at("expected_sequence_features"),
                                              got->sequence))
             : Failed("context: " + context);
}

Verdict RecordConfig(const Json& params) {
  const auto got = schema::ExampleParsingOf(FromText<Schema>(params.at("schema_pbtxt")));
  Verdict verdict;
  if (DecidedByError(HasText(params, "error"), got.status(), &verdict)) return verdict;
  const std::string spec = DiffFeatureSpec(params.at("expected_parsing_config"), got->spec);
  return spec.empty() ? FromDifference(DiffJson(params.at("expected_rename_dict"),
                                                Json(got->tensors)))
                      : Failed(spec);
}

}  // namespace

Verdict RunRepresentations(const Case& one) {
  const std::string test = one.json.at("test");
  const std::string method = test.substr(test.find('.') + 1);
  const Json& params = one.json.at("params");
  if (method.starts_with("testInferTensorRepresentationsFromSchema")) return Infer(params);
  if (method == "testGetSourceColumnsFromTensorRepresentation") return Columns(params);
  if (method == "testGetSourceValueColumnFromTensorRepresentation") return Values(params);
  if (method.starts_with("testCreateTfExampleParserConfig")) return ParserConfig(params);
  if (method.starts_with("testProjectTfmdSchema")) return Project(params);
  if (method.starts_with("testValidateTensorRepresentationsInSchema")) return Check(params);
  if (method.starts_with("testCreateTfSequenceExampleParserConfig")) return SequenceConfig(params);
  if (method.find("GetTfExampleParserConfig") != std::string::npos) return RecordConfig(params);
  return NotImplemented(test);
}

}  // namespace bessemer::conformance::tfxbsl_param_cases
