#ifndef BESSEMER_TRAINING_FIT_GRAPH_INTERNAL_H_
#define BESSEMER_TRAINING_FIT_GRAPH_INTERNAL_H_

#include <memory>
#include <string>
#include <vector>

#include "bessemer/tensorflow/session.h"
#include "bessemer/training/fit.h"

namespace bessemer::training {

// Rows put together for one run of the graph: in the order of FitGraph's feeds.
class BatchFeeder {
 public:
  BatchFeeder(const InputPlan& plan, const Dataset& data) : plan_(plan), data_(data) {}
  // numbers, ids (if the plan has them), labels, weights of `rows`.
  void Fill(const uint32_t* rows, int64_t num_rows, std::vector<tf::HostTensor>* feeds) const;

 private:
  const InputPlan& plan_;
  const Dataset& data_;
};

// The graph of a training: model, loss, gradients, optimiser, in a session.
class FitGraph {
 public:
  static StatusOr<std::unique_ptr<FitGraph>> Make(const ModelFunction& model,
                                                  const InputPlan& plan, const FitOptions& options,
                                                  VariableStore& store);

  // One step of the optimiser, the first is 1. `feeds` are a BatchFeeder's; returns the batch's
  // mean loss and its weight.
  struct Loss {
    double sum = 0;     // of weight times loss
    double weight = 0;  // sum of weights
  };
  StatusOr<Loss> Step(std::vector<tf::HostTensor> feeds, int64_t step, double learning_rate) const;
  StatusOr<Loss> Evaluate(const std::vector<tf::HostTensor>& feeds) const;
  // The variables as they are now.
  Status Fetch(VariableStore& store) const;

 private:
  FitGraph() = default;
  Status BuildModel(const ModelFunction& model, const InputPlan& plan, const FitOptions& options,
                    VariableStore& store);
  Status BuildOptimizer(const FitOptions& options, VariableStore& store);
  Status Initialise(VariableStore& store);
  Status PrepareCalls(const VariableStore& store);

  tf::GraphBuilder builder_;
  std::unique_ptr<tf::Session> session_;
  std::vector<std::string> feeds_;  // of the model: numbers, ids, labels, weights
  tf::Tensor seed_, step_loss_, eval_loss_, weight_sum_, objective_;
  std::vector<std::pair<std::string, tf::Tensor>> reads_;  // variable, the value gradients are of
  std::unique_ptr<tf::Callable> step_, evaluate_, fetch_;
  uint64_t seed_value_ = 0;
};

}  // namespace bessemer::training

#endif  // BESSEMER_TRAINING_FIT_GRAPH_INTERNAL_H_
