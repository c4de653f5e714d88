#ifndef BESSEMER_EXAMPLE_GEN_SOURCES_DUCKDB_DUCKDB_SESSION_INTERNAL_H_
#define BESSEMER_EXAMPLE_GEN_SOURCES_DUCKDB_DUCKDB_SESSION_INTERNAL_H_

#include <arrow/type_fwd.h>

#include <memory>
#include <string>
#include <string_view>

#include "bessemer/base/status.h"
#include "bessemer/columnar/feature_column.h"
#include "bessemer/example_gen/sources/duckdb/duckdb_api_internal.h"

namespace bessemer::example_gen::duckdb {

struct SessionOptions {
  std::string path;              // of a database, or "": one in memory
  bool external_access = false;  // may read other files
  std::string memory_limit;      // as DuckDB writes it: "1GB"
  std::string scratch_dir;       // for what goes beyond it; "": nowhere
};

// The rows of a query, streamed. Must not outlive its session.
class Rows : public columnar::BatchSource {
 public:
  virtual const std::shared_ptr<arrow::Schema>& schema() const = 0;
};

// A database that is only read, and a connection to it.
class Session {
 public:
  // NOT_FOUND for a missing file, UNAVAILABLE for one that another process writes to.
  static StatusOr<std::unique_ptr<Session>> Open(const SessionOptions& options);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Runs one statement that reads; INVALID_ARGUMENT for others and for what DuckDB refuses.
  StatusOr<std::unique_ptr<Rows>> Query(const std::string& query);

  // Makes a running query end with an error. May be called by any thread.
  void Interrupt() { api_.interrupt(connection_); }

 private:
  explicit Session(const Api& api) : api_(api) {}

  const Api& api_;
  DatabaseHandle* database_ = nullptr;
  ConnectionHandle* connection_ = nullptr;
};

}  // namespace bessemer::example_gen::duckdb

#endif  // BESSEMER_EXAMPLE_GEN_SOURCES_DUCKDB_DUCKDB_SESSION_INTERNAL_H_
