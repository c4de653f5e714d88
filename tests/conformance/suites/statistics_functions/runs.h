#ifndef BESSEMER_TESTS_CONFORMANCE_STATISTICS_FUNCTIONS_RUNS_H_
#define BESSEMER_TESTS_CONFORMANCE_STATISTICS_FUNCTIONS_RUNS_H_

#include "conformance/suite.h"

namespace bessemer::conformance::statistics_functions {

// mutual_information_util.* and MutualInformation.compute.
Verdict RunMutualInformationFunction(const Case& one);
Verdict RunMutualInformationCompute(const Case& one);
// bin_util.*, top_k_uniques_stats_util.*.
Verdict RunBins(const Case& one);
Verdict RunTopValues(const Case& one);
// Parts of statistics: merge_shards of small_cpp, KeyAndSplitByFeatureFnTest.
Verdict RunMergeParts(const Case& one);
Verdict RunSplitParts(const Case& one);
// StatsOptionsTest.
Verdict RunOptions(const Case& one);
// KmvSketchTest, MisraGriesSketchTest.
Verdict RunCountingSketch(const Case& one);

}  // namespace bessemer::conformance::statistics_functions

#endif  // BESSEMER_TESTS_CONFORMANCE_STATISTICS_FUNCTIONS_RUNS_H_
