#include <cmath>

#include "bessemer/evaluation/matrices.h"

namespace bessemer::evaluation::confusion_matrix {
namespace {

// Sums of weights: true and false positives and negatives.
struct Counts {
  double tp, tn, fp, fn;
  double positives() const { return tp + fn; }
  double negatives() const { return tn + fp; }
  double all() const { return tp + tn + fp + fn; }
  double tpr() const { return Ratio(tp, positives()); }
  double tnr() const { return Ratio(tn, negatives()); }
  double fpr() const { return Ratio(fp, negatives()); }
  double fnr() const { return Ratio(fn, positives()); }
  double ppv() const { return Ratio(tp, tp + fp); }
  double npv() const { return Ratio(tn, tn + fn); }
};

// Square root of what is never negative but for rounding.
double Root(double x) { return std::sqrt(x < 0 && x > -1e-12 ? 0 : x); }

double PrevalenceThreshold(const Counts& c) {
  const double denominator = c.tpr() + c.tnr() - 1;
  if (denominator == 0) return std::nan("");
  return (Root(c.tpr() * (1 - c.tnr())) + c.tnr() - 1) / denominator;
}

double Matthews(const Counts& c) {
  return Ratio(c.tp * c.tn - c.fp * c.fn, Root((c.tp + c.fp) * (c.tp + c.fn) * (c.tn + c.fp) *
                                               (c.tn + c.fn)));
}

struct Definition {
  const char* class_name;
  const char* alias;  // or null
  const char* name;
  const char* alias_name;
  const char* doc;
  double (*value)(const Counts&);
};

// Names, aliases and formulas as TFMA's. A ratio whose denominator is not positive is NaN.
const Definition kDefinitions[] = {
    {"TruePositives", "TP", "true_positives", "tp", "Weight of the true positives",
     [](const Counts& c) { return c.tp; }},
    {"TrueNegatives", "TN", "true_negatives", "tn", "Weight of the true negatives",
     [](const Counts& c) { return c.tn; }},
    {"FalsePositives", "FP", "false_positives", "fp", "Weight of the false positives",
     [](const Counts& c) { return c.fp; }},
    {"FalseNegatives", "FN", "false_negatives", "fn", "Weight of the false negatives",
     [](const Counts& c) { return c.fn; }},
    {"Precision", "PPV", "precision", "ppv", "tp / (tp + fp)",
     [](const Counts& c) { return c.ppv(); }},
    {"Recall", "TPR", "recall", "tpr", "tp / (tp + fn)", [](const Counts& c) { return c.tpr(); }},
    {"Specificity", "TNR", "specificity", "tnr", "tn / (tn + fp)",
     [](const Counts& c) { return c.tnr(); }},
    {"FallOut", "FPR", "fall_out", "fpr", "fp / (fp + tn)",
     [](const Counts& c) { return c.fpr(); }},
    {"MissRate", "FNR", "miss_rate", "fnr", "fn / (fn + tp)",
     [](const Counts& c) { return c.fnr(); }},
    {"NegativePredictiveValue", "NPV", "negative_predictive_value", "npv", "tn / (tn + fn)",
     [](const Counts& c) { return c.npv(); }},
    {"FalseDiscoveryRate", nullptr, "false_discovery_rate", nullptr, "fp / (fp + tp)",
     [](const Counts& c) { return Ratio(c.fp, c.fp + c.tp); }},
    {"FalseOmissionRate", nullptr, "false_omission_rate", nullptr, "fn / (fn + tn)",
     [](const Counts& c) { return Ratio(c.fn, c.fn + c.tn); }},
    {"Prevalence", nullptr, "prevalence", nullptr, "(tp + fn) / all",
     [](const Counts& c) { return Ratio(c.positives(), c.all()); }},
    {"PrevalenceThreshold", nullptr, "prevalence_threshold", nullptr,
     "(sqrt(tpr (1 - tnr)) + tnr - 1) / (tpr + tnr - 1); NaN if tpr + tnr is 1",
     PrevalenceThreshold},
    {"ThreatScore", nullptr, "threat_score", nullptr, "tp / (tp + fn + fp)",
     [](const Counts& c) { return Ratio(c.tp, c.tp + c.fn + c.fp); }},
    {"BalancedAccuracy", nullptr, "balanced_accuracy", nullptr, "(tpr + tnr) / 2",
     [](const Counts& c) { return (c.tpr() + c.tnr()) / 2; }},
    {"F1Score", nullptr, "f1_score", nullptr, "2 tp / (2 tp + fp + fn)",
     [](const Counts& c) { return Ratio(2 * c.tp, 2 * c.tp + c.fp + c.fn); }},
    {"MatthewsCorrelationCoefficient", nullptr, "matthews_correlation_coefficient", nullptr,
     "(tp tn - fp fn) / sqrt((tp + fp)(tp + fn)(tn + fp)(tn + fn))", Matthews},
    {"FowlkesMallowsIndex", nullptr, "fowlkes_mallows_index", nullptr, "sqrt(ppv tpr)",
     [](const Counts& c) { return Root(c.ppv() * c.tpr()); }},
    {"Informedness", nullptr, "informedness", nullptr, "tpr + tnr - 1",
     [](const Counts& c) { return c.tpr() + c.tnr() - 1; }},
    {"Markedness", nullptr, "markedness", nullptr, "ppv + npv - 1",
     [](const Counts& c) { return c.ppv() + c.npv() - 1; }},
    {"PositiveLikelihoodRatio", nullptr, "positive_likelihood_ratio", nullptr, "tpr / fpr",
     [](const Counts& c) { return Ratio(c.tpr(), c.fpr()); }},
    {"NegativeLikelihoodRatio", nullptr, "negative_likelihood_ratio", nullptr, "fnr / tnr",
     [](const Counts& c) { return Ratio(c.fnr(), c.tnr()); }},
    {"DiagnosticOddsRatio", nullptr, "diagnostic_odds_ratio", nullptr,
     "(tp / fn) / (fp / tn); NaN if fn, fp or tn is 0",
     [](const Counts& c) { return Ratio(Ratio(c.tp, c.fn), Ratio(c.fp, c.tn)); }},
    {"PredictedPositiveRate", nullptr, "predicted_positive_rate", nullptr, "(tp + fp) / all",
     [](const Counts& c) { return Ratio(c.tp + c.fp, c.all()); }},
};

StatusOr<MetricPlan> PlanOf(const MetricContext& context, double default_threshold,
                            double (*value)(const Counts&)) {
  MetricPlan plan{.view = context.view};
  MetricKey key = context.key;
  BESSEMER_RETURN_IF_ERROR(ApplySubKeyParams(context, &plan.view, &key));
  BESSEMER_ASSIGN_OR_RETURN(const ThresholdSpec spec,
                            ThresholdsOf(context, plan.view, default_threshold));
  plan.finish = [key, value, matrices = UseMatrices(spec, &plan)](const Accumulator& state) {
    const Matrices m = matrices(state);
    NumberArray values;
    for (size_t i = 0; i < m.thresholds.size(); ++i) {
      values.values.push_back(value({m.tp[i], m.tn[i], m.fp[i], m.fn[i]}));
    }
    const Value result = values.values.size() == 1 ? Value(values.values[0]) : Value(values);
    return std::vector<std::pair<MetricKey, Value>>{{key, result}};
  };
  return plan;
}

void AddClass(MetricRegistry& registry, const char* class_name, const char* name,
              const std::string& doc, double (*value)(const Counts&)) {
  registry.Add({.name = class_name,
                .doc = doc,
                .default_name = name,
                .params = ThresholdParams(),
                .plan = [value](const MetricContext& context) {
                  return PlanOf(context, 0.5, value);
                }});
}

StatusOr<MetricPlan> AccuracyPlan(const MetricContext& context) {
  return PlanOf(context, context.params.Float("threshold"),
                [](const Counts& c) { return Ratio(c.tp + c.tn, c.all()); });
}

StatusOr<MetricPlan> MaxRecallPlan(const MetricContext& context) {
  MetricPlan plan{.view = context.view};
  MetricKey key = context.key;
  BESSEMER_RETURN_IF_ERROR(ApplySubKeyParams(context, &plan.view, &key));
  plan.finish = [key, matrices = UseMatrices({.thresholds = {1e-12}}, &plan)](
                    const Accumulator& state) {
    const Matrices m = matrices(state);
    return std::vector<std::pair<MetricKey, Value>>{{key, Ratio(m.tp[0], m.tp[0] + m.fn[0])}};
  };
  return plan;
}

StatusOr<MetricPlan> MatricesPlan(const MetricContext& context) {
  MetricPlan plan{.view = context.view};
  MetricKey key = context.key;
  BESSEMER_RETURN_IF_ERROR(ApplySubKeyParams(context, &plan.view, &key));
  BESSEMER_ASSIGN_OR_RETURN(const ThresholdSpec spec, ThresholdsOf(context, plan.view, 0.5));
  plan.finish = [key, matrices = UseMatrices(spec, &plan)](const Accumulator& state) {
    return std::vector<std::pair<MetricKey, Value>>{{key, matrices(state)}};
  };
  return plan;
}

}  // namespace

void Register(MetricRegistry& registry) {
  for (const Definition& d : kDefinitions) {
    AddClass(registry, d.class_name, d.name, d.doc, d.value);
    if (d.alias) AddClass(registry, d.alias, d.alias_name, d.doc, d.value);
  }
  registry.Add({.name = "BinaryAccuracy",
                .doc = "(tp + tn) / all",
                .default_name = "binary_accuracy",
                .params = {{.name = "threshold",
                            .type = ParamType::kFloat,
                            .default_value = 0.5,
                            .doc = "Predictions above it are positive"},
                           TopKParam(),
                           ClassIdParam()},
                .plan = AccuracyPlan});
  registry.Add({.name = "MaxRecall",
                .doc = "Recall when every positive prediction counts: at the threshold 1e-12",
                .default_name = "max_recall",
                .params = {TopKParam(), ClassIdParam()},
                .plan = MaxRecallPlan});
  registry.Add({.name = "ConfusionMatrixAtThresholds",
                .doc = "The whole confusion matrix at each threshold",
                .default_name = "confusion_matrix_at_thresholds",
                .params = ThresholdParams(),
                .plan = MatricesPlan});
}

}  // namespace bessemer::evaluation::confusion_matrix
