#include "bessemer/evaluation/metric.h"

namespace bessemer::evaluation::counts {
namespace {

StatusOr<MetricPlan> CountPlan(const MetricContext& context) {
  ViewSpec view = context.view;
  view.flatten = false;
  view.needs_labels = false;
  view.needs_predictions = false;
  return SumsPlan(
      context, view, "count", 1,
      [](const Examples& examples, std::span<double> sums) {
        for (const double weight : examples.weights) sums[0] += weight;
        return OkStatus();
      },
      [](std::span<const double> sums) { return sums[0]; });
}

StatusOr<MetricPlan> FeatureMeanPlan(const MetricContext& context) {
  ViewSpec view = context.view;
  view.flatten = false;
  view.needs_predictions = false;
  view.label_feature = context.params.String("feature_key");
  return SumsPlan(
      context, view, "feature mean", 2,
      [](const Examples& examples, std::span<double> sums) -> Status {
        for (int64_t i = 0; i < examples.num_rows; ++i) {
          for (const double value : examples.labels.row(i)) {
            sums[0] += examples.weights[i] * value;
            sums[1] += examples.weights[i];
          }
        }
        return OkStatus();
      },
      [](std::span<const double> sums) { return Ratio(sums[0], sums[1]); });
}

}  // namespace

void Register(MetricRegistry& registry) {
  registry.Add({.name = "ExampleCount",
                .doc = "Sum of the example weights, or the number of examples when unweighted",
                .default_name = "example_count",
                .ignores_sub_key = true,
                .has_confidence = false,
                .plan = CountPlan});
  registry.Add({.name = "WeightedExampleCount",
                .doc = "ExampleCount under its older name",
                .default_name = "weighted_example_count",
                .ignores_sub_key = true,
                .has_confidence = false,
                .plan = CountPlan});
  registry.Add({.name = "MeanFeature",
                .doc = "Weighted mean of all values of a numeric feature; NaN without values",
                .default_name = "mean_feature",
                .params = {{.name = "feature_key",
                            .type = ParamType::kString,
                            .doc = "The feature",
                            .required = true}},
                .ignores_sub_key = true,
                .plan = FeatureMeanPlan});
}

}  // namespace bessemer::evaluation::counts
