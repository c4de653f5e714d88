#include <arrow/api.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include "bessemer/example_gen/sources/athena/athena_query_internal.h"
#include "bessemer/io/test_http_server.h"

namespace bessemer::example_gen::athena {
namespace {

using ::testing::HasSubstr;
using Request = io::TestHttpServer::Request;
using Response = io::TestHttpServer::Response;

std::string Text(const Status& status) { return std::string(Message(status)); }

// All rows of a CSV result as Arrow prints them, or the error.
std::string ReadCsv(const std::string& csv, const std::shared_ptr<arrow::Schema>& schema) {
  auto source = OpenResultCsv(io::MemoryInput("s3://b/q.csv", csv), schema);
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches;
  while (true) {
    auto batch = (*source)->Next();
    if (!batch.ok()) return Text(batch.status());
    if (*batch == nullptr) break;
    batches.push_back(*batch);
  }
  auto table = *arrow::Table::FromRecordBatches(schema, batches);
  std::string text;
  for (int64_t row = 0; row < table->num_rows(); ++row) {
    for (int column = 0; column < table->num_columns(); ++column) {
      text += (column > 0 ? "|" : "") + (*table->column(column)->GetScalar(row))->ToString();
    }
    text += "\n";
  }
  return text;
}

TEST(AthenaCsvTest, NullsAndEmptyStringsDiffer) {
  const auto schema =
      arrow::schema({arrow::field("n", arrow::int32()), arrow::field("s", arrow::utf8()),
                     arrow::field("b", arrow::binary())});
  EXPECT_EQ(ReadCsv("\"n\",\"s\",\"b\"\n\"1\",\"\",\"68 69\"\n,,\n\"-2\",\"a \"\"q\"\", b\nc\",\n",
                    schema),
            "1||hi\nnull|null|null\n-2|a \"q\", b\nc|null\n");
  EXPECT_EQ(ReadCsv("\"n\",\"s\",\"b\"\n", schema), "");
  EXPECT_EQ(ReadCsv("", schema), "");
}

TEST(AthenaCsvTest, DamageIsNamed) {
  const auto schema =
      arrow::schema({arrow::field("n", arrow::int32()), arrow::field("s", arrow::utf8())});
  const std::pair<const char*, const char*> cases[] = {
      {"\"n\"\n", "s3://b/q.csv: record 1: 1 columns, but the query has 2"},
      {"\"n\",\"s\"\n\"1\"\n", "record 2: 1 cells instead of 2"},
      {"\"n\",\"s\"\n\"x\",\"y\"\n", "record 2: column 'n': 'x' is not a int32"},
      {"\"n\",\"s\"\n\"1\",\"y", "record 2: the file ends inside quotes"},
      {"\"n\",\"s\"\n\"1\",\"y\"z\n", "record 2: text behind a closing quote"},
  };
  for (const auto& [csv, want] : cases) EXPECT_THAT(ReadCsv(csv, schema), HasSubstr(want));
}

class AthenaQueryTest : public ::testing::Test {
 protected:
  void SetUp() override {
    setenv("AWS_ACCESS_KEY_ID", "key", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
  }
  static QueryOptions Options(const io::TestHttpServer& server) {
    return {.endpoint = server.url(),
            .region = "eu-west-1",
            .first_poll_ms = 1,
            .last_poll_ms = 1,
            .retry_delay_ms = 1};
  }
  static std::string Operation(const Request& request) {
    const std::string target = request.Header("x-amz-target");
    return target.substr(target.find('.') + 1);
  }
};

TEST_F(AthenaQueryTest, ThrottlingPassesAndColumnsAreTyped) {
  int throttled = 0, polls = 0;
  io::TestHttpServer server([&](const Request& request) {
    if (++throttled == 1) {
      return Response{.status = 400, .body = R"({"__type": "com.amazonaws#ThrottlingException"})"};
    }
    if (Operation(request) == "StartQueryExecution") {
      return Response{.body = R"({"QueryExecutionId": "q1"})"};
    }
    if (Operation(request) == "GetQueryExecution") {
      return Response{.body = ++polls < 3
                                  ? R"({"QueryExecution": {"Status": {"State": "RUNNING"}}})"
                                  : R"({"QueryExecution": {"Status": {"State": "SUCCEEDED"},
                  "ResultConfiguration": {"OutputLocation": "s3://b/q1.csv"}}})"};
    }
    return Response{.body = R"({"ResultSet": {"ResultSetMetadata": {"ColumnInfo": [
        {"Name": "a", "Type": "bigint"}, {"Name": "c", "Type": "array"},
        {"Name": "b", "Type": "decimal", "Precision": 9, "Scale": 2},
        {"Name": "d", "Type": "timestamp"}]}}})"};
  });
  const auto query = Query::Run(Options(server), "SELECT 1", &Progress::None());
  ASSERT_TRUE(query.ok()) << query.status();
  EXPECT_EQ((*query)->output_location(), "s3://b/q1.csv");
  EXPECT_EQ((*(*query)->Columns())->ToString(),
            "a: int64\nc: string\nb: decimal128(9, 2)\nd: timestamp[us]");
  const auto requests = server.requests();
  EXPECT_EQ(requests[0].body, requests[1].body) << "the token makes a repetition harmless";
}

TEST_F(AthenaQueryTest, FailuresAreToldInAthenasWords) {
  struct Case {
    Response start, status;
    StatusCode code;
    const char* want;
  };
  const Response started = {.body = R"({"QueryExecutionId": "q1"})"};
  const Case cases[] = {
      {{.status = 400, .body = R"({"__type": "InvalidRequestException", "Message": "no db"})"},
       {},
       StatusCode::kInvalidArgument,
       "StartQueryExecution: InvalidRequestException: no db"},
      {{.status = 400, .body = R"({"__type": "AccessDeniedException", "message": "no"})"},
       {},
       StatusCode::kPermissionDenied,
       "AccessDeniedException"},
      {{.status = 400, .body = R"({"__type": "UnrecognizedClientException", "message": "no"})"},
       {},
       StatusCode::kUnauthenticated,
       "UnrecognizedClientException"},
      {started,
       {.body = R"({"QueryExecution": {"Status": {"State": "FAILED", "StateChangeReason":
           "COLUMN_NOT_FOUND: x", "AthenaError": {"ErrorCategory": 2}}}})"},
       StatusCode::kInvalidArgument,
       "Athena query q1 has failed: COLUMN_NOT_FOUND: x"},
      {started,
       {.body = R"({"QueryExecution": {"Status": {"State": "FAILED", "StateChangeReason":
           "internal", "AthenaError": {"ErrorCategory": 1}}}})"},
       StatusCode::kUnavailable,
       "internal"},
  };
  for (const Case& c : cases) {
    io::TestHttpServer server([&](const Request& request) {
      return Operation(request) == "StartQueryExecution" ? c.start : c.status;
    });
    const Status status = Query::Run(Options(server), "SELECT 1", &Progress::None()).status();
    EXPECT_EQ(status.code(), c.code) << status;
    EXPECT_THAT(Text(status), HasSubstr(c.want));
  }
}

class Cancelled : public Progress {
 public:
  bool cancelled() const override { return cancelled_; }
  void Note(std::string_view) override { cancelled_ = true; }

 private:
  bool cancelled_ = false;
};

TEST_F(AthenaQueryTest, AnInterruptedQueryIsStopped) {
  io::TestHttpServer server([&](const Request& request) {
    return Response{.body = Operation(request) == "StartQueryExecution"
                                ? R"({"QueryExecutionId": "q1"})"
                                : R"({"QueryExecution": {"Status": {"State": "RUNNING"}}})"};
  });
  Cancelled progress;
  EXPECT_EQ(Query::Run(Options(server), "SELECT 1", &progress).status().code(),
            StatusCode::kCancelled);
  EXPECT_EQ(Operation(server.requests().back()), "StopQueryExecution");
  EXPECT_EQ(server.requests().back().body, R"({"QueryExecutionId":"q1"})");
}

}  // namespace
}  // namespace bessemer::example_gen::athena
