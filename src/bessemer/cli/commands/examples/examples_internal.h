#ifndef BESSEMER_CLI_COMMANDS_EXAMPLES_EXAMPLES_INTERNAL_H_
#define BESSEMER_CLI_COMMANDS_EXAMPLES_EXAMPLES_INTERNAL_H_

#include <cstdint>
#include <string>
#include <vector>

#include "bessemer/base/params.h"
#include "bessemer/base/status.h"
#include "bessemer/cli/param_flags.h"
#include "bessemer/cli/source_flags.h"

// The verbs of `bessemer examples`: options as given, then the action.

namespace bessemer::cli::examples {

struct ShowOptions {
  SourceFlags source;
  std::string path;
  int64_t num_rows = 10;
  std::vector<std::string> columns;
  std::string nulls_in_lists = "fail";
};
StatusOr<int> Show(const ShowOptions& options, Session& session);

struct CountOptions {
  SourceFlags source;
  std::vector<std::string> paths;
};
StatusOr<int> Count(const CountOptions& options, Session& session);

struct ConvertOptions {
  SourceFlags source;
  std::string from;
  std::string to;
  std::string form;  // what to write; "": by the name of `to`
  std::string nulls_in_lists = "fail";
};
StatusOr<int> Convert(const ConvertOptions& options, Session& session);

struct SplitOptions {
  SourceFlags source;
  std::string from;
  std::string to;
  std::vector<std::string> splits;
  std::string by;
  ParamTexts params;  // of components that bring data in (example_gen::OutputParams)
};
// Those of the parameters that are flags of `split`.
std::vector<Param> SplitParams();
StatusOr<int> Split(const SplitOptions& options, Session& session);

struct DiffOptions {
  SourceFlags source;
  std::string left;
  std::string right;
  int64_t num_rows = 5;
};
StatusOr<int> Diff(const DiffOptions& options, Session& session);

}  // namespace bessemer::cli::examples

#endif  // BESSEMER_CLI_COMMANDS_EXAMPLES_EXAMPLES_INTERNAL_H_
