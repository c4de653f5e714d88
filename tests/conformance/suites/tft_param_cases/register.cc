#include "bessemer/schema/feature_spec.h"
#include "conformance/feature_spec_json.h"
#include "conformance/protos.h"
#include "conformance/suite.h"
#include "conformance/suites/tft_param_cases/runs.h"

// What TFT's own parameterised tests expect: feature specifications, schemas, tf.Example.

namespace bessemer::conformance::tft_param_cases {
namespace {

using ::tensorflow::metadata::v0::Feature;
using ::tensorflow::metadata::v0::Schema;

// A domain alone, in a feature.
StatusOr<Feature> DomainOf(const Json& encoded) {
  Feature feature;
  const std::string type = encoded.at("@proto");
  if (type == "tensorflow.metadata.v0.IntDomain") {
    *feature.mutable_int_domain() = FromText<::tensorflow::metadata::v0::IntDomain>(encoded);
  } else if (type == "tensorflow.metadata.v0.FloatDomain") {
    *feature.mutable_float_domain() = FromText<::tensorflow::metadata::v0::FloatDomain>(encoded);
  } else if (type == "tensorflow.metadata.v0.StringDomain") {
    *feature.mutable_string_domain() =
        FromText<::tensorflow::metadata::v0::StringDomain>(encoded);
  } else if (type == "tensorflow.metadata.v0.BoolDomain") {
    *feature.mutable_bool_domain() = FromText<::tensorflow::metadata::v0::BoolDomain>(encoded);
  } else {
    return UnimplementedError("domain {}", type);
  }
  return feature;
}

StatusOr<std::map<std::string, Feature>> DomainsOf(const Json& params) {
  std::map<std::string, Feature> domains;
  const Json given = params.value("domains", Json());
  for (const auto& [name, encoded] : given.items()) {
    BESSEMER_ASSIGN_OR_RETURN(domains[name], DomainOf(encoded));
  }
  return domains;
}

bool ExpectsError(const Json& params) {
  return params.contains("error_msg") && !params["error_msg"].is_null();
}

Verdict ToSchema(const Json& params) {
  const auto spec = FeatureSpecFromJson(params.at("feature_spec"));
  if (!spec.ok()) return Failed(spec.status());
  const auto domains = DomainsOf(params);
  if (!domains.ok()) return Failed(domains.status());
  const auto got = schema::SchemaOf(*spec, *domains);
  Verdict verdict;
  if (DecidedByError(ExpectsError(params), got.status(), &verdict)) return verdict;
  return FromDifference(DiffProtos(FromText<Schema>(params.at("ascii_proto")), *got));
}

Verdict ToSpec(const Json& params) {
  const auto got = schema::FeatureSpecOf(FromText<Schema>(params.at("ascii_proto")));
  Verdict verdict;
  if (DecidedByError(ExpectsError(params), got.status(), &verdict)) return verdict;
  const std::string difference = DiffFeatureSpec(params.at("feature_spec"), got->spec);
  if (!difference.empty()) return Failed(difference);
  const auto domains = DomainsOf(params);
  if (!domains.ok()) return Failed(domains.status());
  if (domains->size() != got->domains.size()) {
    return Failed(fmt::format("expected {} domains, got {}", domains->size(),
                              got->domains.size()));
  }
  for (const auto& [name, domain] : *domains) {
    const auto found = got->domains.find(name);
    if (found == got->domains.end()) return Failed("no domain of " + name);
    const std::string differs = DiffProtos(domain, found->second);
    if (!differs.empty()) return Failed(name + ": " + differs);
  }
  return Passed();
}

// The columns of a ragged tensor, and what is left of the features without them.
Verdict RaggedColumns(const Json& params) {
  const auto representation =
      FromText<schema::TensorRepresentation>(params.at("tensor_representation"));
  Json rest = params.at("feature_by_name");
  for (const auto& column : schema::SourceColumns(representation)) rest.erase(column.ToString());
  const auto values = schema::ValueColumn(representation);
  if (!values.ok()) return Failed(values.status());
  const auto expected = FromText<Feature>(params.at("expected_value_feature"));
  if (values->ToString() != expected.name()) return Same(expected.name(), values->ToString());
  return Same(params.at("truncated_feature_by_name").dump(), rest.dump());
}

Verdict RunSchemas(const Case& one) {
  const std::string test = one.json.at("test");
  const Json& params = one.json.at("params");
  if (test == "SchemaUtilsTest.test_schema_from_feature_spec") return ToSchema(params);
  if (test.starts_with("SchemaUtilsTest.test_schema_as_feature_spec")) return ToSpec(params);
  if (test == "SchemaUtilsTest.test_pop_ragged_source_columns") return RaggedColumns(params);
  return NotImplemented(test);
}

}  // namespace

void Register(SuiteRegistry& registry) {
  registry.Add({.file = "tft_param_cases",
                .kind = "schema",
                .doc = "feature specifications and schemas",
                .takes = [](const Case& one) {
                  return one.json.value("test", "").starts_with("SchemaUtilsTest.");
                },
                .run = RunSchemas});
  registry.Add({.file = "tft_param_cases",
                .kind = "example_coder",
                .doc = "rows to tf.Example",
                .takes = [](const Case& one) {
                  return one.json.value("test", "").starts_with("ExampleProtoCoderTest.");
                },
                .run = RunExampleCoder});
}

}  // namespace bessemer::conformance::tft_param_cases
