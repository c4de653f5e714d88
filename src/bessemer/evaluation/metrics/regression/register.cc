#include <cmath>
#include <limits>

#include "bessemer/evaluation/metric.h"

namespace bessemer::evaluation::regression {
namespace {

struct Error {
  const char* class_name;
  const char* name;
  const char* id;
  const char* doc;
  double (*element)(double label, double prediction);  // NaN: the element does not count
};

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

double Absolute(double l, double p) { return std::abs(l - p); }
double Squared(double l, double p) { return (l - p) * (l - p); }
double Percentage(double l, double p) { return l == 0 ? kNaN : 100 * std::abs((l - p) / l); }
double SquaredLog(double l, double p) {
  const double d = std::log1p(p) - std::log1p(l);
  return d * d;
}

const Error kErrors[] = {
    {"MeanAbsoluteError", "mean_absolute_error", "absolute error", "Mean of |label - prediction|",
     Absolute},
    {"MeanSquaredError", "mean_squared_error", "squared error", "Mean of (label - prediction)^2",
     Squared},
    {"MeanAbsolutePercentageError", "mean_absolute_percentage_error", "percentage error",
     "Mean of 100 |label - prediction| / |label|; labels of 0 are left out", Percentage},
    {"MeanSquaredLogarithmicError", "mean_squared_logarithmic_error", "squared log error",
     "Mean of (ln(1 + label) - ln(1 + prediction))^2; values below -1 are left out", SquaredLog},
};

StatusOr<MetricPlan> ErrorPlan(const MetricContext& context, const Error& error) {
  return SumsPlan(
      context, context.view, error.id, 2,
      [&error](const Examples& examples, std::span<double> sums) -> Status {
        for (int64_t i = 0; i < examples.num_rows; ++i) {
          const double e = error.element(examples.labels.values[i], examples.predictions.values[i]);
          if (std::isnan(e)) continue;
          sums[0] += examples.weights[i] * e;
          sums[1] += examples.weights[i];
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
  if (label_variance <= tiny * n * s[kLL] || prediction_variance <= tiny * n * s[kPP]) return kNaN;
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
