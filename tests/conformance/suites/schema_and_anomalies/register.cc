#include "conformance/suite.h"
#include "conformance/validation_runs.h"

// What TFDV's C++ core answers to given statistics and schemas.

namespace bessemer::conformance::schema_and_anomalies {
namespace {

Verdict RunOperation(const Case& one) {
  const std::string op = one.json.at("op");
  const Json& input = one.json.at("input");
  const Json& expected = one.json.at("expected");
  if (op == "validate") {
    return RunValidate(input,
                       {"previous_span_statistics", "serving_statistics",
                        "previous_version_statistics"},
                       expected);
  }
  if (op == "infer_schema") return RunInfer(input, expected);
  if (op == "update_schema") return RunUpdate(input, expected);
  return NotImplemented("operation " + op);
}

}  // namespace

void Register(SuiteRegistry& registry) {
  const auto add = [&](const char* file, const char* doc) {
    registry.Add({.file = file, .doc = doc, .run = RunOperation});
  };
  add("tfdv_validate_cpp", "schema and statistics to anomalies");
  add("tfdv_feature_x_constraint", "one feature, one constraint: anomalies");
  add("tfdv_targeted", "anomalies of constraints that the reference's tests leave out");
  add("tfdv_drift_metrics", "distances of distributions, and the anomalies of thresholds");
  add("tfdv_infer_cpp", "statistics to schema");
  add("tfdv_update_cpp", "schema and statistics to the relaxed schema");
  add("validation_random", "what tests/interop/validation_cases.py writes");
}

}  // namespace bessemer::conformance::schema_and_anomalies
