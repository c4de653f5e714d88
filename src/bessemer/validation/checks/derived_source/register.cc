#include "bessemer/validation/check.h"

namespace bessemer::validation::derived_source {
namespace {

using ::tensorflow::metadata::v0::AnomalyInfo;
using ::tensorflow::metadata::v0::Feature;

Status Run(FeatureCheckContext& context) {
  Feature& feature = context.feature();
  const auto& statistics = context.statistics.proto();
  if (statistics.has_validation_derived_source() && !feature.has_validation_derived_source()) {
    context.Report(AnomalyInfo::DERIVED_FEATURE_INVALID_SOURCE, "Derived feature without a source",
                   "The data was derived from other features; the schema does not say from which.");
    feature.set_lifecycle_stage(::tensorflow::metadata::v0::VALIDATION_DERIVED);
    *feature.mutable_validation_derived_source() = statistics.validation_derived_source();
  }
  // A feature that another check took out of validation stays out.
  if (feature.has_validation_derived_source() && !schema::IsInactive(feature) &&
      feature.lifecycle_stage() != ::tensorflow::metadata::v0::VALIDATION_DERIVED) {
    context.Report(AnomalyInfo::DERIVED_FEATURE_BAD_LIFECYCLE, "Derived feature of a wrong stage",
                   fmt::format("Expected lifecycle_stage VALIDATION_DERIVED; it is {}.",
                               ::tensorflow::metadata::v0::LifecycleStage_Name(
                                   feature.lifecycle_stage())));
    feature.set_lifecycle_stage(::tensorflow::metadata::v0::VALIDATION_DERIVED);
  }
  return OkStatus();
}

}  // namespace

void Register(CheckRegistry& registry) {
  registry.Add({.name = "derived_source",
                .doc = "A feature that was derived for validation says from what, and has a stage "
                       "for it (validation_derived_source, lifecycle_stage)",
                .stage = Stage::kOrigin,
                .finds = {AnomalyInfo::DERIVED_FEATURE_INVALID_SOURCE,
                          AnomalyInfo::DERIVED_FEATURE_BAD_LIFECYCLE},
                .feature = Run});
}

}  // namespace bessemer::validation::derived_source
