#include <algorithm>
#include <cmath>

#include "bessemer/evaluation/metric.h"

namespace bessemer::evaluation::cross_entropy {
namespace {

double Binary(double label, double p) {
  return -(label * std::log(p)) - (1 - label) * std::log(1 - p);
}

// y = label, x = logit: max(x, 0) - x y + log(1 + exp(-|x|)), which does not overflow.
double FromLogit(double label, double x) {
  return std::max(x, 0.0) - x * label + std::log1p(std::exp(-std::abs(x)));
}

// Weighted mean of a loss of (label, prediction) pairs.
template <typename Loss>
MetricPlan PairPlan(const MetricContext& context, const std::string& id, bool probabilities,
                    Loss loss) {
  ViewSpec view = context.view;
  view.probabilities = probabilities;
  return SumsPlan(
      context, view, id, 2,
      [loss](const Examples& examples, std::span<double> sums) -> Status {
        for (int64_t i = 0; i < examples.num_rows; ++i) {
          const double weight = examples.weights[i];
          sums[0] += weight * loss(examples.labels.values[i], examples.predictions.values[i]);
          sums[1] += weight;
        }
        return OkStatus();
      },
      [](std::span<const double> sums) { return Ratio(sums[0], sums[1]); });
}

StatusOr<MetricPlan> BinaryPlan(const MetricContext& context) {
  const double smoothing = context.params.Float("label_smoothing");
  const bool logits = context.params.Bool("from_logits");
  return PairPlan(context, fmt::format("binary cross entropy {} {}", smoothing, logits),
                  /*probabilities=*/!logits, [=](double label, double prediction) {
                    label = label * (1 - smoothing) + 0.5 * smoothing;
                    return logits ? FromLogit(label, prediction) : Binary(label, prediction);
                  });
}

StatusOr<MetricPlan> LogLossPlan(const MetricContext& context) {
  const double epsilon = context.params.Float("epsilon");
  return PairPlan(context, fmt::format("log loss {}", epsilon), /*probabilities=*/true,
                  [epsilon](double label, double p) {
                    return Binary(label, std::clamp(p, epsilon, 1 - epsilon));
                  });
}

StatusOr<MetricPlan> BrierPlan(const MetricContext& context) {
  return PairPlan(context, "brier", /*probabilities=*/true,
                  [](double label, double p) { return (label - p) * (label - p); });
}

Status AddCategorical(const Examples& examples, std::span<double> sums, double smoothing,
                      bool logits) {
  std::vector<double> p;
  for (int64_t i = 0; i < examples.num_rows; ++i) {
    const auto labels = examples.labels.row(i);
    const auto predictions = examples.predictions.row(i);
    if (labels.size() != predictions.size()) {
      return InvalidArgumentError(
          "categorical cross entropy wants one label a class, got {} labels for {} predictions; "
          "for class ids use SparseCategoricalCrossentropy",
          labels.size(), predictions.size());
    }
    const double largest =
        logits && !predictions.empty() ? *std::max_element(predictions.begin(), predictions.end())
                                       : 0;
    p.assign(predictions.begin(), predictions.end());
    double total = 0;
    for (double& x : p) {
      if (logits) x = std::exp(x - largest);
      total += x;
    }
    double loss = 0;
    for (size_t c = 0; c < p.size(); ++c) {
      const double label = labels[c] * (1 - smoothing) + smoothing / static_cast<double>(p.size());
      if (p[c] > 0) loss -= label * std::log(p[c] / total);  // log of 0 is left out, as in TFMA
    }
    sums[0] += examples.weights[i] * loss;
    sums[1] += examples.weights[i];
  }
  return OkStatus();
}

StatusOr<MetricPlan> CategoricalPlan(const MetricContext& context) {
  const double smoothing = context.params.Float("label_smoothing");
  const bool logits = context.params.Bool("from_logits");
  ViewSpec view = context.view;
  view.flatten = false;
  return SumsPlan(
      context, view, fmt::format("categorical cross entropy {} {}", smoothing, logits), 2,
      [=](const Examples& examples, std::span<double> sums) {
        return AddCategorical(examples, sums, smoothing, logits);
      },
      [](std::span<const double> sums) { return Ratio(sums[0], sums[1]); });
}

std::vector<Param> LossParams() {
  return {{.name = "from_logits",
           .type = ParamType::kBool,
           .default_value = false,
           .doc = "Predictions are logits, not probabilities"},
          {.name = "label_smoothing",
           .type = ParamType::kFloat,
           .default_value = 0.0,
           .doc = "Moves labels this far towards the middle",
           .min = 0,
           .max = 1}};
}

}  // namespace

void Register(MetricRegistry& registry) {
  registry.Add({.name = "BinaryCrossEntropy",
                .doc = "Mean of -(l ln p + (1 - l) ln(1 - p)), not clipped: infinite or NaN at p "
                       "of 0 "
                       "or 1. LogLoss clips",
                .default_name = "binary_crossentropy",
                .params = LossParams(),
                .aggregation_in_key = false,
                .plan = BinaryPlan});
  registry.Add({.name = "CategoricalCrossEntropy",
                .doc = "Mean of -sum(l ln p) over classes, predictions scaled to a sum of 1",
                .default_name = "categorical_crossentropy",
                .params = LossParams(),
                .aggregation_in_key = false,
                .plan = CategoricalPlan});
  registry.Add({.name = "LogLoss",
                .doc = "Binary cross entropy of predictions clipped to [epsilon, 1 - epsilon]",
                .default_name = "log_loss",
                .params = {{.name = "epsilon",
                            .type = ParamType::kFloat,
                            .default_value = 1e-15,
                            .doc = "How far predictions are kept from 0 and 1",
                            .min = 0,
                            .max = 0.5}},
                .plan = LogLossPlan});
  registry.Add({.name = "BrierScore",
                .doc = "Mean squared distance of the predicted probability from the label",
                .default_name = "brier_score",
                .plan = BrierPlan});
}

}  // namespace bessemer::evaluation::cross_entropy
