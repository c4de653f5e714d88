#include <algorithm>
#include <array>
#include <cmath>

#include "bessemer/evaluation/matrices.h"
#include "bessemer/evaluation/state_bytes.h"

namespace bessemer::evaluation::multi_class {
namespace {

namespace tfma = ::tensorflow_model_analysis;
using EntryKey = std::tuple<double, int, int>;  // threshold, actual, predicted

constexpr int kNoPrediction = -1;
constexpr int64_t kMaxClasses = 100000;

int Largest(std::span<const double> row) {
  return static_cast<int>(std::max_element(row.begin(), row.end()) - row.begin());
}

StatusOr<int> ActualClass(std::span<const double> label) {
  if (label.size() > 1) return Largest(label);
  if (label.empty() || !(label[0] >= 0 && label[0] < kMaxClasses)) {
    return InvalidArgumentError("label {} is no class id", label.empty() ? NAN : label[0]);
  }
  return static_cast<int>(label[0]);
}

Status CheckPrediction(std::span<const double> predictions) {
  if (predictions.size() > 1) return OkStatus();
  return InvalidArgumentError("a matrix of classes needs predictions of several classes, got {}",
                              predictions.size());
}

// Sums of N numbers by entry.
template <size_t N>
class EntrySums : public Accumulator {
 public:
  void Merge(const Accumulator& other) override {
    for (const auto& [key, sums] : static_cast<const EntrySums&>(other).entries_) {
      for (size_t i = 0; i < N; ++i) entries_[key][i] += sums[i];
    }
  }
  void Save(std::string* out) const override {
    PutNumber<uint64_t>(out, entries_.size());
    for (const auto& [key, sums] : entries_) {
      PutNumber(out, std::get<0>(key));
      PutNumber<int32_t>(out, std::get<1>(key));
      PutNumber<int32_t>(out, std::get<2>(key));
      for (const double sum : sums) PutNumber(out, sum);
    }
  }
  Status Load(std::string_view bytes) override {
    entries_.clear();
    StateReader reader(bytes);
    const uint64_t count = reader.Count(16 + 8 * N);
    for (uint64_t n = 0; n < count; ++n) {
      const double threshold = reader.Number<double>();
      const int actual = reader.Number<int32_t>();
      const int predicted = reader.Number<int32_t>();
      for (double& sum : entries_[{threshold, actual, predicted}]) sum = reader.Number<double>();
    }
    return reader.Finish("a matrix of classes");
  }
  const std::map<EntryKey, std::array<double, N>>& entries() const { return entries_; }

 protected:
  std::map<EntryKey, std::array<double, N>> entries_;
};

class ClassCounts final : public EntrySums<1> {
 public:
  explicit ClassCounts(std::vector<double> thresholds) : thresholds_(std::move(thresholds)) {}
  Status Update(const Examples& examples) override {
    for (int64_t i = 0; i < examples.num_rows; ++i) {
      const auto predictions = examples.predictions.row(i);
      BESSEMER_RETURN_IF_ERROR(CheckPrediction(predictions));
      BESSEMER_ASSIGN_OR_RETURN(const int actual, ActualClass(examples.labels.row(i)));
      const int best = Largest(predictions);
      for (const double threshold : thresholds_) {
        const int predicted = predictions[best] > threshold ? best : kNoPrediction;
        entries_[{threshold, actual, predicted}][0] += examples.weights[i];
      }
    }
    return OkStatus();
  }
  MultiClassMatrices Finish() const {
    MultiClassMatrices m;
    for (const auto& [key, sums] : entries_) m.entries[key] = sums[0];
    return m;
  }

 private:
  const std::vector<double> thresholds_;
};

enum LabelSum { kFn, kTn, kFp, kTp, kNumLabelSums };

// For each class that an example has: how every class was predicted.
class LabelCounts final : public EntrySums<kNumLabelSums> {
 public:
  explicit LabelCounts(std::vector<double> thresholds) : thresholds_(std::move(thresholds)) {}
  Status Update(const Examples& examples) override {
    for (int64_t i = 0; i < examples.num_rows; ++i) {
      const auto predictions = examples.predictions.row(i);
      const auto labels = examples.labels.row(i);
      BESSEMER_RETURN_IF_ERROR(CheckPrediction(predictions));
      const bool sparse = labels.size() != predictions.size();
      int sparse_class = 0;
      if (sparse) {
        BESSEMER_ASSIGN_OR_RETURN(sparse_class, ActualClass(labels));
      }
      auto has = [&](size_t id) {
        return sparse ? static_cast<int>(id) == sparse_class : labels[id] != 0;
      };
      for (const double threshold : thresholds_) {
        for (size_t actual = 0; actual < predictions.size(); ++actual) {
          if (!has(actual)) continue;
          for (size_t id = 0; id < predictions.size(); ++id) {
            const bool positive = predictions[id] > threshold;
            const int sum = has(id) ? (positive ? kTp : kFn) : (positive ? kFp : kTn);
            entries_[{threshold, static_cast<int>(actual), static_cast<int>(id)}][sum] +=
                examples.weights[i];
          }
        }
      }
    }
    return OkStatus();
  }

 private:
  const std::vector<double> thresholds_;
};

StatusOr<std::vector<double>> Thresholds(const MetricContext& context, double default_threshold) {
  BESSEMER_ASSIGN_OR_RETURN(std::optional<std::vector<double>> thresholds,
                            NumbersParam(context.params, "thresholds"));
  const bool spread = context.params.Has("num_thresholds");
  if (thresholds && spread) {
    return InvalidArgumentError("metric '{}': give either 'thresholds' or 'num_thresholds'",
                                context.name);
  }
  if (spread) return InterpolatedThresholds(context.params.Int("num_thresholds"));
  return thresholds.value_or(std::vector<double>{default_threshold});
}

StatusOr<MetricPlan> ClassPlan(const MetricContext& context, double default_threshold, bool plot) {
  BESSEMER_ASSIGN_OR_RETURN(const std::vector<double> thresholds,
                            Thresholds(context, default_threshold));
  MetricPlan plan{.view = context.view, .accumulator_id = "class counts"};
  for (const double t : thresholds) plan.accumulator_id += fmt::format(" {}", t);
  plan.view.flatten = false;
  plan.make = [thresholds] { return std::make_unique<ClassCounts>(thresholds); };
  plan.finish = [key = context.key, plot](const Accumulator& state) {
    const MultiClassMatrices m = static_cast<const ClassCounts&>(state).Finish();
    if (!plot) return std::vector<std::pair<MetricKey, Value>>{{key, m}};
    tfma::PlotData data;
    *data.mutable_multi_class_confusion_matrix_at_thresholds() = MultiClassToProto(m);
    return std::vector<std::pair<MetricKey, Value>>{
        {key, std::make_shared<const tfma::PlotData>(std::move(data))}};
  };
  return plan;
}

PlotPtr LabelPlot(const LabelCounts& counts) {
  tfma::PlotData data;
  auto* proto = data.mutable_multi_label_confusion_matrix_at_thresholds();
  double current = NAN;
  for (const auto& [key, sums] : counts.entries()) {
    const auto& [threshold, actual, predicted] = key;
    if (threshold != current) {
      current = threshold;
      proto->add_matrices()->set_threshold(std::clamp(
          threshold, threshold >= -kThresholdEpsilon ? 0.0 : threshold,
          threshold <= 1.0 + kThresholdEpsilon ? 1.0 : threshold));
    }
    auto* entry = proto->mutable_matrices(proto->matrices_size() - 1)->add_entries();
    entry->set_actual_class_id(actual);
    entry->set_predicted_class_id(predicted);
    entry->set_false_negatives(sums[kFn]);
    entry->set_true_negatives(sums[kTn]);
    entry->set_false_positives(sums[kFp]);
    entry->set_true_positives(sums[kTp]);
  }
  return std::make_shared<const tfma::PlotData>(std::move(data));
}

StatusOr<MetricPlan> LabelPlan(const MetricContext& context) {
  BESSEMER_ASSIGN_OR_RETURN(const std::vector<double> thresholds, Thresholds(context, 0.5));
  MetricPlan plan{.view = context.view, .accumulator_id = "label counts"};
  for (const double t : thresholds) plan.accumulator_id += fmt::format(" {}", t);
  plan.view.flatten = false;
  plan.make = [thresholds] { return std::make_unique<LabelCounts>(thresholds); };
  plan.finish = [key = context.key](const Accumulator& state) {
    return std::vector<std::pair<MetricKey, Value>>{
        {key, LabelPlot(static_cast<const LabelCounts&>(state))}};
  };
  return plan;
}

StatusOr<MetricPlan> ExactMatchPlan(const MetricContext& context) {
  return SumsPlan(
      context, context.view, "exact match", 2,
      [](const Examples& examples, std::span<double> sums) -> Status {
        for (int64_t i = 0; i < examples.num_rows; ++i) {
          const bool equal = examples.labels.values[i] == examples.predictions.values[i];
          sums[0] += equal ? examples.weights[i] : 0;
          sums[1] += examples.weights[i];
        }
        return OkStatus();
      },
      [](std::span<const double> sums) { return Ratio(sums[0], sums[1]); });
}

std::vector<Param> Params() {
  return {{.name = "thresholds",
           .type = ParamType::kAny,
           .doc = "The best class counts as predicted only above the threshold; a number or a "
                  "list"},
          {.name = "num_thresholds",
           .type = ParamType::kInt,
           .doc = "So many thresholds spread over [0, 1]",
           .min = 2,
           .max = 10000}};
}

}  // namespace

void Register(MetricRegistry& registry) {
  registry.Add({.name = "MultiClassConfusionMatrixAtThresholds",
                .doc = "Weight by actual and predicted class; class -1 where nothing is predicted",
                .default_name = "multi_class_confusion_matrix_at_thresholds",
                .params = Params(),
                .ignores_sub_key = true,
                .plan = [](const MetricContext& context) {
                  return ClassPlan(context, 0.5, /*plot=*/false);
                }});
  registry.Add({.name = "MultiClassConfusionMatrixPlot",
                .doc = "The same as a plot; the threshold is 0 by default",
                .default_name = "multi_class_confusion_matrix_plot",
                .params = Params(),
                .is_plot = true,
                .ignores_sub_key = true,
                .plan = [](const MetricContext& context) {
                  return ClassPlan(context, 0.0, /*plot=*/true);
                }});
  registry.Add({.name = "MultiLabelConfusionMatrixPlot",
                .doc = "For examples of each class: how every class was predicted",
                .default_name = "multi_label_confusion_matrix_plot",
                .params = Params(),
                .is_plot = true,
                .ignores_sub_key = true,
                .plan = LabelPlan});
  registry.Add({.name = "ExactMatch",
                .doc = "Share of predictions that equal their label",
                .default_name = "exact_match",
                .aggregation_in_key = false,
                .plan = ExactMatchPlan});
}

}  // namespace bessemer::evaluation::multi_class
