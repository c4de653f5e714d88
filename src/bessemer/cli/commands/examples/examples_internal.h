#ifndef BESSEMER_CLI_COMMANDS_EXAMPLES_EXAMPLES_INTERNAL_H_
#define BESSEMER_CLI_COMMANDS_EXAMPLES_EXAMPLES_INTERNAL_H_

#include <cstdint>
#include <string>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/cli/command.h"
#include "bessemer/example_gen/csv_reader.h"

// The verbs of `bessemer examples`: options as given, then the action.

namespace bessemer::cli::examples {

// How CSV among the files is to be read.
struct CsvFlags {
  std::vector<std::string> null_spellings;
  std::string delimiter;
};
StatusOr<example_gen::CsvOptions> ReadCsvFlags(const CsvFlags& flags, const Session& session);

struct ShowOptions {
  CsvFlags csv;
  std::string path;
  int64_t num_rows = 10;
  std::vector<std::string> columns;
};
StatusOr<int> Show(const ShowOptions& options, const Session& session);

struct CountOptions {
  CsvFlags csv;
  std::vector<std::string> paths;
};
StatusOr<int> Count(const CountOptions& options, const Session& session);

struct ConvertOptions {
  CsvFlags csv;
  std::string from;
  std::string to;
};
StatusOr<int> Convert(const ConvertOptions& options, const Session& session);

struct SplitOptions {
  CsvFlags csv;
  std::string from;
  std::string to;
  std::vector<std::string> splits = {"train:2", "eval:1"};
  std::string by;
  std::string where;
};
StatusOr<int> Split(const SplitOptions& options, Session& session);

struct DiffOptions {
  CsvFlags csv;
  std::string left;
  std::string right;
  int64_t num_rows = 5;
};
StatusOr<int> Diff(const DiffOptions& options, const Session& session);

}  // namespace bessemer::cli::examples

#endif  // BESSEMER_CLI_COMMANDS_EXAMPLES_EXAMPLES_INTERNAL_H_
