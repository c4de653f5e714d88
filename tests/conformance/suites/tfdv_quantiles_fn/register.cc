#include "conformance/statistics_runs.h"
#include "conformance/suite.h"

namespace bessemer::conformance::tfdv_quantiles_fn {

void Register(SuiteRegistry& registry) {
  registry.Add({.file = "tfdv_quantiles_fn",
                .doc = "histograms from quantiles",
                .run = RunQuantilesFunction});
}

}  // namespace bessemer::conformance::tfdv_quantiles_fn
