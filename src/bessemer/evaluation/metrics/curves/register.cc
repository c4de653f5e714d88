#include <algorithm>
#include <cmath>
#include <limits>

#include "bessemer/evaluation/matrices.h"

namespace bessemer::evaluation::curves {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// Adds what is a number, as the reference does: an undefined part of a curve has no area.
void AddIfNumber(double x, double* sum) {
  if (!std::isnan(x)) *sum += x;
}

// J. Davis and M. Goadrich, "The Relationship Between Precision-Recall and ROC Curves", ICML 2006:
// between two points true and false positives are interpolated, not their ratio.
double PrecisionRecallArea(const Matrices& m) {
  double area = 0;
  for (size_t i = 0; i + 1 < m.thresholds.size(); ++i) {
    const double d_tp = m.tp[i] - m.tp[i + 1];
    const double p = m.tp[i] + m.fp[i];
    const double next_p = m.tp[i + 1] + m.fp[i + 1];
    const double slope = d_tp / std::max(p - next_p, 0.0);
    const double intercept = m.tp[i + 1] - slope * next_p;
    const double ratio = p > 0 && next_p > 0 ? p / next_p : 1.0;
    AddIfNumber(slope * (d_tp + intercept * std::log(ratio)) /
                    std::max(m.tp[i + 1] + m.fn[i + 1], 0.0),
                &area);
  }
  return area;
}

enum class Summation { kInterpolation, kMinoring, kMajoring };

double Height(double a, double b, Summation summation) {
  if (std::isnan(a) || std::isnan(b)) return kNaN;
  switch (summation) {
    case Summation::kMinoring:
      return std::min(a, b);
    case Summation::kMajoring:
      return std::max(a, b);
    default:
      return (a + b) / 2;
  }
}

double Area(const Matrices& m, bool precision_recall, Summation summation) {
  if (precision_recall && summation == Summation::kInterpolation) return PrecisionRecallArea(m);
  double area = 0;
  double last_x = 0, last_y = 0;
  for (size_t i = 0; i < m.thresholds.size(); ++i) {
    const double recall = Ratio(m.tp[i], m.tp[i] + m.fn[i]);
    const double x = precision_recall ? recall : Ratio(m.fp[i], m.fp[i] + m.tn[i]);
    const double y = precision_recall ? Ratio(m.tp[i], m.tp[i] + m.fp[i]) : recall;
    if (i > 0) AddIfNumber((last_x - x) * Height(last_y, y, summation), &area);
    last_x = x;
    last_y = y;
  }
  return area;
}

// A plan that reads one value from the matrices of many thresholds.
StatusOr<MetricPlan> CurvePlan(const MetricContext& context,
                               std::function<Value(const Matrices&)> value) {
  MetricPlan plan{.view = context.view};
  MetricKey key = context.key;
  BESSEMER_RETURN_IF_ERROR(ApplySubKeyParams(context, &plan.view, &key));
  BESSEMER_ASSIGN_OR_RETURN(const ThresholdSpec spec,
                            ThresholdsOf(context, plan.view, std::nullopt));
  plan.finish = [key, value = std::move(value),
                 matrices = UseMatrices(spec, &plan)](const Accumulator& state) {
    return std::vector<std::pair<MetricKey, Value>>{{key, value(matrices(state))}};
  };
  return plan;
}

StatusOr<MetricPlan> AreaPlan(const MetricContext& context, bool precision_recall) {
  const std::string method = context.params.String("summation_method");
  const Summation summation = method == "minoring"   ? Summation::kMinoring
                              : method == "majoring" ? Summation::kMajoring
                                                     : Summation::kInterpolation;
  return CurvePlan(context, [precision_recall, summation](const Matrices& m) -> Value {
    return Area(m, precision_recall, summation);
  });
}

Param SummationParam() {
  return {.name = "summation_method",
          .type = ParamType::kString,
          .default_value = "interpolation",
          .doc = "Height between two points: their mean, the smaller or the larger",
          .choices = {"interpolation", "minoring", "majoring"}};
}

using Curve = double (*)(const Matrices&, size_t);

double Sensitivity(const Matrices& m, size_t i) { return Ratio(m.tp[i], m.tp[i] + m.fn[i]); }
double Specificity(const Matrices& m, size_t i) { return Ratio(m.tn[i], m.tn[i] + m.fp[i]); }
double Precision(const Matrices& m, size_t i) { return Ratio(m.tp[i], m.tp[i] + m.fp[i]); }
double FalsePositiveRate(const Matrices& m, size_t i) { return Ratio(m.fp[i], m.fp[i] + m.tn[i]); }
double Threshold(const Matrices& m, size_t i) { return m.thresholds[i]; }

struct Constraint {
  const char* class_name;
  const char* name;
  const char* param;
  const char* doc;
  Curve constrained;
  Curve dependent;
  bool at_most;
};

const Constraint kConstraints[] = {
    {"SensitivityAtSpecificity", "sensitivity_at_specificity", "specificity",
     "The best sensitivity where specificity is at least the value; 0 if it is nowhere",
     Specificity, Sensitivity, false},
    {"SpecificityAtSensitivity", "specificity_at_sensitivity", "sensitivity",
     "The best specificity where sensitivity is at least the value; 0 if it is nowhere",
     Sensitivity, Specificity, false},
    {"PrecisionAtRecall", "precision_at_recall", "recall",
     "The best precision where recall is at least the value; 0 if it is nowhere", Sensitivity,
     Precision, false},
    {"RecallAtPrecision", "recall_at_precision", "precision",
     "The best recall where precision is at least the value; 0 if it is nowhere", Precision,
     Sensitivity, false},
    {"RecallAtFalsePositiveRate", "recall_at_false_positive_rate", "false_positive_rate",
     "The best recall where the false positive rate is at most the value; 0 if it is nowhere",
     FalsePositiveRate, Sensitivity, true},
    {"ThresholdAtRecall", "threshold_at_recall", "recall",
     "The largest threshold where recall is at least the value; 0 if it is nowhere", Sensitivity,
     Threshold, false},
};

// The largest dependent value over the thresholds that satisfy the constraint; NaN ones do not
// count unless there is nothing else.
double Best(const Matrices& m, const Constraint& constraint, double bound) {
  bool feasible = false;
  double best = kNaN;
  for (size_t i = 0; i < m.thresholds.size(); ++i) {
    const double value = constraint.constrained(m, i);
    if (!(constraint.at_most ? value <= bound : value >= bound)) continue;
    feasible = true;
    best = std::fmax(best, constraint.dependent(m, i));
  }
  return feasible ? best : 0.0;
}

StatusOr<MetricPlan> ConstraintPlan(const MetricContext& context, const Constraint& constraint) {
  BESSEMER_ASSIGN_OR_RETURN(const auto bounds, NumbersParam(context.params, constraint.param));
  const bool list = context.params.Value(constraint.param).is_array();
  return CurvePlan(context, [&constraint, bounds = *bounds, list](const Matrices& m) -> Value {
    NumberArray values;
    for (const double bound : bounds) values.values.push_back(Best(m, constraint, bound));
    return list ? Value(values) : Value(values.values[0]);
  });
}

}  // namespace

void Register(MetricRegistry& registry) {
  std::vector<Param> params = ThresholdParams();
  params.push_back(SummationParam());
  registry.Add({.name = "AUCPrecisionRecall",
                .doc = "Area under the precision-recall curve (AUC with curve PR)",
                .default_name = "auc_precision_recall",
                .params = params,
                .plan = [](const MetricContext& context) { return AreaPlan(context, true); }});
  params.push_back({.name = "curve",
                    .type = ParamType::kString,
                    .default_value = "ROC",
                    .doc = "The curve whose area is taken",
                    .choices = {"ROC", "PR", "roc", "pr"}});
  registry.Add({.name = "AUC",
                .doc = "Area under the ROC or precision-recall curve at the thresholds, as TFMA "
                       "computes it; 0 where only one class occurs. ExactAUC knows no thresholds",
                .default_name = "auc",
                .params = params,
                .plan = [](const MetricContext& context) {
                  const std::string curve = context.params.String("curve");
                  return AreaPlan(context, curve == "PR" || curve == "pr");
                }});
  for (const Constraint& constraint : kConstraints) {
    std::vector<Param> own = ThresholdParams();
    own.push_back({.name = constraint.param,
                   .type = ParamType::kAny,
                   .doc = "The bound, in [0, 1], or a list of them",
                   .required = true});
    registry.Add({.name = constraint.class_name,
                  .doc = constraint.doc,
                  .default_name = constraint.name,
                  .params = own,
                  .plan = [&constraint](const MetricContext& context) {
                    return ConstraintPlan(context, constraint);
                  }});
  }
}

}  // namespace bessemer::evaluation::curves
