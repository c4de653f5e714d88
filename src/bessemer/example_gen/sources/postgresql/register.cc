#include <arrow/array/builder_base.h>
#include <arrow/record_batch.h>
#include <arrow/table_builder.h>

#include <cstring>

#include "bessemer/columnar/arrow_status.h"
#include "bessemer/example_gen/cancel_watcher.h"
#include "bessemer/example_gen/query_spool.h"
#include "bessemer/example_gen/source.h"
#include "bessemer/example_gen/sources/postgresql/postgresql_connection_internal.h"

namespace bessemer::example_gen::postgresql {
namespace {

using Batch = std::shared_ptr<arrow::RecordBatch>;

constexpr int64_t kBatchRows = 8192;
constexpr int64_t kBatchBytes = 1 << 20;

std::string Quoted(const std::string& name) {
  std::string quoted = "\"";
  for (const char c : name) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

// COPY of the query, its columns cast where only their text can be read. Columns are renamed by
// position, as the query's own names need not be unique.
std::string CopyCommand(std::string query, const std::vector<Column>& columns) {
  while (!query.empty() && std::strchr("; \t\r\n", query.back()) != nullptr) query.pop_back();
  bool casts = false;
  std::string names;
  std::string selected;
  for (size_t i = 0; i < columns.size(); ++i) {
    const std::string comma = i == 0 ? "" : ", ";
    const std::string name = Quoted(fmt::format("c{}", i));
    names += comma + name;
    selected += comma + name + (columns[i].cast.empty() ? "" : "::" + columns[i].cast);
    casts |= !columns[i].cast.empty();
  }
  if (casts) query = fmt::format("SELECT {} FROM (\n{}\n) AS q({})", selected, query, names);
  return fmt::format("COPY (\n{}\n) TO STDOUT (FORMAT binary)", query);
}

// The rows of a COPY in binary format: a header, then per row the number of columns and for each
// its size (-1: null) and bytes; -1 columns end it. The server sends a message per row.
class CopyRows : public columnar::BatchSource {
 public:
  CopyRows(PGconn* connection, const std::vector<Column>& columns)
      : connection_(connection), columns_(columns) {
    arrow::FieldVector fields;
    for (const Column& column : columns) fields.push_back(arrow::field(column.name, column.type()));
    schema_ = arrow::schema(std::move(fields));
  }

  const std::shared_ptr<arrow::Schema>& schema() const { return schema_; }

  StatusOr<Batch> Next() override {
    if (done_) return Batch();
    BESSEMER_ASSIGN_OR_RETURN_ARROW(
        const std::unique_ptr<arrow::RecordBatchBuilder> builder,
        arrow::RecordBatchBuilder::Make(schema_, arrow::default_memory_pool()));
    int64_t rows = 0;
    for (int64_t bytes = 0; rows < kBatchRows && bytes < kBatchBytes;) {
      char* buffer = nullptr;
      const int size = PQgetCopyData(connection_, &buffer, /*async=*/0);
      if (size < 0) {
        BESSEMER_RETURN_IF_ERROR(End(size));
        break;
      }
      const std::unique_ptr<char, void (*)(void*)> owner(buffer, PQfreemem);
      BESSEMER_ASSIGN_OR_RETURN(const bool is_row,
                                Append({buffer, static_cast<size_t>(size)}, builder.get()));
      rows += is_row ? 1 : 0;
      bytes += size;
    }
    if (rows == 0) return Batch();
    BESSEMER_ASSIGN_OR_RETURN_ARROW(Batch batch, builder->Flush());
    return batch;
  }

 private:
  // After the last message: whether the server says that all rows were sent.
  Status End(int size) {
    done_ = true;
    if (size == -2) {
      return UnavailableError("PostgreSQL: the connection was lost after row {}: {}", rows_,
                              PQerrorMessage(connection_));
    }
    const Result result(PQgetResult(connection_));
    if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) {
      return WithContext(ResultError(connection_, result.get()),
                         fmt::format("the query failed after row {}", rows_));
    }
    if (!trailer_ || fmt::format("{}", rows_) != PQcmdTuples(result.get())) {
      return DataLossError("PostgreSQL announces {} rows, but {} came", PQcmdTuples(result.get()),
                           rows_);
    }
    return OkStatus();
  }

  StatusOr<bool> Append(std::string_view message, arrow::RecordBatchBuilder* builder) {
    if (!header_) BESSEMER_RETURN_IF_ERROR(PassHeader(&message));
    if (message.empty()) return false;
    int16_t num_columns = 0;
    if (!Take(&message, &num_columns)) return Garbled();
    if (num_columns == -1) {
      trailer_ = true;
      return false;
    }
    if (trailer_ || num_columns != static_cast<int16_t>(columns_.size())) return Garbled();
    ++rows_;
    for (size_t i = 0; i < columns_.size(); ++i) {
      int32_t size = 0;
      if (!Take(&message, &size)) return Garbled();
      arrow::ArrayBuilder* column = builder->GetField(static_cast<int>(i));
      if (size < 0) {
        BESSEMER_RETURN_IF_ARROW_ERROR(column->AppendNull());
        continue;
      }
      if (message.size() < static_cast<size_t>(size)) return Garbled();
      const Status status =
          AppendValue(columns_[i], message.substr(0, static_cast<size_t>(size)), column);
      if (!status.ok()) {
        return WithContext(
            status, fmt::format("row {} of the query, column '{}'", rows_, columns_[i].name));
      }
      message.remove_prefix(static_cast<size_t>(size));
    }
    return message.empty() ? StatusOr<bool>(true) : Garbled();
  }

  Status PassHeader(std::string_view* message) {
    constexpr std::string_view kSignature("PGCOPY\n\377\r\n\0", 11);
    int32_t flags = 0;
    int32_t extension = 0;
    if (!message->starts_with(kSignature)) return Garbled();
    message->remove_prefix(kSignature.size());
    if (!Take(message, &flags) || !Take(message, &extension) || extension < 0 ||
        message->size() < static_cast<size_t>(extension)) {
      return Garbled();
    }
    message->remove_prefix(static_cast<size_t>(extension));
    header_ = true;
    return OkStatus();
  }

  template <typename T>
  static bool Take(std::string_view* bytes, T* value) {
    if (bytes->size() < sizeof(T)) return false;
    uint32_t bits = 0;
    for (size_t i = 0; i < sizeof(T); ++i) bits = (bits << 8) | static_cast<uint8_t>((*bytes)[i]);
    *value = static_cast<T>(bits);
    bytes->remove_prefix(sizeof(T));
    return true;
  }

  Status Garbled() const {
    return DataLossError("PostgreSQL: what came after row {} is no row of a binary COPY", rows_);
  }

  PGconn* const connection_;
  const std::vector<Column>& columns_;
  std::shared_ptr<arrow::Schema> schema_;
  bool header_ = false;
  bool trailer_ = false;
  bool done_ = false;
  int64_t rows_ = 0;
};

StatusOr<std::unique_ptr<RowInput>> Copy(PGconn* connection, const QueryRequest& request) {
  BESSEMER_RETURN_IF_ERROR(Run(connection, "BEGIN TRANSACTION READ ONLY"));
  BESSEMER_ASSIGN_OR_RETURN(const std::vector<Column> columns, Describe(connection, request.query));
  const Result copy(PQexec(connection, CopyCommand(request.query, columns).c_str()));
  if (PQresultStatus(copy.get()) != PGRES_COPY_OUT) return ResultError(connection, copy.get());
  CopyRows rows(connection, columns);
  return SpoolQuery(rows.schema(), rows,
                    {.scratch_dir = request.scratch_dir, .progress = request.progress});
}

StatusOr<std::unique_ptr<RowInput>> RunQuery(const QueryRequest& request) {
  BESSEMER_ASSIGN_OR_RETURN(const Connection connection,
                            Connect(request.params.String("connection")));
  const Cancel cancel(PQgetCancel(connection.get()));
  const CancelWatcher watcher(*request.progress, [&] {
    char message[256];
    PQcancel(cancel.get(), message, sizeof(message));
  });
  StatusOr<std::unique_ptr<RowInput>> input = Copy(connection.get(), request);
  if (!input.ok() && watcher.cancelled()) return CancelledError("the query was interrupted");
  return input;
}

}  // namespace

void Register(SourceRegistry& registry) {
  registry.Add({
      .name = "postgresql",
      .doc = "The result of a query of PostgreSQL.\n"
             "Rows stream in binary form from a read-only transaction; Ctrl-C cancels the query on "
             "the server. The connection is libpq's: passwords come from PGPASSWORD, a password "
             "file or a service, never from parameters.",
      .component = "PostgresqlExampleGen",
      .params = {{.name = "connection",
                  .default_value = "",
                  .doc = "As libpq takes it: postgresql://user@host:5432/database?sslmode=require, "
                         "'host=… dbname=…', or nothing for PGHOST, PGSERVICE and the like."}},
      .run_query = RunQuery,
  });
}

}  // namespace bessemer::example_gen::postgresql
