#ifndef BESSEMER_EVALUATION_SUMMARY_H_
#define BESSEMER_EVALUATION_SUMMARY_H_

#include <string>

#include "bessemer/base/config.h"
#include "bessemer/evaluation/evaluation.h"
#include "tensorflow_model_analysis/proto/validation_result.pb.h"

namespace bessemer::evaluation {

// The metrics of a result as a table, a row a slice, the single numbers as columns; at most
// `max_slices` rows, the largest slices first but the overall one before all. If that is wider than
// 96 columns, two tables: of the overall slice a row a metric with its value and, where models are
// compared, the baseline's and the difference; of slices as many of the candidate's numbers as fit
// (long names are cut short). Below, a line for each metric that is an error, for each slicing
// spec that no example matches and for predictions that are no probabilities (see
// OutsidePredictions). Ends in a newline.
std::string MetricsTable(const EvalResult& result, int max_slices);

// A few lines on a run: overall metrics, the decision, why.
std::string Summary(const EvalResult& result,
                    const ::tensorflow_model_analysis::ValidationResult& validation);

// Everything but plots, for --json: {"slices": [{"slice", "num_examples", "metrics": {name: …}}],
// "warnings": [those lines on predictions]}.
Json ResultToJson(const EvalResult& result);

}  // namespace bessemer::evaluation

#endif  // BESSEMER_EVALUATION_SUMMARY_H_
