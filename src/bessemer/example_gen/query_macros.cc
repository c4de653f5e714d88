#include "bessemer/example_gen/query_macros.h"

#include <chrono>

#include "bessemer/base/nearest_name.h"

namespace bessemer::example_gen {
namespace {

constexpr std::string_view kPrefix = "@span_";
constexpr int64_t kSecondsPerDay = 86400;

bool IsWordCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

StatusOr<std::string> DateOf(int64_t span) {
  constexpr int64_t kFirst = -719528;  // 0000-01-01
  constexpr int64_t kLast = 2932896;   // 9999-12-31
  if (span < kFirst || span > kLast) {
    return InvalidArgumentError("span {} is not a day that has a date of four digits", span);
  }
  const std::chrono::year_month_day date(
      std::chrono::sys_days(std::chrono::days(static_cast<int>(span))));
  return fmt::format("{:04}{:02}{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

StatusOr<std::string> Replacement(std::string_view word, std::optional<int64_t> span,
                                  std::optional<int64_t> last_span) {
  static const std::vector<std::string> kMacros = {"@span_begin_timestamp", "@span_end_timestamp",
                                                   "@span_yyyymmdd_utc"};
  size_t macro = 0;
  while (macro < kMacros.size() && kMacros[macro] != word) ++macro;
  if (macro == kMacros.size()) {
    return InvalidArgumentError("the query's '{}' is not a span macro{}", word,
                                SuggestName(word, kMacros));
  }
  if (!span) {
    return InvalidArgumentError(
        "the query uses {}, but no span is given: set span (days since 1970-01-01), or "
        "range_config with a static_range",
        word);
  }
  const int64_t last = last_span.value_or(*span);
  if (last < *span) return InvalidArgumentError("the spans from {} to {} are none", *span, last);
  BESSEMER_ASSIGN_OR_RETURN(const std::string date, DateOf(*span));
  BESSEMER_RETURN_IF_ERROR(DateOf(last).status());
  if (macro == 0) return fmt::format("{}", *span * kSecondsPerDay);
  if (macro == 1) return fmt::format("{}", (last + 1) * kSecondsPerDay);
  if (last != *span) {
    return InvalidArgumentError(
        "the query uses {}, which is one day, but the spans from {} to {} are wanted; use "
        "@span_begin_timestamp and @span_end_timestamp",
        word, *span, last);
  }
  return "'" + date + "'";
}

}  // namespace

bool HasSpanMacros(std::string_view query) { return query.find(kPrefix) != std::string_view::npos; }

StatusOr<std::string> ReplaceSpanMacros(std::string_view query, std::optional<int64_t> span,
                                        std::optional<int64_t> last_span) {
  std::string replaced;
  size_t begin = 0;
  while (true) {
    const size_t macro = query.find(kPrefix, begin);
    replaced += query.substr(begin, macro - begin);
    if (macro == std::string_view::npos) return replaced;
    size_t end = macro + 1;
    while (end < query.size() && IsWordCharacter(query[end])) ++end;
    BESSEMER_ASSIGN_OR_RETURN(const std::string text,
                              Replacement(query.substr(macro, end - macro), span, last_span));
    replaced += text;
    begin = end;
  }
}

}  // namespace bessemer::example_gen
