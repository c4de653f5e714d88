#ifndef BESSEMER_TESTS_CONFORMANCE_SUITE_H_
#define BESSEMER_TESTS_CONFORMANCE_SUITE_H_

#include <fmt/format.h>

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bessemer/base/config.h"
#include "bessemer/base/status.h"

// What a suite of conformance cases is: a file of cases, and code that runs one of them.

namespace bessemer::conformance {

// One recorded case.
struct Case {
  std::string folder;  // that the suites lie in
  std::string file;    // relative to `folder`, without its ending: "tfma/generated_cases"
  std::string id;      // unique within the file
  Json json;
};

// What came of a case. Only kPassed counts as passed.
struct Verdict {
  enum class State : char {
    kPassed = 'P',
    kFailed = 'F',          // ran, and the answer differs
    kNotImplemented = 'M',  // nothing here does what the case asks for, or no code runs it yet
    kNotApplicable = 'N',   // the case cannot be put to this program; `text` says why
  };
  State state = State::kPassed;
  std::string text;  // what differs ("expected …, got …"), or the reason

  bool passed() const { return state == State::kPassed; }
};

inline Verdict Passed() { return {}; }
inline Verdict Failed(std::string text) { return {Verdict::State::kFailed, std::move(text)}; }
inline Verdict NotImplemented(std::string what) {
  return {Verdict::State::kNotImplemented, std::move(what)};
}
inline Verdict NotApplicable(std::string reason) {
  return {Verdict::State::kNotApplicable, std::move(reason)};
}
// Passed if `difference` is empty.
inline Verdict FromDifference(std::string difference) {
  return difference.empty() ? Passed() : Failed(std::move(difference));
}
inline Verdict Failed(const Status& status) { return Failed(std::string(Message(status))); }
// Passed if both are equal; both must be printable by fmt.
template <typename T, typename U>
Verdict Same(const T& expected, const U& got) {
  if (expected == got) return Passed();
  return Failed(fmt::format("expected {}, got {}", expected, got));
}
// For a case that expects an error (any error will do), or none: true if the verdict is already
// known, and then written to `verdict`.
bool DecidedByError(bool error_expected, const Status& status, Verdict* verdict);

// A line of the result table: the cases of one file that `takes` accepts. A case that several lines
// take is run by each, and passes in the file's sum if all pass. Cases that no line takes are
// counted, as not passed, in a line "other".
struct Suite {
  std::string file;
  std::string kind;  // name of the line within the file; empty if it is the file's only one
  std::string doc;
  std::function<bool(const Case&)> takes;  // empty: every case
  // Runs in a process of its own, which may be killed: exceptions, aborts and hanging are failures
  // of the case alone.
  std::function<Verdict(const Case&)> run;

  std::string name() const { return kind.empty() ? file : file + "/" + kind; }
};

class SuiteRegistry {
 public:
  // A second suite of the same name is left out; status() then says so.
  void Add(Suite suite);

  const std::vector<Suite>& suites() const { return suites_; }
  const Status& status() const { return status_; }

 private:
  std::vector<Suite> suites_;
  Status status_;
};

// Written by CMake from the folders of suites/.
void RegisterPlugins(SuiteRegistry& registry);

}  // namespace bessemer::conformance

#endif  // BESSEMER_TESTS_CONFORMANCE_SUITE_H_
