#include "bessemer/report/metric_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "bessemer/report/page.h"
#include "tensorflow_model_analysis/proto/config.pb.h"
#include "tensorflow_model_analysis/proto/metrics_for_slice.pb.h"
#include "tensorflow_model_analysis/proto/validation_result.pb.h"

// Fields that only old files fill are read too.
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

namespace bessemer::report {
namespace {

namespace tfma = ::tensorflow_model_analysis;

constexpr int kDigits = 9;
constexpr int kChartDigits = 6;
constexpr int kCalibrationBuckets = 40;
constexpr double kCurveStep = 0.006;  // of the two rates together, between kept points

std::string SubName(const tfma::MetricKey& key) {
  std::string name = SubKeyName(key.sub_key());
  const tfma::AggregationType& type = key.aggregation_type();
  const char* average = type.micro_average()            ? "micro average"
                        : type.macro_average()          ? "macro average"
                        : type.weighted_macro_average() ? "weighted macro average"
                                                        : "";
  if (*average != '\0') name += (name.empty() ? "" : ", ") + std::string(average);
  if (key.example_weighted().value()) name += name.empty() ? "weighted" : ", weighted";
  return name;
}

Json KeyJson(const tfma::MetricKey& key) {
  return {{"name", key.name()},
          {"model", key.model_name()},
          {"output", key.output_name()},
          {"sub", SubName(key)},
          {"diff", key.is_diff()}};
}

std::string ValueText(const tfma::MetricValue& value) {
  switch (value.type_case()) {
    case tfma::MetricValue::kBytesValue: return Shortened(value.bytes_value(), 200);
    case tfma::MetricValue::kDebugMessage: return Shortened(value.debug_message(), 400);
    case tfma::MetricValue::kUnknownType: return Shortened(value.unknown_type().error(), 400);
    case tfma::MetricValue::kArrayValue: {
      std::string shape;
      for (const int32_t size : value.array_value().shape()) {
        shape += (shape.empty() ? "" : " × ") + std::to_string(size);
      }
      return fmt::format("array of {}", shape);
    }
    case tfma::MetricValue::kValueAtCutoffs: {
      std::string text;
      for (const auto& pair : value.value_at_cutoffs().values()) {
        text +=
            fmt::format("{}{:.4g} at {}", text.empty() ? "" : ", ", pair.value(), pair.cutoff());
      }
      return text;
    }
    case tfma::MetricValue::kConfusionMatrixAtThresholds: {
      const int size = value.confusion_matrix_at_thresholds().matrices_size();
      return fmt::format("confusion matrix at {} threshold{}", size, size == 1 ? "" : "s");
    }
    case tfma::MetricValue::kMultiClassConfusionMatrixAtThresholds:
      return "multi-class confusion matrix";
    default: return "";
  }
}

void SetValue(const tfma::MetricValue& value, Json& json) {
  switch (value.type_case()) {
    case tfma::MetricValue::kDoubleValue:
      json["value"] = Rounded(value.double_value().value(), kDigits);
      if (json["value"].is_null()) json["text"] = "NaN";
      break;
    case tfma::MetricValue::kBoundedValue:
      json["value"] = Rounded(value.bounded_value().value().value(), kDigits);
      json["low"] = Rounded(value.bounded_value().lower_bound().value(), kDigits);
      json["high"] = Rounded(value.bounded_value().upper_bound().value(), kDigits);
      break;
    default:
      json["value"] = nullptr;
      if (const std::string text = ValueText(value); !text.empty()) json["text"] = text;
  }
}

Json Calibration(const tfma::CalibrationHistogramBuckets& histogram) {
  struct Sum {
    double low = 0, high = 0, count = 0, label = 0, prediction = 0;
  };
  const auto& buckets = histogram.buckets();
  double low = INFINITY, high = -INFINITY;
  for (const auto& bucket : buckets) {
    if (bucket.num_weighted_examples().value() <= 0) continue;
    if (std::isfinite(bucket.lower_threshold_inclusive())) {
      low = std::min(low, bucket.lower_threshold_inclusive());
    }
    if (std::isfinite(bucket.upper_threshold_exclusive())) {
      high = std::max(high, bucket.upper_threshold_exclusive());
    }
  }
  if (!(low < high)) return nullptr;
  std::vector<Sum> sums(kCalibrationBuckets);
  const double width = (high - low) / kCalibrationBuckets;
  for (const auto& bucket : buckets) {
    const double count = bucket.num_weighted_examples().value();
    if (!(count > 0)) continue;
    const double mean = bucket.total_weighted_refined_prediction().value() / count;
    const double place = std::isfinite(mean) ? (mean - low) / width : 0;
    Sum& sum = sums[static_cast<size_t>(std::clamp(place, 0.0, kCalibrationBuckets - 1.0))];
    sum.count += count;
    sum.label += bucket.total_weighted_label().value();
    sum.prediction += bucket.total_weighted_refined_prediction().value();
  }
  Json flat = Json::array();
  for (int i = 0; i < kCalibrationBuckets; ++i) {
    if (sums[i].count <= 0) continue;
    for (const double value : {low + i * width, low + (i + 1) * width, sums[i].count, sums[i].label,
                               sums[i].prediction}) {
      flat.push_back(Rounded(value, kChartDigits));
    }
  }
  return flat;
}

// Keeps the points where a rate has moved visibly, and both ends.
Json Confusion(const tfma::ConfusionMatrixAtThresholds& thresholds) {
  Json flat = Json::array();
  double last_tpr = NAN, last_fpr = NAN;
  const int size = thresholds.matrices_size();
  for (int i = 0; i < size; ++i) {
    const auto& matrix = thresholds.matrices(i);
    const auto rate = [](double part, double rest) {
      return part + rest > 0 ? part / (part + rest) : 0;
    };
    const double tpr = rate(matrix.true_positives(), matrix.false_negatives());
    const double fpr = rate(matrix.false_positives(), matrix.true_negatives());
    const bool moved = !(std::abs(tpr - last_tpr) + std::abs(fpr - last_fpr) < kCurveStep);
    if (!moved && i != size - 1) continue;
    last_tpr = tpr;
    last_fpr = fpr;
    for (const double value :
         {matrix.threshold() * 1.0, matrix.true_positives() * 1.0, matrix.false_positives() * 1.0,
          matrix.true_negatives() * 1.0, matrix.false_negatives() * 1.0}) {
      flat.push_back(Rounded(value, kChartDigits));
    }
  }
  return flat;
}

template <typename Message>
std::string AnySliceName(const Message& message) {
  return message.has_cross_slice_key() ? SliceName(message.cross_slice_key())
                                       : SliceName(message.slice_key());
}

}  // namespace

std::string SliceName(const tfma::SliceKey& key) {
  if (key.single_slice_keys_size() == 0) return "Overall";
  std::string text;
  for (const tfma::SingleSliceKey& single : key.single_slice_keys()) {
    const std::string value = single.kind_case() == tfma::SingleSliceKey::kInt64Value
                                  ? std::to_string(single.int64_value())
                              : single.kind_case() == tfma::SingleSliceKey::kFloatValue
                                  ? fmt::format("{:g}", single.float_value())
                                  : Shortened(single.bytes_value(), 100);
    text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", single.column(), value);
  }
  return text;
}

std::string SliceName(const tfma::CrossSliceKey& key) {
  return SliceName(key.baseline_slice_key()) + " against " + SliceName(key.comparison_slice_key());
}

std::string SliceName(const tfma::SlicingSpec& spec) {
  std::string text;
  const auto add = [&text](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  for (const std::string& key : spec.feature_keys()) add(key + ": any");
  std::vector<std::string> values;
  for (const auto& [key, value] : spec.feature_values()) values.push_back(key + ": " + value);
  std::sort(values.begin(), values.end());
  for (const std::string& value : values) add(value);
  if (!spec.slice_keys_sql().empty()) add("by SQL");
  return text.empty() ? "Overall" : text;
}

std::string SubKeyName(const tfma::SubKey& key) {
  if (key.has_class_id()) return fmt::format("class {}", key.class_id().value());
  if (key.has_top_k()) return fmt::format("top {}", key.top_k().value());
  return key.has_k() ? fmt::format("at {}", key.k().value()) : "";
}

std::string ThresholdText(const tfma::MetricThreshold& threshold) {
  std::string text;
  const auto add = [&text](std::string_view what, std::string_view sign, double bound) {
    if (!text.empty()) text += ", ";
    text += fmt::format("{}{} {:.6g}", what, sign, bound);
  };
  if (threshold.has_value_threshold()) {
    const tfma::GenericValueThreshold& value = threshold.value_threshold();
    if (value.has_lower_bound()) add("", "≥", value.lower_bound().value());
    if (value.has_upper_bound()) add("", "≤", value.upper_bound().value());
  }
  if (threshold.has_change_threshold()) {
    const tfma::GenericChangeThreshold& change = threshold.change_threshold();
    const char* sign = change.direction() == tfma::LOWER_IS_BETTER ? "≤" : "≥";
    if (change.has_absolute()) add("change ", sign, change.absolute().value());
    if (change.has_relative()) add("relative change ", sign, change.relative().value());
  }
  return text;
}

Json MetricsJson(const tfma::MetricsForSlice& metrics) {
  Json list = Json::array();
  for (const auto& entry : metrics.metric_keys_and_values()) {
    Json json = KeyJson(entry.key());
    SetValue(entry.value(), json);
    if (entry.has_confidence_interval()) {
      const tfma::ConfidenceInterval& interval = entry.confidence_interval();
      json["low"] = Rounded(interval.lower_bound().double_value().value(), kDigits);
      json["high"] = Rounded(interval.upper_bound().double_value().value(), kDigits);
    }
    list.push_back(std::move(json));
  }
  // Files of old versions, and the error of a slice that is too small.
  std::vector<std::string> names;
  for (const auto& [name, value] : metrics.metrics()) names.push_back(name);
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) {
    Json json = {{"name", name}, {"model", ""}, {"output", ""}, {"sub", ""}, {"diff", false}};
    SetValue(metrics.metrics().at(name), json);
    list.push_back(std::move(json));
  }
  return {{"slice", AnySliceName(metrics)},
          {"cross", metrics.has_cross_slice_key()},
          {"metrics", std::move(list)}};
}

Json PlotsJson(const tfma::PlotsForSlice& plots) {
  Json list = Json::array();
  const auto add = [&](const tfma::PlotKey& key, const tfma::PlotData& data) {
    Json json = {{"slice", AnySliceName(plots)},
                 {"model", key.model_name()},
                 {"output", key.output_name()},
                 {"sub", SubKeyName(key.sub_key())}};
    if (data.has_calibration_histogram_buckets()) {
      Json calibration = Calibration(data.calibration_histogram_buckets());
      if (!calibration.is_null()) json["calibration"] = std::move(calibration);
    }
    if (data.confusion_matrix_at_thresholds().matrices_size() > 0) {
      json["confusion"] = Confusion(data.confusion_matrix_at_thresholds());
    }
    if (json.contains("calibration") || json.contains("confusion")) list.push_back(std::move(json));
  };
  for (const auto& entry : plots.plot_keys_and_values()) add(entry.key(), entry.value());
  if (plots.has_plot_data()) add(tfma::PlotKey(), plots.plot_data());
  return list;
}

Json ValidationJson(const tfma::ValidationResult& result) {
  Json failures = Json::array();
  for (const tfma::MetricsValidationForSlice& slice : result.metric_validations_per_slice()) {
    for (const tfma::ValidationFailure& failure : slice.failures()) {
      failures.push_back(
          {{"slice", AnySliceName(slice)},
           {"metric", failure.metric_key().name()},
           {"model", failure.metric_key().model_name()},
           {"diff", failure.metric_key().is_diff()},
           {"message", failure.message()},
           {"threshold", ThresholdText(failure.metric_threshold())},
           {"value", failure.metric_value().has_double_value()
                         ? Rounded(failure.metric_value().double_value().value(), kDigits)
                         : Json(nullptr)}});
    }
  }
  Json missing = Json::array();
  for (const tfma::SlicingSpec& spec : result.missing_slices()) missing.push_back(SliceName(spec));
  return {{"ok", result.validation_ok()},
          {"missingThresholds", result.missing_thresholds()},
          {"rubberStamp", result.rubber_stamp()},
          {"failures", std::move(failures)},
          {"missingSlices", std::move(missing)}};
}

}  // namespace bessemer::report
