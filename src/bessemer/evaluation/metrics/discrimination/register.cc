#include <cmath>

#include "bessemer/evaluation/metric.h"

namespace bessemer::evaluation::discrimination {
namespace {

enum Sum { kNegativeWeight, kPositiveWeight, kNegativePredictions, kPositivePredictions, kNumSums };

Status Add(const Examples& examples, std::span<double> sums) {
  for (int64_t i = 0; i < examples.num_rows; ++i) {
    const double label = examples.labels.values[i];
    const double prediction = examples.predictions.values[i];
    const double weight = examples.weights[i];
    sums[kNegativeWeight] += (1 - label) * weight;
    sums[kPositiveWeight] += label * weight;
    sums[kNegativePredictions] += (1 - label) * prediction * weight;
    sums[kPositivePredictions] += label * prediction * weight;
  }
  return OkStatus();
}

StatusOr<MetricPlan> PlanOf(const MetricContext& context, double (*combine)(double, double)) {
  return SumsPlan(context, context.view, "discrimination", kNumSums, Add,
                  [combine](std::span<const double> sums) {
                    return combine(Ratio(sums[kPositivePredictions], sums[kPositiveWeight]),
                                   Ratio(sums[kNegativePredictions], sums[kNegativeWeight]));
                  });
}

}  // namespace

void Register(MetricRegistry& registry) {
  registry.Add({.name = "CoefficientOfDiscrimination",
                .doc = "Mean prediction of the positives less that of the negatives (T. Tjur, "
                       "2009)",
                .default_name = "coefficient_of_discrimination",
                .plan = [](const MetricContext& context) {
                  return PlanOf(context, [](double a, double b) { return a - b; });
                }});
  registry.Add({.name = "RelativeCoefficientOfDiscrimination",
                .doc = "Mean prediction of the positives by that of the negatives",
                .default_name = "relative_coefficient_of_discrimination",
                .plan = [](const MetricContext& context) {
                  return PlanOf(context, [](double a, double b) {
                    return b != 0 ? a / b : std::nan("");
                  });
                }});
}

}  // namespace bessemer::evaluation::discrimination
