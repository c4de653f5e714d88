#ifndef BESSEMER_EXAMPLE_GEN_SOURCE_H_
#define BESSEMER_EXAMPLE_GEN_SOURCE_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bessemer/base/params.h"
#include "bessemer/base/progress.h"
#include "bessemer/base/registry.h"
#include "bessemer/base/status.h"
#include "bessemer/example_gen/row_input.h"

namespace bessemer::io {
class FileHashes;
}

// Where rows come from: file formats and query engines, one plug-in folder each (sources/<name>/).
// A source becomes a component of pipelines (`component`) and an input of the tools.

namespace bessemer::example_gen {

struct FileRequest {
  // Never empty. Types are found over all of them together.
  std::vector<std::string> files;
  const ParamValues& params;  // of Source::params
  int num_threads = 0;        // 0: all processors
  std::string scratch_dir = "/tmp";
  Progress* progress = &Progress::None();
  // Rows that are not what the format demands: an error that names the first, or set aside.
  OnBadRow on_bad_row = OnBadRow::kFail;
  // The types that columns must have, for formats that do not say them (CSV): INT, FLOAT or STRING
  // by name. Columns that the files do not have are passed over; parameters go before.
  std::map<std::string, std::string> known_types = {};
  // For readers that do not write examples: numbers in full (double) and text as text, where TFX's
  // types (float, bytes) would lose it.
  bool exact_values = false;
};

struct QueryRequest {
  std::string query;  // span macros already replaced
  const ParamValues& params;
  std::string scratch_dir = "/tmp";  // where a result may be spooled; it outlives the RowInput
  Progress* progress = &Progress::None();
};

// The registry entry of a source: either files or a query.
struct Source {
  std::string name;       // "parquet", "postgresql"
  std::string doc;        // first line: one sentence
  std::string component;  // "ParquetExampleGen", "PostgresqlExampleGen"
  // The source's own parameters, beside those all sources share: a dialect, a connection.
  std::vector<Param> params;
  // What is wrong with values of them that their declarations allow, before anything is read:
  // INVALID_ARGUMENT at the parameter. Optional.
  std::function<Status(const ParamValues& params)> check = {};

  // File formats: how their names end, e.g. {".parquet", ".pq"}, an ending of a compressed stream
  // (".gz", ".zst" …) left aside; the bytes they begin with, if that tells them; and reading them.
  // NOT_FOUND for a missing file, INVALID_ARGUMENT for files that do not fit together, DATA_LOSS
  // for damage, each naming the file.
  std::vector<std::string> suffixes = {};
  std::string magic = {};
  std::function<StatusOr<std::unique_ptr<RowInput>>(const FileRequest& request)> open_files = {};

  // Query engines: runs a query and returns its result. INVALID_ARGUMENT for a query the engine
  // refuses, with its own message; UNAVAILABLE for an engine that cannot be reached;
  // PERMISSION_DENIED or UNAUTHENTICATED for credentials it does not accept. Secrets appear in no
  // message.
  std::function<StatusOr<std::unique_ptr<RowInput>>(const QueryRequest& request)> run_query = {};
  // Query engines that can tell cheaply whether a query would give what it gave before (a database
  // file's hash): part of what decides whether an earlier result is reused. "" when they cannot:
  // the data may lie elsewhere, or the query depends on the time or on chance. Files that `hashes`
  // knows are not read. Optional.
  std::function<StatusOr<std::string>(const std::string& query, const ParamValues& params,
                                      io::FileHashes& hashes)>
      data_fingerprint = {};

  // The name in TFX's records, where TFX has the component.
  std::string tfx_class = {};
};

using SourceRegistry = Registry<Source>;

// Adds every source of this folder's plug-ins (sources/<name>/register.cc).
void RegisterPlugins(SourceRegistry& registry);

// All sources, made once.
const SourceRegistry& Sources();

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_SOURCE_H_
