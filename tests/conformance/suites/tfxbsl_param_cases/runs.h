#ifndef BESSEMER_TESTS_CONFORMANCE_SUITES_TFXBSL_PARAM_CASES_RUNS_H_
#define BESSEMER_TESTS_CONFORMANCE_SUITES_TFXBSL_PARAM_CASES_RUNS_H_

#include "conformance/suite.h"

// Cases are {"test": "Class.method", "params": {…}}: each function runs those of some tests.

namespace bessemer::conformance::tfxbsl_param_cases {

Verdict RunCsv(const Case& one);
Verdict RunExampleDecoder(const Case& one);
Verdict RunExampleEncoder(const Case& one);
Verdict RunSequenceDecoder(const Case& one);
Verdict RunQuantiles(const Case& one);
Verdict RunLists(const Case& one);
Verdict RunRepresentations(const Case& one);
Verdict RunTensors(const Case& one);

}  // namespace bessemer::conformance::tfxbsl_param_cases

#endif  // BESSEMER_TESTS_CONFORMANCE_SUITES_TFXBSL_PARAM_CASES_RUNS_H_
