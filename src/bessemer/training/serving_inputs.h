#ifndef BESSEMER_TRAINING_SERVING_INPUTS_H_
#define BESSEMER_TRAINING_SERVING_INPUTS_H_

#include <map>
#include <string>

#include "bessemer/base/status.h"
#include "bessemer/tensorflow/graph_builder.h"
#include "bessemer/tensorflow/signature.h"
#include "bessemer/training/model_function.h"

namespace bessemer::training {

// In a padded dense tensor of strings: there is no value. Not valid UTF-8, so that no text is it.
inline constexpr char kMissingText[] = "\xff\xff";

// A sparse [n, any] tensor as dense [n, width]: longer rows cut, shorter ones filled up with what
// means "missing" for the type (NaN, kMissingInt, kMissingText).
tf::Tensor Densify(tf::GraphBuilder& builder, const tf::SparseTensor& sparse, int width);

// The values of a dense [n, any] tensor that are not missing (NaN, kMissingInt, "").
tf::SparseTensor Sparsify(tf::GraphBuilder& builder, const tf::Tensor& dense);

// The model's matrices from one tensor per feature of the plan: the same arithmetic, in the same
// precision, as MakeDataset does. Dense tensors are [n] or [n, width]. NOT_FOUND names a feature
// without a tensor, INVALID_ARGUMENT one of a wrong type.
StatusOr<ModelInputs> MakeModelInputs(tf::GraphBuilder& builder, const InputPlan& plan,
                                      const std::map<std::string, tf::SignatureTensor>& tensors);

}  // namespace bessemer::training

#endif  // BESSEMER_TRAINING_SERVING_INPUTS_H_
