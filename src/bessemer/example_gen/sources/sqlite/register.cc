#include <sqlite3.h>

#include "bessemer/columnar/arrow_status.h"
#include "bessemer/example_gen/database_files.h"
#include "bessemer/example_gen/query_spool.h"
#include "bessemer/example_gen/source.h"
#include "bessemer/example_gen/sources/sqlite/sqlite_rows_internal.h"
#include "bessemer/io/file.h"

namespace bessemer::example_gen::sqlite {
namespace {

constexpr int kBusyTimeoutMs = 10000;
constexpr int kStepsBetweenChecks = 10000;  // of SQLite's virtual machine

// A path without the scheme of a local file.
std::string LocalPath(const std::string& connection) {
  return connection.starts_with("file://") ? connection.substr(7) : connection;
}

StatusOr<Database> OpenDatabase(const ParamValues& params) {
  const std::string path = LocalPath(params.String("connection"));
  BESSEMER_ASSIGN_OR_RETURN(const bool there, io::Exists(path));
  BESSEMER_ASSIGN_OR_RETURN(const bool is_folder, io::IsDirectory(path));
  if (!there || is_folder) {
    return NotFoundError("{}: no such SQLite database file", path);
  }
  sqlite3* opened = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &opened, SQLITE_OPEN_READONLY, nullptr);
  Database database(opened);
  if (opened == nullptr) return ResourceExhaustedError("out of memory");
  if (code != SQLITE_OK) return SqliteError(opened, path);
  sqlite3_busy_timeout(opened, kBusyTimeoutMs);
  sqlite3_db_config(opened, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  return database;
}

bool IsBlank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n;") == std::string_view::npos;
}

StatusOr<Statement> Prepare(sqlite3* database, const std::string& query) {
  sqlite3_stmt* prepared = nullptr;
  const char* tail = nullptr;
  const int size = static_cast<int>(query.size());
  if (sqlite3_prepare_v2(database, query.c_str(), size, &prepared, &tail) != SQLITE_OK) {
    return SqliteError(database, "SQLite refuses the query");
  }
  Statement statement(prepared);
  if (prepared == nullptr) return InvalidArgumentError("the query is empty");
  if (!IsBlank(tail)) {
    sqlite3_stmt* second = nullptr;
    const int code = sqlite3_prepare_v2(database, tail, -1, &second, nullptr);
    const Statement guard(second);
    if (code != SQLITE_OK || second != nullptr) {
      return InvalidArgumentError("the query has more than one statement; give one");
    }
  }
  if (sqlite3_column_count(prepared) == 0 || sqlite3_stmt_readonly(prepared) == 0) {
    return InvalidArgumentError("the query must be one that reads, such as a SELECT");
  }
  return statement;
}

int AskToStop(void* progress) { return static_cast<Progress*>(progress)->cancelled() ? 1 : 0; }

StatusOr<std::unique_ptr<RowInput>> RunQuery(const QueryRequest& request) {
  BESSEMER_ASSIGN_OR_RETURN(const Database database, OpenDatabase(request.params));
  sqlite3_progress_handler(database.get(), kStepsBetweenChecks, AskToStop, request.progress);
  // One snapshot, should the rows be read twice.
  if (sqlite3_exec(database.get(), "BEGIN", nullptr, nullptr, nullptr) != SQLITE_OK) {
    return SqliteError(database.get(), request.params.String("connection"));
  }
  BESSEMER_ASSIGN_OR_RETURN(const Statement statement, Prepare(database.get(), request.query));
  BESSEMER_ASSIGN_OR_RETURN(const std::unique_ptr<Rows> rows, Rows::Open(statement.get()));
  QuerySpoolOptions options;
  options.scratch_dir = request.scratch_dir;
  options.progress = request.progress;
  StatusOr<std::unique_ptr<RowInput>> input = SpoolQuery(rows->schema(), *rows, options);
  if (input.status().code() == StatusCode::kAborted) {
    BESSEMER_RETURN_IF_ERROR(rows->Widen());
    input = SpoolQuery(rows->schema(), *rows, options);
  }
  return input;
}

// Notes functions whose result may be another next time. Those of dates are among them, as without
// arguments or with 'now' they tell the time.
int NoteVolatile(void* found, int action, const char*, const char* function, const char*,
                 const char*) {
  static constexpr std::string_view kVolatile[] = {
      "random",    "randomblob", "changes",      "total_changes", "last_insert_rowid",
      "date",      "time",       "datetime",     "julianday",     "strftime",
      "unixepoch", "timediff",   "current_date", "current_time",  "current_timestamp"};
  if (action == SQLITE_FUNCTION && function != nullptr) {
    for (const std::string_view name : kVolatile) {
      if (sqlite3_stricmp(function, name.data()) == 0) *static_cast<bool*>(found) = true;
    }
  }
  return SQLITE_OK;
}

// Of the database's file and of what is not yet in it: the write-ahead log, or a hot journal.
StatusOr<std::string> DataFingerprint(const std::string& query, const ParamValues& params,
                                      io::FileHashes& hashes) {
  BESSEMER_ASSIGN_OR_RETURN(const Database database, OpenDatabase(params));
  bool is_volatile = false;
  sqlite3_set_authorizer(database.get(), NoteVolatile, &is_volatile);
  BESSEMER_RETURN_IF_ERROR(Prepare(database.get(), query).status());
  if (is_volatile) return std::string();
  return FingerprintOfDatabase(LocalPath(params.String("connection")), {"", "-wal", "-journal"},
                               hashes);
}

}  // namespace

void Register(SourceRegistry& registry) {
  registry.Add({
      .name = "sqlite",
      .doc = "The result of a query of an SQLite database.\n"
             "The file is only read. A column's type is that of its declaration, widened to what "
             "its cells hold: integers and floats make floats, text and blobs make blobs; numbers "
             "beside text are an error that names the row.",
      .component = "SqliteExampleGen",
      .params = {{.name = "connection", .doc = "The database's file.", .required = true}},
      .run_query = RunQuery,
      .data_fingerprint = DataFingerprint,
  });
}

}  // namespace bessemer::example_gen::sqlite
