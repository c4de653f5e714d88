#include <arrow/c/bridge.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "bessemer/columnar/arrow_status.h"
#include "bessemer/example_gen/sources/duckdb/duckdb_session_internal.h"
#include "bessemer/io/file.h"

namespace bessemer::example_gen::duckdb {
namespace {

using Batch = std::shared_ptr<arrow::RecordBatch>;

constexpr int kSelectStatement = 1;

// Ends the life of a handle by DuckDB's function for it.
template <typename Handle>
class Owned {
 public:
  explicit Owned(void (*destroy)(Handle**)) : destroy_(destroy) {}
  ~Owned() {
    if (handle_ != nullptr) destroy_(&handle_);
  }
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;

  Handle* get() const { return handle_; }
  Handle** out() { return &handle_; }
  void reset(Handle* handle) {
    if (handle_ != nullptr) destroy_(&handle_);
    handle_ = handle;
  }

 private:
  void (*const destroy_)(Handle**);
  Handle* handle_ = nullptr;
};

// DuckDB's messages begin with the kind of error.
Status DuckdbError(const char* text) {
  const std::string_view message = text == nullptr ? "unknown error" : text;
  const auto begins = [&](std::string_view kind) { return message.starts_with(kind); };
  const auto says = [&](std::string_view words) {
    return message.find(words) != std::string_view::npos;
  };
  // What follows an empty line shows the place in the query.
  std::string full = fmt::format("DuckDB: {}", message.substr(0, message.find("\n\n")));
  std::replace(full.begin(), full.end(), '\n', ' ');
  if (begins("INTERRUPT")) return CancelledError("{}", full);
  if (begins("Permission")) return MakeStatus(StatusCode::kPermissionDenied, full);
  if (begins("Out of Memory")) return ResourceExhaustedError("{}", full);
  if (begins("INTERNAL") || begins("FATAL")) return InternalError("{}", full);
  if (begins("IO Error")) {
    if (says("No files found")) return NotFoundError("{}", full);
    if (says("not a valid DuckDB database file") || says("corrupt")) {
      return DataLossError("{}", full);
    }
    return UnavailableError("{}", full);
  }
  return InvalidArgumentError("{}", full);
}

Status ArrowError(const Api& api, ErrorHandle* error) {
  if (error == nullptr) return OkStatus();
  const Status status =
      api.error_data_has_error(error) ? DuckdbError(api.error_data_message(error)) : OkStatus();
  api.destroy_error_data(&error);
  return status;
}

class StreamedRows : public Rows {
 public:
  explicit StreamedRows(const Api& api) : api_(api), options_(api.destroy_arrow_options) {}
  ~StreamedRows() override { api_.destroy_result(&result_); }

  Status Start(PreparedHandle* prepared) {
    Owned<PendingHandle> pending(api_.destroy_pending);
    if (api_.pending_prepared_streaming(prepared, pending.out()) != 0) {
      return DuckdbError(api_.pending_error(pending.get()));
    }
    if (api_.execute_pending(pending.get(), &result_) != 0) {
      return DuckdbError(api_.result_error(&result_));
    }
    options_.reset(api_.result_get_arrow_options(&result_));
    return ReadSchema();
  }

  const std::shared_ptr<arrow::Schema>& schema() const override { return schema_; }

  StatusOr<Batch> Next() override {
    while (true) {
      Owned<ChunkHandle> chunk(api_.destroy_data_chunk);
      chunk.reset(api_.fetch_chunk(result_));
      if (chunk.get() == nullptr) {
        const char* error = api_.result_error(&result_);
        if (error == nullptr || *error == '\0') return Batch();
        return WithContext(DuckdbError(error), fmt::format("the query failed after row {}", rows_));
      }
      ArrowArray array = {};
      BESSEMER_RETURN_IF_ERROR(
          ArrowError(api_, api_.data_chunk_to_arrow(options_.get(), chunk.get(), &array)));
      BESSEMER_ASSIGN_OR_RETURN_ARROW(Batch batch, arrow::ImportRecordBatch(&array, schema_));
      if (batch->num_rows() == 0) continue;
      rows_ += batch->num_rows();
      return batch;
    }
  }

 private:
  Status ReadSchema() {
    const uint64_t num_columns = api_.column_count(&result_);
    std::vector<TypeHandle*> types;
    std::vector<const char*> names;
    for (uint64_t i = 0; i < num_columns; ++i) {
      types.push_back(api_.column_logical_type(&result_, i));
      names.push_back(api_.column_name(&result_, i));
    }
    ArrowSchema schema = {};
    const Status status = ArrowError(
        api_,
        api_.to_arrow_schema(options_.get(), types.data(), names.data(), num_columns, &schema));
    for (TypeHandle* type : types) api_.destroy_logical_type(&type);
    BESSEMER_RETURN_IF_ERROR(status);
    BESSEMER_ASSIGN_OR_RETURN_ARROW(schema_, arrow::ImportSchema(&schema));
    return OkStatus();
  }

  const Api& api_;
  ResultHandle result_;
  Owned<ArrowOptionsHandle> options_;
  std::shared_ptr<arrow::Schema> schema_;
  int64_t rows_ = 0;
};

}  // namespace

StatusOr<std::unique_ptr<Session>> Session::Open(const SessionOptions& options) {
  BESSEMER_ASSIGN_OR_RETURN(const Api* const api, GetApi());
  if (!options.path.empty()) {
    BESSEMER_ASSIGN_OR_RETURN(const bool there, io::Exists(options.path));
    BESSEMER_ASSIGN_OR_RETURN(const bool is_folder, io::IsDirectory(options.path));
    if (!there || is_folder) {
      return NotFoundError("{}: no such DuckDB database file", options.path);
    }
  }
  Owned<ConfigHandle> config(api->destroy_config);
  if (api->create_config(config.out()) != 0) return ResourceExhaustedError("out of memory");
  std::vector<std::pair<const char*, std::string>> settings;
  // Before external access is forbidden: after that, this is, too.
  if (!options.scratch_dir.empty()) settings.emplace_back("temp_directory", options.scratch_dir);
  settings.emplace_back("access_mode", options.path.empty() ? "AUTOMATIC" : "READ_ONLY");
  settings.emplace_back("enable_external_access", options.external_access ? "true" : "false");
  settings.emplace_back("autoinstall_known_extensions", "false");
  settings.emplace_back("memory_limit", options.memory_limit);
  for (const auto& [name, value] : settings) {
    if (api->set_config(config.get(), name, value.c_str()) != 0) {
      return InvalidArgumentError("DuckDB refuses '{}' as its {}", value, name);
    }
  }
  std::unique_ptr<Session> session(new Session(*api));
  char* error = nullptr;
  const int opened = api->open_ext(options.path.empty() ? nullptr : options.path.c_str(),
                                   &session->database_, config.get(), &error);
  if (opened != 0) {
    const Status status = DuckdbError(error);
    api->free(error);
    return status;
  }
  if (api->connect(session->database_, &session->connection_) != 0) {
    return UnavailableError("DuckDB cannot connect to {}", options.path);
  }
  return session;
}

Session::~Session() {
  if (connection_ != nullptr) api_.disconnect(&connection_);
  if (database_ != nullptr) api_.close(&database_);
}

StatusOr<std::unique_ptr<Rows>> Session::Query(const std::string& query) {
  Owned<StatementsHandle> statements(api_.destroy_extracted);
  const uint64_t count = api_.extract_statements(connection_, query.c_str(), statements.out());
  if (count != 1) {
    const char* error = api_.extract_statements_error(statements.get());
    if (error != nullptr && *error != '\0') return DuckdbError(error);
    if (count == 0) return InvalidArgumentError("the query is empty");
    return InvalidArgumentError("the query has {} statements; give one", count);
  }
  Owned<PreparedHandle> prepared(api_.destroy_prepare);
  if (api_.prepare_extracted_statement(connection_, statements.get(), 0, prepared.out()) != 0) {
    return DuckdbError(api_.prepare_error(prepared.get()));
  }
  if (api_.prepared_statement_type(prepared.get()) != kSelectStatement) {
    return InvalidArgumentError("the query must be one that reads, such as a SELECT");
  }
  if (api_.nparams(prepared.get()) > 0) {
    return InvalidArgumentError("the query has parameters (? or $1); write their values into it");
  }
  auto rows = std::make_unique<StreamedRows>(api_);
  BESSEMER_RETURN_IF_ERROR(rows->Start(prepared.get()));
  return std::unique_ptr<Rows>(std::move(rows));
}

}  // namespace bessemer::example_gen::duckdb
