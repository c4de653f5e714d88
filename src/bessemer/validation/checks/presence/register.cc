#include "bessemer/validation/check.h"

namespace bessemer::validation::presence {
namespace {

using ::tensorflow::metadata::v0::AnomalyInfo;

// What "always" is relaxed to when the missing examples are too few to move the fraction from 1.
constexpr double kAlmostAlways = 0.9999;

Status Run(FeatureCheckContext& context) {
  if (!context.feature().has_presence()) return OkStatus();
  auto* presence = context.feature().mutable_presence();
  const double num_present = context.statistics.num_present();
  if (presence->has_min_count() && num_present < static_cast<double>(presence->min_count())) {
    context.Report(AnomalyInfo::FEATURE_TYPE_LOW_NUMBER_PRESENT, "Present in too few examples",
                   fmt::format("Expected at least {} examples with the feature; there are {}.",
                               presence->min_count(), NumberText(num_present)));
    presence->set_min_count(static_cast<int64_t>(num_present));
  }
  const std::optional<double> fraction = context.statistics.fraction_present();
  if (!presence->has_min_fraction() || !fraction.has_value()) return OkStatus();
  if (*fraction < presence->min_fraction()) {
    const auto [expected, seen] = NumberTexts(presence->min_fraction(), *fraction);
    context.Report(AnomalyInfo::FEATURE_TYPE_LOW_FRACTION_PRESENT, "Missing too often",
                   fmt::format("Expected the feature in a fraction of at least {} of the examples; "
                               "it is in {}.",
                               expected, seen));
    presence->set_min_fraction(*fraction);
  }
  if (presence->min_fraction() == 1 && context.statistics.num_missing() != 0) {
    context.Report(AnomalyInfo::FEATURE_TYPE_LOW_FRACTION_PRESENT, "Missing too often",
                   fmt::format("Expected the feature in every example; {} lack it.",
                               NumberText(context.statistics.num_missing())));
    presence->set_min_fraction(kAlmostAlways);
  }
  return OkStatus();
}

}  // namespace

void Register(CheckRegistry& registry) {
  registry.Add({.name = "presence",
                .doc = "Enough examples have the feature (presence.min_count, "
                       "presence.min_fraction)",
                .stage = Stage::kAmount,
                .finds = {AnomalyInfo::FEATURE_TYPE_LOW_NUMBER_PRESENT,
                          AnomalyInfo::FEATURE_TYPE_LOW_FRACTION_PRESENT},
                .feature = Run});
}

}  // namespace bessemer::validation::presence
