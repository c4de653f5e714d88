#include <algorithm>
#include <cmath>

#include "bessemer/evaluation/metric.h"
#include "bessemer/base/json_text.h"

// Metrics with Keras' names and definitions: the weighted mean over examples of a loss of the label
// and prediction vectors. Keras computes in 32 bits, this in 64: the results agree to about 1e-6.

namespace bessemer::evaluation::keras {
namespace {

constexpr double kEpsilon = 1e-7;
using Row = std::span<const double>;

double Clip(double p) { return std::clamp(p, kEpsilon, 1 - kEpsilon); }

// Mean over elements.
template <double (*Element)(double, double)>
double MeanOf(Row labels, Row predictions, const ParamValues&) {
  double sum = 0;
  for (size_t i = 0; i < labels.size(); ++i) sum += Element(labels[i], predictions[i]);
  return sum / static_cast<double>(labels.size());
}

// Labels 0 and 1 stand for -1 and 1.
double Sign(double label) { return label == 0 ? -1.0 : label; }
double HingeOf(double l, double p) { return std::max(1 - Sign(l) * p, 0.0); }
double SquaredHingeOf(double l, double p) { return HingeOf(l, p) * HingeOf(l, p); }
double PoissonOf(double l, double p) { return p - l * std::log(p + kEpsilon); }
double EqualOf(double l, double p) { return l == p ? 1.0 : 0.0; }
double LogCoshOf(double l, double p) {  // log(cosh(x)) without overflow
  const double x = std::abs(p - l);
  return x + std::log1p(std::exp(-2 * x)) - std::log(2.0);
}

double BinaryCrossentropy(Row labels, Row predictions, const ParamValues& params) {
  const double smoothing = params.Float("label_smoothing");
  const bool logits = params.Bool("from_logits");
  double sum = 0;
  for (size_t i = 0; i < labels.size(); ++i) {
    const double l = labels[i] * (1 - smoothing) + 0.5 * smoothing;
    const double x = predictions[i];
    if (logits) {
      sum += std::max(x, 0.0) - x * l + std::log1p(std::exp(-std::abs(x)));
    } else {
      // In 32 bits, where 1 - (1 - epsilon) is more than epsilon: that shows at predictions of 1.
      constexpr auto epsilon = static_cast<float>(kEpsilon);
      const float p = std::clamp(static_cast<float>(x), epsilon, 1 - epsilon);
      sum -= l * std::log(static_cast<double>(p + epsilon)) +
             (1 - l) * std::log(static_cast<double>(1 - p + epsilon));
    }
  }
  return sum / static_cast<double>(labels.size());
}

double LogSumExp(Row x) {
  const double largest = *std::max_element(x.begin(), x.end());
  double sum = 0;
  for (const double v : x) sum += std::exp(v - largest);
  return largest + std::log(sum);
}

double CategoricalCrossentropy(Row labels, Row predictions, const ParamValues& params) {
  const double smoothing = params.Float("label_smoothing");
  const bool logits = params.Bool("from_logits");
  const auto n = static_cast<double>(labels.size());
  double total = 0, loss = 0;
  for (const double p : predictions) total += p;
  const double normaliser = logits ? LogSumExp(predictions) : 0;
  for (size_t i = 0; i < labels.size(); ++i) {
    const double l = labels[i] * (1 - smoothing) + smoothing / n;
    loss -= l * (logits ? predictions[i] - normaliser : std::log(Clip(predictions[i] / total)));
  }
  return loss;
}

double SparseCrossentropy(Row labels, Row predictions, const ParamValues& params) {
  const auto id = static_cast<size_t>(labels[0]);
  if (params.Bool("from_logits")) return LogSumExp(predictions) - predictions[id];
  double total = 0;
  for (const double p : predictions) total += Clip(p);
  return std::log(total) - std::log(Clip(predictions[id]));
}

double CosineSimilarity(Row labels, Row predictions, const ParamValues&) {
  double dot = 0, ll = 0, pp = 0;
  for (size_t i = 0; i < labels.size(); ++i) {
    dot += labels[i] * predictions[i];
    ll += labels[i] * labels[i];
    pp += predictions[i] * predictions[i];
  }
  return dot / std::sqrt(std::max(ll, 1e-12)) / std::sqrt(std::max(pp, 1e-12));
}

double Divergence(Row labels, Row predictions, const ParamValues&) {
  double sum = 0;
  for (size_t i = 0; i < labels.size(); ++i) {
    const double l = std::clamp(labels[i], kEpsilon, 1.0);
    sum += l * std::log(l / std::clamp(predictions[i], kEpsilon, 1.0));
  }
  return sum;
}

double CategoricalHinge(Row labels, Row predictions, const ParamValues&) {
  double positive = 0, negative = -INFINITY;
  for (size_t i = 0; i < labels.size(); ++i) {
    positive += labels[i] * predictions[i];
    negative = std::max(negative, (1 - labels[i]) * predictions[i]);
  }
  return std::max(negative - positive + 1, 0.0);
}

size_t Largest(Row row) {
  return static_cast<size_t>(std::max_element(row.begin(), row.end()) - row.begin());
}

// Whether fewer than k predictions are larger than that of the class.
double InTop(size_t id, Row predictions, int64_t k) {
  int64_t larger = 0;
  for (const double p : predictions) larger += p > predictions[id];
  return larger < k ? 1.0 : 0.0;
}

double CategoricalAccuracy(Row labels, Row predictions, const ParamValues&) {
  return Largest(labels) == Largest(predictions) ? 1.0 : 0.0;
}
double SparseAccuracy(Row labels, Row predictions, const ParamValues&) {
  return static_cast<size_t>(labels[0]) == Largest(predictions) ? 1.0 : 0.0;
}
double TopKAccuracy(Row labels, Row predictions, const ParamValues& params) {
  return InTop(Largest(labels), predictions, params.Int("k"));
}
double SparseTopKAccuracy(Row labels, Row predictions, const ParamValues& params) {
  return InTop(static_cast<size_t>(labels[0]), predictions, params.Int("k"));
}

struct Loss {
  const char* class_name;
  const char* name;
  const char* doc;
  double (*value)(Row labels, Row predictions, const ParamValues& params);
  bool sparse;  // the label is a class id
  enum { kPlain, kCrossentropy, kSparseCrossentropy, kTopK } params;
};

const Loss kLosses[] = {
    {"BinaryCrossentropy", "binary_crossentropy",
     "Binary cross entropy of predictions clipped to [1e-7, 1 - 1e-7]", BinaryCrossentropy, false,
     Loss::kCrossentropy},
    {"CategoricalCrossentropy", "categorical_crossentropy",
     "Cross entropy of one-hot labels, predictions scaled to a sum of 1 and clipped",
     CategoricalCrossentropy, false, Loss::kCrossentropy},
    {"SparseCategoricalCrossentropy", "sparse_categorical_crossentropy",
     "Cross entropy of class ids", SparseCrossentropy, true, Loss::kSparseCrossentropy},
    {"CategoricalAccuracy", "categorical_accuracy",
     "Share of examples whose largest prediction is of the class of the largest label",
     CategoricalAccuracy, false, Loss::kPlain},
    {"SparseCategoricalAccuracy", "sparse_categorical_accuracy",
     "Share of examples whose largest prediction is of the class the label names", SparseAccuracy,
     true, Loss::kPlain},
    {"TopKCategoricalAccuracy", "top_k_categorical_accuracy",
     "Share of examples whose class is among the k largest predictions", TopKAccuracy, false,
     Loss::kTopK},
    {"SparseTopKCategoricalAccuracy", "sparse_top_k_categorical_accuracy",
     "The same for class ids", SparseTopKAccuracy, true, Loss::kTopK},
    {"Accuracy", "accuracy", "Share of values that equal their label", MeanOf<EqualOf>, false,
     Loss::kPlain},
    {"Hinge", "hinge", "Mean of max(1 - l p, 0), labels 0 taken as -1", MeanOf<HingeOf>, false,
     Loss::kPlain},
    {"SquaredHinge", "squared_hinge", "Mean of max(1 - l p, 0)^2, labels 0 taken as -1",
     MeanOf<SquaredHingeOf>, false, Loss::kPlain},
    {"CategoricalHinge", "categorical_hinge",
     "max(largest wrong prediction - prediction of the class + 1, 0)", CategoricalHinge, false,
     Loss::kPlain},
    {"CosineSimilarity", "cosine_similarity", "Cosine of the angle of label and prediction",
     CosineSimilarity, false, Loss::kPlain},
    {"KLDivergence", "kullback_leibler_divergence",
     "Sum of l ln(l / p), both clipped to [1e-7, 1]", Divergence, false, Loss::kPlain},
    {"Poisson", "poisson", "Mean of p - l ln(p + 1e-7)", MeanOf<PoissonOf>, false, Loss::kPlain},
    {"LogCoshError", "logcosh", "Mean of ln cosh(p - l)", MeanOf<LogCoshOf>, false, Loss::kPlain},
};

std::vector<Param> ParamsOf(const Loss& loss) {
  std::vector<Param> params;
  if (loss.params == Loss::kCrossentropy || loss.params == Loss::kSparseCrossentropy) {
    params.push_back({.name = "from_logits",
                      .type = ParamType::kBool,
                      .default_value = false,
                      .doc = "Predictions are logits, not probabilities"});
  }
  if (loss.params == Loss::kCrossentropy) {
    params.push_back({.name = "label_smoothing",
                      .type = ParamType::kFloat,
                      .default_value = 0.0,
                      .doc = "Moves labels this far towards the middle",
                      .min = 0,
                      .max = 1});
  }
  if (loss.params == Loss::kTopK) {
    params.push_back({.name = "k",
                      .type = ParamType::kInt,
                      .default_value = 5,
                      .doc = "How many predictions count",
                      .min = 1});
  }
  return params;
}

Status CheckRow(const Loss& loss, Row labels, Row predictions) {
  if (!loss.sparse && labels.size() == predictions.size() && !labels.empty()) return OkStatus();
  if (!loss.sparse) {
    return InvalidArgumentError("{} needs one label for each prediction, got {} for {}",
                                loss.class_name, labels.size(), predictions.size());
  }
  const auto n = static_cast<double>(predictions.size());
  if (labels.size() == 1 && labels[0] >= 0 && labels[0] < n) return OkStatus();
  return InvalidArgumentError("{} needs one class id in [0, {}) as label", loss.class_name, n);
}

StatusOr<MetricPlan> PlanOf(const MetricContext& context, const Loss& loss) {
  ViewSpec view = context.view;
  view.flatten = view.aggregated;  // a micro average takes each class as an example
  return SumsPlan(
      context, view, fmt::format("keras {} {}", loss.class_name, JsonText(context.params.json())),
      2,
      [&loss, params = context.params](const Examples& examples, std::span<double> sums) -> Status {
        for (int64_t i = 0; i < examples.num_rows; ++i) {
          const Row labels = examples.labels.row(i), predictions = examples.predictions.row(i);
          BESSEMER_RETURN_IF_ERROR(CheckRow(loss, labels, predictions));
          sums[0] += examples.weights[i] * loss.value(labels, predictions, params);
          sums[1] += examples.weights[i];
        }
        return OkStatus();
      },
      [](std::span<const double> sums) { return Ratio(sums[0], sums[1]); });
}

}  // namespace

void Register(MetricRegistry& registry) {
  for (const Loss& loss : kLosses) {
    registry.Add({.name = loss.class_name,
                  .doc = loss.doc,
                  .default_name = loss.name,
                  .params = ParamsOf(loss),
                  .aggregation_in_key = false,
                  .plan = [&loss](const MetricContext& context) { return PlanOf(context, loss); }});
  }
}

}  // namespace bessemer::evaluation::keras
