#include <cmath>
#include <cstring>

#include "bessemer/training/fit_graph_internal.h"

namespace bessemer::training {
namespace {

using tf::GraphBuilder;
using tf::HostTensor;
using tf::Tensor;
using ::tensorflow::DT_FLOAT;
using ::tensorflow::DT_INT32;
using ::tensorflow::DT_RESOURCE;

constexpr double kBeta1 = 0.9, kBeta2 = 0.999;
constexpr float kEpsilon = 1e-7f;
// Where FTRL's squared gradients begin, as in the paper's experiments.
constexpr float kFtrlAccumulator = 0.1f;

HostTensor Scalar(double value) {
  HostTensor tensor = HostTensor::Make(DT_FLOAT, {});
  tensor.mutable_values<float>()[0] = static_cast<float>(value);
  return tensor;
}

// Loss of each row, [n].
Tensor RowLosses(GraphBuilder& b, const InputPlan& plan, const Tensor& outputs,
                 const Tensor& labels) {
  if (plan.label.task == Task::kMulticlass) {
    // Of the ops for this loss, the runtime's C++ side has a gradient for this one.
    const Tensor chosen = b.OneHot(b.Cast(labels, DT_INT32), plan.num_outputs());
    const Tensor logs = b.Unary("LogSoftmax", outputs);
    return b.Unary("Neg", b.Reduce("Sum", b.Mul(logs, chosen), {1}));
  }
  const Tensor y = b.Reshape(outputs, {-1});
  if (plan.label.task == Task::kBinary) return b.Sub(b.Unary("Softplus", y), b.Mul(y, labels));
  const Tensor error = b.Sub(y, labels);
  return b.Mul(b.Unary("Square", error), b.ConstFloat(static_cast<float>(
                                             plan.label.stddev * plan.label.stddev)));
}

}  // namespace

void BatchFeeder::Fill(const uint32_t* rows, int64_t num_rows,
                       std::vector<HostTensor>* feeds) const {
  feeds->clear();
  if (const int64_t width = plan_.num_number_columns; width > 0) {
    feeds->push_back(HostTensor::Make(DT_FLOAT, {num_rows, width}));
    float* out = feeds->back().mutable_values<float>().data();
    for (int64_t i = 0; i < num_rows; ++i, out += width) {
      std::memcpy(out, data_.numbers.data() + rows[i] * width, width * sizeof(float));
    }
  }
  if (const int64_t width = plan_.num_id_columns; width > 0) {
    feeds->push_back(HostTensor::Make(DT_INT32, {num_rows, width}));
    int32_t* out = feeds->back().mutable_values<int32_t>().data();
    for (int64_t i = 0; i < num_rows; ++i, out += width) {
      std::memcpy(out, data_.ids.data() + rows[i] * width, width * sizeof(int32_t));
    }
  }
  for (const std::vector<float>* column : {&data_.labels, &data_.weights}) {
    feeds->push_back(HostTensor::Make(DT_FLOAT, {num_rows}));
    float* out = feeds->back().mutable_values<float>().data();
    for (int64_t i = 0; i < num_rows; ++i) out[i] = (*column)[rows[i]];
  }
}

StatusOr<std::unique_ptr<FitGraph>> FitGraph::Make(const ModelFunction& model,
                                                   const InputPlan& plan,
                                                   const FitOptions& options,
                                                   VariableStore& store) {
  std::unique_ptr<FitGraph> graph(new FitGraph());
  graph->seed_value_ = options.seed;
  BESSEMER_RETURN_IF_ERROR(graph->BuildModel(model, plan, options, store));
  BESSEMER_ASSIGN_OR_RETURN(graph->session_,
                            tf::Session::Create(graph->builder_, {.num_threads = 1}));
  BESSEMER_RETURN_IF_ERROR(graph->BuildOptimizer(options, store));
  BESSEMER_RETURN_IF_ERROR(graph->Initialise(store));
  BESSEMER_RETURN_IF_ERROR(graph->PrepareCalls(store));
  return graph;
}

Status FitGraph::BuildModel(const ModelFunction& model, const InputPlan& plan,
                            const FitOptions& options, VariableStore& store) {
  GraphBuilder& b = builder_;
  ModelInputs inputs;
  if (plan.num_number_columns > 0) {
    inputs.numbers = b.Placeholder(DT_FLOAT, {-1, plan.num_number_columns}, "numbers");
    feeds_.push_back("numbers");
  }
  if (plan.num_id_columns > 0) {
    inputs.ids = b.Placeholder(DT_INT32, {-1, plan.num_id_columns}, "ids");
    feeds_.push_back("ids");
  }
  const Tensor labels = b.Placeholder(DT_FLOAT, {-1}, "labels");
  const Tensor weights = b.Placeholder(DT_FLOAT, {-1}, "weights");
  feeds_.insert(feeds_.end(), {"labels", "weights"});
  seed_ = b.Placeholder(DT_INT32, {2}, "seed");
  weight_sum_ = b.Reduce("Sum", weights, {0});

  const auto loss_sum = [&](const Tensor& outputs) {
    return b.Reduce("Sum", b.Mul(RowLosses(b, plan, outputs, labels), weights), {0});
  };
  eval_loss_ = loss_sum(model(b, store, inputs));
  inputs.seed = seed_;
  step_loss_ = loss_sum(model(b, store, inputs));

  // The gradient is that of the standardised loss: its size then does not depend on the unit of
  // the label, nor does the meaning of l2.
  const double unit = plan.label.task == Task::kRegression
                          ? 1 / (plan.label.stddev * plan.label.stddev)
                          : 1.0;
  const Tensor weight = b.Binary("Maximum", weight_sum_, b.ConstFloat(1e-12f));
  objective_ = b.Mul(b.Div(step_loss_, weight), b.ConstFloat(static_cast<float>(unit)));
  for (const std::string& name : store.names()) {
    reads_.emplace_back(name, store.last_read(name));
    if (options.l2 <= 0 || !store.is_regularised(name)) continue;
    objective_ = b.Add(objective_, b.Mul(b.Unary("L2Loss", store.last_read(name)),
                                         b.ConstFloat(static_cast<float>(options.l2))));
  }
  return b.status();
}

Status FitGraph::BuildOptimizer(const FitOptions& options, VariableStore& store) {
  std::vector<Tensor> values;
  for (const auto& [name, value] : reads_) values.push_back(value);
  BESSEMER_ASSIGN_OR_RETURN(const std::vector<Tensor> gradients,
                            session_->AddGradients(objective_, values, "gradients"));
  GraphBuilder b;
  const auto scope = b.Enter("optimizer");
  const Tensor rate = b.Placeholder(DT_FLOAT, {}, "learning_rate");
  const Tensor power1 = b.Placeholder(DT_FLOAT, {}, "beta1_power");
  const Tensor power2 = b.Placeholder(DT_FLOAT, {}, "beta2_power");
  std::vector<std::pair<std::string, Tensor>> bindings;
  std::vector<std::string> applies, initialisers;
  const auto slot = [&](const std::string& name, const tf::Shape& shape, float value) {
    const Tensor handle = b.Variable(DT_FLOAT, shape, name);
    const Tensor start =
        b.Fill(b.ConstInt32s({shape.begin(), shape.end()}), b.ConstFloat(value));
    initialisers.push_back(
        b.Target("AssignVariableOp", {handle, start}, {{"dtype", DT_FLOAT}}, {}, name + "/init"));
    return handle;
  };
  for (size_t i = 0; i < reads_.size(); ++i) {
    const std::string& name = reads_[i].first;
    const tf::Shape& shape = store.values().at(name).shape();
    const Tensor handle = b.Placeholder(DT_RESOURCE, {}, name + "/handle");
    const Tensor gradient = b.Placeholder(DT_FLOAT, shape, name + "/gradient");
    bindings.emplace_back(handle.node, Tensor{name, 0, DT_RESOURCE});
    bindings.emplace_back(gradient.node, gradients[i]);
    if (options.optimizer == Optimizer::kAdam) {
      applies.push_back(
          b.Target("ResourceApplyAdam",
                   {handle, slot(name + "/m", shape, 0), slot(name + "/v", shape, 0), power1,
                    power2, rate, b.ConstFloat(kBeta1), b.ConstFloat(kBeta2),
                    b.ConstFloat(kEpsilon), gradient},
                   {{"T", DT_FLOAT}}, {}, name + "/apply"));
    } else {
      const bool regularised = store.is_regularised(name);
      applies.push_back(
          b.Target("ResourceApplyFtrl",
                   {handle, slot(name + "/accum", shape, kFtrlAccumulator),
                    slot(name + "/linear", shape, 0), gradient, rate,
                    b.ConstFloat(regularised ? static_cast<float>(options.l1) : 0.0f),
                    b.ConstFloat(0), b.ConstFloat(-0.5f)},
                   {{"T", DT_FLOAT}}, {}, name + "/apply"));
    }
  }
  b.Target("NoOp", {}, {}, applies, "apply");
  b.Target("NoOp", {}, {}, initialisers, "initialise");
  BESSEMER_RETURN_IF_ERROR(session_->Extend(b, bindings));
  return session_->Run({}, {}, {"optimizer/initialise"}).status();
}

Status FitGraph::Initialise(VariableStore& store) {
  GraphBuilder b;
  const auto scope = b.Enter("initial");
  std::vector<std::pair<std::string, Tensor>> bindings;
  std::vector<std::pair<std::string, HostTensor>> feeds;
  std::vector<std::string> assigns;
  for (const auto& [name, read] : reads_) {
    const HostTensor& value = store.values().at(name);
    const Tensor handle = b.Placeholder(DT_RESOURCE, {}, name + "/handle");
    const Tensor input = b.Placeholder(DT_FLOAT, value.shape(), name + "/value");
    assigns.push_back(b.Target("AssignVariableOp", {handle, input}, {{"dtype", DT_FLOAT}}));
    bindings.emplace_back(handle.node, Tensor{name, 0, DT_RESOURCE});
    feeds.emplace_back(input.name(), value);
  }
  BESSEMER_RETURN_IF_ERROR(session_->Extend(b, bindings));
  return session_->Run(feeds, {}, assigns).status();
}

Status FitGraph::PrepareCalls(const VariableStore& store) {
  std::vector<std::string> feeds = feeds_;
  BESSEMER_ASSIGN_OR_RETURN(tf::Callable evaluate,
                            session_->Prepare(feeds, {eval_loss_.name(), weight_sum_.name()}, {},
                                              "evaluation while training"));
  feeds.insert(feeds.end(), {"optimizer/learning_rate", "optimizer/beta1_power",
                             "optimizer/beta2_power", "seed"});
  BESSEMER_ASSIGN_OR_RETURN(
      tf::Callable step, session_->Prepare(feeds, {step_loss_.name(), weight_sum_.name()},
                                           {"optimizer/apply"}, "training step"));
  std::vector<std::string> values;
  for (const auto& [name, read] : reads_) values.push_back(read.name());
  BESSEMER_ASSIGN_OR_RETURN(tf::Callable fetch,
                            session_->Prepare({}, values, {}, "reading the weights"));
  step_ = std::make_unique<tf::Callable>(std::move(step));
  evaluate_ = std::make_unique<tf::Callable>(std::move(evaluate));
  fetch_ = std::make_unique<tf::Callable>(std::move(fetch));
  return OkStatus();
}

StatusOr<FitGraph::Loss> FitGraph::Step(std::vector<HostTensor> feeds, int64_t step,
                                        double learning_rate) const {
  feeds.push_back(Scalar(learning_rate));
  feeds.push_back(Scalar(std::pow(kBeta1, static_cast<double>(step))));
  feeds.push_back(Scalar(std::pow(kBeta2, static_cast<double>(step))));
  feeds.push_back(HostTensor::Vector<int32_t>(
      {static_cast<int32_t>(seed_value_), static_cast<int32_t>(step)}));
  BESSEMER_ASSIGN_OR_RETURN(const std::vector<HostTensor> out, step_->Run(feeds));
  return Loss{out[0].values<float>()[0], out[1].values<float>()[0]};
}

StatusOr<FitGraph::Loss> FitGraph::Evaluate(const std::vector<HostTensor>& feeds) const {
  BESSEMER_ASSIGN_OR_RETURN(const std::vector<HostTensor> out, evaluate_->Run(feeds));
  return Loss{out[0].values<float>()[0], out[1].values<float>()[0]};
}

Status FitGraph::Fetch(VariableStore& store) const {
  BESSEMER_ASSIGN_OR_RETURN(std::vector<HostTensor> values, fetch_->Run({}));
  for (size_t i = 0; i < values.size(); ++i) {
    // A copy: what the runtime returns may be the variable's own memory.
    store.values()[reads_[i].first] =
        HostTensor::Of<float>(values[i].values<float>(), values[i].shape());
  }
  return OkStatus();
}

}  // namespace bessemer::training
