#ifndef BESSEMER_CLI_SOURCE_FLAGS_H_
#define BESSEMER_CLI_SOURCE_FLAGS_H_

#include <cstdint>
#include <map>
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
  std::optional<std::string> delimiter, encoding;
  // No flags: see example_gen::FileRequest.
  std::map<std::string, std::string> known_types;
  bool exact_values = false;
};

// Those of files; those of queries; and both, with --skip-bad-rows.
void AddFormatFlags(CLI::App& verb, SourceFlags& flags);
void AddQueryFlags(CLI::App& verb, SourceFlags& flags);
void AddSourceFlags(CLI::App& verb, SourceFlags& flags);

// Lets "-" stand for standard input in options that name files to read, and for standard output in
// those that name files to write, of this command and those below it.
void NameStandardStreams(CLI::App& app);

// What the flags say to a source; of CSV's own flags those it has.
StatusOr<example_gen::RowOptions> ReadSourceFlags(const SourceFlags& flags,
                                                  const example_gen::Source& source,
                                                  Session& session);

// The path, or that of a copy of what comes through it if it is a stream, such as standard input.
// The copy lies in $TMPDIR and goes when the process ends. CANCELLED once the user asks for that.
StatusOr<std::string> FileOf(const std::string& path, Session& session);

// A message that may name such a copy, naming what it is a copy of instead: "standard input".
std::string NameStreams(std::string text);

// Says on stderr how many rows were left out of inputs that have been read, and which was the
// first; nothing if there were none. Returns their number.
StatusOr<int64_t> SaySkippedRows(const std::vector<const example_gen::RowInput*>& inputs);

// The rows of files at a path (see FileOf), or of a query (`path` is empty then).
StatusOr<std::unique_ptr<example_gen::RowInput>> OpenRows(const std::string& path,
                                                          const SourceFlags& flags,
                                                          Session& session);
// The same for files that were found.
StatusOr<std::unique_ptr<example_gen::RowInput>> OpenRows(const example_gen::RowFiles& files,
                                                          const SourceFlags& flags,
                                                          Session& session);
// The rows of all paths, an input for each format among them; of the query if there are no paths.
StatusOr<std::vector<std::unique_ptr<example_gen::RowInput>>> OpenAllRows(
    const std::vector<std::string>& paths, const SourceFlags& flags, Session& session);

}  // namespace bessemer::cli

#endif  // BESSEMER_CLI_SOURCE_FLAGS_H_
