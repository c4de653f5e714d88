#include "bessemer/training/fit.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

#include "bessemer/base/clock.h"
#include "bessemer/base/random.h"
#include "bessemer/training/fit_graph_internal.h"

namespace bessemer::training {
namespace {

constexpr int64_t kEvalBatch = 4096;

// Fisher–Yates with a generator of the seed and the epoch.
void Shuffle(uint64_t seed, int64_t epoch, std::vector<uint32_t>* rows) {
  Random random(Random::Mix(seed) + static_cast<uint64_t>(epoch));
  for (size_t i = rows->size(); i > 1; --i) std::swap((*rows)[i - 1], (*rows)[random.Below(i)]);
}

std::vector<uint32_t> AllRows(int64_t num_rows) {
  std::vector<uint32_t> rows(num_rows);
  std::iota(rows.begin(), rows.end(), 0u);
  return rows;
}

class Fitter {
 public:
  Fitter(const FitGraph& graph, const InputPlan& plan, const Dataset& train, const Dataset& eval,
         const FitOptions& options, VariableStore& store, Progress& progress)
      : graph_(graph),
        train_feeder_(plan, train),
        eval_feeder_(plan, eval),
        options_(options),
        store_(store),
        progress_(progress),
        rows_(AllRows(train.num_rows)),
        eval_rows_(AllRows(eval.num_rows)),
        steps_per_epoch_((train.num_rows + options.batch_size - 1) / options.batch_size),
        total_steps_(options.max_steps > 0 ? options.max_steps
                                           : options.epochs * steps_per_epoch_) {}

  StatusOr<FitResult> Run();

 private:
  Status Epoch(int64_t epoch);
  StatusOr<double> EvalLoss();
  double Rate() const {
    if (!options_.cosine_decay) return options_.learning_rate;
    const double part = static_cast<double>(step_) / static_cast<double>(total_steps_);
    return options_.learning_rate * 0.5 * (1 + std::cos(std::numbers::pi * part));
  }

  const FitGraph& graph_;
  const BatchFeeder train_feeder_, eval_feeder_;
  const FitOptions& options_;
  VariableStore& store_;
  Progress& progress_;
  std::vector<uint32_t> rows_;
  const std::vector<uint32_t> eval_rows_;
  const int64_t steps_per_epoch_, total_steps_;
  std::vector<tf::HostTensor> feeds_;
  int64_t step_ = 0;
  FitGraph::Loss epoch_loss_;
  int64_t start_micros_ = Clock::System().SteadyMicros();
};

Status Fitter::Epoch(int64_t epoch) {
  Shuffle(options_.seed, epoch, &rows_);
  epoch_loss_ = {};
  const auto num_rows = static_cast<int64_t>(rows_.size());
  for (int64_t begin = 0; begin < num_rows && step_ < total_steps_;
       begin += options_.batch_size) {
    if (progress_.cancelled()) return CancelledError("training was interrupted");
    const int64_t size = std::min(options_.batch_size, num_rows - begin);
    train_feeder_.Fill(rows_.data() + begin, size, &feeds_);
    const double rate = Rate();
    ++step_;
    BESSEMER_ASSIGN_OR_RETURN(const FitGraph::Loss loss, graph_.Step(feeds_, step_, rate));
    if (!std::isfinite(loss.sum)) {
      return InvalidArgumentError(
          "the loss is not finite at step {} (epoch {}): training diverged; lower learning_rate "
          "(now {}) or look for extreme values in the features",
          step_, epoch, options_.learning_rate);
    }
    epoch_loss_.sum += loss.sum;
    epoch_loss_.weight += loss.weight;
    progress_.Advance(1);
  }
  return OkStatus();
}

StatusOr<double> Fitter::EvalLoss() {
  FitGraph::Loss total;
  const int64_t limit = options_.eval_steps > 0
                            ? std::min<int64_t>(eval_rows_.size(),
                                                options_.eval_steps * options_.batch_size)
                            : static_cast<int64_t>(eval_rows_.size());
  for (int64_t begin = 0; begin < limit; begin += kEvalBatch) {
    eval_feeder_.Fill(eval_rows_.data() + begin, std::min(kEvalBatch, limit - begin), &feeds_);
    BESSEMER_ASSIGN_OR_RETURN(const FitGraph::Loss loss, graph_.Evaluate(feeds_));
    total.sum += loss.sum;
    total.weight += loss.weight;
  }
  if (!std::isfinite(total.sum)) {
    return InvalidArgumentError(
        "the eval loss is not finite after step {}: training diverged; lower learning_rate (now "
        "{})",
        step_, options_.learning_rate);
  }
  return total.weight > 0 ? total.sum / total.weight : std::nan("");
}

StatusOr<FitResult> Fitter::Run() {
  FitResult result;
  result.eval_loss = std::nan("");
  double best = std::numeric_limits<double>::infinity();
  int64_t epochs_without_gain = 0;
  progress_.Start("training", total_steps_, "steps");
  for (int64_t epoch = 1; step_ < total_steps_; ++epoch) {
    BESSEMER_RETURN_IF_ERROR(Epoch(epoch));
    CurvePoint point;
    point.epoch = epoch;
    point.step = step_;
    point.train_loss = epoch_loss_.sum / std::max(epoch_loss_.weight, 1e-12);
    BESSEMER_ASSIGN_OR_RETURN(point.eval_loss, EvalLoss());
    point.seconds = static_cast<double>(Clock::System().SteadyMicros() - start_micros_) * 1e-6;
    result.curve.push_back(point);
    progress_.Note(fmt::format("epoch {}  loss {:.4f}  eval {:.4f}", epoch, point.train_loss,
                               point.eval_loss));
    if (std::isnan(point.eval_loss)) continue;
    if (point.eval_loss < best) {
      best = result.eval_loss = point.eval_loss;
      epochs_without_gain = 0;
      BESSEMER_RETURN_IF_ERROR(graph_.Fetch(store_));
    } else if (++epochs_without_gain == options_.patience) {
      break;
    }
  }
  if (std::isnan(result.eval_loss)) BESSEMER_RETURN_IF_ERROR(graph_.Fetch(store_));
  return result;
}

}  // namespace

std::vector<Param> FitParams(double learning_rate, int64_t batch_size, int64_t epochs, double l2) {
  return {
      {.name = "learning_rate", .type = ParamType::kFloat, .default_value = learning_rate,
       .doc = "Step size of the optimiser.", .min = 0, .max = 1e6},
      {.name = "learning_rate_decay", .type = ParamType::kString, .default_value = "cosine",
       .doc = "How the step size falls over all steps: cosine to 0, or none.",
       .choices = {"none", "cosine"}},
      {.name = "batch_size", .type = ParamType::kInt, .default_value = batch_size,
       .doc = "Examples per step.", .min = 1, .max = 1 << 20},
      {.name = "epochs", .type = ParamType::kInt, .default_value = epochs,
       .doc = "Passes over the training examples, unless a number of steps is given.", .min = 1,
       .max = 1000000},
      {.name = "l2", .type = ParamType::kFloat, .default_value = l2,
       .doc = "Weight of half the squared length of the weights in the loss.", .min = 0},
      {.name = "patience", .type = ParamType::kInt, .default_value = 3,
       .doc = "Training ends after so many epochs in a row without a better eval loss; 0: never.",
       .min = 0},
      {.name = "seed", .type = ParamType::kInt, .default_value = 1,
       .doc = "Of the initial weights, the order of examples and dropout.", .min = 0},
  };
}

FitOptions FitOptionsOf(const ParamValues& params) {
  FitOptions options;
  options.learning_rate = params.Float("learning_rate");
  options.cosine_decay = params.String("learning_rate_decay") == "cosine";
  options.batch_size = params.Int("batch_size");
  options.epochs = params.Int("epochs");
  options.l2 = params.Float("l2");
  options.patience = params.Int("patience");
  options.seed = static_cast<uint64_t>(params.Int("seed"));
  return options;
}

StatusOr<FitResult> Fit(const ModelFunction& model, const InputPlan& plan, const Dataset& train,
                        const Dataset& eval, const FitOptions& options, VariableStore& store,
                        Progress& progress) {
  if (train.num_rows == 0) return InvalidArgumentError("there are no training examples");
  BESSEMER_ASSIGN_OR_RETURN(const auto graph, FitGraph::Make(model, plan, options, store));
  return Fitter(*graph, plan, train, eval, options, store, progress).Run();
}

}  // namespace bessemer::training
