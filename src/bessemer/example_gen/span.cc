#include "bessemer/example_gen/span.h"

#include <re2/re2.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <map>

#include "bessemer/io/file.h"

namespace bessemer::example_gen {
namespace {

// A specification found in a pattern: "{SPAN}", "{SPAN:3}", "{YYYY}", …
struct Spec {
  enum class What { kSpan, kVersion, kYear, kMonth, kDay };
  What what;
  size_t begin;
  size_t end;
  int width = 0;  // 0: any
};

constexpr std::string_view kGroupNames[] = {"span", "version", "year", "month", "day"};

std::string_view GroupName(Spec::What what) { return kGroupNames[static_cast<int>(what)]; }

StatusOr<std::vector<Spec>> FindSpecs(const std::string& pattern) {
  static const RE2 kSpec(R"(\{(?:(SPAN|VERSION)(?::(\d+))?|(YYYY|MM|DD))\})");
  std::vector<Spec> specs;
  re2::StringPiece groups[4];
  size_t position = 0;
  while (kSpec.Match(pattern, position, pattern.size(), RE2::UNANCHORED, groups, 4)) {
    Spec spec;
    spec.begin = static_cast<size_t>(groups[0].data() - pattern.data());
    spec.end = position = spec.begin + groups[0].size();
    const std::string name(groups[1].empty() ? groups[3] : groups[1]);
    spec.what = name == "SPAN"      ? Spec::What::kSpan
                : name == "VERSION" ? Spec::What::kVersion
                : name == "YYYY"    ? Spec::What::kYear
                : name == "MM"      ? Spec::What::kMonth
                                    : Spec::What::kDay;
    spec.width = name == "YYYY" ? 4 : name == "MM" || name == "DD" ? 2 : 0;
    if (!groups[2].empty()) {
      const char* end = groups[2].data() + groups[2].size();
      if (std::from_chars(groups[2].data(), end, spec.width).ec != std::errc() || spec.width < 1 ||
          spec.width > 18) {
        return InvalidArgumentError("input pattern '{}': the width of {} must be from 1 to 18",
                                    pattern, std::string(groups[0]));
      }
    }
    for (const Spec& other : specs) {
      if (other.what == spec.what) {
        return InvalidArgumentError("input pattern '{}': {{{}}} stands in it twice", pattern, name);
      }
    }
    specs.push_back(spec);
  }
  return specs;
}

const Spec* Find(const std::vector<Spec>& specs, Spec::What what) {
  for (const Spec& spec : specs) {
    if (spec.what == what) return &spec;
  }
  return nullptr;
}

Status CheckSpecs(const std::string& pattern, const std::vector<Spec>& specs) {
  const int dates = (Find(specs, Spec::What::kYear) != nullptr) +
                    (Find(specs, Spec::What::kMonth) != nullptr) +
                    (Find(specs, Spec::What::kDay) != nullptr);
  const bool has_span = Find(specs, Spec::What::kSpan) != nullptr;
  if (dates != 0 && dates != 3) {
    return InvalidArgumentError(
        "input pattern '{}': a date needs all of {{YYYY}}, {{MM}} and {{DD}}", pattern);
  }
  if (dates == 3 && has_span) {
    return InvalidArgumentError("input pattern '{}': use either {{SPAN}} or a date, not both",
                                pattern);
  }
  if (Find(specs, Spec::What::kVersion) != nullptr && dates == 0 && !has_span) {
    return InvalidArgumentError(
        "input pattern '{}': {{VERSION}} needs {{SPAN}} or a date beside it", pattern);
  }
  return OkStatus();
}

// The pattern with each spec replaced by fill(spec).
template <typename Fill>
std::string Replace(const std::string& pattern, const std::vector<Spec>& specs, Fill&& fill) {
  std::string out;
  size_t position = 0;
  for (const Spec& spec : specs) {
    out.append(pattern, position, spec.begin - position);
    out += fill(spec);
    position = spec.end;
  }
  return out.append(pattern, position);
}

StatusOr<std::string> Padded(const std::string& pattern, const Spec& spec, int64_t number) {
  std::string text = fmt::format("{:0{}}", number, spec.width);
  if (spec.width > 0 && text.size() > static_cast<size_t>(spec.width)) {
    return InvalidArgumentError("input pattern '{}': {} {} has more than {} digits", pattern,
                                GroupName(spec.what), number, spec.width);
  }
  return text;
}

// The text of a spec when the span is given; "*" for what is still open.
StatusOr<std::string> KnownText(const std::string& pattern, const Spec& spec,
                                std::optional<int64_t> span) {
  if (!span || spec.what == Spec::What::kVersion) return std::string("*");
  if (spec.what == Spec::What::kSpan) return Padded(pattern, spec, *span);
  constexpr int64_t kLastDay = 2932896;  // 9999-12-31
  if (*span > kLastDay) {
    return InvalidArgumentError("input pattern '{}': span {} is no date", pattern, *span);
  }
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{*span}}};
  const int64_t number = spec.what == Spec::What::kYear    ? static_cast<int>(date.year())
                         : spec.what == Spec::What::kMonth ? static_cast<unsigned>(date.month())
                                                           : static_cast<unsigned>(date.day());
  return Padded(pattern, spec, number);
}

std::string RegexOfGlob(std::string_view glob) {
  std::string regex;
  for (const char c : glob) {
    if (c == '*') {
      regex += R"([^\\/]*)";
    } else if (c == '?') {
      regex += R"([^\\/])";
    } else {
      regex += RE2::QuoteMeta(re2::StringPiece(&c, 1));
    }
  }
  return regex;
}

std::string RegexOf(const std::string& pattern, const std::vector<Spec>& specs) {
  std::string regex;
  size_t position = 0;
  const std::string_view view = pattern;
  for (const Spec& spec : specs) {
    regex += RegexOfGlob(view.substr(position, spec.begin - position));
    regex += spec.width > 0 ? fmt::format("(?P<{}>.{{{}}})", GroupName(spec.what), spec.width)
                            : fmt::format("(?P<{}>.*)", GroupName(spec.what));
    position = spec.end;
  }
  return regex + RegexOfGlob(view.substr(position));
}

StatusOr<int64_t> Number(const std::string& pattern, const std::string& file, Spec::What what,
                         const std::string& text) {
  int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end || number < 0) {
    return InvalidArgumentError("input pattern '{}': the {} of '{}' is '{}', not a number", pattern,
                                GroupName(what), file, text);
  }
  return number;
}

// What one file says: the texts of the specs in the order of `specs`, and their numbers.
struct Match {
  int64_t span = 0;
  std::optional<int64_t> version;
  std::vector<std::string> texts;
};

StatusOr<Match> ReadMatch(const std::string& pattern, const std::vector<Spec>& specs,
                          const std::string& file, std::vector<std::string> texts) {
  Match match;
  int64_t date[3] = {};
  bool has_date = false;
  for (size_t i = 0; i < specs.size(); ++i) {
    BESSEMER_ASSIGN_OR_RETURN(const int64_t number, Number(pattern, file, specs[i].what, texts[i]));
    if (specs[i].what == Spec::What::kSpan) {
      match.span = number;
    } else if (specs[i].what == Spec::What::kVersion) {
      match.version = number;
    } else {
      date[static_cast<int>(specs[i].what) - static_cast<int>(Spec::What::kYear)] = number;
      has_date = true;
    }
  }
  if (has_date) {
    const std::optional<int64_t> days = DaysFromDate(date[0], date[1], date[2]);
    if (!days) {
      return InvalidArgumentError("input pattern '{}': '{}' has no valid date", pattern, file);
    }
    match.span = *days;
  }
  match.texts = std::move(texts);
  return match;
}

// The spans there are, each with its latest version.
using Matches = std::map<int64_t, Match>;

// `span`, if given, is the only one that is wanted.
StatusOr<Matches> FindMatches(const std::string& pattern, const std::vector<Spec>& specs,
                              std::optional<int64_t> span) {
  Status error;
  const std::string glob = Replace(pattern, specs, [&](const Spec& spec) {
    StatusOr<std::string> text = KnownText(pattern, spec, span);
    if (!text.ok()) error = text.status();
    return text.value_or("*");
  });
  BESSEMER_RETURN_IF_ERROR(error);
  BESSEMER_ASSIGN_OR_RETURN(const std::vector<std::string> files, io::ListFiles(glob));
  const RE2 regex(RegexOf(pattern, specs), RE2::Quiet);
  if (!regex.ok()) return InvalidArgumentError("input pattern '{}': {}", pattern, regex.error());
  Matches matches;
  std::vector<re2::StringPiece> groups(specs.size() + 1);
  for (const std::string& file : files) {
    if (!regex.Match(file, 0, file.size(), RE2::UNANCHORED, groups.data(),
                     static_cast<int>(groups.size()))) {
      continue;
    }
    std::vector<std::string> texts;
    for (size_t i = 1; i < groups.size(); ++i) texts.emplace_back(groups[i]);
    BESSEMER_ASSIGN_OR_RETURN(Match match, ReadMatch(pattern, specs, file, std::move(texts)));
    const auto [known, is_new] = matches.try_emplace(match.span, match);
    if (!is_new && match.version >= known->second.version) known->second = std::move(match);
  }
  if (matches.empty()) return NotFoundError("input pattern '{}': no file matches", pattern);
  return matches;
}

Status CheckRange(const SpanRange& range) {
  for (const int64_t span : {range.first, range.last.value_or(0)}) {
    if (span < 0 || span > 3'000'000'000) {
      return InvalidArgumentError("span {} is out of range", span);
    }
  }
  if (range.last && *range.last < range.first) {
    return InvalidArgumentError("the spans from {} to {} are none", range.first, *range.last);
  }
  if (range.num_spans.value_or(1) < 1 || range.skip_recent < 0) {
    return InvalidArgumentError("a range of spans needs at least one, and cannot skip {}",
                                range.skip_recent);
  }
  return OkStatus();
}

// The matches a range chooses, ascending.
StatusOr<std::vector<Match>> ChooseSpans(const std::string& pattern, Matches matches,
                                         const SpanRange& range) {
  std::vector<Match> chosen;
  for (auto& [span, match] : matches) {
    const bool excluded =
        std::find(range.exclude.begin(), range.exclude.end(), span) != range.exclude.end();
    if (span >= range.first && span <= range.last.value_or(INT64_MAX) && !excluded) {
      chosen.push_back(std::move(match));
    }
  }
  const size_t skip = std::min(chosen.size(), static_cast<size_t>(range.skip_recent));
  chosen.resize(chosen.size() - skip);
  if (range.num_spans && static_cast<size_t>(*range.num_spans) < chosen.size()) {
    chosen.erase(chosen.begin(), chosen.end() - static_cast<ptrdiff_t>(*range.num_spans));
  }
  if (!chosen.empty()) return chosen;
  return NotFoundError("input pattern '{}': none of its spans is in the range; they are {} to {}",
                       pattern, matches.begin()->first, matches.rbegin()->first);
}

// The spans of one split, its files listed.
StatusOr<std::vector<SpanVersion>> ResolveSplit(const std::string& pattern, const SpanRange& range,
                                                ResolvedSplit* split) {
  BESSEMER_ASSIGN_OR_RETURN(const std::vector<Spec> specs, FindSpecs(pattern));
  BESSEMER_RETURN_IF_ERROR(CheckSpecs(pattern, specs));
  std::vector<Match> chosen(1);
  if (!specs.empty()) {
    std::optional<int64_t> only;
    if (range.first == range.last) only = range.first;
    BESSEMER_ASSIGN_OR_RETURN(Matches matches, FindMatches(pattern, specs, only));
    BESSEMER_ASSIGN_OR_RETURN(chosen, ChooseSpans(pattern, std::move(matches), range));
  } else if (range.first > 0) {
    return InvalidArgumentError("input pattern '{}' has no {{SPAN}}, but span {} is wanted",
                                pattern, range.first);
  }
  std::vector<SpanVersion> spans;
  for (const Match& match : chosen) {
    size_t next = 0;
    const std::string filled =
        Replace(pattern, specs, [&](const Spec&) { return match.texts[next++]; });
    BESSEMER_ASSIGN_OR_RETURN(const std::vector<std::string> files, io::ListFiles(filled));
    split->pattern += (split->pattern.empty() ? "" : ",") + filled;
    split->files.insert(split->files.end(), files.begin(), files.end());
    spans.push_back({match.span, match.version});
  }
  return spans;
}

std::string Describe(const std::vector<SpanVersion>& spans) {
  if (spans.size() == 1) {
    return fmt::format("span {} version {}", spans[0].span, spans[0].version.value_or(0));
  }
  std::string text;
  for (const SpanVersion& span : spans) {
    text += fmt::format("{}{}", text.empty() ? "spans " : ", ", span.span);
    if (span.version) text += fmt::format(" version {}", *span.version);
  }
  return text;
}

}  // namespace

std::optional<int64_t> DaysFromDate(int64_t year, int64_t month, int64_t day) {
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31) return {};
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return {};
  return std::chrono::sys_days(date).time_since_epoch().count();
}

StatusOr<ResolvedInput> ResolveInput(const std::string& base, const std::vector<InputSplit>& splits,
                                     const SpanRange& range) {
  if (splits.empty()) return InvalidArgumentError("the input has no splits");
  BESSEMER_RETURN_IF_ERROR(CheckRange(range));
  ResolvedInput input;
  for (const InputSplit& split : splits) {
    const std::string pattern = io::JoinPath(base, split.pattern);
    ResolvedSplit resolved{split.name};
    BESSEMER_ASSIGN_OR_RETURN(std::vector<SpanVersion> spans,
                              ResolveSplit(pattern, range, &resolved));
    if (!input.splits.empty() && spans != input.spans) {
      return InvalidArgumentError(
          "the latest span must be the same for each split, but '{}' comes to {} and '{}' to {}",
          input.splits[0].pattern, Describe(input.spans), pattern, Describe(spans));
    }
    input.spans = std::move(spans);
    input.splits.push_back(std::move(resolved));
  }
  input.span = input.spans.back().span;
  input.version = input.spans.back().version;
  return input;
}

}  // namespace bessemer::example_gen
