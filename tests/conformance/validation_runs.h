#ifndef BESSEMER_TESTS_CONFORMANCE_VALIDATION_RUNS_H_
#define BESSEMER_TESTS_CONFORMANCE_VALIDATION_RUNS_H_

#include "conformance/suite.h"

// What several suites do with the schema and validation libraries.

namespace bessemer::conformance {

// The names that a file gives to the other statistics of a case.
struct ValidationKeys {
  const char* previous_span;
  const char* serving;
  const char* previous_version;
};

// {"statistics", "schema", "environment", …} and what is expected of validating them: {"status",
// "anomalies"}, or anomalies alone. The schema must come back as the baseline.
Verdict RunValidate(const Json& input, const ValidationKeys& keys, const Json& expected);
// {"statistics", "infer_feature_shape", "max_string_domain_size"} and {"status", "schema"}, or a
// schema alone.
Verdict RunInfer(const Json& input, const Json& expected);
// {"schema", "statistics", "max_string_domain_size"}, likewise.
Verdict RunUpdate(const Json& input, const Json& expected);

}  // namespace bessemer::conformance

#endif  // BESSEMER_TESTS_CONFORMANCE_VALIDATION_RUNS_H_
