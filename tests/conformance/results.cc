#include "conformance/results.h"

#include <algorithm>
#include <set>

namespace bessemer::conformance {
namespace {

constexpr size_t kLongestText = 2000;  // of one case in the list
constexpr char kUnexplained[] = "to be explained";

std::string_view StateName(Verdict::State state) {
  switch (state) {
    case Verdict::State::kPassed: return "passed";
    case Verdict::State::kFailed: return "failed";
    case Verdict::State::kNotImplemented: return "not implemented";
    case Verdict::State::kNotApplicable: return "not applicable";
  }
  return "";
}

std::string Indented(std::string_view text) {
  std::string result;
  while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  const std::string cut = text.size() <= kLongestText
                              ? std::string(text)
                              : fmt::format("{}… ({} bytes)", text.substr(0, kLongestText),
                                            text.size());
  for (const char c : cut) {
    result += c;
    if (c == '\n') result += "        ";
  }
  return result;
}

void AppendRow(std::string* out, const std::string& name, int passed, int total) {
  *out += fmt::format("{:<58} {:>6} {:>6}\n", name, passed, total);
}

void AppendMisses(std::string* out, const LineResult& line) {
  for (const CaseResult& one : line.cases) {
    if (one.verdict.passed()) continue;
    const bool failed = one.verdict.state == Verdict::State::kFailed;
    *out += fmt::format("    {}: {}{}\n", one.id,
                        failed ? "" : fmt::format("{}: ", StateName(one.verdict.state)),
                        Indented(one.verdict.text));
  }
}

Json LineToJson(const std::string& name, int passed, int total) {
  return {{"name", name}, {"passed", passed}, {"total", total}};
}

// Reason by id, of a line of what is known. "all" stands for all cases of the line.
std::map<std::string, std::string> KnownMisses(const Json& known, const LineResult& line) {
  std::map<std::string, std::string> reasons;
  if (!known.is_object() || !known.contains(line.name)) return reasons;
  const Json& entry = known[line.name];
  if (!entry.contains("misses")) return reasons;
  for (const auto& [reason, ids] : entry["misses"].items()) {
    if (ids == "all") {
      for (const CaseResult& one : line.cases) reasons[one.id] = reason;
      continue;
    }
    for (const Json& id : ids) reasons[id.get<std::string>()] = reason;
  }
  return reasons;
}

// Ids by reason, of the cases of a line that do not pass.
Json MissesOf(const LineResult& line, const std::map<std::string, std::string>& known) {
  Json misses = Json::object();
  for (const CaseResult& one : line.cases) {
    if (one.verdict.passed()) continue;
    const bool failed = one.verdict.state == Verdict::State::kFailed;
    std::string reason = failed ? kUnexplained
                                : fmt::format("{}: {}", StateName(one.verdict.state),
                                              one.verdict.text);
    const auto written = known.find(one.id);
    if (failed && written != known.end()) reason = written->second;
    misses[reason].push_back(one.id);
  }
  if (misses.size() == 1 && misses.begin()->size() == line.cases.size()) {
    misses.begin().value() = "all";
  }
  return misses;
}

}  // namespace

int LineResult::passed() const {
  return static_cast<int>(std::count_if(cases.begin(), cases.end(),
                                        [](const auto& one) { return one.verdict.passed(); }));
}

std::string ToText(const std::vector<FileResult>& files, Level level, bool list) {
  std::string out = fmt::format("{:<58} {:>6} {:>6}\n", "suite", "passed", "total");
  int passed = 0;
  int total = 0;
  for (const FileResult& file : files) {
    AppendRow(&out, file.file, file.num_passed, file.num_cases);
    passed += file.num_passed;
    total += file.num_cases;
    for (const LineResult& line : file.lines) {
      if (file.has_kinds() && level == Level::kKind) {
        AppendRow(&out, "  " + line.name, line.passed(), line.total());
      }
      if (list) AppendMisses(&out, line);
    }
  }
  AppendRow(&out, "all", passed, total);
  return out;
}

Json ToJson(const std::vector<FileResult>& files, Level level) {
  Json suites = Json::array();
  int passed = 0;
  int total = 0;
  for (const FileResult& file : files) {
    passed += file.num_passed;
    total += file.num_cases;
    Json whole = LineToJson(file.file, file.num_passed, file.num_cases);
    Json kinds = Json::array();
    Json misses = Json::array();
    for (const LineResult& line : file.lines) {
      kinds.push_back(LineToJson(line.name, line.passed(), line.total()));
      for (const CaseResult& one : line.cases) {
        if (one.verdict.passed()) continue;
        misses.push_back({{"id", one.id},
                          {"suite", line.name},
                          {"state", StateName(one.verdict.state)},
                          {"text", one.verdict.text}});
      }
    }
    if (file.has_kinds() && level == Level::kKind) whole["kinds"] = std::move(kinds);
    whole["misses"] = std::move(misses);
    suites.push_back(std::move(whole));
  }
  return {{"passed", passed}, {"total", total}, {"suites", std::move(suites)}};
}

Comparison Compare(const std::vector<FileResult>& files, const Json& known) {
  Comparison out;
  std::set<std::string> seen;
  for (const FileResult& file : files) {
    for (const LineResult& line : file.lines) {
      seen.insert(line.name);
      if (!known.contains(line.name)) {
        out.news += fmt::format("{} is new\n", line.name);
        continue;
      }
      const auto reasons = KnownMisses(known, line);
      for (const CaseResult& one : line.cases) {
        const auto reason = reasons.find(one.id);
        if (!one.verdict.passed() && reason == reasons.end()) {
          out.regressions += fmt::format("{}: {} no longer passes: {}\n", line.name, one.id,
                                         Indented(one.verdict.text));
        } else if (one.verdict.passed() && reason != reasons.end()) {
          out.news += fmt::format("{}: {} passes now\n", line.name, one.id);
        } else if (reason != reasons.end() && reason->second == kUnexplained) {
          out.regressions += fmt::format("{}: {} fails, and nobody has said why\n", line.name,
                                         one.id);
        }
      }
      const int total = known[line.name].value("total", 0);
      if (total != line.total()) {
        out.news += fmt::format("{}: {} cases, {} were known\n", line.name, line.total(), total);
      }
    }
  }
  for (const auto& [name, entry] : known.items()) {
    if (!seen.contains(name) && !name.ends_with("/other")) {
      out.regressions += fmt::format("{}: its cases are not there\n", name);
    }
  }
  return out;
}

std::string Update(const std::vector<FileResult>& files, const Json& known) {
  std::string out = "{";
  const char* separator = "\n";
  for (const FileResult& file : files) {
    for (const LineResult& line : file.lines) {
      out += fmt::format("{}\"{}\": {{\"passed\": {}, \"total\": {}", separator, line.name,
                         line.passed(), line.total());
      separator = ",\n";
      const char* inner = ", \"misses\": {\n  ";
      const Json misses = MissesOf(line, KnownMisses(known, line));
      for (const auto& [reason, ids] : misses.items()) {
        out += fmt::format("{}{}: {}", inner, Json(reason).dump(), ids.dump());
        inner = ",\n  ";
      }
      out += misses.empty() ? "}" : "}}";
    }
  }
  return out + "\n}\n";
}

}  // namespace bessemer::conformance
