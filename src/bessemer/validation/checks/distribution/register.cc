#include "bessemer/validation/check.h"
#include "bessemer/validation/distance.h"
#include "bessemer/validation/quoted_text.h"

// Drift (against the previous span) and skew (against serving data).

namespace bessemer::validation::distribution {
namespace {

using ::tensorflow::metadata::v0::AnomalyInfo;
using ::tensorflow::metadata::v0::DriftSkewInfo;
using ::tensorflow::metadata::v0::FeatureComparator;
using ::tensorflow::metadata::v0::Histogram;
using ::tensorflow::metadata::v0::HistogramSelection;
using Measurement = DriftSkewInfo::Measurement;
using Measurements = google::protobuf::RepeatedPtrField<Measurement>;

struct Comparison {
  FeatureCheckContext& context;
  const schema::FeatureView& other;
  std::string_view sides;  // "the training and the serving data"
  Measurements* measurements;
};

// Records a distance; true if it is above its threshold.
bool Exceeds(Comparison& comparison, Measurement::Type type, double value, double threshold) {
  Measurement* measurement = comparison.measurements->Add();
  measurement->set_type(type);
  measurement->set_value(value);
  measurement->set_threshold(threshold);
  return value > threshold;
}

void Report(Comparison& comparison, AnomalyType type, std::string_view name, double value,
            double threshold, std::string_view detail) {
  const auto [expected, seen] = NumberTexts(threshold, value);
  comparison.context.Report(
      type, fmt::format("{} is too great", name),
      fmt::format("Expected a {} of at most {} between {}; it is {}.{}", name, expected,
                  comparison.sides, seen, detail));
}

void CheckLInfinity(Comparison& comparison, FeatureComparator* comparator) {
  if (!comparator->infinity_norm().has_threshold()) return;
  const double threshold = comparator->infinity_norm().threshold();
  const auto distance =
      LInfinityDistance(comparison.context.statistics, comparison.other,
                        comparison.context.options.numeric_distances);
  if (!distance.has_value()) return;  // nothing to compare by
  if (!Exceeds(comparison, Measurement::L_INFTY, distance->distance, threshold)) return;
  Report(comparison, AnomalyInfo::COMPARATOR_L_INFTY_HIGH, "L-infinity distance",
         distance->distance, threshold,
         fmt::format(" The value that differs most is {}.", QuotedText(distance->value)));
  comparator->mutable_infinity_norm()->set_threshold(distance->distance);
}

void CheckJensenShannon(Comparison& comparison, FeatureComparator* comparator) {
  if (!comparator->jensen_shannon_divergence().has_threshold()) return;
  const double threshold = comparator->jensen_shannon_divergence().threshold();
  const auto source = comparator->jensen_shannon_divergence().source().type();
  const auto histogram =
      source == HistogramSelection::QUANTILES ? Histogram::QUANTILES : Histogram::STANDARD;
  const std::optional<double> divergence =
      JensenShannonDivergence(comparison.context.statistics, comparison.other, histogram);
  if (!divergence.has_value()) return;  // nothing to compare by
  if (!Exceeds(comparison, Measurement::JENSEN_SHANNON_DIVERGENCE, *divergence, threshold)) return;
  Report(comparison, AnomalyInfo::COMPARATOR_JENSEN_SHANNON_DIVERGENCE_HIGH,
         "Jensen-Shannon divergence", *divergence, threshold, "");
  comparator->mutable_jensen_shannon_divergence()->set_threshold(*divergence);
}

void CheckAbsoluteDifference(Comparison& comparison, FeatureComparator* comparator) {
  if (!comparator->normalized_abs_difference().has_threshold()) return;
  const double threshold = comparator->normalized_abs_difference().threshold();
  const auto distance =
      NormalizedAbsoluteDifference(comparison.context.statistics, comparison.other,
                                   comparison.context.options.numeric_distances);
  if (!distance.has_value()) return;  // nothing to compare by
  if (!Exceeds(comparison, Measurement::NORMALIZED_ABSOLUTE_DIFFERENCE, distance->distance,
               threshold)) {
    return;
  }
  Report(comparison, AnomalyInfo::COMPARATOR_NORMALIZED_ABSOLUTE_DIFFERENCE_HIGH,
         "normalised absolute difference", distance->distance, threshold,
         fmt::format(" The value that differs most is {}.", QuotedText(distance->value)));
  comparator->mutable_normalized_abs_difference()->set_threshold(distance->distance);
}

void Compare(FeatureCheckContext& context, const schema::DatasetView* dataset,
             std::string_view other_name, std::string_view sides, Measurements* measurements,
             FeatureComparator* comparator) {
  if (dataset == nullptr) return;
  if (!comparator->infinity_norm().has_threshold() &&
      !comparator->jensen_shannon_divergence().has_threshold() &&
      !comparator->normalized_abs_difference().has_threshold()) {
    return;
  }
  const schema::FeatureView* other = dataset->Find(context.statistics.path());
  if (other == nullptr) {
    context.Report(AnomalyInfo::COMPARATOR_CONTROL_DATA_MISSING, "Nothing to compare with",
                   fmt::format("Expected the feature in the {} data to compare with; it is not "
                               "there.",
                               other_name));
    comparator->mutable_infinity_norm()->clear_threshold();
    comparator->mutable_jensen_shannon_divergence()->clear_threshold();
    return;
  }
  Comparison comparison{context, *other, sides, measurements};
  CheckLInfinity(comparison, comparator);
  CheckAbsoluteDifference(comparison, comparator);
  CheckJensenShannon(comparison, comparator);
}

Status Run(FeatureCheckContext& context) {
  if (context.feature().has_drift_comparator()) {
    Compare(context, context.datasets.previous_span, "previous",
            "the data and that of the previous span",
            context.drift_skew.mutable_drift_measurements(),
            context.feature().mutable_drift_comparator());
  }
  if (context.feature().has_skew_comparator()) {
    Compare(context, context.datasets.serving, "serving", "the training and the serving data",
            context.drift_skew.mutable_skew_measurements(),
            context.feature().mutable_skew_comparator());
  }
  return OkStatus();
}

}  // namespace

void Register(CheckRegistry& registry) {
  registry.Add(
      {.name = "distribution",
       .doc = "The distribution of values is near that of the previous span and of serving data "
              "(drift_comparator, skew_comparator: infinity_norm and normalized_abs_difference of "
              "text values, of numbers where that is asked for; jensen_shannon_divergence of both)",
       .stage = Stage::kComparison,
       .finds = {AnomalyInfo::COMPARATOR_CONTROL_DATA_MISSING, AnomalyInfo::COMPARATOR_L_INFTY_HIGH,
                 AnomalyInfo::COMPARATOR_JENSEN_SHANNON_DIVERGENCE_HIGH,
                 AnomalyInfo::COMPARATOR_NORMALIZED_ABSOLUTE_DIFFERENCE_HIGH},
       .feature = Run});
}

}  // namespace bessemer::validation::distribution
