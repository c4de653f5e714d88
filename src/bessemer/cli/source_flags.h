#ifndef BESSEMER_CLI_SOURCE_FLAGS_H_
#define BESSEMER_CLI_SOURCE_FLAGS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/cli/command.h"
#include "bessemer/example_gen/row_files.h"

// The flags by which commands read rows of any source: which it is, and its parameters.

namespace bessemer::cli {

struct SourceFlags {
  std::string format;
  std::vector<std::string> params;  // "name=value"
  std::string query;
  std::string connection;       // of the engine that runs the query
  std::optional<int64_t> span;  // for the query's macros
  bool skip_bad_rows = false;
  // CSV's most used parameters; without meaning for other formats.
  std::vector<std::string> null_spellings;
  std::string delimiter;
};

void AddSourceFlags(CLI::App& verb, SourceFlags& flags);

// What the flags say to a source; of CSV's own flags those it has.
StatusOr<example_gen::RowOptions> ReadSourceFlags(const SourceFlags& flags,
                                                  const example_gen::Source& source,
                                                  Session& session);

// The rows of files at a path, or of a query (`path` is empty then).
StatusOr<std::unique_ptr<example_gen::RowInput>> OpenRows(const std::string& path,
                                                          const SourceFlags& flags,
                                                          Session& session);
// The same for files that were found.
StatusOr<std::unique_ptr<example_gen::RowInput>> OpenRows(const example_gen::RowFiles& files,
                                                          const SourceFlags& flags,
                                                          Session& session);

}  // namespace bessemer::cli

#endif  // BESSEMER_CLI_SOURCE_FLAGS_H_
