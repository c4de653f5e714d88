#include <arrow/array/builder_base.h>
#include <arrow/record_batch.h>
#include <arrow/table_builder.h>
#include <sys/socket.h>

#include "bessemer/columnar/arrow_status.h"
#include "bessemer/example_gen/cancel_watcher.h"
#include "bessemer/example_gen/query_spool.h"
#include "bessemer/example_gen/source.h"
#include "bessemer/example_gen/sources/mysql/mysql_columns_internal.h"
#include "bessemer/example_gen/sources/mysql/mysql_connection_internal.h"

namespace bessemer::example_gen::mysql {
namespace {

using Batch = std::shared_ptr<arrow::RecordBatch>;

constexpr int64_t kBatchRows = 8192;
constexpr int64_t kBatchBytes = 1 << 20;

// What breaks off a fetch is noted with the connection only.
Status StatementError(MYSQL* connection, MYSQL_STMT* statement) {
  if (mysql_stmt_errno(statement) != 0) {
    return MysqlError(mysql_stmt_errno(statement), mysql_stmt_error(statement));
  }
  if (mysql_errno(connection) != 0) {
    return MysqlError(mysql_errno(connection), mysql_error(connection));
  }
  return UnavailableError("MySQL: the connection was lost");
}

// Ends the talk with the server at once: our reads end, and the server's writes fail when the
// connection is closed. An orderly end would leave a server that waits to write rows waiting for
// minutes, because what was read ahead keeps its side from sending.
void BreakOff(int socket) {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  shutdown(socket, SHUT_RDWR);
}

// The rows of an executed statement, as the server sends them.
class StatementRows : public columnar::BatchSource {
 public:
  static StatusOr<std::unique_ptr<StatementRows>> Open(MYSQL* connection, MYSQL_STMT* statement) {
    std::unique_ptr<StatementRows> rows(new StatementRows(connection, statement));
    const Result metadata(mysql_stmt_result_metadata(statement));
    if (metadata == nullptr) return StatementError(connection, statement);
    arrow::FieldVector fields;
    for (unsigned int i = 0; i < mysql_num_fields(metadata.get()); ++i) {
      rows->columns_.push_back(
          std::make_unique<Column>(*mysql_fetch_field_direct(metadata.get(), i)));
      fields.push_back(arrow::field(rows->columns_.back()->name(), rows->columns_.back()->type()));
    }
    rows->schema_ = arrow::schema(std::move(fields));
    std::vector<MYSQL_BIND> binds;
    for (const auto& column : rows->columns_) binds.push_back(column->Bind());
    if (mysql_stmt_bind_result(statement, binds.data()) != 0)
      return StatementError(connection, statement);
    return rows;
  }

  const std::shared_ptr<arrow::Schema>& schema() const { return schema_; }

  StatusOr<Batch> Next() override {
    if (done_) return Batch();
    BESSEMER_ASSIGN_OR_RETURN_ARROW(
        const std::unique_ptr<arrow::RecordBatchBuilder> builder,
        arrow::RecordBatchBuilder::Make(schema_, arrow::default_memory_pool()));
    int64_t rows = 0;
    for (int64_t bytes = 0; rows < kBatchRows && bytes < kBatchBytes; ++rows) {
      const int code = mysql_stmt_fetch(statement_);
      if (code == MYSQL_NO_DATA) {
        done_ = true;
        break;
      }
      if (code != 0 && code != MYSQL_DATA_TRUNCATED) {  // a value longer than its buffer is fine
        done_ = true;
        return WithContext(StatementError(connection_, statement_),
                           fmt::format("the query failed after row {}", rows_));
      }
      ++rows_;
      for (size_t i = 0; i < columns_.size(); ++i) {
        const Status status = columns_[i]->Append(statement_, static_cast<unsigned int>(i),
                                                  builder->GetField(static_cast<int>(i)), &bytes);
        if (status.ok()) continue;
        return WithContext(
            status, fmt::format("row {} of the query, column '{}'", rows_, columns_[i]->name()));
      }
    }
    if (rows == 0) return Batch();
    BESSEMER_ASSIGN_OR_RETURN_ARROW(Batch batch, builder->Flush());
    return batch;
  }

 private:
  StatementRows(MYSQL* connection, MYSQL_STMT* statement)
      : connection_(connection), statement_(statement) {}

  MYSQL* const connection_;
  MYSQL_STMT* const statement_;
  std::vector<std::unique_ptr<Column>> columns_;
  std::shared_ptr<arrow::Schema> schema_;
  int64_t rows_ = 0;
  bool done_ = false;
};

StatusOr<std::unique_ptr<RowInput>> Execute(MYSQL* connection, const QueryRequest& request) {
  const Statement statement(mysql_stmt_init(connection));
  if (statement == nullptr) return ResourceExhaustedError("out of memory");
  const auto size = static_cast<unsigned long>(request.query.size());
  if (mysql_stmt_prepare(statement.get(), request.query.data(), size) != 0) {
    return StatementError(connection, statement.get());
  }
  if (mysql_stmt_param_count(statement.get()) > 0) {
    return InvalidArgumentError("the query has parameters (?); write their values into it");
  }
  if (mysql_stmt_field_count(statement.get()) == 0) {
    return InvalidArgumentError("the query must be one that gives columns, such as a SELECT");
  }
  if (mysql_stmt_execute(statement.get()) != 0) return StatementError(connection, statement.get());
  BESSEMER_ASSIGN_OR_RETURN(const std::unique_ptr<StatementRows> rows,
                            StatementRows::Open(connection, statement.get()));
  StatusOr<std::unique_ptr<RowInput>> input = SpoolQuery(
      rows->schema(), *rows, {.scratch_dir = request.scratch_dir, .progress = request.progress});
  // Closing a statement would read the rest of its rows.
  if (!input.ok()) BreakOff(static_cast<int>(mysql_get_socket(connection)));
  return input;
}

// Ends the query's thread in the server by a second connection, and our waiting for it.
void Kill(const Address& address, unsigned long thread, int socket) {
  const StatusOr<Connection> second = Connect(address);
  if (second.ok()) mysql_query(second->get(), fmt::format("KILL {}", thread).c_str());
  BreakOff(socket);
}

StatusOr<std::unique_ptr<RowInput>> RunQuery(const QueryRequest& request) {
  BESSEMER_ASSIGN_OR_RETURN(const Address address,
                            ParseAddress(request.params.String("connection")));
  BESSEMER_ASSIGN_OR_RETURN(const Connection connection, Connect(address));
  const unsigned long thread = mysql_thread_id(connection.get());
  const int socket = static_cast<int>(mysql_get_socket(connection.get()));
  bool killed = false;  // once is enough
  const CancelWatcher watcher(*request.progress, [&] {
    if (!killed) Kill(address, thread, socket);
    killed = true;
  });
  StatusOr<std::unique_ptr<RowInput>> input = Execute(connection.get(), request);
  if (!input.ok() && watcher.cancelled()) return CancelledError("the query was interrupted");
  return input;
}

}  // namespace

void Register(SourceRegistry& registry) {
  registry.Add({
      .name = "mysql",
      .doc = "The result of a query of MySQL or MariaDB.\n"
             "Rows stream from a read-only transaction whose time zone is UTC; Ctrl-C kills the "
             "query on the server. Passwords come from MYSQL_PWD or an option file, never from "
             "parameters.",
      .component = "MysqlExampleGen",
      .params = {{.name = "connection",
                  .default_value = "",
                  .doc = "mysql://user@host:3306/database?option=value with the options "
                         "option_file, option_group, socket, ssl (required or verify), ssl_ca, "
                         "ssl_cert, ssl_key; what is left out comes from my.cnf."}},
      .run_query = RunQuery,
  });
}

}  // namespace bessemer::example_gen::mysql
