#include <arrow/api.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include "bessemer/example_gen/row_input.h"
#include "bessemer/example_gen/source.h"
#include "bessemer/example_gen/sources/trino/trino_statement_internal.h"
#include "bessemer/io/test_http_server.h"

namespace bessemer::example_gen::trino {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Request = io::TestHttpServer::Request;
using Response = io::TestHttpServer::Response;

std::string Text(const Status& status) { return std::string(Message(status)); }

TEST(TrinoTypesTest, SignaturesBecomeArrowTypes) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"rawType": "bigint", "arguments": []})", "int64"},
      {R"({"rawType": "unknown", "arguments": []})", "null"},
      {R"({"rawType": "uuid", "arguments": []})", "string"},
      {R"({"rawType": "varchar", "arguments": [{"kind": "LONG", "value": 3}]})", "string"},
      {R"({"rawType": "decimal", "arguments": [{"kind": "LONG", "value": 12},
           {"kind": "LONG", "value": 2}]})",
       "decimal128(12, 2)"},
      {R"({"rawType": "timestamp", "arguments": [{"kind": "LONG", "value": 6}]})", "timestamp[us]"},
      {R"({"rawType": "timestamp", "arguments": []})", "timestamp[ms]"},
      {R"({"rawType": "timestamp with time zone", "arguments": [{"kind": "LONG", "value": 9}]})",
       "timestamp[ns, tz=UTC]"},
      {R"({"rawType": "time", "arguments": [{"kind": "LONG", "value": 3}]})", "time64[us]"},
      {R"({"rawType": "array", "arguments": [{"kind": "TYPE",
           "value": {"rawType": "double", "arguments": []}}]})",
       "list<item: double>"},
      {R"({"rawType": "row", "arguments": [{"kind": "NAMED_TYPE", "value":
           {"fieldName": {"name": "x"}, "typeSignature": {"rawType": "date", "arguments": []}}}]})",
       "struct<x: date32[day]>"},
      {R"({"rawType": "map", "arguments": [
           {"kind": "TYPE", "value": {"rawType": "varchar", "arguments": []}},
           {"kind": "TYPE", "value": {"rawType": "real", "arguments": []}}]})",
       "list<item: struct<key: string, value: float>>"},
      {"null", "string"},
  };
  for (const auto& [signature, want] : cases) {
    EXPECT_EQ(ArrowType(Json::parse(signature))->ToString(), want);
  }
}

constexpr char kColumns[] =
    R"("columns": [{"name": "a", "type": "bigint", "typeSignature": {"rawType": "bigint",
        "arguments": []}}])";

class TrinoTest : public ::testing::Test {
 protected:
  // Runs a query of the plug-in against a server that answers so.
  StatusOr<std::unique_ptr<RowInput>> Run(const std::string& source,
                                          const io::TestHttpServer& server, Json params) {
    BESSEMER_ASSIGN_OR_RETURN(const Source* found, Sources().Find(source));
    params["host"] = "127.0.0.1";
    params["port"] = server.port();
    BESSEMER_ASSIGN_OR_RETURN(const ParamValues values,
                              ParamValues::FromJson(found->params, params, source));
    return found->run_query({.query = "SELECT a", .params = values, .scratch_dir = "/tmp"});
  }
};

TEST_F(TrinoTest, PagesAreFollowedToTheirEnd) {
  io::TestHttpServer server([tries = 0](const Request& request) mutable {
    const std::string next = R"("nextUri": "http://)" + request.Header("host");
    if (request.method == "POST") {
      if (++tries == 1) return Response{.status = 503};
      return Response{.body = "{" + next + R"(/q/1", "stats": {"state": "QUEUED"}})"};
    }
    if (request.target == "/q/1") return Response{.body = "{" + next + R"(/q/2"})"};
    if (request.target == "/q/2") {
      return Response{.body = "{" + next + R"(/q/3", )" + kColumns + R"(, "data": [[1], [2]]})"};
    }
    return Response{.body = "{" + std::string(kColumns) + R"(, "data": [[null]]})"};
  });
  const auto rows =
      Run("trino", server,
          {{"user", "me"}, {"catalog", "c"}, {"schema", "s"}, {"session", {{"p", "a b"}}}});
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ((*rows)->num_rows(), 3);
  EXPECT_EQ((*rows)->schema()->ToString(), "a: int64");
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 5u);
  for (const Request& request : requests) {
    EXPECT_EQ(request.Header("x-trino-user"), "me");
    EXPECT_EQ(request.Header("x-trino-session"), "p=a%20b");
  }
  EXPECT_EQ(requests[0].body, "SELECT a");
}

TEST_F(TrinoTest, PrestosHeadersAndPasswords) {
  io::TestHttpServer server(
      [](const Request&) { return Response{.body = "{" + std::string(kColumns) + "}"}; });
  setenv("PRESTO_PASSWORD", "hunter2", 1);
  const auto rows = Run("presto", server, {{"basic_auth", {{"username", "ann"}}}});
  unsetenv("PRESTO_PASSWORD");
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ((*rows)->num_rows(), 0);
  EXPECT_EQ(server.requests()[0].Header("x-presto-user"), "ann");
  EXPECT_EQ(server.requests()[0].Header("authorization"), "Basic YW5uOmh1bnRlcjI=");
  const Status inline_password =
      Run("presto", server, {{"basic_auth", {{"username", "ann"}, {"password", "hunter2"}}}})
          .status();
  EXPECT_THAT(Text(inline_password), HasSubstr("must not hold the password"));
  EXPECT_THAT(Text(inline_password), Not(HasSubstr("hunter2")));
}

TEST_F(TrinoTest, FailuresAreToldInTheServersWords) {
  struct Case {
    Response response;
    StatusCode code;
    const char* want;
  };
  const Case cases[] = {
      {{.body = R"({"error": {"message": "line 1:8: Column 'x' cannot be resolved", "errorName":
          "COLUMN_NOT_FOUND", "errorType": "USER_ERROR",
          "errorLocation": {"lineNumber": 1, "columnNumber": 8}}})"},
       StatusCode::kInvalidArgument,
       "COLUMN_NOT_FOUND: line 1:8: Column 'x' cannot be resolved (line 1, column 8 of the query)"},
      {{.body = R"({"error": {"message": "m", "errorName": "EXCEEDED_TIME_LIMIT", "errorType":
          "INSUFFICIENT_RESOURCES"}})"},
       StatusCode::kResourceExhausted,
       "EXCEEDED_TIME_LIMIT"},
      {{.body = R"({"error": {"message": "m", "errorName": "PERMISSION_DENIED", "errorType":
          "USER_ERROR"}})"},
       StatusCode::kPermissionDenied,
       "PERMISSION_DENIED"},
      {{.status = 401, .body = "Unauthorized"}, StatusCode::kUnauthenticated, "HTTP 401"},
      {{.body = "<html>"}, StatusCode::kUnavailable, "is not the JSON of Trino's protocol"},
      {{.body = R"({"id": "1"})"}, StatusCode::kInvalidArgument, "has no result"},
      {{.body = "{" + std::string(kColumns) + R"(, "data": [["x"]]})"},
       StatusCode::kInvalidArgument,
       "row 0, column 'a': 'x' is not a int64"},
      {{.status = 503}, StatusCode::kUnavailable, "HTTP 503"},
  };
  for (const Case& c : cases) {
    io::TestHttpServer server([&](const Request&) { return c.response; });
    const Status status = Run("trino", server, {{"max_attempts", 2}}).status();
    EXPECT_EQ(status.code(), c.code) << status;
    EXPECT_THAT(Text(status), HasSubstr(c.want));
  }
}

class CancelledAfter : public Progress {
 public:
  explicit CancelledAfter(const io::TestHttpServer& server) : server_(server) {}
  bool cancelled() const override { return server_.requests().size() >= 2; }

 private:
  const io::TestHttpServer& server_;
};

TEST_F(TrinoTest, AnInterruptedQueryIsDeletedOnTheServer) {
  io::TestHttpServer server([](const Request& request) {
    return Response{.body = R"({"nextUri": "http://)" + request.Header("host") + R"(/q/1"})"};
  });
  CancelledAfter progress(server);
  {
    const auto statement = Statement::Start({.url = server.url()}, "SELECT 1", &progress);
    EXPECT_EQ(statement.status().code(), StatusCode::kCancelled) << statement.status();
  }
  EXPECT_EQ(server.requests().back().method, "DELETE");
  EXPECT_EQ(server.requests().back().target, "/q/1");
}

}  // namespace
}  // namespace bessemer::example_gen::trino
