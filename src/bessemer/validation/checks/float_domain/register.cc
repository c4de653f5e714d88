#include <cmath>

#include "bessemer/schema/domains.h"
#include "bessemer/validation/check.h"
#include "bessemer/validation/quoted_text.h"

namespace bessemer::validation::float_domain {
namespace {

using ::tensorflow::metadata::v0::AnomalyInfo;
using ::tensorflow::metadata::v0::Feature;
using ::tensorflow::metadata::v0::FeatureNameStatistics;
using ::tensorflow::metadata::v0::FloatDomain;

bool HasNan(const schema::FeatureView& statistics) {
  if (statistics.type() == FeatureNameStatistics::FLOAT) {
    for (const auto& histogram : statistics.proto().num_stats().histograms()) {
      if (histogram.num_nan() > 0) return true;
    }
  } else if (statistics.type() == FeatureNameStatistics::STRING) {
    for (const auto& [text, count] : statistics.StringCounts()) {
      const auto value = schema::ParseFloat(text);
      if (value.has_value() && std::isnan(*value)) return true;
    }
  }
  return false;
}

void CheckRange(FeatureCheckContext& context, const schema::FloatRange& seen) {
  FloatDomain* domain = context.feature().mutable_float_domain();
  if (domain->has_min() && seen.min < domain->min()) {
    const auto [expected, got] = NumberTexts(domain->min(), seen.min);
    context.Report(AnomalyInfo::FLOAT_TYPE_SMALL_FLOAT, "Out-of-range values",
                   fmt::format("Expected at least {}; saw {}.", expected, got));
    domain->set_min(seen.min);
  }
  if (domain->has_max() && seen.max > domain->max()) {
    const auto [expected, got] = NumberTexts(domain->max(), seen.max);
    context.Report(AnomalyInfo::FLOAT_TYPE_BIG_FLOAT, "Out-of-range values",
                   fmt::format("Expected at most {}; saw {}.", expected, got));
    domain->set_max(seen.max);
  }
  if (domain->disallow_inf() && (std::isinf(seen.min) || std::isinf(seen.max))) {
    context.Report(AnomalyInfo::FLOAT_TYPE_HAS_INF, "Infinite values",
                   "Expected finite values; saw infinity.");
    domain->set_disallow_inf(false);
  }
}

Status Run(FeatureCheckContext& context) {
  if (context.statistics.type() == FeatureNameStatistics::STRUCT) {
    return InvalidArgumentError("feature '{}' has a float_domain but its statistics are a struct's",
                                context.statistics.path().ToString());
  }
  FloatDomain* domain = context.feature().mutable_float_domain();
  if (domain->disallow_nan() && HasNan(context.statistics)) {
    context.Report(AnomalyInfo::FLOAT_TYPE_HAS_NAN, "NaN values", "Expected numbers; saw NaN.");
    domain->set_disallow_nan(false);
  }
  const auto range = schema::FloatRangeOf(context.statistics);
  if (!range.has_value()) return OkStatus();
  if (const auto* misfit = std::get_if<schema::Misfit>(&*range)) {
    context.Report(AnomalyInfo::FLOAT_TYPE_STRING_NOT_FLOAT, "Text that is not a number",
                   fmt::format("Expected decimal numbers; saw {}.", QuotedText(misfit->value)));
    context.feature().clear_float_domain();
  } else {
    CheckRange(context, std::get<schema::FloatRange>(*range));
  }
  return OkStatus();
}

}  // namespace

void Register(CheckRegistry& registry) {
  registry.Add({.name = "float_domain",
                .doc = "Values, also those written as text, are numbers within bounds, compared as "
                       "32-bit floats; NaN and infinity where allowed (float_domain)",
                .stage = Stage::kDomain,
                .finds = {AnomalyInfo::FLOAT_TYPE_STRING_NOT_FLOAT,
                          AnomalyInfo::FLOAT_TYPE_SMALL_FLOAT, AnomalyInfo::FLOAT_TYPE_BIG_FLOAT,
                          AnomalyInfo::FLOAT_TYPE_HAS_NAN, AnomalyInfo::FLOAT_TYPE_HAS_INF},
                .domains = {Feature::kFloatDomain},
                .feature = Run});
}

}  // namespace bessemer::validation::float_domain
