#ifndef BESSEMER_TESTS_CONFORMANCE_RESULTS_H_
#define BESSEMER_TESTS_CONFORMANCE_RESULTS_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bessemer/base/config.h"
#include "conformance/suite.h"

namespace bessemer::conformance {

struct CaseResult {
  std::string id;
  Verdict verdict;
};

// A line of the table.
struct LineResult {
  std::string name;
  std::vector<CaseResult> cases;  // in the order of the file

  int passed() const;
  int total() const { return static_cast<int>(cases.size()); }
};

// The lines of one file, and their sum: a case passes that passes in every line that ran it.
struct FileResult {
  std::string file;
  std::vector<LineResult> lines;
  int num_passed = 0;
  int num_cases = 0;

  bool has_kinds() const { return lines.size() != 1 || lines[0].name != file; }
};

enum class Level { kFile, kKind };

// The table: a line a suite with its name, passed and total; with `list`, the cases that did not
// pass below it.
std::string ToText(const std::vector<FileResult>& files, Level level, bool list);
// {"suites": [{"name", "passed", "total", "misses": [{"id", "state", "text"}]}], "passed", "total"}
Json ToJson(const std::vector<FileResult>& files, Level level);

// What is known: {line: {"passed": n, "total": n, "misses": {reason: [id, …]}}}, where
// "all" in place of the ids stands for every case of the line.
//
// Differences to `known`, one a line.
struct Comparison {
  std::string regressions;  // misses that are not known, or not explained; lines that are gone
  std::string news;         // known misses that pass, lines and numbers of cases that are not known
};
Comparison Compare(const std::vector<FileResult>& files, const Json& known);
// The text of `known` brought up to date. Reasons written by hand stay with their cases; new misses
// get what their verdict says, or "to be explained".
std::string Update(const std::vector<FileResult>& files, const Json& known);

}  // namespace bessemer::conformance

#endif  // BESSEMER_TESTS_CONFORMANCE_RESULTS_H_
