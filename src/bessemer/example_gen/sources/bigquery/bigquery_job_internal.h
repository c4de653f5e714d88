#ifndef BESSEMER_EXAMPLE_GEN_SOURCES_BIGQUERY_BIGQUERY_JOB_INTERNAL_H_
#define BESSEMER_EXAMPLE_GEN_SOURCES_BIGQUERY_BIGQUERY_JOB_INTERNAL_H_

#include <arrow/type_fwd.h>

#include <memory>
#include <string>

#include "bessemer/base/config.h"
#include "bessemer/base/progress.h"
#include "bessemer/base/status.h"
#include "bessemer/columnar/feature_column.h"
#include "bessemer/example_gen/json_rows.h"
#include "bessemer/io/google_auth.h"
#include "bessemer/io/http.h"

namespace bessemer::example_gen::bigquery {

// Arrow's columns for a table schema of BigQuery: REPEATED → list, RECORD → struct, NUMERIC →
// decimal128(38, 9), BIGNUMERIC → decimal256(76, 38), DATETIME → timestamp in microseconds,
// TIMESTAMP → the same in UTC; GEOGRAPHY, JSON, INTERVAL and RANGE are text. INVALID_ARGUMENT for a
// type that is not known.
StatusOr<std::shared_ptr<arrow::Schema>> ArrowSchema(const Json& table_schema);

struct JobOptions {
  std::string base_url;  // "https://bigquery.googleapis.com/bigquery/v2"
  std::string project;
  std::string location;         // "": BigQuery finds it by the tables
  Json query = Json::object();  // configuration.query of the job, the text included
  Json labels = Json::object();
  int64_t page_rows = 50'000;
  int max_tries = 6;
  int64_t retry_delay_ms = 500;                        // before the second try of a call
  int64_t poll_ms = 10'000;                            // how long the server may hold a poll back
  std::shared_ptr<io::GoogleCredentials> credentials;  // null: calls without authorisation
};

// A query job (BigQuery's REST API, version 2): inserted under an id of its own, so that a repeated
// insertion starts no second job, then read page by page. Not thread-safe. Destroyed before its
// end, the job is cancelled.
class Job : public columnar::BatchSource {
 public:
  // Returns when the job is done. INVALID_ARGUMENT with BigQuery's message for a query it refuses;
  // PERMISSION_DENIED, UNAUTHENTICATED, NOT_FOUND, RESOURCE_EXHAUSTED (quotas, after waiting) and
  // UNAVAILABLE as its reasons say; CANCELLED.
  static StatusOr<std::unique_ptr<Job>> Run(JobOptions options, Progress* progress);
  ~Job() override;

  const std::shared_ptr<arrow::Schema>& schema() const { return schema_; }
  StatusOr<std::shared_ptr<arrow::RecordBatch>> Next() override;

 private:
  Job(JobOptions options, Progress* progress) : options_(std::move(options)), progress_(progress) {}

  // A call, repeated while its failure may pass.
  StatusOr<Json> Call(const std::string& method, const std::string& path, const Json& body);
  Status Insert();
  Status FetchPage(const std::string& page_token);
  void Cancel();

  JobOptions options_;
  Progress* progress_;
  std::string job_id_;
  bool running_ = false;
  Json page_;
  std::shared_ptr<arrow::Schema> schema_;
  std::unique_ptr<JsonRows> rows_;
};

}  // namespace bessemer::example_gen::bigquery

#endif  // BESSEMER_EXAMPLE_GEN_SOURCES_BIGQUERY_BIGQUERY_JOB_INTERNAL_H_
