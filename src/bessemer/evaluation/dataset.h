#ifndef BESSEMER_EVALUATION_DATASET_H_
#define BESSEMER_EVALUATION_DATASET_H_

#include <map>
#include <string>
#include <vector>

#include "bessemer/base/progress.h"
#include "bessemer/base/status.h"
#include "bessemer/evaluation/evaluation.h"

namespace bessemer::evaluation {

// What to evaluate.
struct EvaluationRequest {
  EvalConfig config;               // without defaults filled in
  std::vector<std::string> files;  // TFRecords of tf.Example; one file is one shard
  std::string model;               // folder of a SavedModel, "" if predictions are features
  std::string baseline;            // folder of the baseline, "" for none
  LabelDomains label_domains;
  uint64_t seed = 0;    // of the samples for confidence intervals
  int num_threads = 0;  // 0: all processors
};

// Reads every file once, runs the models on the serialised examples, and evaluates. A column of the
// configuration that is not among an example's features is taken from the model's
// transform_features signature, if it has one. Change thresholds are dropped when there is no
// baseline. The baseline of a config with two prediction columns needs no model. Errors name file,
// column or model folder.
StatusOr<EvalResult> EvaluateExamples(const EvaluationRequest& request, Progress* progress);

// Folder of the SavedModel inside a Model artifact: Format-Serving, serving_model_dir or the folder
// itself. NOT_FOUND if none holds a saved_model.pb.
StatusOr<std::string> FindServingModel(const std::string& model_uri);

}  // namespace bessemer::evaluation

#endif  // BESSEMER_EVALUATION_DATASET_H_
