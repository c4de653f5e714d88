#ifndef BESSEMER_EVALUATION_FILES_H_
#define BESSEMER_EVALUATION_FILES_H_

#include <map>
#include <string>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/evaluation/evaluation.h"
#include "tensorflow_model_analysis/proto/metrics_for_slice.pb.h"
#include "tensorflow_model_analysis/proto/validation_result.pb.h"

namespace bessemer::evaluation {

// The version of TensorFlow Model Analysis whose files these are.
inline constexpr char kTfmaVersion[] = "0.47.1";

// The records of a slice. A slice that was dropped holds one metric "__ERROR__" with the reason.
// Plots are not in the first, numbers not in the second.
::tensorflow_model_analysis::MetricsForSlice MetricsToProto(const SliceResult& slice);
::tensorflow_model_analysis::PlotsForSlice PlotsToProto(const SliceResult& slice);

// Where a run's inputs lay, for eval_config.json.
struct RunLocations {
  std::string data;
  std::map<std::string, std::string> models;  // by name; "" for the only one
};

// Writes eval_config.json, metrics-00000-of-00001.tfrecord, plots-…, attributions-… and, if not
// null, validations.tfrecord into a directory, which is made. Files appear one by one; write into a
// staged directory when they must appear together.
Status WriteResult(const std::string& directory, const EvalResult& result,
                   const ::tensorflow_model_analysis::ValidationResult* validation,
                   const RunLocations& locations);

// Reads metrics, plots and configuration of a directory that this library or TFMA wrote: files
// "metrics*" and "plots*" that end in .tfrecord, in the order of their names. NOT_FOUND without
// metrics; values of kinds this library does not write become errors.
StatusOr<EvalResult> ReadResult(const std::string& directory);
// NOT_FOUND if nothing was validated.
StatusOr<::tensorflow_model_analysis::ValidationResult> ReadValidation(
    const std::string& directory);

}  // namespace bessemer::evaluation

#endif  // BESSEMER_EVALUATION_FILES_H_
