#ifndef BESSEMER_REPORT_EVALUATION_JSON_H_
#define BESSEMER_REPORT_EVALUATION_JSON_H_

#include <string>
#include <vector>

#include "bessemer/base/config.h"
#include "bessemer/base/status.h"

namespace bessemer::report {

// EvaluationData of web/src/model.ts, without its step, from the folder of a ModelEvaluation
// artifact as TFMA writes it: eval_config.json, metrics*, plots*, validations.tfrecord. Files that
// are not there are left out; what cannot be read is left out with a line in `problems`.
// At most 5,000 slices and the plots of 40 slices are kept; curves are thinned to about 200 points.
Json EvaluationJson(const std::string& folder, std::vector<std::string>* problems);

// The metric a configuration names, e.g. class "BinaryAccuracy" → "binary_accuracy".
std::string SnakeCase(const std::string& class_name);

}  // namespace bessemer::report

#endif  // BESSEMER_REPORT_EVALUATION_JSON_H_
