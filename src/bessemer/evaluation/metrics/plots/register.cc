#include <limits>

#include "bessemer/evaluation/histogram.h"
#include "bessemer/evaluation/matrices.h"

namespace bessemer::evaluation::plots {
namespace {

namespace tfma = ::tensorflow_model_analysis;

std::vector<std::pair<MetricKey, Value>> PlotResult(const MetricKey& key, tfma::PlotData plot) {
  return {{key, std::make_shared<const tfma::PlotData>(std::move(plot))}};
}

// n + 1 even thresholds over [0, 1] and one below, so that predictions of 0 show.
std::vector<double> PlotThresholds(int64_t n) {
  std::vector<double> thresholds = {-1e-6};
  for (int64_t i = 0; i <= n; ++i) {
    thresholds.push_back(static_cast<double>(i) / static_cast<double>(n));
  }
  return thresholds;
}

Param NumThresholds() {
  return {.name = "num_thresholds",
          .type = ParamType::kInt,
          .default_value = 1000,
          .doc = "Points of the plot",
          .min = 1,
          .max = 10000};
}

StatusOr<MetricPlan> MatrixPlot(const MetricContext& context) {
  MetricPlan plan{.view = context.view};
  const ThresholdSpec spec{.thresholds = PlotThresholds(context.params.Int("num_thresholds")),
                           .from_histogram = true};
  plan.finish = [key = context.key, matrices = UseMatrices(spec, &plan)](const Accumulator& state) {
    tfma::PlotData plot;
    *plot.mutable_confusion_matrix_at_thresholds() = MatricesToProto(matrices(state));
    return PlotResult(key, std::move(plot));
  };
  return plan;
}

// Counts of predictions above and below thresholds. The prediction itself stands as its label, as
// in TFMA: the ratios in the plot are then what a calibrated model would have.
class Scores final : public Accumulator {
 public:
  explicit Scores(const std::vector<double>& thresholds) : counts_(thresholds) {}
  Status Update(const Examples& examples) override {
    Examples labelled = examples;
    labelled.labels = examples.predictions;
    return counts_.Update(labelled);
  }
  void Merge(const Accumulator& other) override {
    counts_.Merge(static_cast<const Scores&>(other).counts_);
  }
  void Save(std::string* out) const override { counts_.Save(out); }
  Status Load(std::string_view bytes) override { return counts_.Load(bytes); }
  Matrices Finish() const { return counts_.Finish(); }

 private:
  ThresholdCounts counts_;
};

StatusOr<MetricPlan> ScorePlot(const MetricContext& context) {
  MetricPlan plan{.view = context.view};
  plan.view.needs_labels = false;
  const std::vector<double> thresholds = PlotThresholds(context.params.Int("num_thresholds"));
  plan.accumulator_id = fmt::format("scores {}", thresholds.size());
  plan.make = [thresholds] { return std::make_unique<Scores>(thresholds); };
  plan.finish = [key = context.key](const Accumulator& state) {
    tfma::PlotData plot;
    auto* matrices = plot.mutable_confusion_matrix_at_thresholds();
    *matrices = MatricesToProto(static_cast<const Scores&>(state).Finish());
    for (auto& m : *matrices->mutable_matrices()) {
      m.set_true_negatives(m.true_negatives() + m.false_negatives());
      m.set_true_positives(m.true_positives() + m.false_positives());
      m.set_false_negatives(0);
      m.set_false_positives(0);
      m.set_precision(0);
      m.set_recall(0);
    }
    return PlotResult(key, std::move(plot));
  };
  return plan;
}

tfma::PlotData CalibrationBuckets(const std::vector<double>& edges,
                                  const std::vector<HistogramBucket>& buckets) {
  tfma::PlotData plot;
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  for (size_t i = 0; i < buckets.size(); ++i) {
    auto* bucket = plot.mutable_calibration_histogram_buckets()->add_buckets();
    bucket->set_lower_threshold_inclusive(edges[i]);
    bucket->set_upper_threshold_exclusive(i + 1 < edges.size() ? edges[i + 1] : kInfinity);
    bucket->mutable_total_weighted_label()->set_value(buckets[i].weighted_labels);
    bucket->mutable_total_weighted_refined_prediction()->set_value(buckets[i].weighted_predictions);
    bucket->mutable_num_weighted_examples()->set_value(buckets[i].weight);
  }
  return plot;
}

StatusOr<MetricPlan> CalibrationPlot(const MetricContext& context) {
  const ParamValues& params = context.params;
  const double left = params.Has("left") ? params.Float("left") : context.label_min.value_or(0.0);
  const double right =
      params.Has("right") ? params.Float("right") : context.label_max.value_or(1.0);
  if (!(left < right)) {
    return InvalidArgumentError("the range of the plot is empty: left {} is not below right {}",
                                left, right);
  }
  const int64_t n = params.Int("num_buckets");
  std::vector<double> edges = {-std::numeric_limits<double>::infinity()};
  for (int64_t i = 0; i <= n; ++i) {
    edges.push_back(left + static_cast<double>(i) * (right - left) / static_cast<double>(n));
  }
  MetricPlan plan{.view = context.view};
  plan.view.fractional_labels = left == 0.0 && right == 1.0;
  UseHistogram(left, right, &plan);
  plan.finish = [key = context.key, edges](const Accumulator& state) {
    const auto& histogram = static_cast<const Histogram&>(state);
    return PlotResult(key, CalibrationBuckets(edges, histogram.Rebin(edges)));
  };
  return plan;
}

}  // namespace

void Register(MetricRegistry& registry) {
  registry.Add({.name = "ConfusionMatrixPlot",
                .doc = "Confusion matrices at even thresholds: ROC and precision-recall curves",
                .default_name = "confusion_matrix_plot",
                .params = {NumThresholds()},
                .is_plot = true,
                .aggregation_in_key = false,
                .plan = MatrixPlot});
  registry.Add({.name = "ScoreDistributionPlot",
                .doc = "How many predictions lie above and below even thresholds; labels are not "
                       "read",
                .default_name = "score_distribution_plot",
                .params = {NumThresholds()},
                .is_plot = true,
                .aggregation_in_key = false,
                .plan = ScorePlot});
  registry.Add({.name = "CalibrationPlot",
                .doc = "Labels and predictions summed by buckets of the prediction",
                .default_name = "calibration_plot",
                .params = {{.name = "num_buckets",
                            .type = ParamType::kInt,
                            .default_value = 1000,
                            .doc = "Buckets of the plot",
                            .min = 1,
                            .max = 10000},
                           {.name = "left",
                            .type = ParamType::kFloat,
                            .doc = "Start of the range; default: the label's least value by the "
                                   "schema, else 0"},
                           {.name = "right",
                            .type = ParamType::kFloat,
                            .doc = "End of the range; default: the label's largest value by the "
                                   "schema, else 1"}},
                .is_plot = true,
                .aggregation_in_key = false,
                .plan = CalibrationPlot});
}

}  // namespace bessemer::evaluation::plots
