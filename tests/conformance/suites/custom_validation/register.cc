#include "bessemer/validation/custom_validation.h"

#include <optional>

#include "conformance/protos.h"
#include "conformance/suite.h"
#include "tensorflow_data_validation/anomalies/proto/custom_validation_config.pb.h"

// TFDV's custom validations: SQL over the statistics of a feature or of two.

namespace bessemer::conformance::custom_validation {
namespace {

using ::tensorflow::metadata::v0::Anomalies;
using ::tensorflow::metadata::v0::DatasetFeatureStatisticsList;

Verdict Run(const Case& one) {
  const Json& in = one.json;
  std::optional<DatasetFeatureStatisticsList> base;
  if (in.contains("base_statistics") && !in["base_statistics"].is_null()) {
    base = FromText<DatasetFeatureStatisticsList>(in["base_statistics"]);
  }
  schema::Environment environment;
  if (in.contains("environment") && in["environment"].is_string() && in["environment"] != "") {
    environment = in["environment"].get<std::string>();
  }
  const auto got = validation::CustomValidate(
      FromText<DatasetFeatureStatisticsList>(in.at("statistics")), base ? &*base : nullptr,
      FromText<::tensorflow::data_validation::CustomValidationConfig>(in.at("config")),
      environment);
  Verdict verdict;
  if (DecidedByError(in.at("output").is_null(), got.status(), &verdict)) return verdict;
  return FromDifference(DiffAnomalies(FromText<Anomalies>(in.at("output")), *got));
}

}  // namespace

void Register(SuiteRegistry& registry) {
  registry.Add({.file = "tfdv_python_recorded",
                .kind = "custom_validate_statistics",
                .doc = "conditions in SQL over statistics to anomalies",
                .takes = [](const Case& one) {
                  return one.json.value("kind", "") == "custom_validate_statistics";
                },
                .run = Run});
}

}  // namespace bessemer::conformance::custom_validation
