#include <dlfcn.h>

#include <cstdlib>
#include <memory>
#include <mutex>

#include "bessemer/example_gen/sources/duckdb/duckdb_api_internal.h"
#include "bessemer/io/file.h"

namespace bessemer::example_gen::duckdb {
namespace {

StatusOr<std::unique_ptr<Api>> Load(const std::string& path) {
  BESSEMER_ASSIGN_OR_RETURN(const bool there, io::Exists(path));
  if (!there) {
    return NotFoundError(
        "DuckDB is needed here, but {} does not exist; run tools/setup.sh, or set "
        "BESSEMER_DUCKDB_LIBRARY to a libduckdb.so of version 1.4 or newer",
        path);
  }
  void* library = dlopen(path.c_str(), RTLD_LAZY | RTLD_LOCAL);
  if (library == nullptr) {
    const char* reason = dlerror();
    return FailedPreconditionError("{} cannot be loaded: {}; check BESSEMER_DUCKDB_LIBRARY", path,
                                   reason == nullptr ? "unknown reason" : reason);
  }
  auto api = std::make_unique<Api>();
#define BESSEMER_DUCKDB_LOOKUP(name)                                                              \
  api->name = reinterpret_cast<decltype(api->name)>(dlsym(library, "duckdb_" #name));             \
  if (api->name == nullptr) {                                                                     \
    return FailedPreconditionError(                                                               \
        "{} has no function duckdb_" #name "; a DuckDB of version 1.4 or newer is needed", path); \
  }
  BESSEMER_DUCKDB_LOOKUP(library_version)
  BESSEMER_DUCKDB_LOOKUP(free)
  BESSEMER_DUCKDB_LOOKUP(create_config)
  BESSEMER_DUCKDB_LOOKUP(set_config)
  BESSEMER_DUCKDB_LOOKUP(destroy_config)
  BESSEMER_DUCKDB_LOOKUP(open_ext)
  BESSEMER_DUCKDB_LOOKUP(close)
  BESSEMER_DUCKDB_LOOKUP(connect)
  BESSEMER_DUCKDB_LOOKUP(disconnect)
  BESSEMER_DUCKDB_LOOKUP(interrupt)
  BESSEMER_DUCKDB_LOOKUP(extract_statements)
  BESSEMER_DUCKDB_LOOKUP(extract_statements_error)
  BESSEMER_DUCKDB_LOOKUP(prepare_extracted_statement)
  BESSEMER_DUCKDB_LOOKUP(destroy_extracted)
  BESSEMER_DUCKDB_LOOKUP(prepare_error)
  BESSEMER_DUCKDB_LOOKUP(destroy_prepare)
  BESSEMER_DUCKDB_LOOKUP(nparams)
  BESSEMER_DUCKDB_LOOKUP(prepared_statement_type)
  BESSEMER_DUCKDB_LOOKUP(pending_prepared_streaming)
  BESSEMER_DUCKDB_LOOKUP(pending_error)
  BESSEMER_DUCKDB_LOOKUP(destroy_pending)
  BESSEMER_DUCKDB_LOOKUP(execute_pending)
  BESSEMER_DUCKDB_LOOKUP(result_error)
  BESSEMER_DUCKDB_LOOKUP(destroy_result)
  BESSEMER_DUCKDB_LOOKUP(column_count)
  BESSEMER_DUCKDB_LOOKUP(column_name)
  BESSEMER_DUCKDB_LOOKUP(column_logical_type)
  BESSEMER_DUCKDB_LOOKUP(destroy_logical_type)
  BESSEMER_DUCKDB_LOOKUP(fetch_chunk)
  BESSEMER_DUCKDB_LOOKUP(destroy_data_chunk)
  BESSEMER_DUCKDB_LOOKUP(result_get_arrow_options)
  BESSEMER_DUCKDB_LOOKUP(destroy_arrow_options)
  BESSEMER_DUCKDB_LOOKUP(to_arrow_schema)
  BESSEMER_DUCKDB_LOOKUP(data_chunk_to_arrow)
  BESSEMER_DUCKDB_LOOKUP(error_data_has_error)
  BESSEMER_DUCKDB_LOOKUP(error_data_message)
  BESSEMER_DUCKDB_LOOKUP(destroy_error_data)
#undef BESSEMER_DUCKDB_LOOKUP
  return api;
}

}  // namespace

std::string LibraryPath() {
  const char* path = std::getenv("BESSEMER_DUCKDB_LIBRARY");
  return path != nullptr && *path != '\0' ? path : BESSEMER_DUCKDB_LIBRARY;
}

StatusOr<const Api*> GetApi() {
  static std::mutex mutex;
  static const Api* loaded = nullptr;
  const std::lock_guard lock(mutex);
  if (loaded == nullptr) {
    BESSEMER_ASSIGN_OR_RETURN(std::unique_ptr<Api> api, Load(LibraryPath()));
    loaded = api.release();  // for the rest of the process, as the library is
  }
  return loaded;
}

}  // namespace bessemer::example_gen::duckdb
