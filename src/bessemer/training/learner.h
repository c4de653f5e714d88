#ifndef BESSEMER_TRAINING_LEARNER_H_
#define BESSEMER_TRAINING_LEARNER_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "bessemer/base/params.h"
#include "bessemer/base/progress.h"
#include "bessemer/base/registry.h"
#include "bessemer/base/status.h"

// What trains a model. A learner reads tf.Examples and writes a SavedModel that takes raw examples.

namespace bessemer::training {

// What one training is given besides the learner's own parameters.
struct TrainRequest {
  // TFRecord files of tf.Example. Without eval files there is no early stopping.
  std::vector<std::string> train_files;
  std::vector<std::string> eval_files;
  // The schema of those examples (text format); "": kinds come from the data.
  std::string schema_path;
  // The folder of a TransformGraph artifact whose output the examples are; "": they are raw.
  std::string transform_graph;
  // A model of the same learner and inputs whose weights training starts from; "": none.
  std::string base_model;
  int64_t train_steps = 0;  // batches to train on; 0: as the learner's epochs say
  int64_t eval_steps = 0;   // batches per evaluation; 0: all
  std::string model_dir;    // the SavedModel is written here (made)
  std::string run_dir;      // training curve and TensorBoard events are written here (made)
  std::string scratch_dir;  // for files that may go afterwards
  int num_threads = 0;      // for reading; training itself uses one for reproducible sums
  Json custom_config = nullptr;    // for `module`
  Json hyperparameters = nullptr;  // for `module`: what the tuner wrote, parsed
  Progress* progress = &Progress::None();
};

struct TrainReport {
  std::string task;  // "binary", "multiclass", "regression"; "" if not known
  int64_t epochs = 0;
  int64_t steps = 0;
  // Mean loss over the last epoch, and over the eval examples with the weights that were kept. NaN
  // if not known.
  double train_loss = 0;
  double eval_loss = 0;
  double seconds = 0;
};

// The registry entry of a learner: a folder of learners/ with a register.cc.
struct Learner {
  std::string name;
  std::string doc;
  std::vector<Param> params;
  // What the declarations cannot say of the parameters; called before any data is there. Optional.
  std::function<Status(const ParamValues& params)> check = {};
  // Writes request.model_dir and request.run_dir. CANCELLED when the progress says so. Errors name
  // the feature, the split or the parameter.
  std::function<StatusOr<TrainReport>(const TrainRequest& request, const ParamValues& params)>
      train;
};

using LearnerRegistry = Registry<Learner>;
void RegisterPlugins(LearnerRegistry& registry);

// All learners.
StatusOr<LearnerRegistry> Learners();

}  // namespace bessemer::training

#endif  // BESSEMER_TRAINING_LEARNER_H_
