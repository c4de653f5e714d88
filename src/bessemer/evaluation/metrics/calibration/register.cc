#include <limits>

#include "bessemer/evaluation/metric.h"

namespace bessemer::evaluation::calibration {
namespace {

enum Sum { kWeight, kLabels, kPredictions, kNumSums };

// Predictions outside a top_k are minus infinity and take no part; neither do their labels.
Status Add(const Examples& examples, std::span<double> sums) {
  for (int64_t i = 0; i < examples.num_rows; ++i) {
    const double prediction = examples.predictions.values[i];
    if (prediction == -std::numeric_limits<double>::infinity()) continue;
    const double weight = examples.weights[i];
    sums[kWeight] += weight;
    sums[kLabels] += weight * examples.labels.values[i];
    sums[kPredictions] += weight * prediction;
  }
  return OkStatus();
}

void AddClass(MetricRegistry& registry, const char* class_name, const char* name, const char* doc,
              Sum numerator, Sum denominator) {
  registry.Add({.name = class_name,
                .doc = doc,
                .default_name = name,
                .aggregation_in_key = false,
                .plan = [numerator, denominator](const MetricContext& context)
                    -> StatusOr<MetricPlan> {
                  return SumsPlan(context, context.view, "calibration", kNumSums, Add,
                                  [numerator, denominator](std::span<const double> sums) {
                                    // Labels of a regression may well be negative.
                                    return sums[denominator] != 0
                                               ? sums[numerator] / sums[denominator]
                                               : std::numeric_limits<double>::quiet_NaN();
                                  });
                }});
}

}  // namespace

void Register(MetricRegistry& registry) {
  AddClass(registry, "MeanLabel", "mean_label", "Weighted mean of the labels", kLabels, kWeight);
  AddClass(registry, "MeanPrediction", "mean_prediction", "Weighted mean of the predictions",
           kPredictions, kWeight);
  AddClass(registry, "Calibration", "calibration",
           "Sum of the predictions by sum of the labels: 1 when calibrated, NaN without positives",
           kPredictions, kLabels);
}

}  // namespace bessemer::evaluation::calibration
