#ifndef BESSEMER_EXAMPLE_GEN_SOURCES_DUCKDB_DUCKDB_API_INTERNAL_H_
#define BESSEMER_EXAMPLE_GEN_SOURCES_DUCKDB_DUCKDB_API_INTERNAL_H_

#include <arrow/c/abi.h>

#include <cstdint>
#include <string>

#include "bessemer/base/status.h"

// The part of DuckDB's C API that queries need, from a library that is loaded when the first one
// runs. Handles are pointers to what only DuckDB knows; a function that ends the life of one takes
// its address.

namespace bessemer::example_gen::duckdb {

struct DatabaseHandle;
struct ConnectionHandle;
struct ConfigHandle;
struct StatementsHandle;
struct PreparedHandle;
struct PendingHandle;
struct ChunkHandle;
struct TypeHandle;
struct ArrowOptionsHandle;
struct ErrorHandle;

// A result: its last member is DuckDB's, those before it are not used any more.
struct ResultHandle {
  uint64_t unused_counts[3] = {};
  void* unused_pointers[2] = {};
  void* internal = nullptr;
};

// Functions that return int answer 0 for success.
struct Api {
  const char* (*library_version)();
  void (*free)(void* memory);
  int (*create_config)(ConfigHandle** config);
  int (*set_config)(ConfigHandle* config, const char* name, const char* value);
  void (*destroy_config)(ConfigHandle** config);
  int (*open_ext)(const char* path, DatabaseHandle** database, ConfigHandle* config, char** error);
  void (*close)(DatabaseHandle** database);
  int (*connect)(DatabaseHandle* database, ConnectionHandle** connection);
  void (*disconnect)(ConnectionHandle** connection);
  void (*interrupt)(ConnectionHandle* connection);
  uint64_t (*extract_statements)(ConnectionHandle* connection, const char* query,
                                 StatementsHandle** statements);
  const char* (*extract_statements_error)(StatementsHandle* statements);
  int (*prepare_extracted_statement)(ConnectionHandle* connection, StatementsHandle* statements,
                                     uint64_t index, PreparedHandle** prepared);
  void (*destroy_extracted)(StatementsHandle** statements);
  const char* (*prepare_error)(PreparedHandle* prepared);
  void (*destroy_prepare)(PreparedHandle** prepared);
  uint64_t (*nparams)(PreparedHandle* prepared);
  int (*prepared_statement_type)(PreparedHandle* prepared);
  int (*pending_prepared_streaming)(PreparedHandle* prepared, PendingHandle** pending);
  const char* (*pending_error)(PendingHandle* pending);
  void (*destroy_pending)(PendingHandle** pending);
  int (*execute_pending)(PendingHandle* pending, ResultHandle* result);
  const char* (*result_error)(ResultHandle* result);
  void (*destroy_result)(ResultHandle* result);
  uint64_t (*column_count)(ResultHandle* result);
  const char* (*column_name)(ResultHandle* result, uint64_t column);
  TypeHandle* (*column_logical_type)(ResultHandle* result, uint64_t column);
  void (*destroy_logical_type)(TypeHandle** type);
  ChunkHandle* (*fetch_chunk)(ResultHandle result);  // null at the end and after an error
  void (*destroy_data_chunk)(ChunkHandle** chunk);
  ArrowOptionsHandle* (*result_get_arrow_options)(ResultHandle* result);
  void (*destroy_arrow_options)(ArrowOptionsHandle** options);
  ErrorHandle* (*to_arrow_schema)(ArrowOptionsHandle* options, TypeHandle** types,
                                  const char** names, uint64_t count, ArrowSchema* schema);
  ErrorHandle* (*data_chunk_to_arrow)(ArrowOptionsHandle* options, ChunkHandle* chunk,
                                      ArrowArray* array);
  bool (*error_data_has_error)(ErrorHandle* error);
  const char* (*error_data_message)(ErrorHandle* error);
  void (*destroy_error_data)(ErrorHandle** error);
};

// Where the library is looked for: the file $BESSEMER_DUCKDB_LIBRARY, else where tools/setup.sh has
// put it.
std::string LibraryPath();

// The library, loaded by the first call; a failure is tried again by the next. Thread-safe.
// NOT_FOUND and FAILED_PRECONDITION say what is missing.
StatusOr<const Api*> GetApi();

}  // namespace bessemer::example_gen::duckdb

#endif  // BESSEMER_EXAMPLE_GEN_SOURCES_DUCKDB_DUCKDB_API_INTERNAL_H_
