#ifndef BESSEMER_TRAINING_EXPORT_H_
#define BESSEMER_TRAINING_EXPORT_H_

#include <string>

#include "bessemer/base/status.h"
#include "bessemer/training/model_function.h"

namespace bessemer::training {

inline constexpr char kTransformSignature[] = "transform_signature";

// Writes a trained model as a SavedModel into `directory`. Its signatures (n examples):
//
//   serving_default     `examples`: n serialised tf.Examples of raw features
//   serving_raw         the raw features the model needs, each [n] or [n, k]; optional ones
//                       [n, any] with "", NaN or the smallest int64 for a missing value
//   transform_features  `examples` → every transformed feature, the label's too; raw features that
//                       only other outputs than the model's need may be missing (0 or "")
//
// serving_default and serving_raw give
//   binary       `logits`, `probabilities`   float [n, 1], of the second class; `classes` string
//                                            [n, 2] unless they are 0 and 1
//   multiclass   `logits`, `probabilities`   float [n, k]; `classes` string [n, k];
//                `class_ids` int64 [n, 1], the most probable
//   regression   `predictions`               float [n, 1], in the label's unit
//
// `transform_graph`: the folder of a TransformGraph artifact, whose graph is put between the raw
// features and the model; "": the model works on raw features, all of them optional, and there is
// no transform_features. INVALID_ARGUMENT or NOT_FOUND if the graph does not fit the model.
Status ExportModel(const ModelFunction& model, const InputPlan& plan, VariableStore& store,
                   const std::string& transform_graph, const std::string& directory);

}  // namespace bessemer::training

#endif  // BESSEMER_TRAINING_EXPORT_H_
