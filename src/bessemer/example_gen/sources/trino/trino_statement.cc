#include <arrow/record_batch.h>
#include <arrow/type.h>

#include "bessemer/base/json_member.h"
#include "bessemer/base/json_text.h"
#include "bessemer/example_gen/sources/trino/trino_statement_internal.h"

namespace bessemer::example_gen::trino {
namespace {

// The server's account of why a query failed.
Status QueryError(const Json& error, const std::string& server) {
  const std::string type = JsonString(error, "errorType");
  const std::string name = JsonString(error, "errorName");
  std::string place;
  const auto location = error.find("errorLocation");
  if (location != error.end() && location->is_object()) {
    place = fmt::format(" (line {}, column {} of the query)",
                        JsonText(location->value("lineNumber", Json(0))),
                        JsonText(location->value("columnNumber", Json(0))));
  }
  StatusCode code = StatusCode::kUnavailable;
  if (type == "USER_ERROR") code = StatusCode::kInvalidArgument;
  if (type == "INSUFFICIENT_RESOURCES") code = StatusCode::kResourceExhausted;
  if (name == "PERMISSION_DENIED") code = StatusCode::kPermissionDenied;
  if (name == "USER_CANCELED") code = StatusCode::kCancelled;
  return MakeStatus(code, fmt::format("{} refuses or ended the query: {}: {}{}", server, name,
                                      JsonString(error, "message"), place));
}

}  // namespace

StatusOr<std::unique_ptr<Statement>> Statement::Start(Connection connection,
                                                      const std::string& query,
                                                      Progress* progress) {
  std::unique_ptr<Statement> statement(new Statement(std::move(connection), progress));
  io::HttpRequest request =
      statement->Request("POST", statement->connection_.url + "/v1/statement");
  request.headers.emplace_back("Content-Type", "text/plain; charset=utf-8");
  request.body = query;
  // Queries read: run twice, because an answer was lost, they do no harm.
  request.repeatable = true;
  BESSEMER_RETURN_IF_ERROR(statement->Exchange(request));
  while (statement->schema_ == nullptr && !statement->next_uri_.empty()) {
    BESSEMER_RETURN_IF_ERROR(statement->Exchange(statement->Request("GET", statement->next_uri_)));
  }
  if (statement->schema_ == nullptr) {
    return InvalidArgumentError("the query has no result: {} gave no columns",
                                statement->connection_.name);
  }
  return statement;
}

Statement::~Statement() { Cancel(); }

void Statement::Cancel() {
  if (next_uri_.empty()) return;
  io::HttpRequest request = Request("DELETE", next_uri_);
  request.max_tries = 1;
  request.timeout_ms = 5'000;
  request.progress = &Progress::None();  // what was interrupted is to be told
  io::SendHttp(request).IgnoreError();
  next_uri_.clear();
}

io::HttpRequest Statement::Request(std::string method, std::string url) const {
  return {.method = std::move(method),
          .url = std::move(url),
          .headers = connection_.headers,
          .max_tries = connection_.max_tries,
          .retry_delay_ms = 100,
          .timeout_ms = connection_.timeout_ms,
          .progress = progress_};
}

Status Statement::Exchange(const io::HttpRequest& request) {
  BESSEMER_ASSIGN_OR_RETURN(const io::HttpResponse response, io::SendHttp(request));
  if (!response.ok()) {
    next_uri_.clear();  // the server knows no such query (any more)
    return io::HttpError(request, response, response.body.substr(0, 300));
  }
  page_ = Json::parse(response.body, nullptr, /*allow_exceptions=*/false);
  if (!page_.is_object()) {
    return UnavailableError("{}: the answer is not the JSON of {}'s protocol",
                            io::PrintableUrl(request.url), connection_.name);
  }
  next_uri_ = JsonString(page_, "nextUri");
  const auto error = page_.find("error");
  if (error != page_.end() && error->is_object()) {
    next_uri_.clear();
    return QueryError(*error, connection_.name);
  }
  const auto stats = page_.find("stats");
  if (stats != page_.end() && stats->is_object()) progress_->Note(JsonString(*stats, "state"));
  return schema_ == nullptr ? ReadColumns() : OkStatus();
}

Status Statement::ReadColumns() {
  const auto columns = page_.find("columns");
  if (columns == page_.end() || !columns->is_array()) return OkStatus();
  arrow::FieldVector fields;
  for (const Json& column : *columns) {
    if (!column.is_object()) continue;
    fields.push_back(arrow::field(JsonString(column, "name"),
                                  ArrowType(column.value("typeSignature", Json(nullptr)))));
  }
  schema_ = arrow::schema(std::move(fields));
  BESSEMER_ASSIGN_OR_RETURN(rows_, JsonRows::Make(schema_, JsonRows::Form::kPlain));
  return OkStatus();
}

StatusOr<std::shared_ptr<arrow::RecordBatch>> Statement::Next() {
  while (true) {
    const auto data = page_.find("data");
    if (data != page_.end() && data->is_array()) {
      for (const Json& row : *data) BESSEMER_RETURN_IF_ERROR(rows_->Append(row));
    }
    page_ = Json::object();
    if (rows_->num_pending() > 0) return rows_->Finish();
    if (next_uri_.empty()) return std::shared_ptr<arrow::RecordBatch>();
    BESSEMER_RETURN_IF_ERROR(Exchange(Request("GET", next_uri_)));
  }
}

}  // namespace bessemer::example_gen::trino
