#ifndef BESSEMER_TESTS_CONFORMANCE_STATISTICS_RUNS_H_
#define BESSEMER_TESTS_CONFORMANCE_STATISTICS_RUNS_H_

#include <optional>
#include <string>

#include "bessemer/statistics/options.h"
#include "conformance/suite.h"

namespace tensorflow::metadata::v0 {
class DatasetFeatureStatisticsList;
}

// What several suites do with the statistics library.

namespace bessemer::conformance {

// Options of TFDV by name, as the cases have them. UNIMPLEMENTED for an option that is not ours.
Status SetOptions(const Json& json, statistics::StatisticsOptions* options);

// Statistics of encoded batches ({"@arrow": …}), in order.
StatusOr<::tensorflow::metadata::v0::DatasetFeatureStatisticsList> Generate(
    const Json& batches, const statistics::StatisticsOptions& options);

// Runs a function of quantiles_util on the recorded arguments, and compares.
Verdict RunQuantilesFunction(const Case& one);
// Whether `one` is such a case.
bool IsQuantilesFunction(const Case& one);

}  // namespace bessemer::conformance

#endif  // BESSEMER_TESTS_CONFORMANCE_STATISTICS_RUNS_H_
