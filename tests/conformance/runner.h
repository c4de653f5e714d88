#ifndef BESSEMER_TESTS_CONFORMANCE_RUNNER_H_
#define BESSEMER_TESTS_CONFORMANCE_RUNNER_H_

#include <string>
#include <vector>

#include "bessemer/base/status.h"
#include "conformance/results.h"
#include "conformance/suite.h"

namespace bessemer::conformance {

struct RunOptions {
  std::string folder = "../shared/conformance";
  std::vector<std::string> suites;  // names of files or lines; empty: all
  std::vector<std::string> ids;     // empty: all
  int num_workers = 2;              // 0: in this process, for a debugger
  int timeout_s = 60;               // of a case
};

// Runs the cases of a folder. NOT_FOUND without the folder; INVALID_ARGUMENT for a suite that is
// neither registered nor a file of the folder.
StatusOr<std::vector<FileResult>> Run(const SuiteRegistry& registry, const RunOptions& options);

}  // namespace bessemer::conformance

#endif  // BESSEMER_TESTS_CONFORMANCE_RUNNER_H_
