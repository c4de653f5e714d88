#include "bessemer/statistics/time_domain/time_domain.h"

#include <re2/set.h>

#include <array>
#include <memory>

#include "bessemer/columnar/utf8.h"
#include "bessemer/statistics/leaf_values.h"
#include "bessemer/statistics/uniques_sketch.h"
#include "tensorflow_metadata/proto/v0/schema.pb.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::statistics::time_domain {
namespace {

using ::tensorflow::metadata::v0::TimeDomain;

struct UnixUnit {
  TimeDomain::IntegerTimeFormat format;
  int64_t begin;  // 1990-01-01
  int64_t end;    // 2030-01-01
};

constexpr int64_t kBeginSeconds = 631152000;
constexpr int64_t kEndSeconds = 1893456000;
constexpr std::array<UnixUnit, 5> kUnits = {
    {{TimeDomain::UNIX_DAYS, 7305, 21915},
     {TimeDomain::UNIX_SECONDS, kBeginSeconds, kEndSeconds},
     {TimeDomain::UNIX_MILLISECONDS, kBeginSeconds * 1000, kEndSeconds * 1000},
     {TimeDomain::UNIX_MICROSECONDS, kBeginSeconds * 1000000, kEndSeconds * 1000000},
     {TimeDomain::UNIX_NANOSECONDS, kBeginSeconds * 1000000000, kEndSeconds * 1000000000}}};

constexpr std::string_view kDates[] = {
    "%Y-%m-%d", "%Y/%m/%d", "%Y%m%d",   "%y-%m-%d", "%y/%m/%d", "%m-%d-%Y",
    "%m/%d/%Y", "%m%d%Y",   "%m-%d-%y", "%m/%d/%y", "%d-%m-%Y", "%d/%m/%Y",
    "%d%m%Y",   "%d-%B-%Y", "%d-%m-%y", "%d/%m/%y", "%d-%B-%y"};
constexpr std::string_view kTimes[] = {"%H:%M", "%H:%M:%S", "%H:%M:%S.%f"};

// What a directive of strptime matches.
std::string_view PatternOf(char directive) {
  switch (directive) {
    case 'a': return "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)";
    case 'b': return "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)";
    case 'B':
      return "(?:January|February|March|April|May|June|July|August|September|October|November|"
             "December)";
    case 'f': return "[0-9]{1,6}";
    case 'd': return "(?:3[01]|[12][0-9]|0[1-9]|[1-9]| [1-9])";
    case 'H': return "(?:2[0-3]|[01][0-9]|[0-9])";
    case 'y': return "[0-9]{2}";
    case 'Y': return "[0-9]{4}";
    case 'm': return "(?:1[0-2]|0[1-9]|[1-9])";
    case 'M': return "(?:[0-5][0-9]|[0-9])";
    case 'S': return "(?:60[01]|[0-5][0-9]|[0-9])";
    default: return "";
  }
}

std::string RegexOf(std::string_view format) {
  std::string regex;
  for (size_t i = 0; i < format.size(); ++i) {
    if (format[i] == '%') {
      regex += PatternOf(format[++i]);
    } else {
      // A bare dot stands for any character, as in the reference.
      regex += format[i];
    }
  }
  return regex + "\\n?";
}

const re2::RE2::Set& AllFormats() {
  static const re2::RE2::Set* const set = [] {
    re2::RE2::Options options;
    options.set_log_errors(false);
    auto* all = new re2::RE2::Set(options, re2::RE2::ANCHOR_BOTH);
    for (const std::string& format : TimeFormats()) all->Add(RegexOf(format), nullptr);
    all->Compile();
    return all;
  }();
  return *set;
}

}  // namespace

const std::vector<std::string>& TimeFormats() {
  static const std::vector<std::string>* const formats = [] {
    auto* all = new std::vector<std::string>(std::begin(kDates), std::end(kDates));
    all->insert(all->end(), std::begin(kTimes), std::end(kTimes));
    all->push_back("%a %b %d %H:%M:%S %Y");
    for (const std::string_view date : kDates) {
      for (const std::string_view time : kTimes) {
        for (const char between
             : {'T', ' '}) all->push_back(fmt::format("{}{}{}", date, between, time));
      }
    }
    return all;
  }();
  return *formats;
}

std::vector<int> MatchingFormats(std::string_view value) {
  std::vector<int> matches;
  AllFormats().Match(re2::StringPiece(value.data(), value.size()), &matches);
  return matches;
}

void TimeCounts::Update(const FeatureArray& feature) {
  if (invalid_) return;
  if (feature.type == FeatureType::kString) {
    ForEachBytes(feature, [this](std::string_view value) {
      if (value.empty() || !columnar::IsUtf8(value)) invalid_ = true;
      if (invalid_) return;
      ++considered_;
      for (const int format : MatchingFormats(value)) ++matched_[format];
    });
    return;
  }
  if (feature.type != FeatureType::kInt) {
    invalid_ = true;
    return;
  }
  ForEachNumber(feature, [this](auto value) {
    ++considered_;
    for (size_t i = 0; i < kUnits.size(); ++i) {
      const double x = static_cast<double>(value);
      if (x >= static_cast<double>(kUnits[i].begin) && x < static_cast<double>(kUnits[i].end)) {
        ++matched_[-1 - static_cast<int>(i)];
      }
    }
  });
}

void TimeCounts::Merge(const TimeCounts& other) {
  considered_ += other.considered_;
  for (const auto& [format, count] : other.matched_) matched_[format] += count;
  invalid_ |= other.invalid_;
}

void TimeCounts::Save(StateWriter* out) const {
  out->Varint(considered_);
  out->Bool(invalid_);
  out->Varint(matched_.size());
  for (const auto& [format, count] : matched_) {
    out->Signed(format);
    out->Varint(count);
  }
}

void TimeCounts::Load(StateReader* in) {
  considered_ = static_cast<int64_t>(in->Varint());
  invalid_ = in->Bool();
  matched_.clear();
  for (uint64_t i = in->Count(2); i > 0; --i) {
    const int64_t format = in->Signed();
    const int64_t count = static_cast<int64_t>(in->Varint());
    if (format < -static_cast<int64_t>(kUnits.size()) ||
        format >= static_cast<int64_t>(TimeFormats().size())) {
      in->Fail("a time format is out of range");
      return;
    }
    matched_[static_cast<int>(format)] = count;
  }
}

std::pair<int, int64_t> TimeCounts::MostCommon() const {
  std::pair<int, int64_t> best = {0, 0};
  for (const auto& [format, count] : matched_) {
    if (count > best.second) best = {format, count};
  }
  return best;
}

bool TimeCounts::HasOutput() const {
  return !invalid_ && considered_ >= limits_.min_values && !matched_.empty() &&
         static_cast<double>(MostCommon().second) / static_cast<double>(considered_) >=
             limits_.min_ratio;
}

void TimeCounts::Finish(::tensorflow::metadata::v0::FeatureNameStatistics* out) const {
  const auto [format, count] = MostCommon();
  auto* stat = out->add_custom_stats();
  stat->set_name("domain_info");
  stat->set_str(format < 0 ? fmt::format("time_domain {{integer_format: {}}}",
                                         static_cast<int>(kUnits[-1 - format].format))
                           : fmt::format("time_domain {{string_format: '{}'}}",
                                         TimeFormats()[format]));
  stat = out->add_custom_stats();
  stat->set_name("time_match_ratio");
  stat->set_num(static_cast<double>(count) / static_cast<double>(considered_));
}

}  // namespace bessemer::statistics::time_domain
