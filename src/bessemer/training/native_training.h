#ifndef BESSEMER_TRAINING_NATIVE_TRAINING_H_
#define BESSEMER_TRAINING_NATIVE_TRAINING_H_

#include <functional>
#include <string>

#include "bessemer/training/fit.h"
#include "bessemer/training/learner.h"
#include "bessemer/training/model_function.h"

namespace bessemer::training {

// A training from files to SavedModel around a model function: what learners built on Fit do.
//
// Writes the SavedModel of ExportModel into request.model_dir, and into request.run_dir
// `training_curve.json` ({"learner","task","points":[{"epoch","step","train_loss","eval_loss",
// "seconds"}…]}) and TensorBoard events (train/ and validation/, scalar `epoch_loss`). With
// request.base_model the variables begin with that model's values: INVALID_ARGUMENT names one that
// it lacks or has in another shape.
StatusOr<TrainReport> TrainNative(
    const std::string& learner, const TrainRequest& request, const ParamValues& params,
    FitOptions fit, const std::function<ModelFunction(const InputPlan& plan)>& make_model);

// The files TrainNative writes about the run.
Status WriteTrainingCurve(const std::string& path, const std::string& learner,
                          const std::string& task, const std::vector<CurvePoint>& curve);
// `<dir>/train` and, if there are eval losses, `<dir>/validation`: a TFRecord of tensorflow.Event.
Status WriteTrainingEvents(const std::string& dir, const std::vector<CurvePoint>& curve);

}  // namespace bessemer::training

#endif  // BESSEMER_TRAINING_NATIVE_TRAINING_H_
