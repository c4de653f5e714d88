#ifndef BESSEMER_TESTS_CONFORMANCE_SUITES_TFMA_ANSWERS_H_
#define BESSEMER_TESTS_CONFORMANCE_SUITES_TFMA_ANSWERS_H_

#include <string>

#include "bessemer/base/config.h"
#include "bessemer/base/status.h"
#include "bessemer/evaluation/evaluation.h"
#include "conformance/suite.h"

// TFMA's results as JSON, compared by the rules of the cases' own compare.py: lists of slices and
// keys as sets, numbers within 1e-5.

namespace bessemer::conformance::tfma {

// {"metrics": [MetricsForSlice…], "plots": [PlotsForSlice…]}, and "validation_result" if asked for.
Json ResultToJson(const evaluation::EvalResult& result);
Json MessageToJson(const ::google::protobuf::Message& message);

// Rows as {"feature": [values]} objects, evaluated by a configuration.
struct Question {
  evaluation::EvalConfig config;
  Json rows;
  bool validate = false;
  bool rubber_stamp = false;
};
StatusOr<Json> Answer(const Question& question);

// Compares the parts that `expected` has.
Verdict CompareAnswers(const Json& expected, const Json& got);

}  // namespace bessemer::conformance::tfma

#endif  // BESSEMER_TESTS_CONFORMANCE_SUITES_TFMA_ANSWERS_H_
