#include <arrow/api.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "bessemer/example_gen/sources/sqlite/sqlite_rows_internal.h"
#include "bessemer/example_gen/test_query.h"
#include "bessemer/io/file_hashes.h"

namespace bessemer::example_gen::sqlite {
namespace {

using ::testing::HasSubstr;

class SqliteTest : public QueryTest {
 protected:
  SqliteTest() : QueryTest("sqlite") { connection_ = path_; }

  // Runs statements on the test's database; the connection stays open for the test.
  void Execute(const std::string& sql) {
    if (writer_ == nullptr) {
      sqlite3* opened = nullptr;
      ASSERT_EQ(sqlite3_open(path_.c_str(), &opened), SQLITE_OK);
      writer_.reset(opened);
    }
    char* message = nullptr;
    ASSERT_EQ(sqlite3_exec(writer_.get(), sql.c_str(), nullptr, nullptr, &message), SQLITE_OK)
        << message;
  }

  Json Rows(const std::string& query) {
    const StatusOr<QueryAnswer> answer = Ask(query);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() ? BatchToJson(*answer->rows) : Json();
  }
  std::string Types(const std::string& query) {
    const StatusOr<QueryAnswer> answer = Ask(query);
    if (!answer.ok()) return std::string(Message(answer.status()));
    std::string types;
    for (const auto& field : answer->input->schema()->fields()) {
      types += (types.empty() ? "" : " ") + field->type()->ToString();
    }
    return types;
  }
  std::string Fingerprint(const std::string& query) {
    const Source* source = *Sources().Find("sqlite");
    const auto params = ParamValues::FromJson(source->params, {{"connection", path_}}, "test");
    io::FileHashes hashes;
    const StatusOr<std::string> got = source->data_fingerprint(query, *params, hashes);
    EXPECT_TRUE(got.ok()) << got.status();
    return *got;
  }

  const std::string path_ = folder_.path("test.db");
  Database writer_;
};

TEST_F(SqliteTest, ReadsEveryStorageClass) {
  Execute(R"(
      CREATE TABLE t (i INTEGER, r REAL, s TEXT, b BLOB, n);
      INSERT INTO t VALUES (-9223372036854775808, -1.5e308, 'Zürich 𝄞', x'00ff', NULL),
                           (9223372036854775807, 5e-324, '', x'', NULL),
                           (NULL, NULL, NULL, NULL, NULL),
                           (0, 3, char(97, 0, 98), zeroblob(3), NULL);)");
  const StatusOr<QueryAnswer> answer = Ask("SELECT * FROM t ORDER BY rowid;  -- all");
  ASSERT_TRUE(answer.ok()) << answer.status();
  const arrow::RecordBatch& rows = *answer->rows;
  ASSERT_EQ(rows.num_rows(), 4);
  const auto& i = static_cast<const arrow::Int64Array&>(*rows.column(0));
  EXPECT_EQ(i.Value(0), INT64_MIN);
  EXPECT_EQ(i.Value(1), INT64_MAX);
  const auto& r = static_cast<const arrow::DoubleArray&>(*rows.column(1));
  EXPECT_EQ(r.Value(0), -1.5e308);
  EXPECT_EQ(r.Value(1), 5e-324);
  EXPECT_EQ(r.Value(3), 3.0);
  const auto& s = static_cast<const arrow::StringArray&>(*rows.column(2));
  EXPECT_EQ(s.GetView(0), "Zürich 𝄞");
  EXPECT_EQ(s.GetView(1), "");
  EXPECT_FALSE(s.IsNull(1));
  EXPECT_EQ(s.GetView(3), std::string_view("a\0b", 3));
  const auto& b = static_cast<const arrow::BinaryArray&>(*rows.column(3));
  EXPECT_EQ(b.GetView(0), std::string_view("\0\xff", 2));
  EXPECT_FALSE(b.IsNull(1));
  EXPECT_EQ(b.GetView(3), std::string_view("\0\0\0", 3));
  for (int column = 0; column < 5; ++column) EXPECT_TRUE(rows.column(column)->IsNull(2));
  EXPECT_EQ(rows.column(4)->type_id(), arrow::Type::NA);
}

TEST_F(SqliteTest, TypesComeFromDeclarationsAndCells) {
  Execute(R"(
      CREATE TABLE t (price DECIMAL(10, 2), flag BOOLEAN, day DATE, big BIGINT, name VARCHAR(9));
      INSERT INTO t VALUES (5, 1, '2024-02-29', 7, 'x');)");
  EXPECT_EQ(Types("SELECT * FROM t"), "double int64 string int64 string");
  EXPECT_EQ(Types("SELECT * FROM t WHERE 0"), "double int64 null int64 string");
  EXPECT_EQ(Types("SELECT count(*) AS n, avg(big) AS a, max(name) AS m, NULL AS x FROM t"),
            "int64 double string null");
  EXPECT_EQ(Types("VALUES (1), (2.5), (NULL)"), "double");
  EXPECT_EQ(Types("VALUES ('a'), (x'ff')"), "binary");
}

TEST_F(SqliteTest, WidensTypesWhereLateRowsNeedIt) {
  // Row 20,000 of the integers is a float; text appears after 10,000 nulls.
  Execute(R"(
      CREATE TABLE t (i INTEGER PRIMARY KEY, x INTEGER, late);
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000)
      INSERT INTO t SELECT i, iif(i = 20000, 0.5, i), iif(i > 10000, 'r' || i, NULL) FROM n;)");
  const StatusOr<QueryAnswer> answer = Ask("SELECT x, late FROM t ORDER BY i");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->input->num_rows(), 30000);
  const auto& x = static_cast<const arrow::DoubleArray&>(*answer->rows->column(0));
  EXPECT_EQ(x.Value(0), 1.0);
  EXPECT_EQ(x.Value(19999), 0.5);
  EXPECT_EQ(x.Value(29999), 30000.0);
  const auto& late = static_cast<const arrow::StringArray&>(*answer->rows->column(1));
  EXPECT_EQ(late.null_count(), 10000);
  EXPECT_EQ(late.GetView(10000), "r10001");
}

TEST_F(SqliteTest, NumbersBesideTextAreAnErrorOfTheirRow) {
  Execute("CREATE TABLE t (age INTEGER, x); INSERT INTO t VALUES (1, 1), (2, 'abc'), ('old', 3)");
  EXPECT_THAT(Types("SELECT age FROM t"),
              HasSubstr("row 3 of the query: column 'age' holds 'old', which does not go with "
                        "integers (it is declared INTEGER)"));
  EXPECT_THAT(Types("SELECT x FROM t"), HasSubstr("CAST(x AS TEXT)"));
  EXPECT_EQ(Types("SELECT CAST(age AS TEXT) AS age FROM t"), "string");
  Execute(R"(
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9000)
      INSERT INTO t SELECT 1, iif(i = 8998, 'late', i) FROM n)");
  EXPECT_THAT(Types("SELECT x FROM t WHERE rowid > 3"), HasSubstr("row 8998 of the query"));
}

TEST_F(SqliteTest, ErrorsSayWhatIsWrong) {
  Execute("CREATE TABLE t (a)");
  const struct {
    const char* name;
    const char* query;
    const char* want;
  } cases[] = {
      {"unknown_table", "SELECT * FROM flights", "no such table: flights"},
      {"syntax", "SELEC 1", "near \"SELEC\": syntax error"},
      {"empty", "", "the query is empty"},
      {"comment", "-- nothing", "the query is empty"},
      {"two", "SELECT 1; SELECT 2", "more than one statement"},
      {"writes", "DELETE FROM t", "must be one that reads"},
      {"writes_and_returns", "DELETE FROM t RETURNING a", "must be one that reads"},
      {"run_time", "SELECT abs(-9223372036854775807 - 1) AS x", "integer overflow"},
      {"same_names", "SELECT 1 AS a, 2 AS a", "two columns called 'a'"},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(test.name);
    const StatusOr<QueryAnswer> answer = Ask(test.query);
    EXPECT_EQ(answer.status().code(), StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(Message(answer.status())), HasSubstr(test.want));
  }
}

TEST_F(SqliteTest, FilesThatAreNoDatabases) {
  EXPECT_EQ(Ask("SELECT 1").status().code(), StatusCode::kNotFound);
  folder_.Write("test.db", std::string(5000, 'x'));
  EXPECT_EQ(Ask("SELECT * FROM t").status().code(), StatusCode::kDataLoss);
}

TEST_F(SqliteTest, EmptyResultHasItsColumns) {
  Execute("CREATE TABLE t (a INTEGER, b TEXT)");
  EXPECT_EQ(Rows("SELECT * FROM t"), Json::parse(R"({"a": [], "b": []})"));
}

TEST_F(SqliteTest, FingerprintFollowsTheDataThroughTheLog) {
  Execute("PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES (1)");
  const std::string before = Fingerprint("SELECT * FROM t");
  EXPECT_THAT(before, HasSubstr("sha256:"));
  EXPECT_EQ(Fingerprint("SELECT * FROM t"), before);
  Execute("INSERT INTO t VALUES (2)");  // only the write-ahead log changes
  EXPECT_NE(Fingerprint("SELECT * FROM t"), before);
  EXPECT_EQ(Rows("SELECT a FROM t"), Json::parse(R"({"a": [[1], [2]]})"));
}

TEST_F(SqliteTest, QueriesOfTheTimeOrOfChanceHaveNoFingerprint) {
  Execute("CREATE TABLE t (a); CREATE VIEW v AS SELECT random() AS r");
  EXPECT_EQ(Fingerprint("SELECT random()"), "");
  EXPECT_EQ(Fingerprint("SELECT * FROM v"), "");
  EXPECT_EQ(Fingerprint("SELECT * FROM t WHERE a > DATE('now', '-7 days')"), "");
  EXPECT_EQ(Fingerprint("SELECT CURRENT_DATE"), "");
  EXPECT_NE(Fingerprint("SELECT abs(a) FROM t"), "");
}

TEST_F(SqliteTest, StopsALongQuery) {
  Execute("CREATE TABLE t (a)");
  CancelledProgress stop;
  const StatusOr<QueryAnswer> answer =
      Ask("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT sum(i) FROM n",
          &stop);
  EXPECT_EQ(answer.status().code(), StatusCode::kCancelled);
}

}  // namespace
}  // namespace bessemer::example_gen::sqlite
