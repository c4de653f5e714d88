#include "bessemer/statistics/basic/unique_counts_output.h"

#include <charconv>
#include <cmath>
#include <cstdlib>

#include "bessemer/columnar/feature_column.h"
#include "bessemer/columnar/utf8.h"
#include "bessemer/statistics/basic/string_stats.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::statistics::basic {
namespace {

template <typename Output>
void SetTopValuesOf(const std::vector<RankedValue>& ranked, const RankLimits& limits, Output* out) {
  int64_t rank = 0;
  for (const auto& [value, count] : ranked) {
    if (count < limits.threshold) return;
    const std::string label = columnar::IsUtf8(value) ? value : std::string(kInvalidUtf8Label);
    if (rank < limits.num_top_values) {
      auto* top = out->add_top_values();
      top->set_value(label);
      top->set_frequency(count);
    }
    if (rank < limits.num_buckets) {
      auto* bucket = out->mutable_rank_histogram()->add_buckets();
      bucket->set_low_rank(rank);
      bucket->set_high_rank(rank);
      bucket->set_label(label);
      bucket->set_sample_count(count);
    }
    ++rank;
  }
}

}  // namespace

void SetTopValues(const std::vector<RankedValue>& ranked, const RankLimits& limits,
                  ::tensorflow::metadata::v0::StringStatistics* out) {
  SetTopValuesOf(ranked, limits, out);
}

void SetTopValues(const std::vector<RankedValue>& ranked, const RankLimits& limits,
                  ::tensorflow::metadata::v0::WeightedStringStatistics* out) {
  SetTopValuesOf(ranked, limits, out);
}

std::string FloatLabel(double value) { return fmt::format("{:g}", value); }

std::string PythonFloat(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  char text[32];
  const auto end =
      std::to_chars(text, text + sizeof text, value, std::chars_format::scientific).ptr;
  std::string label(text, end);
  const int exponent = std::atoi(label.c_str() + label.find('e') + 1);
  if (exponent < -4 || exponent >= 16) return label;
  char fixed[48];
  label.assign(fixed, std::to_chars(fixed, fixed + sizeof fixed, value,
                                    std::chars_format::fixed).ptr);
  if (label.find('.') == std::string::npos) label += ".0";
  return label;
}

int64_t TotalDigits(const FeatureArray& feature) {
  int64_t total = 0;
  columnar::DispatchNumeric(*feature.leaf->type(), [&]<typename Array>(std::type_identity<Array>) {
    const auto& array = static_cast<const Array&>(*feature.leaf);
    char text[32];
    for (int64_t i = 0; i < array.length(); ++i) {
      if (!array.IsValid(i)) continue;
      if constexpr (std::is_floating_point_v<typename Array::value_type>) {
        total += static_cast<int64_t>(PythonFloat(array.Value(i)).size());
      } else {
        total += std::to_chars(text, text + sizeof text, array.Value(i)).ptr - text;
      }
    }
    return OkStatus();
  }).IgnoreError();
  return total;
}

}  // namespace bessemer::statistics::basic
