#ifndef BESSEMER_EVALUATION_VALIDATION_H_
#define BESSEMER_EVALUATION_VALIDATION_H_

#include "bessemer/base/status.h"
#include "bessemer/evaluation/evaluation.h"
#include "tensorflow_model_analysis/proto/validation_result.pb.h"

namespace bessemer::evaluation {

// Checks the thresholds of the result's configuration.
//
//   value threshold    lower <= value <= upper, both inclusive; NaN fails, also without bounds.
//   change threshold   of the difference to the baseline: HIGHER_IS_BETTER wants difference >=
// absolute
//                      and difference / |baseline| >= relative, LOWER_IS_BETTER the opposite; parts
//                      that are not set pass; a baseline of exactly 0 fails a relative part.
//                      Without direction, and for values that are not single numbers, it fails.
//
// A threshold without slices applies to every slice that was computed; per_slice and cross_slice
// thresholds to the slices that match. A threshold of a metrics_spec, by name, applies to that
// spec's metric of the name. Values of the baseline model are not checked; the same threshold on
// the same value counts once. A spec with thresholds that matches no slice is missing and fails; a
// slice dropped for its size is not judged. A metric that has no value in a slice fails.
//
// A candidate that predicts NaN for some example fails, whatever its metrics are.
//
// validation_ok holds if nothing failed and nothing is missing. Without any threshold it is
// `rubber_stamp` (with missing_thresholds = !rubber_stamp); without any data it is false.
StatusOr<::tensorflow_model_analysis::ValidationResult> Validate(const EvalResult& result,
                                                                 bool rubber_stamp);

// Judges a configuration before there is data: everything that Evaluate and Validate would refuse
// of it, with a baseline model or without, and thresholds that name no metric that is computed
// (which would fail for ever). INVALID_ARGUMENT with the nearest name.
Status CheckConfig(const EvalConfig& config);

// One line a failure, "Overall: auc is 0.41, below 0.6", for people; empty if all is well.
std::vector<std::string> ExplainFailures(
    const ::tensorflow_model_analysis::ValidationResult& validation);

}  // namespace bessemer::evaluation

#endif  // BESSEMER_EVALUATION_VALIDATION_H_
