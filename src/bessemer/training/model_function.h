#ifndef BESSEMER_TRAINING_MODEL_FUNCTION_H_
#define BESSEMER_TRAINING_MODEL_FUNCTION_H_

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "bessemer/base/random.h"
#include "bessemer/tensorflow/graph_builder.h"
#include "bessemer/tensorflow/host_tensor.h"
#include "bessemer/training/input_plan.h"

namespace bessemer::training {

// How a variable begins.
enum class Init {
  kZeros,
  kGlorot,     // uniform ± sqrt(6 / (rows + columns)); Glorot and Bengio, 2010
  kHe,         // normal, stddev sqrt(2 / rows); He et al., 2015
  kEmbedding,  // uniform ± 0.05
};

// The float variables of a model by name: made at first use, then shared by all graphs.
class VariableStore {
 public:
  explicit VariableStore(uint64_t seed) : random_(seed) {}

  // The value of a variable in a graph. `regularised`: L2 applies to it.
  tf::Tensor Read(tf::GraphBuilder& builder, const std::string& name, const tf::Shape& shape,
                  Init init, bool regularised = false);

  const std::vector<std::string>& names() const { return names_; }  // in order of first use
  bool is_regularised(const std::string& name) const { return regularised_.contains(name); }
  // The tensor of the latest Read.
  const tf::Tensor& last_read(const std::string& name) const { return last_read_.at(name); }

  std::map<std::string, tf::HostTensor>& values() { return values_; }
  const std::map<std::string, tf::HostTensor>& values() const { return values_; }

 private:
  Random random_;
  std::vector<std::string> names_;
  std::set<std::string> regularised_;
  std::map<std::string, tf::HostTensor> values_;
  std::map<std::string, tf::Tensor> last_read_;
};

// What a model computes from, in a graph. Rows are examples.
struct ModelInputs {
  tf::Tensor numbers;  // float [n, num_number_columns]; node "" if there are none
  tf::Tensor ids;      // int32 [n, num_id_columns]; kNoId fills up; node "" if there are none
  tf::Tensor seed;     // int32 [2] for random numbers in training; node "": not training
  bool training() const { return !seed.node.empty(); }
};

// Emits the model: float [n, plan.num_outputs()] — logits, or the standardised prediction. Called
// several times, for training, evaluation and serving: it must emit the same computation each time
// but for what training() switches.
using ModelFunction =
    std::function<tf::Tensor(tf::GraphBuilder&, VariableStore&, const ModelInputs&)>;

// One table of vectors for features with one id each, [n, features · size] after the look-up, and
// one table for each feature with several ids, whose vectors are averaged ([n, size]; 0 without
// ids). `columns` are neighbouring features of the plan.
tf::Tensor LookUpSingle(tf::GraphBuilder& builder, VariableStore& store, const ModelInputs& inputs,
                        const std::vector<const FeatureInput*>& features, int size, Init init,
                        const std::string& name);
tf::Tensor LookUpMean(tf::GraphBuilder& builder, VariableStore& store, const ModelInputs& inputs,
                      const FeatureInput& feature, int size, Init init, const std::string& name);

}  // namespace bessemer::training

#endif  // BESSEMER_TRAINING_MODEL_FUNCTION_H_
