#ifndef BESSEMER_TESTS_CONFORMANCE_CASE_FILES_H_
#define BESSEMER_TESTS_CONFORMANCE_CASE_FILES_H_

#include <string>
#include <vector>

#include "bessemer/base/status.h"
#include "conformance/suite.h"

namespace bessemer::conformance {

// A case as it stands in its file; parsed again by the process that runs it.
struct CaseText {
  std::string file;
  std::string id;
  std::string text;  // JSON
  Case Parse(const std::string& folder) const;
};

// All cases of a folder, by file in order of name:
//   *.jsonl            a case a line
//   *.json             an object whose member "cases" is a list; any other .json file beside cases
//                      is none
//   a folder with config.pbtxt and expected.json: one case, {"folder": path}; files below it are
//                      not searched
// Ids are the cases' "id", else "scenario", else their number. A line that is not JSON is a case
// that no suite takes. NOT_FOUND if the folder does not exist.
StatusOr<std::vector<CaseText>> ReadCaseFiles(const std::string& folder);

}  // namespace bessemer::conformance

#endif  // BESSEMER_TESTS_CONFORMANCE_CASE_FILES_H_
