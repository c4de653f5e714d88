#include <cmath>

#include "bessemer/evaluation/metric.h"

namespace bessemer::evaluation::regression {
namespace {

struct Error {
  const char* class_name;
  const char* name;
  const char* id;
  const char* doc;
  // Error of one element; NaN: the element does not count.
  double (*element)(double label, double prediction);
  bool per_element;  // the mean is over elements, not over examples
};

double Absolute(double l, double p) { return std::abs(l - p); }
double Squared(double l, double p) { return (l - p) * (l - p); }
double Percentage(double l, double p) { return l == 0 ? NAN : 100 * std::abs((l - p) / l); }
double SquaredLog(double l, double p) {
  const double d = std::log1p(p) - std::log1p(l);
  return d * d;
}

const Error kErrors[] = {
    {"MeanAbsoluteError", "mean_absolute_error", "absolute error",
     "Mean of |label - prediction|, summed over the elements of an example", Absolute, false},
    {"MeanSquaredError", "mean_squared_error", "squared error",
     "Mean of (label - prediction)^2, summed over the elements of an example", Squared, false},
    {"MeanAbsolutePercentageError", "mean_absolute_percentage_error", "percentage error",
     "Mean of 100 |label - prediction| / |label|; elements whose label is 0 are left out", Percentage,
     true},
    {"MeanSquaredLogarithmicError", "mean_squared_logarithmic_error", "squared log error",
     "Mean of (ln(1 + label) - ln(1 + prediction))^2; NaN below -1", SquaredLog, false},
};

StatusOr<MetricPlan> ErrorPlan(const MetricContext& context, const Error& error) {
  ViewSpec view = context.view;
  view.flatten = !view.class_weights.empty();
  return SumsPlan(
      context, view, error.id, 2,
      [&error](const Examples& examples, std::span<double> sums) -> Status {
        for (int64_t i = 0; i < examples.num_rows; ++i) {
          const auto labels = examples.labels.row(i);
          const auto predictions = examples.predictions.row(i);
          if (labels.size() != predictions.size()) {
            return InvalidArgumentError("{} labels for {} predictions in one example",
                                        labels.size(), predictions.size());
          }
          double total = 0, elements = 0;
          for (size_t j = 0; j < labels.size(); ++j) {
            if (error.per_element && labels[j] == 0) continue;
            total += error.element(labels[j], predictions[j]);
            elements += 1;
          }
          if (error.per_element) total = elements > 0 ? total / elements : 0;
          sums[0] += examples.weights[i] * total;
          sums[1] += examples.weights[i] * (error.per_element && elements == 0 ? 0 : 1);
        }
        return OkStatus();
      },
      [](std::span<const double> sums) { return Ratio(sums[0], sums[1]); });
}

// Weighted sums of 1, l, p, l², p², lp and (l - p)²; the last has no cancellation.
enum Moment { kWeight, kL, kP, kLL, kPP, kLP, kResidual, kNumMoments };

Status AddMoments(const Examples& examples, std::span<double> sums) {
  for (int64_t i = 0; i < examples.num_rows; ++i) {
    const double l = examples.labels.values[i], p = examples.predictions.values[i];
    const double w = examples.weights[i];
    sums[kWeight] += w;
    sums[kL] += w * l;
    sums[kP] += w * p;
    sums[kLL] += w * l * l;
    sums[kPP] += w * p * p;
    sums[kLP] += w * l * p;
    sums[kResidual] += w * (l - p) * (l - p);
  }
  return OkStatus();
}

double SquaredCorrelation(std::span<const double> s) {
  const double n = s[kWeight];
  const double covariance = n * s[kLP] - s[kL] * s[kP];
  const double label_variance = n * s[kLL] - s[kL] * s[kL];
  const double prediction_variance = n * s[kPP] - s[kP] * s[kP];
  // Rounding leaves a constant column a little above 0.
  const double tiny = 1e-12;
  if (label_variance <= tiny * n * s[kLL] || prediction_variance <= tiny * n * s[kPP]) return NAN;
  return covariance * covariance / (label_variance * prediction_variance);
}

double R2(std::span<const double> s) {
  return 1 - Ratio(s[kResidual], s[kLL] - s[kL] * s[kL] / s[kWeight]);
}

void AddMomentClass(MetricRegistry& registry, const char* class_name, const char* name,
                    const char* doc, double (*value)(std::span<const double>)) {
  registry.Add({.name = class_name,
                .doc = doc,
                .default_name = name,
                .aggregation_in_key = false,
                .plan = [value](const MetricContext& context) -> StatusOr<MetricPlan> {
                  return SumsPlan(context, context.view, "moments", kNumMoments, AddMoments, value);
                }});
}

}  // namespace

void Register(MetricRegistry& registry) {
  for (const Error& error : kErrors) {
    registry.Add({.name = error.class_name,
                  .doc = error.doc,
                  .default_name = error.name,
                  .aggregation_in_key = false,
                  .plan = [&error](const MetricContext& context) {
                    return ErrorPlan(context, error);
                  }});
  }
  AddMomentClass(registry, "SquaredPearsonCorrelation", "squared_pearson_correlation",
                 "Weighted r^2 of labels and predictions; NaN if either is constant",
                 SquaredCorrelation);
  AddMomentClass(registry, "RootMeanSquaredError", "root_mean_squared_error",
                 "Square root of the mean of (label - prediction)^2 over all elements",
                 [](std::span<const double> s) {
                   return std::sqrt(Ratio(s[kResidual], s[kWeight]));
                 });
  AddMomentClass(registry, "R2Score", "r2_score",
                 "1 - residual sum of squares by total sum of squares; NaN if labels are constant",
                 R2);
}

}  // namespace bessemer::evaluation::regression
