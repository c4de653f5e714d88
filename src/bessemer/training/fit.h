#ifndef BESSEMER_TRAINING_FIT_H_
#define BESSEMER_TRAINING_FIT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "bessemer/base/params.h"
#include "bessemer/base/progress.h"
#include "bessemer/base/status.h"
#include "bessemer/training/dataset.h"
#include "bessemer/training/model_function.h"

namespace bessemer::training {

enum class Optimizer {
  kAdam,  // Kingma and Ba, 2015; beta 0.9 and 0.999, epsilon 1e-7
  kFtrl,  // McMahan et al., 2013; the one with L1
};

struct FitOptions {
  Optimizer optimizer = Optimizer::kAdam;
  double learning_rate = 0.001;
  // The rate falls from learning_rate to 0 along half a cosine over all steps.
  bool cosine_decay = false;
  double l1 = 0;  // FTRL only
  double l2 = 0;  // times half the squared length of the regularised variables, added to the loss
  int64_t batch_size = 512;
  int64_t epochs = 10;
  int64_t max_steps = 0;   // ends training in place of `epochs`; 0: no such limit
  int64_t eval_steps = 0;  // batches per evaluation; 0: all
  // Training ends after so many epochs in a row without a better eval loss; 0: never. The weights
  // of the best epoch are kept in either case, when there are eval rows.
  int64_t patience = 3;
  uint64_t seed = 1;
};

// Those parameters that all learners built on Fit have.
std::vector<Param> FitParams(double learning_rate, int64_t batch_size, int64_t epochs, double l2);
FitOptions FitOptionsOf(const ParamValues& params);

struct CurvePoint {
  int64_t epoch = 0;  // from 1
  int64_t step = 0;   // batches seen
  double train_loss = 0;  // weighted mean over the epoch's batches, without L2, as they were met
  double eval_loss = 0;   // weighted mean over the eval rows; NaN without any
  double seconds = 0;     // since training began
};

struct FitResult {
  std::vector<CurvePoint> curve;
  double eval_loss = 0;  // of the weights kept
};

// Trains the variables of `store` (made by `model`) with the TensorFlow runtime and leaves the
// trained values in it. The loss is the log loss (natural logarithm), or for regression the squared
// error in units of the label.
//
// The order of rows is a permutation that depends on the seed and the epoch; the runtime uses one
// thread. So the same data, options and seed give the same bits on the same machine.
// INVALID_ARGUMENT if the loss stops being finite, with the step; CANCELLED as progress says.
StatusOr<FitResult> Fit(const ModelFunction& model, const InputPlan& plan, const Dataset& train,
                        const Dataset& eval, const FitOptions& options, VariableStore& store,
                        Progress& progress);

}  // namespace bessemer::training

#endif  // BESSEMER_TRAINING_FIT_H_
