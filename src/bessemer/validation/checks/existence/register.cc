#include <algorithm>

#include "bessemer/validation/check.h"

namespace bessemer::validation::existence {
namespace {

using ::tensorflow::metadata::v0::AnomalyInfo;
using ::tensorflow::metadata::v0::Feature;

// The feature is in the data but not in the environment the data is of: it is let in.
void AddToEnvironment(FeatureCheckContext& context) {
  Feature& feature = context.feature();
  const std::string& environment = *context.datasets.environment;
  auto* excluded = feature.mutable_not_in_environment();
  excluded->erase(std::remove(excluded->begin(), excluded->end(), environment), excluded->end());
  if (!schema::IsInEnvironment(feature, context.schema.proto(), context.datasets.environment)) {
    feature.add_in_environment(environment);
  }
  context.Report(AnomalyInfo::SCHEMA_NEW_COLUMN, "Feature not expected in this environment",
                 fmt::format("The data has the feature {}, which the schema does not have in the "
                             "environment {}.",
                             context.statistics.path().ToString(), environment));
}

Status Run(FeatureCheckContext& context) {
  const Feature& feature = context.feature();
  const schema::Environment& environment = context.datasets.environment;
  if (context.statistics.num_present() == 0) {
    context.stop = true;
    if (schema::IsRequired(feature, context.schema.proto(), environment)) {
      context.Report(AnomalyInfo::FEATURE_TYPE_NOT_PRESENT, "Feature is missing everywhere",
                     "Expected a value in at least one example; no example has one.");
      context.Deprecate();
    }
    return OkStatus();
  }
  if (!schema::IsInEnvironment(feature, context.schema.proto(), environment)) {
    AddToEnvironment(context);
  }
  return OkStatus();
}

}  // namespace

void Register(CheckRegistry& registry) {
  registry.Add({.name = "existence",
                .doc = "A required feature has a value somewhere, and one with values belongs "
                       "to the environment (presence, in_environment, not_in_environment, "
                       "default_environment)",
                .stage = Stage::kExistence,
                .finds = {AnomalyInfo::FEATURE_TYPE_NOT_PRESENT, AnomalyInfo::SCHEMA_NEW_COLUMN},
                .feature = Run});
}

}  // namespace bessemer::validation::existence
