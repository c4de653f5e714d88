#ifndef BESSEMER_TESTS_CONFORMANCE_SUITES_TFDV_PYTHON_RECORDED_GENERATORS_H_
#define BESSEMER_TESTS_CONFORMANCE_SUITES_TFDV_PYTHON_RECORDED_GENERATORS_H_

#include "bessemer/statistics/options.h"
#include "conformance/suite.h"

// The cases of single generators: TFDV's unit tests, whose expectations are typed in to six or
// seven digits.

namespace bessemer::conformance::tfdv_python_recorded {

// Kinds combiner_stats_generator, transform_stats_generator, combiner_feature_stats_generator.
Verdict RunGenerator(const Case& one);

Verdict RunLift(const Json& json);
// Natural language and empty values, over the arrays of one feature.
Verdict RunCustomStats(const Json& json);
// Mutual information over partitions of the rows.
Verdict RunPartitioned(const Json& json);
statistics::StatisticsOptions GeneratorOptions(const Json& args);

}  // namespace bessemer::conformance::tfdv_python_recorded

#endif  // BESSEMER_TESTS_CONFORMANCE_SUITES_TFDV_PYTHON_RECORDED_GENERATORS_H_
