#include "conformance/validation_runs.h"

#include <optional>

#include "bessemer/schema/infer.h"
#include "bessemer/schema/path.h"
#include "bessemer/validation/update.h"
#include "bessemer/validation/validate.h"
#include "conformance/protos.h"
#include "tensorflow_data_validation/anomalies/proto/validation_config.pb.h"
#include "tensorflow_data_validation/anomalies/proto/validation_metadata.pb.h"

namespace bessemer::conformance {
namespace {

using ::tensorflow::metadata::v0::Anomalies;
using ::tensorflow::metadata::v0::DatasetFeatureStatistics;
using ::tensorflow::metadata::v0::Schema;

struct ValidationInputs {
  DatasetFeatureStatistics statistics;
  Schema schema;
  std::optional<DatasetFeatureStatistics> previous_span, serving, previous_version;
  validation::ValidateOptions options;

  void Read(const Json& in, const ValidationKeys& keys) {
    statistics = FromText<DatasetFeatureStatistics>(in.at("statistics"));
    schema = FromText<Schema>(in.at("schema"));
    const auto other = [&](const char* key, auto* to, const DatasetFeatureStatistics** option) {
      if (in.contains(key) && !in[key].is_null()) {
        *option = &to->emplace(FromText<DatasetFeatureStatistics>(in[key]));
      }
    };
    other(keys.previous_span, &previous_span, &options.previous_span);
    other(keys.serving, &serving, &options.serving);
    other(keys.previous_version, &previous_version, &options.previous_version);
    const std::string environment = in.value("environment", "");
    if (!environment.empty()) options.environment = environment;
    if (in.contains("validation_config_hex")) {
      options.severities = validation::SeveritiesOf(
          FromHex<::tensorflow::data_validation::ValidationConfig>(in["validation_config_hex"]));
    }
    if (in.contains("features_needed_hex")) ReadFeaturesNeeded(in["features_needed_hex"]);
  }

  void ReadFeaturesNeeded(const std::string& hex) {
    const auto needed = FromHex<::tensorflow::data_validation::FeaturesNeededProto>(hex);
    for (const auto& need : needed.path_and_reason_feature_need()) {
      if (!options.features_needed) options.features_needed.emplace();
      options.features_needed->insert(schema::Path::FromProto(need.path()));
    }
  }
};

// `expected` is {"status", key: text} or the text alone. Where the reference ends the process
// ("crash"), an error is right.
template <typename Result, typename Diff>
Verdict Judge(const Json& expected, const StatusOr<Result>& got, const char* key,
              const Diff& diff) {
  const bool has_status = expected.is_object() && expected.contains("status");
  Verdict verdict;
  if (DecidedByError(has_status && expected["status"] != "ok", got.status(), &verdict)) {
    return verdict;
  }
  return FromDifference(diff(FromText<Result>(has_status ? expected.at(key) : expected), *got));
}

std::string DiffSchemas(const Schema& expected, const Schema& got) {
  return DiffProtos(expected, got);
}

}  // namespace

Verdict RunValidate(const Json& input, const ValidationKeys& keys, const Json& expected) {
  ValidationInputs inputs;
  inputs.Read(input, keys);
  const auto result = validation::Validate(inputs.statistics, inputs.schema, inputs.options);
  if (result.ok()) {
    const std::string difference = DiffSchemas(inputs.schema, result->baseline());
    if (!difference.empty()) return Failed("baseline: " + difference);
  }
  return Judge(expected, result, "anomalies", DiffAnomalies);
}

Verdict RunInfer(const Json& input, const Json& expected) {
  const auto result =
      schema::InferSchema(FromText<DatasetFeatureStatistics>(input.at("statistics")),
                          {.infer_feature_shape = input.at("infer_feature_shape"),
                           .max_string_domain_size = input.at("max_string_domain_size")});
  return Judge(expected, result, "schema", DiffSchemas);
}

Verdict RunUpdate(const Json& input, const Json& expected) {
  const auto result = validation::UpdateSchema(
      FromText<Schema>(input.at("schema")),
      FromText<DatasetFeatureStatistics>(input.at("statistics")),
      {.max_string_domain_size = input.at("max_string_domain_size")});
  return Judge(expected, result, "schema", DiffSchemas);
}

}  // namespace bessemer::conformance
