#ifndef BESSEMER_TESTS_CONFORMANCE_SUITES_TFT_PARAM_CASES_RUNS_H_
#define BESSEMER_TESTS_CONFORMANCE_SUITES_TFT_PARAM_CASES_RUNS_H_

#include "conformance/suite.h"

namespace bessemer::conformance::tft_param_cases {

// A row of values to tf.Example, by a feature specification.
Verdict RunExampleCoder(const Case& one);

}  // namespace bessemer::conformance::tft_param_cases

#endif  // BESSEMER_TESTS_CONFORMANCE_SUITES_TFT_PARAM_CASES_RUNS_H_
