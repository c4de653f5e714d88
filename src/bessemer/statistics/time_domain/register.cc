#include "bessemer/statistics/per_feature.h"
#include "bessemer/statistics/time_domain/time_domain.h"

namespace bessemer::statistics::time_domain {

void Register(StatisticRegistry& registry) {
  registry.Add({.name = "time_domain",
                .doc = "Recognises features that hold dates and times, and their format",
                .make = [](const StatisticsOptions& options) -> std::unique_ptr<Accumulator> {
                  if (!options.enable_semantic_domain_stats) return nullptr;
                  return std::make_unique<PerFeatureAccumulator<TimeCounts>>();
                },
                .semantic_domain = true,
                .by_column = true});
}

}  // namespace bessemer::statistics::time_domain
