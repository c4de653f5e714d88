#include <arrow/type.h>

#include <algorithm>
#include <random>

#include "bessemer/base/json_member.h"
#include "bessemer/base/json_text.h"
#include "bessemer/example_gen/sources/athena/athena_query_internal.h"
#include "bessemer/io/object_store.h"

namespace bessemer::example_gen::athena {
namespace {

constexpr int kMaxTries = 6;
constexpr int64_t kMaxDelayMs = 20'000;

std::string RandomToken() {
  std::random_device random;
  std::string token = "bessemer-";
  for (int i = 0; i < 4; ++i) token += fmt::format("{:08x}", random());
  return token;
}

// "com.amazonaws.athena#InvalidRequestException" without its namespace.
std::string ErrorType(const Json& body) {
  const std::string type = JsonString(body, "__type");
  return type.substr(type.find('#') + 1);  // npos + 1 is 0
}

bool IsThrottling(const std::string& type) {
  return type == "ThrottlingException" || type == "TooManyRequestsException" ||
         type == "Throttling" || type == "RequestLimitExceeded";
}

Status ServiceError(const std::string& operation, const std::string& type,
                    const io::HttpResponse& response, const Json& body) {
  StatusCode code = StatusCode::kInvalidArgument;
  if (response.status >= 500) code = StatusCode::kUnavailable;
  if (type == "AccessDeniedException" || type == "SignatureDoesNotMatch" ||
      type == "InvalidSignatureException" || response.status == 403) {
    code = StatusCode::kPermissionDenied;
  }
  if (type == "UnrecognizedClientException" || type == "ExpiredTokenException" ||
      type == "MissingAuthenticationTokenException") {
    code = StatusCode::kUnauthenticated;
  }
  if (IsThrottling(type)) code = StatusCode::kResourceExhausted;
  std::string message = JsonString(body, "Message");
  if (message.empty()) message = JsonString(body, "message");
  if (message.empty()) message = response.body.substr(0, 300);
  return MakeStatus(
      code, fmt::format("Athena, {}: {}: {}", operation,
                        type.empty() ? fmt::format("HTTP {}", response.status) : type, message));
}

std::shared_ptr<arrow::DataType> ArrowType(const Json& column) {
  const std::string type = JsonString(column, "Type");
  if (type == "boolean") return arrow::boolean();
  if (type == "tinyint") return arrow::int8();
  if (type == "smallint") return arrow::int16();
  if (type == "integer" || type == "int") return arrow::int32();
  if (type == "bigint") return arrow::int64();
  if (type == "float" || type == "real") return arrow::float32();
  if (type == "double") return arrow::float64();
  if (type == "varbinary") return arrow::binary();
  if (type == "date") return arrow::date32();
  if (type == "timestamp") return arrow::timestamp(arrow::TimeUnit::MICRO);
  if (type == "timestamp with time zone") return arrow::timestamp(arrow::TimeUnit::MICRO, "UTC");
  if (type == "decimal") {
    const Json& precision = JsonMember(column, "Precision");
    const Json& scale = JsonMember(column, "Scale");
    const int32_t digits = precision.is_number_integer() ? precision.get<int32_t>() : 38;
    return arrow::decimal128(
        std::clamp(digits, 1, 38),
        scale.is_number_integer() ? std::clamp(scale.get<int32_t>(), 0, 38) : 0);
  }
  return arrow::utf8();
}

}  // namespace

StatusOr<Json> Query::Call(const std::string& operation, const Json& body) {
  io::HttpRequest request{.method = "POST",
                          .url = options_.endpoint + "/",
                          .headers = {{"Content-Type", "application/x-amz-json-1.1"},
                                      {"X-Amz-Target", "AmazonAthena." + operation}},
                          .body = JsonText(body),
                          .repeatable = true,
                          .retry_delay_ms = options_.retry_delay_ms,
                          .progress = progress_};
  int64_t delay_ms = options_.retry_delay_ms;
  for (int tries = 1;; ++tries) {
    BESSEMER_ASSIGN_OR_RETURN(request.aws, io::AwsCredentials());
    request.aws->region = options_.region;
    request.aws->service = "athena";
    BESSEMER_ASSIGN_OR_RETURN(const io::HttpResponse response, io::SendHttp(request));
    Json answer = Json::parse(response.body, nullptr, /*allow_exceptions=*/false);
    if (response.ok()) return answer.is_object() ? std::move(answer) : Json(Json::object());
    const std::string type = ErrorType(answer);
    if (!IsThrottling(type) || tries >= kMaxTries) {
      return ServiceError(operation, type, response, answer);
    }
    BESSEMER_RETURN_IF_ERROR(io::WaitUnlessCancelled(delay_ms, *progress_));
    delay_ms = std::min(2 * delay_ms, kMaxDelayMs);
  }
}

StatusOr<std::unique_ptr<Query>> Query::Run(QueryOptions options, const std::string& sql,
                                            Progress* progress) {
  std::unique_ptr<Query> query(new Query(std::move(options), progress));
  const QueryOptions& with = query->options_;
  Json context = Json::object();
  if (!with.catalog.empty()) context["Catalog"] = with.catalog;
  if (!with.database.empty()) context["Database"] = with.database;
  Json body = {{"QueryString", sql},
               {"ClientRequestToken", RandomToken()},
               {"WorkGroup", with.workgroup},
               {"QueryExecutionContext", context}};
  if (!with.output_location.empty()) {
    body["ResultConfiguration"] = {{"OutputLocation", with.output_location}};
  }
  BESSEMER_ASSIGN_OR_RETURN(const Json started, query->Call("StartQueryExecution", body));
  query->id_ = JsonString(started, "QueryExecutionId");
  if (query->id_.empty()) return UnavailableError("Athena gave no QueryExecutionId");
  query->running_ = true;
  BESSEMER_RETURN_IF_ERROR(query->Wait());
  return query;
}

Status Query::Wait() {
  int64_t delay_ms = options_.first_poll_ms;
  while (true) {
    BESSEMER_ASSIGN_OR_RETURN(const Json answer,
                              Call("GetQueryExecution", {{"QueryExecutionId", id_}}));
    const Json& execution = JsonMember(answer, "QueryExecution");
    const Json& status = JsonMember(execution, "Status");
    const std::string state = JsonString(status, "State");
    progress_->Note(state);
    if (state == "SUCCEEDED") {
      running_ = false;
      output_location_ = JsonString(JsonMember(execution, "ResultConfiguration"), "OutputLocation");
      return OkStatus();
    }
    if (state == "FAILED" || state == "CANCELLED") {
      running_ = false;
      const Json& error = JsonMember(status, "AthenaError");
      const bool of_system = JsonMember(error, "ErrorCategory") == Json(1);
      return MakeStatus(state == "CANCELLED" ? StatusCode::kCancelled
                        : of_system          ? StatusCode::kUnavailable
                                             : StatusCode::kInvalidArgument,
                        fmt::format("Athena query {} has {}: {}", id_,
                                    state == "FAILED" ? "failed" : "been cancelled",
                                    JsonString(status, "StateChangeReason")));
    }
    BESSEMER_RETURN_IF_ERROR(io::WaitUnlessCancelled(delay_ms, *progress_));
    delay_ms = std::min(2 * delay_ms, options_.last_poll_ms);
  }
}

StatusOr<std::shared_ptr<arrow::Schema>> Query::Columns() {
  BESSEMER_ASSIGN_OR_RETURN(
      const Json answer, Call("GetQueryResults", {{"QueryExecutionId", id_}, {"MaxResults", 1}}));
  const Json& columns =
      JsonMember(JsonMember(JsonMember(answer, "ResultSet"), "ResultSetMetadata"), "ColumnInfo");
  if (!columns.is_array() || columns.empty()) {
    return InvalidArgumentError("the query has no result: Athena gave no columns");
  }
  arrow::FieldVector fields;
  for (const Json& column : columns) {
    fields.push_back(arrow::field(JsonString(column, "Name"), ArrowType(column)));
  }
  return arrow::schema(std::move(fields));
}

Query::~Query() { Stop(); }

void Query::Stop() {
  if (!running_) return;
  running_ = false;
  progress_ = &Progress::None();  // what was interrupted is to be told
  Call("StopQueryExecution", {{"QueryExecutionId", id_}}).IgnoreError();
}

}  // namespace bessemer::example_gen::athena
