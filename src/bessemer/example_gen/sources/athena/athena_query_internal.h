#ifndef BESSEMER_EXAMPLE_GEN_SOURCES_ATHENA_ATHENA_QUERY_INTERNAL_H_
#define BESSEMER_EXAMPLE_GEN_SOURCES_ATHENA_ATHENA_QUERY_INTERNAL_H_

#include <arrow/type_fwd.h>

#include <memory>
#include <string>

#include "bessemer/base/config.h"
#include "bessemer/base/progress.h"
#include "bessemer/base/status.h"
#include "bessemer/columnar/feature_column.h"
#include "bessemer/io/file.h"
#include "bessemer/io/http.h"

namespace bessemer::example_gen::athena {

struct QueryOptions {
  std::string endpoint;  // "https://athena.eu-west-1.amazonaws.com"
  std::string region;
  std::string workgroup = "primary";
  std::string catalog;
  std::string database;         // "": none
  std::string output_location;  // "s3://bucket/folder/"; "": the workgroup's
  int64_t first_poll_ms = 100;  // the wait between polls doubles up to last_poll_ms
  int64_t last_poll_ms = 2'000;
  int64_t retry_delay_ms = 300;
};

// A query that Athena runs (API version 2017-05-18): started under a token, so that a repeated
// start runs nothing twice, then polled. Not thread-safe. Destroyed before its end, it is stopped.
class Query {
 public:
  // Returns when the query has succeeded. INVALID_ARGUMENT with Athena's message for a query it
  // refuses; PERMISSION_DENIED, UNAUTHENTICATED, RESOURCE_EXHAUSTED (throttling, after waiting),
  // UNAVAILABLE; CANCELLED.
  static StatusOr<std::unique_ptr<Query>> Run(QueryOptions options, const std::string& sql,
                                              Progress* progress);
  ~Query();

  // Where Athena has put the result: "s3://…/<id>.csv".
  const std::string& output_location() const { return output_location_; }
  // The columns of the result. In CSV arrays, maps and rows are text.
  StatusOr<std::shared_ptr<arrow::Schema>> Columns();

 private:
  Query(QueryOptions options, Progress* progress)
      : options_(std::move(options)), progress_(progress) {}

  StatusOr<Json> Call(const std::string& operation, const Json& body);
  Status Wait();
  void Stop();

  QueryOptions options_;
  Progress* progress_;
  std::string id_;
  std::string output_location_;
  bool running_ = false;
};

// The rows of a result as Athena writes it: CSV with a header line, every value quoted, NULL as an
// empty cell without quotes. DATA_LOSS names file and line.
StatusOr<std::unique_ptr<columnar::BatchSource>> OpenResultCsv(
    std::unique_ptr<io::InputStream> in, std::shared_ptr<arrow::Schema> schema);

}  // namespace bessemer::example_gen::athena

#endif  // BESSEMER_EXAMPLE_GEN_SOURCES_ATHENA_ATHENA_QUERY_INTERNAL_H_
