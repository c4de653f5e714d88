#include "bessemer/example_gen/span_params.h"

#include <algorithm>
#include <cstdio>

#include "bessemer/base/json_member.h"
#include "bessemer/base/json_text.h"
#include "bessemer/base/nearest_name.h"

namespace bessemer::example_gen {
namespace {

// A number, or a date as text. No value if there is none.
StatusOr<std::optional<int64_t>> ReadSpanNumber(const ParamValues& params, const char* param,
                                                const Json& map, const char* key) {
  const Json& value = JsonMember(map, key);
  if (value.is_null()) return std::optional<int64_t>();
  if (value.is_number_integer()) return std::optional<int64_t>(value.get<int64_t>());
  if (value.is_string()) {
    int year = 0;
    int month = 0;
    int day = 0;
    int length = 0;
    const std::string& text = value.get_ref<const std::string&>();
    if (std::sscanf(text.c_str(), "%4d-%2d-%2d%n", &year, &month, &day, &length) == 3 &&
        length == static_cast<int>(text.size())) {
      const std::optional<int64_t> days = DaysFromDate(year, month, day);
      if (days) return days;
    }
  }
  return params.Error(param, fmt::format("{} must be the number of a span or a date such as "
                                         "2024-01-31, not {}",
                                         key, JsonText(value)));
}

StatusOr<int64_t> ReadCount(const ParamValues& params, const char* param, const Json& map,
                            const char* key, int64_t otherwise, int64_t least) {
  const Json& value = JsonMember(map, key);
  if (value.is_null()) return otherwise;
  if (value.is_number_integer() && value.get<int64_t>() >= least) return value.get<int64_t>();
  return params.Error(param, fmt::format("{} must be an integer of at least {}, not {}", key, least,
                                         JsonText(value)));
}

StatusOr<std::vector<int64_t>> ReadExcluded(const ParamValues& params, const char* param,
                                            const Json& map, const char* key) {
  std::vector<int64_t> excluded;
  const Json& value = JsonMember(map, key);
  if (value.is_null()) return excluded;
  const Json list = value.is_array() ? value : Json::array({value});
  for (const Json& item : list) {
    const Json one = {{key, item}};
    BESSEMER_ASSIGN_OR_RETURN(const auto span, ReadSpanNumber(params, param, one, key));
    if (span) excluded.push_back(*span);
  }
  return excluded;
}

Status CheckKeys(const ParamValues& params, const char* param, const Json& map,
                 const std::vector<std::string>& known) {
  for (const auto& [key, value] : map.items()) {
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      return params.Error(param, fmt::format("unknown key '{}'{}", key, SuggestName(key, known)));
    }
  }
  return OkStatus();
}

// TFX's RangeConfig, with a range of several spans and what its resolvers know besides.
StatusOr<SpanRange> ReadRangeConfig(const ParamValues& params) {
  constexpr const char* kParam = "range_config";
  const Json& config = params.Value(kParam);
  SpanRange range;
  if (const Json& fixed = JsonMember(config, "static_range"); fixed.is_object()) {
    BESSEMER_RETURN_IF_ERROR(CheckKeys(
        params, kParam, fixed, {"start_span_number", "end_span_number", "exclude_span_numbers"}));
    BESSEMER_ASSIGN_OR_RETURN(const auto start,
                              ReadSpanNumber(params, kParam, fixed, "start_span_number"));
    BESSEMER_ASSIGN_OR_RETURN(const auto end,
                              ReadSpanNumber(params, kParam, fixed, "end_span_number"));
    if (!start || !end) {
      return params.Error(kParam, "a static_range needs start_span_number and end_span_number");
    }
    range = SpanRange::Static(*start, *end);
    BESSEMER_ASSIGN_OR_RETURN(range.exclude,
                              ReadExcluded(params, kParam, fixed, "exclude_span_numbers"));
    return range;
  }
  const Json& rolling = JsonMember(config, "rolling_range");
  if (!rolling.is_object()) {
    return params.Error(kParam, "needs a static_range or a rolling_range");
  }
  BESSEMER_RETURN_IF_ERROR(
      CheckKeys(params, kParam, rolling, {"start_span_number", "num_spans",
                                          "skip_num_recent_spans", "exclude_span_numbers"}));
  BESSEMER_ASSIGN_OR_RETURN(const auto start,
                            ReadSpanNumber(params, kParam, rolling, "start_span_number"));
  range.first = start.value_or(0);
  BESSEMER_ASSIGN_OR_RETURN(range.num_spans, ReadCount(params, kParam, rolling, "num_spans", 1, 1));
  BESSEMER_ASSIGN_OR_RETURN(range.skip_recent, ReadCount(params, kParam, rolling,
                                                         "skip_num_recent_spans", 0, 0));
  BESSEMER_ASSIGN_OR_RETURN(range.exclude,
                            ReadExcluded(params, kParam, rolling, "exclude_span_numbers"));
  return range;
}

StatusOr<SpanRange> ReadShortRange(const ParamValues& params) {
  constexpr const char* kParam = "spans";
  const Json& map = params.Value(kParam);
  BESSEMER_RETURN_IF_ERROR(
      CheckKeys(params, kParam, map, {"from", "to", "latest", "skip_recent", "exclude"}));
  SpanRange range;
  BESSEMER_ASSIGN_OR_RETURN(const auto from, ReadSpanNumber(params, kParam, map, "from"));
  range.first = from.value_or(0);
  BESSEMER_ASSIGN_OR_RETURN(range.last, ReadSpanNumber(params, kParam, map, "to"));
  range.num_spans = std::nullopt;
  if (!JsonMember(map, "latest").is_null()) {
    BESSEMER_ASSIGN_OR_RETURN(range.num_spans, ReadCount(params, kParam, map, "latest", 1, 1));
  }
  BESSEMER_ASSIGN_OR_RETURN(range.skip_recent,
                            ReadCount(params, kParam, map, "skip_recent", 0, 0));
  BESSEMER_ASSIGN_OR_RETURN(range.exclude, ReadExcluded(params, kParam, map, "exclude"));
  return range;
}

}  // namespace

std::vector<Param> SpanParams() {
  return {
      {.name = "span",
       .type = ParamType::kInt,
       .doc = "The span to take; none: the latest.",
       .min = 0},
      {.name = "spans",
       .type = ParamType::kMap,
       .doc = "Several spans as one input: {from, to} (numbers or dates), of these the newest "
              "{latest} without the newest {skip_recent}, and without those in {exclude}."},
      {.name = "range_config",
       .type = ParamType::kMap,
       .doc = "TFX's form of spans: {static_range: {start_span_number, end_span_number}} or "
              "{rolling_range: {start_span_number, num_spans, skip_num_recent_spans}}."},
  };
}

StatusOr<SpanRange> ReadSpanRange(const ParamValues& params) {
  const char* given = nullptr;
  for (const char* name : {"span", "spans", "range_config"}) {
    if (!params.Has(name)) continue;
    if (given != nullptr) return params.Error(name, fmt::format("give it or {}, not both", given));
    given = name;
  }
  if (params.Has("spans")) return ReadShortRange(params);
  if (params.Has("range_config")) return ReadRangeConfig(params);
  if (!params.Has("span")) return SpanRange();
  return SpanRange::Static(params.Int("span"), params.Int("span"));
}

}  // namespace bessemer::example_gen
