#include "bessemer/validation/check.h"

namespace bessemer::validation::unique_values {
namespace {

using ::tensorflow::metadata::v0::AnomalyInfo;

Status Run(FeatureCheckContext& context) {
  if (!context.feature().has_unique_constraints()) return OkStatus();
  const std::optional<int64_t> seen = context.statistics.num_unique();
  if (!seen.has_value()) {
    context.Report(AnomalyInfo::FEATURE_TYPE_NO_UNIQUE, "Distinct values were not counted",
                   "Expected a number of distinct values; they are counted for text and for "
                   "categories only.");
    context.feature().clear_unique_constraints();
    return OkStatus();
  }
  auto* bounds = context.feature().mutable_unique_constraints();
  if (*seen < bounds->min()) {
    context.Report(AnomalyInfo::FEATURE_TYPE_LOW_UNIQUE, "Too few distinct values",
                   fmt::format("Expected at least {} distinct values; there are {}.", bounds->min(),
                               *seen));
    bounds->set_min(*seen);
  }
  if (*seen > bounds->max()) {
    context.Report(AnomalyInfo::FEATURE_TYPE_HIGH_UNIQUE, "Too many distinct values",
                   fmt::format("Expected at most {} distinct values; there are {}.", bounds->max(),
                               *seen));
    bounds->set_max(*seen);
  }
  return OkStatus();
}

}  // namespace

void Register(CheckRegistry& registry) {
  registry.Add({.name = "unique_values",
                .doc = "The number of distinct values is in bounds; a bound that is not given is "
                       "0 (unique_constraints)",
                .stage = Stage::kUniqueness,
                .finds = {AnomalyInfo::FEATURE_TYPE_NO_UNIQUE, AnomalyInfo::FEATURE_TYPE_LOW_UNIQUE,
                          AnomalyInfo::FEATURE_TYPE_HIGH_UNIQUE},
                .feature = Run});
}

}  // namespace bessemer::validation::unique_values
