#include <arrow/array.h>
#include <arrow/record_batch.h>

#include <algorithm>
#include <set>

#include "bessemer/example_gen/cancel_watcher.h"
#include "bessemer/example_gen/database_files.h"
#include "bessemer/example_gen/query_spool.h"
#include "bessemer/example_gen/source.h"
#include "bessemer/example_gen/sources/duckdb/duckdb_session_internal.h"
#include "bessemer/io/file.h"

namespace bessemer::example_gen::duckdb {
namespace {

SessionOptions ReadOptions(const ParamValues& params, const std::string& scratch_dir) {
  SessionOptions options;
  options.path = params.String("connection");
  if (options.path == ":memory:") options.path.clear();
  if (options.path.starts_with("file://")) options.path.erase(0, 7);
  options.external_access =
      params.Has("external_access") ? params.Bool("external_access") : options.path.empty();
  options.memory_limit = params.String("memory_limit");
  options.scratch_dir = scratch_dir;
  return options;
}

StatusOr<std::unique_ptr<RowInput>> RunQuery(const QueryRequest& request) {
  BESSEMER_ASSIGN_OR_RETURN(const std::unique_ptr<Session> session,
                            Session::Open(ReadOptions(request.params, request.scratch_dir)));
  const CancelWatcher watcher(*request.progress, [&] { session->Interrupt(); });
  const auto run = [&]() -> StatusOr<std::unique_ptr<RowInput>> {
    BESSEMER_ASSIGN_OR_RETURN(const std::unique_ptr<Rows> rows, session->Query(request.query));
    return SpoolQuery(rows->schema(), *rows,
                      {.scratch_dir = request.scratch_dir, .progress = request.progress});
  };
  StatusOr<std::unique_ptr<RowInput>> input = run();
  if (!input.ok() && watcher.cancelled()) return CancelledError("the query was interrupted");
  return input;
}

// Calls f with every value of a query's one column of text.
template <typename F>
Status ForEachText(Session& session, const std::string& query, F f) {
  BESSEMER_ASSIGN_OR_RETURN(const std::unique_ptr<Rows> rows, session.Query(query));
  while (true) {
    BESSEMER_ASSIGN_OR_RETURN(const auto batch, rows->Next());
    if (batch == nullptr) return OkStatus();
    for (int64_t row = 0; row < batch->num_rows(); ++row) {
      f(std::string(static_cast<const arrow::StringArray&>(*batch->column(0)).GetView(row)));
    }
  }
}

// The words of an SQL text, in lower case.
std::set<std::string> Words(const std::string& sql) {
  std::set<std::string> words;
  std::string word;
  for (const char c : sql + " ") {
    const bool letter =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c >= '0' && c <= '9');
    if (letter) {
      word += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    } else if (!word.empty()) {
      words.insert(std::move(word));
      word.clear();
    }
  }
  return words;
}

// Whether the query, or a view or macro that it may use, has a word that names a function of the
// time, of chance or of a sequence.
StatusOr<bool> IsVolatile(Session& session, const std::string& query) {
  std::set<std::string> words = Words(query);
  const auto add = [&](const std::string& sql) { words.merge(Words(sql)); };
  BESSEMER_RETURN_IF_ERROR(
      ForEachText(session, "SELECT sql FROM duckdb_views() WHERE NOT internal", add));
  BESSEMER_RETURN_IF_ERROR(
      ForEachText(session,
                  "SELECT macro_definition FROM duckdb_functions() WHERE NOT internal AND "
                  "macro_definition IS NOT NULL",
                  add));
  bool found = words.contains("sample") || words.contains("tablesample");
  for (const std::string& word : words) {
    found |= word.starts_with("current_") || word.starts_with("localtime");
  }
  BESSEMER_RETURN_IF_ERROR(ForEachText(
      session,
      "SELECT DISTINCT function_name FROM duckdb_functions() WHERE stability <> 'CONSISTENT'",
      [&](const std::string& name) { found |= words.contains(name); }));
  return found;
}

// Of the database's file and of its write-ahead log.
StatusOr<std::string> DataFingerprint(const std::string& query, const ParamValues& params,
                                      io::FileHashes& hashes) {
  const SessionOptions options = ReadOptions(params, "");
  if (options.path.empty() || options.external_access) return std::string();
  BESSEMER_ASSIGN_OR_RETURN(const std::unique_ptr<Session> session, Session::Open(options));
  BESSEMER_ASSIGN_OR_RETURN(const bool is_volatile, IsVolatile(*session, query));
  if (is_volatile) return std::string();
  return FingerprintOfDatabase(options.path, {"", ".wal"}, hashes);
}

}  // namespace

void Register(SourceRegistry& registry) {
  registry.Add({
      .name = "duckdb",
      .doc = "The result of a query of DuckDB: of a database file, or of Parquet, CSV and JSON "
             "files.\n"
             "DuckDB's library is loaded when the first query runs. A database file is only read, "
             "and by default nothing beside it, so that an unchanged file means an unchanged "
             "result.",
      .component = "DuckdbExampleGen",
      .params = {{.name = "connection",
                  .default_value = ":memory:",
                  .doc = "The database's file; \":memory:\": none, for queries of other files."},
                 {.name = "external_access",
                  .type = ParamType::kBool,
                  .doc = "Whether the query may read other files, e.g. read_parquet('…'); none: "
                         "only if no database file is given."},
                 {.name = "memory_limit",
                  .default_value = "1GB",
                  .doc = "Memory for sorting, joining and grouping; beyond it DuckDB uses scratch "
                         "files."}},
      .run_query = RunQuery,
      .data_fingerprint = DataFingerprint,
  });
}

}  // namespace bessemer::example_gen::duckdb
