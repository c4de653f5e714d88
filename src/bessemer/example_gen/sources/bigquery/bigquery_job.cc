#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>
#include <random>

#include "bessemer/base/json_member.h"
#include "bessemer/base/json_text.h"
#include "bessemer/example_gen/sources/bigquery/bigquery_job_internal.h"

namespace bessemer::example_gen::bigquery {
namespace {

constexpr char kScope[] = "https://www.googleapis.com/auth/bigquery";
constexpr int64_t kMaxDelayMs = 32'000;

// "reason: message" of {"error": {"message", "errors": [{"reason", "message"}]}}.
struct Failure {
  std::string reason, message;
};

Failure FailureOf(const Json& error) {
  Failure failure{JsonString(error, "reason"), JsonString(error, "message")};
  const Json& list = JsonMember(error, "errors");
  if (list.is_array() && !list.empty()) failure.reason = JsonString(list[0], "reason");
  return failure;
}

bool MayPass(const std::string& reason) {
  return reason == "rateLimitExceeded" || reason == "jobRateLimitExceeded" ||
         reason == "backendError" || reason == "jobBackendError";
}

Status ErrorOf(const Failure& failure, int http_status, const std::string& what) {
  StatusCode code = StatusCode::kUnavailable;
  const std::string& reason = failure.reason;
  if (http_status >= 400 && http_status < 500) code = StatusCode::kInvalidArgument;
  if (http_status == 401) code = StatusCode::kUnauthenticated;
  if (http_status == 403 || reason == "accessDenied") code = StatusCode::kPermissionDenied;
  if (http_status == 404 || reason == "notFound") code = StatusCode::kNotFound;
  if (reason == "invalidQuery" || reason == "invalid") code = StatusCode::kInvalidArgument;
  if (reason == "quotaExceeded" || reason == "bytesBilledLimitExceeded" ||
      reason == "resourcesExceeded" || reason == "responseTooLarge" || MayPass(reason)) {
    code = StatusCode::kResourceExhausted;
  }
  if (reason == "stopped") code = StatusCode::kCancelled;
  return MakeStatus(
      code,
      fmt::format("BigQuery ({}): {}{}{}", what, reason.empty() ? "" : reason + ": ",
                  failure.message, http_status == 0 ? "" : fmt::format(" (HTTP {})", http_status)));
}

std::string RandomId() {
  std::random_device random;
  std::string id = "bessemer_";
  for (int i = 0; i < 4; ++i) id += fmt::format("{:08x}", random());
  return id;
}

}  // namespace

StatusOr<Json> Job::Call(const std::string& method, const std::string& path, const Json& body) {
  io::HttpRequest request{.method = method,
                          .url = options_.base_url + path,
                          .repeatable = true,
                          .max_tries = options_.max_tries,
                          .retry_delay_ms = options_.retry_delay_ms,
                          .progress = progress_};
  if (!body.is_null()) {
    request.headers = {{"Content-Type", "application/json"}};
    request.body = JsonText(body);
  }
  const io::HttpHeaders headers = request.headers;
  int64_t delay_ms = options_.retry_delay_ms;
  for (int tries = 1;; ++tries) {
    if (options_.credentials != nullptr) {
      BESSEMER_ASSIGN_OR_RETURN(const std::string token,
                                options_.credentials->Token(kScope, *progress_));
      request.headers = headers;
      request.headers.emplace_back("Authorization", "Bearer " + token);
    }
    BESSEMER_ASSIGN_OR_RETURN(const io::HttpResponse response, io::SendHttp(request));
    Json answer = Json::parse(response.body, nullptr, /*allow_exceptions=*/false);
    if (response.ok()) {
      if (answer.is_object()) return answer;
      return UnavailableError("{}: the answer is not JSON", io::PrintableUrl(request.url));
    }
    const Failure failure = FailureOf(JsonMember(answer, "error"));
    if (!MayPass(failure.reason) || tries >= options_.max_tries) {
      if (response.status == 409 && method == "POST") return Json::object();  // our own, repeated
      if (failure.message.empty()) {
        return io::HttpError(request, response, response.body.substr(0, 300));
      }
      return ErrorOf(failure, response.status, fmt::format("project {}", options_.project));
    }
    BESSEMER_RETURN_IF_ERROR(io::WaitUnlessCancelled(delay_ms, *progress_));
    delay_ms = std::min(2 * delay_ms, kMaxDelayMs);
  }
}

Status Job::Insert() {
  Json reference = {{"projectId", options_.project}, {"jobId", RandomId()}};
  job_id_ = JsonString(reference, "jobId");
  if (!options_.location.empty()) reference["location"] = options_.location;
  Json configuration = {{"query", options_.query}};
  if (!options_.labels.empty()) configuration["labels"] = options_.labels;
  const Json body = {{"jobReference", reference}, {"configuration", configuration}};
  running_ = true;  // from here on it may run, whatever we are told
  const StatusOr<Json> job =
      Call("POST", fmt::format("/projects/{}/jobs", io::PercentEncode(options_.project)), body);
  if (!job.ok()) {
    running_ = job.status().code() == StatusCode::kCancelled;
    return job.status();
  }
  const std::string location = JsonString(JsonMember(*job, "jobReference"), "location");
  if (!location.empty()) options_.location = location;
  const Json& error = JsonMember(JsonMember(*job, "status"), "errorResult");
  if (!error.is_object()) return OkStatus();
  running_ = false;
  return ErrorOf(FailureOf(error), 0, "job " + job_id_);
}

Status Job::FetchPage(const std::string& page_token) {
  std::string path = fmt::format(
      "/projects/{}/queries/{}?maxResults={}&timeoutMs={}"
      "&formatOptions.useInt64Timestamp=true",
      io::PercentEncode(options_.project), job_id_, options_.page_rows, options_.poll_ms);
  if (!options_.location.empty()) path += "&location=" + io::PercentEncode(options_.location);
  if (!page_token.empty()) path += "&pageToken=" + io::PercentEncode(page_token);
  while (true) {
    StatusOr<Json> page = Call("GET", path, nullptr);
    if (!page.ok()) {
      running_ = page.status().code() == StatusCode::kCancelled;
      return page.status();
    }
    page_ = *std::move(page);
    if (JsonMember(page_, "jobComplete") == Json(true)) {
      running_ = false;
      return OkStatus();
    }
    // The server waits, as long as poll_ms says; one that does not is not to be flooded.
    BESSEMER_RETURN_IF_ERROR(
        io::WaitUnlessCancelled(std::min<int64_t>(options_.poll_ms, 200), *progress_));
  }
}

StatusOr<std::unique_ptr<Job>> Job::Run(JobOptions options, Progress* progress) {
  std::unique_ptr<Job> job(new Job(std::move(options), progress));
  BESSEMER_RETURN_IF_ERROR(job->Insert());
  BESSEMER_RETURN_IF_ERROR(job->FetchPage(""));
  BESSEMER_ASSIGN_OR_RETURN(job->schema_, ArrowSchema(JsonMember(job->page_, "schema")));
  BESSEMER_ASSIGN_OR_RETURN(job->rows_, JsonRows::Make(job->schema_, JsonRows::Form::kBigQuery));
  return job;
}

Job::~Job() { Cancel(); }

void Job::Cancel() {
  if (!running_) return;
  running_ = false;
  progress_ = &Progress::None();  // what was interrupted is to be told
  options_.max_tries = 1;
  const std::string location =
      options_.location.empty() ? "" : "?location=" + io::PercentEncode(options_.location);
  Call("POST",
       fmt::format("/projects/{}/jobs/{}/cancel{}", io::PercentEncode(options_.project), job_id_,
                   location),
       Json::object())
      .IgnoreError();
}

StatusOr<std::shared_ptr<arrow::RecordBatch>> Job::Next() {
  while (page_.is_object()) {
    const Json& rows = JsonMember(page_, "rows");
    if (rows.is_array()) {
      for (const Json& row : rows) BESSEMER_RETURN_IF_ERROR(rows_->Append(row));
    }
    const std::string token = JsonString(page_, "pageToken");
    page_ = nullptr;
    if (!token.empty()) BESSEMER_RETURN_IF_ERROR(FetchPage(token));
    if (rows_->num_pending() > 0) return rows_->Finish();
  }
  return std::shared_ptr<arrow::RecordBatch>();
}

}  // namespace bessemer::example_gen::bigquery
