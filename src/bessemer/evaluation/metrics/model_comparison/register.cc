#include <cmath>
#include <limits>

#include "bessemer/evaluation/metric.h"

// Metrics of a model against the baseline: the baseline's predictions stand in place of the labels.

namespace bessemer::evaluation::model_comparison {
namespace {

ViewSpec ComparisonView(const MetricContext& context, bool flatten) {
  ViewSpec view = context.view;
  view.sub_key = {};
  view.flatten = flatten;
  view.compare_with = context.baseline_model;
  return view;
}

enum Sum { kTotal, kNegNeg, kNegPos, kPosNeg, kPosPos, kNumSums };

std::unique_ptr<Accumulator> MakeFlips(double threshold) {
  return MakeSums(kNumSums, std::make_shared<const AddToSums>(
                                [threshold](const Examples& examples, std::span<double> sums) {
                                  for (int64_t i = 0; i < examples.num_rows; ++i) {
                                    const bool base = examples.labels.values[i] > threshold;
                                    const bool model = examples.predictions.values[i] > threshold;
                                    const double weight = examples.weights[i];
                                    sums[kTotal] += weight;
                                    sums[1 + 2 * base + model] += weight;
                                  }
                                  return OkStatus();
                                }));
}

struct Flip {
  const char* class_name;
  const char* name;
  const char* doc;
  double (*value)(std::span<const double>);
};

const Flip kFlips[] = {
    {"SymmetricFlipRate", "flip_rate", "Share of examples whose decision differs from the "
                                       "baseline's",
     [](std::span<const double> s) { return Ratio(s[kNegPos] + s[kPosNeg], s[kTotal]); }},
    {"NegToNegFlipRate", "neg_to_neg_flip_rate", "Share of examples negative for both models",
     [](std::span<const double> s) { return Ratio(s[kNegNeg], s[kTotal]); }},
    {"NegToPosFlipRate", "neg_to_pos_flip_rate", "Share of examples that became positive",
     [](std::span<const double> s) { return Ratio(s[kNegPos], s[kTotal]); }},
    {"PosToNegFlipRate", "pos_to_neg_flip_rate", "Share of examples that became negative",
     [](std::span<const double> s) { return Ratio(s[kPosNeg], s[kTotal]); }},
    {"PosToPosFlipRate", "pos_to_pos_flip_rate", "Share of examples positive for both models",
     [](std::span<const double> s) { return Ratio(s[kPosPos], s[kTotal]); }},
};

Param Threshold() {
  return {.name = "threshold",
          .type = ParamType::kFloat,
          .default_value = 0.5,
          .doc = "Predictions above it are positive"};
}

StatusOr<MetricPlan> FlipPlan(const MetricContext& context, std::span<const Flip> flips) {
  const double threshold = context.params.Float("threshold");
  MetricPlan plan{.view = ComparisonView(context, true),
                  .accumulator_id = fmt::format("flips {}", threshold)};
  plan.make = [threshold] { return MakeFlips(threshold); };
  const bool all = flips.size() > 1;
  plan.finish = [key = context.key, flips, all](const Accumulator& state) {
    std::vector<std::pair<MetricKey, Value>> values;
    for (const Flip& flip : flips) {
      MetricKey own = key;
      if (all) own.name = flip.name;
      values.emplace_back(own, flip.value(SumsOf(state)));
    }
    return values;
  };
  return plan;
}

StatusOr<MetricPlan> DifferencePlan(const MetricContext& context) {
  return SumsPlan(
      context, ComparisonView(context, true), "symmetric difference", 2,
      [](const Examples& examples, std::span<double> sums) {
        constexpr double kEpsilon = 1e-7;
        for (int64_t i = 0; i < examples.num_rows; ++i) {
          const double a = examples.labels.values[i], b = examples.predictions.values[i];
          const double difference = 2 * std::abs(a - b), total = std::abs(a + b);
          const bool both_zero = difference < kEpsilon && total < kEpsilon;
          sums[0] += examples.weights[i] * (both_zero ? 0.0 : difference / total);
          sums[1] += examples.weights[i];
        }
        return OkStatus();
      },
      [](std::span<const double> sums) { return Ratio(sums[0], sums[1]); });
}

StatusOr<MetricPlan> CosinePlan(const MetricContext& context) {
  ViewSpec view = ComparisonView(context, false);
  view.weighted = false;
  return SumsPlan(
      context, view, "model cosine", 2,
      [](const Examples& examples, std::span<double> sums) -> Status {
        for (int64_t i = 0; i < examples.num_rows; ++i) {
          const auto a = examples.labels.row(i), b = examples.predictions.row(i);
          if (a.size() != b.size()) {
            return InvalidArgumentError("the models predict {} and {} values", a.size(), b.size());
          }
          double dot = 0, aa = 0, bb = 0;
          for (size_t j = 0; j < a.size(); ++j) {
            dot += a[j] * b[j];
            aa += a[j] * a[j];
            bb += b[j] * b[j];
          }
          sums[0] += dot / std::sqrt(aa * bb);
          sums[1] += 1;
        }
        return OkStatus();
      },
      [](std::span<const double> sums) { return Ratio(sums[0], sums[1]); });
}

}  // namespace

void Register(MetricRegistry& registry) {
  for (const Flip& flip : kFlips) {
    registry.Add({.name = flip.class_name,
                  .doc = flip.doc,
                  .default_name = flip.name,
                  .params = {Threshold()},
                  .ignores_sub_key = true,
                  .compares_models = true,
                  .plan = [&flip](const MetricContext& context) {
                    return FlipPlan(context, {&flip, 1});
                  }});
  }
  registry.Add({.name = "BooleanFlipRates",
                .doc = "All five rates of decisions that differ from the baseline's or do not",
                .default_name = "boolean_flip_rates",
                .params = {Threshold()},
                .ignores_sub_key = true,
                .compares_models = true,
                .plan = [](const MetricContext& context) { return FlipPlan(context, kFlips); }});
  registry.Add({.name = "SymmetricPredictionDifference",
                .doc = "Mean of 2 |a - b| / |a + b| of the predictions of model and baseline",
                .default_name = "symmetric_prediction_difference",
                .ignores_sub_key = true,
                .compares_models = true,
                .plan = DifferencePlan});
  registry.Add({.name = "ModelCosineSimilarity",
                .doc = "Mean cosine of the angle between the predictions of model and baseline, "
                       "unweighted",
                .default_name = "model_cosine_similarity",
                .ignores_sub_key = true,
                .compares_models = true,
                .plan = CosinePlan});
}

}  // namespace bessemer::evaluation::model_comparison
