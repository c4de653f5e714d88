#include "bessemer/schema/domains.h"

#include <google/protobuf/text_format.h>

#include <charconv>
#include <cmath>
#include <limits>

#include "bessemer/schema/text_errors.h"

namespace bessemer::schema {

using ::tensorflow::metadata::v0::BoolDomain;
using ::tensorflow::metadata::v0::CustomStatistic;
using ::tensorflow::metadata::v0::Feature;
using ::tensorflow::metadata::v0::FeatureNameStatistics;

namespace {

constexpr std::string_view kDomainInfo = "domain_info";

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\n\v\f\r";
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

template <typename Range, typename Parse>
std::optional<std::variant<Range, Misfit>> RangeOfText(const FeatureView& statistics,
                                                       const Parse& parse) {
  std::optional<Range> range;
  for (const auto& [text, count] : statistics.StringCounts()) {
    const auto value = parse(text);
    if (!value.has_value()) return Misfit{std::string(text)};
    if (!range.has_value()) range = Range{*value, *value};
    if (*value < range->min) range->min = *value;
    if (*value > range->max) range->max = *value;
  }
  if (!range.has_value()) return std::nullopt;
  return *range;
}

bool IsTrueWord(std::string_view word) {
  return word == "TRUE" || word == "true" || word == "SET" || word == "set" || word == "1" ||
         word.empty();
}
bool IsFalseWord(std::string_view word) {
  return word == "FALSE" || word == "false" || word == "CLEAR" || word == "clear" || word == "0";
}

}  // namespace

std::optional<int64_t> ParseInt(std::string_view text) {
  text = Trim(text);
  if (text.starts_with('+') && text.size() > 1 && text[1] != '-') text.remove_prefix(1);
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<float> ParseFloat(std::string_view text) {
  text = Trim(text);
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  float value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size() || text.empty()) return std::nullopt;
  if (error == std::errc::result_out_of_range) {
    const double wide = std::strtod(std::string(text).c_str(), nullptr);
    return static_cast<float>(std::abs(wide) > 1 ? std::copysign(HUGE_VAL, wide) : wide);
  }
  if (error != std::errc()) return std::nullopt;
  return value;
}

std::optional<std::variant<IntRange, Misfit>> IntRangeOf(const FeatureView& statistics) {
  switch (statistics.type()) {
    case FeatureNameStatistics::INT: {
      if (statistics.proto().string_stats().rank_histogram().buckets_size() > 0) break;
      const auto& numbers = statistics.proto().num_stats();
      // Both bounds are doubles next to those of int64.
      if (numbers.min() < -9223372036854775808.0) return Misfit{std::to_string(numbers.min())};
      if (numbers.max() > 9223372036854775808.0) return Misfit{std::to_string(numbers.max())};
      const auto to_int = [](double value) {
        return value >= 9223372036854775808.0 ? std::numeric_limits<int64_t>::max()
               : std::isnan(value)            ? 0
                                              : static_cast<int64_t>(value);
      };
      return IntRange{to_int(numbers.min()), to_int(numbers.max())};
    }
    case FeatureNameStatistics::BYTES:
    case FeatureNameStatistics::STRING:
      break;
    default:
      return std::nullopt;
  }
  return RangeOfText<IntRange>(statistics, ParseInt);
}

std::optional<std::variant<FloatRange, Misfit>> FloatRangeOf(const FeatureView& statistics) {
  switch (statistics.type()) {
    case FeatureNameStatistics::FLOAT: {
      const auto& numbers = statistics.proto().num_stats();
      return FloatRange{static_cast<float>(numbers.min()), static_cast<float>(numbers.max())};
    }
    case FeatureNameStatistics::BYTES:
    case FeatureNameStatistics::STRING:
      return RangeOfText<FloatRange>(statistics, ParseFloat);
    default:
      return std::nullopt;
  }
}

std::optional<BoolDomain> BoolDomainOf(const FeatureView& statistics) {
  if (statistics.type() == FeatureNameStatistics::INT) {
    const auto& numbers = statistics.proto().num_stats();
    if (numbers.min() >= 0 && numbers.max() == 1) return BoolDomain();
    return std::nullopt;
  }
  if (statistics.type() != FeatureNameStatistics::STRING) return std::nullopt;
  const auto words = statistics.StringCounts();
  if (words.empty() || words.size() > 2) return std::nullopt;
  BoolDomain domain;
  for (const auto& [word, count] : words) {
    if (!domain.has_true_value() && IsTrueWord(word)) {
      domain.set_true_value(std::string(word));
    } else if (!domain.has_false_value() && IsFalseWord(word)) {
      domain.set_false_value(std::string(word));
    } else {
      return std::nullopt;
    }
  }
  return domain;
}

bool SetDomainFromStatistics(const FeatureView& statistics, Feature* feature) {
  std::string_view text;
  for (const CustomStatistic& custom : statistics.proto().custom_stats()) {
    if (custom.name() != kDomainInfo) continue;
    if (!text.empty()) return false;
    text = custom.str();
  }
  if (text.empty() || feature->domain_info_case() != Feature::DOMAIN_INFO_NOT_SET) return false;
  Feature told;
  if (!ParseTextQuietly(text, &told).ok()) return false;
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  Feature::GetReflection()->ListFields(told, &fields);
  if (fields.size() != 1 || fields[0]->containing_oneof() == nullptr ||
      fields[0]->containing_oneof()->name() != kDomainInfo) {
    return false;
  }
  feature->MergeFrom(told);
  return true;
}

}  // namespace bessemer::schema
