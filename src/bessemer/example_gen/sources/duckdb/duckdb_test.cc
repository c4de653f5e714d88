#include <arrow/api.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bessemer/example_gen/sources/duckdb/duckdb_api_internal.h"
#include "bessemer/example_gen/test_files.h"
#include "bessemer/example_gen/test_query.h"
#include "bessemer/io/file_hashes.h"

namespace bessemer::example_gen::duckdb {
namespace {

using ::testing::HasSubstr;

class DuckdbTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const StatusOr<const Api*> api = GetApi();
    ASSERT_TRUE(api.ok()) << api.status();
    api_ = *api;
  }

  // Writes to the test's database by a connection of its own.
  void Execute(const std::string& sql) {
    DatabaseHandle* database = nullptr;
    ConnectionHandle* connection = nullptr;
    char* error = nullptr;
    ASSERT_EQ(api_->open_ext(path_.c_str(), &database, nullptr, &error), 0) << error;
    ASSERT_EQ(api_->connect(database, &connection), 0);
    StatementsHandle* statements = nullptr;
    const uint64_t count = api_->extract_statements(connection, sql.c_str(), &statements);
    ASSERT_GT(count, 0u);
    for (uint64_t i = 0; i < count; ++i) {
      PreparedHandle* prepared = nullptr;
      PendingHandle* pending = nullptr;
      ResultHandle result;
      ASSERT_EQ(api_->prepare_extracted_statement(connection, statements, i, &prepared), 0)
          << api_->prepare_error(prepared);
      ASSERT_EQ(api_->pending_prepared_streaming(prepared, &pending), 0);
      ASSERT_EQ(api_->execute_pending(pending, &result), 0) << api_->result_error(&result);
      api_->destroy_result(&result);
      api_->destroy_pending(&pending);
      api_->destroy_prepare(&prepared);
    }
    api_->destroy_extracted(&statements);
    api_->disconnect(&connection);
    api_->close(&database);
  }

  StatusOr<QueryAnswer> Ask(const std::string& query, Json params = Json::object(),
                            Progress* progress = &Progress::None()) {
    return AskSource("duckdb", params, query, folder_.path("scratch"), progress);
  }
  // The cells of a query without a database, or its error.
  Json Rows(const std::string& query, const Json& params = Json::object()) {
    const StatusOr<QueryAnswer> answer = Ask(query, params);
    return answer.ok() ? BatchToJson(*answer->rows) : Json(std::string(Message(answer.status())));
  }
  std::string Fingerprint(const std::string& query, Json params = Json::object()) {
    const Source* source = *Sources().Find("duckdb");
    if (!params.contains("connection")) params["connection"] = path_;
    const auto values = ParamValues::FromJson(source->params, params, "test");
    io::FileHashes hashes;
    const StatusOr<std::string> got = source->data_fingerprint(query, *values, hashes);
    EXPECT_TRUE(got.ok()) << got.status();
    return got.value_or("");
  }

  const Api* api_ = nullptr;
  TestFolder folder_;
  std::string path_ = folder_.path("test.duckdb");
};

TEST_F(DuckdbTest, TypesAndNulls) {
  const struct {
    const char* value;
    const char* type;
    const char* text;
  } cases[] = {
      {"(-128)::TINYINT", "int8", "-128"},
      {"65535::USMALLINT", "uint16", "65535"},
      {"(-9223372036854775808)::BIGINT", "int64", "-9223372036854775808"},
      {"18446744073709551615::UBIGINT", "uint64", "18446744073709551615"},
      {"12345678901234567890123::HUGEINT", "decimal128(38, 0)", "12345678901234567890123"},
      {"0.1::FLOAT", "float", "0.1"},
      {"1e308::DOUBLE", "double", "1e+308"},
      {"(-12345678.90)::DECIMAL(10, 2)", "decimal128(10, 2)", "-12345678.90"},
      {"true", "bool", "true"},
      {"'Zürich 𝄞'", "string", "Zürich 𝄞"},
      {"''", "string", ""},
      {"DATE '2024-02-29'", "date32[day]", "2024-02-29"},
      {"TIMESTAMP '1999-12-31 23:59:59.5'", "timestamp[us]", "1999-12-31 23:59:59.500000"},
      {"'b'::ENUM('a', 'b')", "string", "b"},
      {"'550e8400-e29b-41d4-a716-446655440000'::UUID", "string",
       "550e8400-e29b-41d4-a716-446655440000"},
      {"'{\"a\": 1}'::JSON", "string", "{\"a\": 1}"},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(test.value);
    const std::string query =
        fmt::format("SELECT {} AS x UNION ALL SELECT NULL ORDER BY x NULLS LAST", test.value);
    const StatusOr<QueryAnswer> answer = Ask(query);
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->input->schema()->field(0)->type()->ToString(), test.type);
    EXPECT_EQ((*answer->rows->column(0)->GetScalar(0))->ToString(), test.text);
    EXPECT_TRUE(answer->rows->column(0)->IsNull(1));
  }
  EXPECT_EQ(Rows("SELECT [1, NULL, 3] AS x, []::VARCHAR[] AS y"),
            Json::parse(R"({"x": [[1, null, 3]], "y": [[]]})"));
}

TEST_F(DuckdbTest, QueriesFilesAndDatabases) {
  folder_.Write("a.csv", "x,y\n1,a\n2,b\n");
  EXPECT_EQ(Rows(fmt::format("SELECT sum(x)::BIGINT AS s FROM '{}'", folder_.path("a.csv"))),
            Json::parse(R"({"s": [[3]]})"));
  Execute("CREATE TABLE t AS SELECT 7 AS a");
  EXPECT_EQ(Rows("FROM t", {{"connection", path_}}), Json::parse(R"({"a": [[7]]})"));
  // A database's queries see nothing else, unless they may.
  const std::string both = fmt::format("SELECT a, x FROM t, '{}'", folder_.path("a.csv"));
  EXPECT_THAT(Rows(both, {{"connection", path_}}).dump(), HasSubstr("disabled"));
  EXPECT_EQ(Rows(both + " ORDER BY x", {{"connection", path_}, {"external_access", true}}),
            Json::parse(R"({"a": [[7], [7]], "x": [[1], [2]]})"));
}

TEST_F(DuckdbTest, ErrorsAreDuckdbsOwn) {
  Execute("CREATE TABLE t (a INTEGER)");
  const struct {
    const char* name;
    const char* query;
    StatusCode code;
    const char* want;
  } cases[] = {
      {"unknown_table", "SELECT * FROM flights", StatusCode::kInvalidArgument,
       "Table with name flights does not exist"},
      {"syntax", "SELEC 1", StatusCode::kInvalidArgument, "syntax error at or near \"SELEC\""},
      {"empty", "", StatusCode::kInvalidArgument, "the query is empty"},
      {"two", "SELECT 1; SELECT 2", StatusCode::kInvalidArgument, "2 statements; give one"},
      {"writes", "DROP TABLE t", StatusCode::kInvalidArgument, "must be one that reads"},
      {"parameters", "SELECT ?", StatusCode::kInvalidArgument, "has parameters"},
      {"late",
       "SELECT CASE WHEN i = 50000 THEN error('late') ELSE i END AS x FROM range(99999) t(i)",
       StatusCode::kInvalidArgument, "late"},
      {"same_names", "SELECT 1 AS a, 2 AS a", StatusCode::kInvalidArgument,
       "two columns called 'a'"},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(test.name);
    const StatusOr<QueryAnswer> answer = Ask(test.query, {{"connection", path_}});
    EXPECT_EQ(answer.status().code(), test.code);
    EXPECT_THAT(std::string(Message(answer.status())), HasSubstr(test.want));
  }
  EXPECT_EQ(Ask("SELECT * FROM 'none.parquet'").status().code(), StatusCode::kNotFound);
  EXPECT_EQ(Ask("SELECT 1", {{"connection", "none.duckdb"}}).status().code(),
            StatusCode::kNotFound);
  const std::string bad = folder_.Write("bad.duckdb", std::string(5000, 'x'));
  EXPECT_EQ(Ask("SELECT 1", {{"connection", bad}}).status().code(), StatusCode::kDataLoss);
  EXPECT_THAT(std::string(Message(Ask("SELECT 1", {{"memory_limit", "much"}}).status())),
              HasSubstr("DuckDB refuses 'much' as its memory_limit"));
}

TEST_F(DuckdbTest, StreamsManyRows) {
  const StatusOr<QueryAnswer> answer = Ask("SELECT i AS x, 'r' || i AS s FROM range(300000) t(i)");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->input->num_rows(), 300000);
  const auto& s = static_cast<const arrow::StringArray&>(*answer->rows->column(1));
  EXPECT_EQ(s.GetView(299999), "r299999");
  const StatusOr<QueryAnswer> empty = Ask("SELECT 1 AS x WHERE false");
  ASSERT_TRUE(empty.ok()) << empty.status();
  EXPECT_EQ(empty->input->num_rows(), 0);
}

TEST_F(DuckdbTest, FingerprintFollowsTheFile) {
  Execute("CREATE TABLE t AS SELECT 1 AS a");
  const std::string before = Fingerprint("SELECT * FROM t");
  EXPECT_THAT(before, HasSubstr("sha256:"));
  EXPECT_EQ(Fingerprint("SELECT * FROM t"), before);
  Execute("INSERT INTO t VALUES (2)");
  EXPECT_NE(Fingerprint("SELECT * FROM t"), before);
}

TEST_F(DuckdbTest, NoFingerprintWhereTheResultMayChangeUnseen) {
  Execute("CREATE TABLE t AS SELECT 1 AS a; CREATE MACRO m(x) AS x + 1");
  EXPECT_NE(Fingerprint("SELECT abs(a) FROM t"), "");
  EXPECT_EQ(Fingerprint("SELECT * FROM t", {{"external_access", true}}), "");
  EXPECT_EQ(Fingerprint("SELECT 1", {{"connection", ":memory:"}}), "");
  EXPECT_EQ(Fingerprint("SELECT random()"), "");
  EXPECT_EQ(Fingerprint("SELECT * FROM t WHERE a < NOW()::VARCHAR"), "");
  EXPECT_EQ(Fingerprint("SELECT current_date"), "");
  EXPECT_EQ(Fingerprint("SELECT * FROM t USING SAMPLE 1"), "");
  Execute("CREATE VIEW v AS SELECT uuid() AS u");
  EXPECT_EQ(Fingerprint("SELECT * FROM v"), "");
}

TEST_F(DuckdbTest, StopsALongQuery) {
  CancelledProgress stop;
  const StatusOr<QueryAnswer> answer =
      Ask("SELECT count(*) AS n FROM range(100000000000) a(i) WHERE i % 7 = 3 AND i % 11 = 5",
          Json::object(), &stop);
  EXPECT_EQ(answer.status().code(), StatusCode::kCancelled);
}

}  // namespace
}  // namespace bessemer::example_gen::duckdb
