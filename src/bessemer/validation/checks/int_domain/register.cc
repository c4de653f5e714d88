#include "bessemer/schema/domains.h"
#include "bessemer/validation/check.h"
#include "bessemer/validation/quoted_text.h"

namespace bessemer::validation::int_domain {
namespace {

using ::tensorflow::metadata::v0::AnomalyInfo;
using ::tensorflow::metadata::v0::Feature;
using ::tensorflow::metadata::v0::IntDomain;

void CheckMisfit(FeatureCheckContext& context, const schema::Misfit& misfit) {
  const IntDomain& domain = context.feature().int_domain();
  if (context.statistics.feature_type() == ::tensorflow::metadata::v0::BYTES) {
    context.Report(AnomalyInfo::INT_TYPE_NOT_INT_STRING, "Text that is not an integer",
                   fmt::format("Expected decimal integers; saw {}.", QuotedText(misfit.value)));
  } else if (domain.has_min() || domain.has_max()) {
    context.Report(AnomalyInfo::DOMAIN_INVALID_FOR_TYPE, "Integers out of the range of int64",
                   fmt::format("Expected 64-bit integers; saw {}.", misfit.value));
  } else {
    return;
  }
  context.feature().clear_int_domain();
}

void CheckRange(FeatureCheckContext& context, const schema::IntRange& seen) {
  IntDomain* domain = context.feature().mutable_int_domain();
  if (domain->has_min() && seen.min < domain->min()) {
    context.Report(AnomalyInfo::INT_TYPE_SMALL_INT, "Out-of-range values",
                   fmt::format("Expected at least {}; saw {}.", domain->min(), seen.min));
    domain->set_min(seen.min);
  }
  if (domain->has_max() && seen.max > domain->max()) {
    context.Report(AnomalyInfo::INT_TYPE_BIG_INT, "Out-of-range values",
                   fmt::format("Expected at most {}; saw {}.", domain->max(), seen.max));
    domain->set_max(seen.max);
  }
}

Status Run(FeatureCheckContext& context) {
  const auto range = schema::IntRangeOf(context.statistics);
  if (!range.has_value()) return OkStatus();
  if (const auto* misfit = std::get_if<schema::Misfit>(&*range)) {
    CheckMisfit(context, *misfit);
  } else {
    CheckRange(context, std::get<schema::IntRange>(*range));
  }
  return OkStatus();
}

}  // namespace

void Register(CheckRegistry& registry) {
  registry.Add({.name = "int_domain",
                .doc = "Values, also those written as text, are integers in bounds (int_domain)",
                .stage = Stage::kDomain,
                .finds = {AnomalyInfo::INT_TYPE_NOT_INT_STRING, AnomalyInfo::INT_TYPE_SMALL_INT,
                          AnomalyInfo::INT_TYPE_BIG_INT, AnomalyInfo::DOMAIN_INVALID_FOR_TYPE},
                .domains = {Feature::kIntDomain},
                .feature = Run});
}

}  // namespace bessemer::validation::int_domain
