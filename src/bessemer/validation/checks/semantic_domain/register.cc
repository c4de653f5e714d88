#include "bessemer/schema/domains.h"
#include "bessemer/validation/check.h"

namespace bessemer::validation::semantic_domain {
namespace {

using ::tensorflow::metadata::v0::AnomalyInfo;
using ::tensorflow::metadata::v0::Feature;

Status Run(FeatureCheckContext& context) {
  if (schema::SetDomainFromStatistics(context.statistics, &context.feature())) {
    context.Report(AnomalyInfo::SEMANTIC_DOMAIN_UPDATE, "Values have a meaning",
                   fmt::format("The schema has no domain; the values look like a {}.",
                               schema::DomainKind(context.feature())));
  }
  return OkStatus();
}

}  // namespace

void Register(CheckRegistry& registry) {
  registry.Add({.name = "semantic_domain",
                .doc = "A feature without a domain gets the one that the statistics detected "
                       "(custom statistic domain_info)",
                .stage = Stage::kDomain,
                .finds = {AnomalyInfo::SEMANTIC_DOMAIN_UPDATE},
                .domains = {Feature::DOMAIN_INFO_NOT_SET},
                .feature = Run});
}

}  // namespace bessemer::validation::semantic_domain
