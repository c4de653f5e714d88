#ifndef BESSEMER_EXAMPLE_GEN_SOURCES_TRINO_TRINO_STATEMENT_INTERNAL_H_
#define BESSEMER_EXAMPLE_GEN_SOURCES_TRINO_TRINO_STATEMENT_INTERNAL_H_

#include <arrow/type_fwd.h>

#include <memory>
#include <string>

#include "bessemer/base/config.h"
#include "bessemer/base/progress.h"
#include "bessemer/base/status.h"
#include "bessemer/columnar/feature_column.h"
#include "bessemer/example_gen/json_rows.h"
#include "bessemer/io/http.h"

namespace bessemer::example_gen::trino {

// Arrow's type for a type of Trino, as the server describes it in `typeSignature`: array → list,
// row → struct, map → list of structs (key, value), timestamp(p) → the coarsest unit that holds p
// digits. What has no counterpart (intervals, uuid, json, time with time zone …) is text.
std::shared_ptr<arrow::DataType> ArrowType(const Json& signature);

// How to reach a server and as whom.
struct Connection {
  std::string url;             // "https://host:8443"
  io::HttpHeaders headers;     // X-Trino-User and others, Authorization
  std::string name = "Trino";  // in messages
  int max_tries = 5;
  int64_t timeout_ms = 120'000;  // of a request
};

// A statement that runs on a server (Trino's client protocol): posted once, then fetched page by
// page from the URI each page names. Not thread-safe. Destroyed before its end, it is cancelled.
class Statement : public columnar::BatchSource {
 public:
  // Runs until the columns are known. INVALID_ARGUMENT with the server's message and its place in
  // the query for a query it refuses or that has no result; PERMISSION_DENIED, UNAUTHENTICATED,
  // RESOURCE_EXHAUSTED and UNAVAILABLE as the server says; CANCELLED.
  static StatusOr<std::unique_ptr<Statement>> Start(Connection connection, const std::string& query,
                                                    Progress* progress);
  ~Statement() override;

  const std::shared_ptr<arrow::Schema>& schema() const { return schema_; }
  StatusOr<std::shared_ptr<arrow::RecordBatch>> Next() override;

 private:
  Statement(Connection connection, Progress* progress)
      : connection_(std::move(connection)), progress_(progress) {}

  io::HttpRequest Request(std::string method, std::string url) const;
  Status Exchange(const io::HttpRequest& request);
  Status ReadColumns();
  void Cancel();

  const Connection connection_;
  Progress* progress_;
  std::string next_uri_;  // "": the last page has come
  Json page_;
  std::shared_ptr<arrow::Schema> schema_;
  std::unique_ptr<JsonRows> rows_;
};

}  // namespace bessemer::example_gen::trino

#endif  // BESSEMER_EXAMPLE_GEN_SOURCES_TRINO_TRINO_STATEMENT_INTERNAL_H_
