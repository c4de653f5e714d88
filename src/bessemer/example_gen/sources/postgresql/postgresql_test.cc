#include <arrow/api.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "bessemer/example_gen/sources/postgresql/postgresql_connection_internal.h"
#include "bessemer/example_gen/test_query.h"

// Needs a server: tests/sources/query_test.py starts one and runs these tests.

namespace bessemer::example_gen::postgresql {
namespace {

using ::testing::HasSubstr;

class PostgresqlTest : public QueryTest {
 protected:
  PostgresqlTest() : QueryTest("postgresql") {}

  void SetUp() override {
    const char* uri = std::getenv("BESSEMER_TEST_POSTGRESQL");
    if (uri == nullptr) GTEST_SKIP() << "no server: tests/sources/query_test.py starts one";
    connection_ = uri;
    StatusOr<Connection> connection = Connect(connection_);
    ASSERT_TRUE(connection.ok()) << connection.status();
    writer_ = *std::move(connection);
    Execute("DROP SCHEMA IF EXISTS public CASCADE; CREATE SCHEMA public");
  }

  void Execute(const std::string& sql) {
    const Result result(PQexec(writer_.get(), sql.c_str()));
    const ExecStatusType status = PQresultStatus(result.get());
    ASSERT_TRUE(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
        << PQerrorMessage(writer_.get());
  }
  // The one value of a query.
  std::string Value(const std::string& sql) {
    const Result result(PQexec(writer_.get(), sql.c_str()));
    return PQntuples(result.get()) == 0 ? "" : PQgetvalue(result.get(), 0, 0);
  }

  Connection writer_;
};

TEST_F(PostgresqlTest, ReadsEveryType) {
  Execute("CREATE TYPE mood AS ENUM ('sad', 'ok')");
  Execute("CREATE DOMAIN positive AS integer CHECK (value > 0)");
  const struct {
    const char* value;
    const char* want;
  } cases[] = {
      {"true", "bool: true"},
      {"(-32768)::smallint", "int16: -32768"},
      {"2147483647", "int32: 2147483647"},
      {"(-9223372036854775808)::bigint", "int64: -9223372036854775808"},
      {"4294967295::oid", "int64: 4294967295"},
      {"7::positive", "int32: 7"},
      {"1.5::real", "float: 1.5"},
      {"'-Infinity'::float8", "double: -inf"},
      {"'NaN'::float8", "double: nan"},
      {"1e308::float8", "double: 1e+308"},
      {"(-12345678.90)::numeric(10, 2)", "decimal128(10, 2): -12345678.90"},
      {"0.05::numeric(4, 2)", "decimal128(4, 2): 0.05"},
      {"0::numeric(10, 2)", "decimal128(10, 2): 0.00"},
      {"99999999999999999999999999999999999999::numeric(38, 0)",
       "decimal128(38, 0): 99999999999999999999999999999999999999"},
      {"1234567890123456789012345678901234567.5::numeric(38, 1)",
       "decimal128(38, 1): 1234567890123456789012345678901234567.5"},
      {"10000::numeric(38, 4)", "decimal128(38, 4): 10000.0000"},
      {"0.1::numeric", "double: 0.1"},
      {"(-1e-200)::numeric", "double: -1e-200"},
      {"1e400::numeric", "double: inf"},
      {"'NaN'::numeric", "double: nan"},
      {"12345.678::numeric(50, 3)", "double: 12345.678"},
      {"'Zürich 𝄞'", "string: Zürich 𝄞"},
      {"'ab'::char(4)", "string: ab  "},
      {"''::text", "string: "},
      {"'x'::\"char\"", "string: x"},
      {"'ok'::mood", "string: ok"},
      {"'\\x01ff'::bytea", "binary: \x01\xff"},
      {"'{\"a\": 1}'::json", "string: {\"a\": 1}"},
      {"'{\"a\":1}'::jsonb", "string: {\"a\": 1}"},
      {"'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'::uuid",
       "string: a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
      {"'2024-02-29'::date", "date32[day]: 2024-02-29"},
      {"'1960-01-01'::date", "date32[day]: 1960-01-01"},
      {"'23:59:59.999999'::time", "time64[us]: 23:59:59.999999"},
      {"'1999-12-31 23:59:59.5'::timestamp", "timestamp[us]: 1999-12-31 23:59:59.500000"},
      {"'2024-01-01 00:00+02'::timestamptz", "timestamp[us, tz=UTC]: 2023-12-31 22:00:00.000000Z"},
      {"'{1,NULL,3}'::int[]", "list<item: int32>: list<item: int32>[1, null, 3]"},
      {"'{}'::text[]", "list<item: string>: list<item: string>[]"},
      {"'{ok,sad}'::mood[]", "list<item: string>: list<item: string>[ok, sad]"},
      {"'{1.5,-2}'::numeric(6, 1)[]",
       "list<item: decimal128(6, 1)>: list<item: decimal128(6, 1)>[1.5, -2.0]"},
      {"'1 day 02:03'::interval", "string: 1 day 02:03:00"},
      {"'10.0.0.1'::inet", "string: 10.0.0.1/32"},
      {"'{10.0.0.1}'::inet[]", "list<item: string>: list<item: string>[10.0.0.1/32]"},
      {"'[1,5)'::int4range", "string: [1,5)"},
      {"B'101'", "string: 101"},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(test.value);
    EXPECT_EQ(First(fmt::format("SELECT {} AS x", test.value)), test.want);
    const StatusOr<QueryAnswer> null =
        Ask(fmt::format("SELECT CASE WHEN false THEN {} END AS x", test.value));
    ASSERT_TRUE(null.ok()) << null.status();
    EXPECT_TRUE(null->rows->column(0)->IsNull(0));
  }
}

TEST_F(PostgresqlTest, ValuesThatHaveNoPlaceNameTheirRow) {
  const struct {
    const char* value;
    const char* want;
  } cases[] = {
      {"'NaN'::numeric(5, 2)", "column 'x': NaN has no place in numeric(5, 2)"},
      {"'infinity'::date", "an infinite date"},
      {"'-infinity'::timestamp", "an infinite timestamp"},
      {"'294276-12-31'::timestamptz", "after the year 294247"},
      {"'{{1,2},{3,4}}'::int[]", "an array of 2 dimensions"},
      {"row(1, 2)", "column 'x' is a record"},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(test.value);
    EXPECT_THAT(First(fmt::format("SELECT {} AS x", test.value)), HasSubstr(test.want));
  }
  EXPECT_THAT(First("SELECT CASE WHEN i = 20000 THEN 'infinity'::date END AS d "
                    "FROM generate_series(1, 30000) i"),
              HasSubstr("row 20000 of the query, column 'd'"));
}

TEST_F(PostgresqlTest, QueriesOfAnyForm) {
  Execute("CREATE TABLE t (a int, b inet); INSERT INTO t VALUES (2, NULL), (1, '10.0.0.1')");
  EXPECT_EQ(First("SELECT a FROM t ORDER BY a;  \n"), "int32: 1");
  EXPECT_EQ(First("SELECT a, b FROM t ORDER BY a -- with a cast"), "int32: 1");
  EXPECT_EQ(First("WITH w AS (SELECT 5 AS x) SELECT * FROM w"), "int32: 5");
  EXPECT_EQ(First("VALUES ('a'), ('b')"), "string: a");
  EXPECT_EQ(First("TABLE t"), "int32: 2");
  EXPECT_EQ(First("SELECT a AS \"odd \"\"name\", b AS \"Z\" FROM t"), "int32: 2");
  const StatusOr<QueryAnswer> empty = Ask("SELECT a, b FROM t WHERE false");
  ASSERT_TRUE(empty.ok()) << empty.status();
  EXPECT_EQ(empty->input->num_rows(), 0);
  EXPECT_EQ(empty->input->schema()->ToString(), "a: int32\nb: string");
}

TEST_F(PostgresqlTest, ErrorsAreTheServersOwn) {
  Execute("CREATE TABLE t (a int); INSERT INTO t VALUES (1); CREATE ROLE other");
  const struct {
    const char* name;
    const char* query;
    const char* want;
  } cases[] = {
      {"unknown_table", "SELECT *\nFROM flights",
       "relation \"flights\" does not exist (line 2 of the query)"},
      {"hint", "SELECT nam FROM (SELECT 1 AS name) q", "; Perhaps you meant to reference"},
      {"syntax", "SELEC 1", "syntax error at or near \"SELEC\" (line 1"},
      {"two", "SELECT 1; SELECT 2", "cannot insert multiple commands"},
      {"empty", "", "must be one that gives columns"},
      {"writes", "DELETE FROM t", "must be one that gives columns"},
      {"writes_and_returns", "DELETE FROM t RETURNING a", "in a read-only transaction"},
      {"run_time", "SELECT 1 / (a - 1) AS x FROM t", "division by zero"},
      {"parameters", "SELECT $1::int", "has parameters"},
      {"same_names", "SELECT 1 AS a, 2 AS a", "two columns called 'a'"},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(test.name);
    const StatusOr<QueryAnswer> answer = Ask(test.query);
    EXPECT_EQ(answer.status().code(), StatusCode::kInvalidArgument) << answer.status();
    EXPECT_THAT(std::string(Message(answer.status())), HasSubstr(test.want));
  }
}

TEST_F(PostgresqlTest, ConnectionsThatFail) {
  const std::string place = connection_.substr(connection_.find('@') + 1);
  EXPECT_EQ(AskAt("postgresql://stranger@" + place).code(), StatusCode::kUnauthenticated);
  EXPECT_EQ(AskAt(connection_.substr(0, connection_.rfind('/')) + "/nowhere").code(),
            StatusCode::kNotFound);
  EXPECT_EQ(AskAt("host=127.0.0.1 port=1 dbname=x").code(), StatusCode::kUnavailable);
  const std::string secret = "postgresql://tester:hunter2@" + place;
  EXPECT_THAT(std::string(Message(AskAt(secret))), HasSubstr("PGPASSWORD"));
  EXPECT_THAT(std::string(Message(AskAt(secret))), Not(HasSubstr("hunter2")));
  EXPECT_THAT(std::string(Message(AskAt("postgresql://a:hunter2@[x"))), Not(HasSubstr("hunter2")));
  EXPECT_THAT(std::string(Message(AskAt("host=x password=hunter2"))),
              HasSubstr("would be recorded"));
  EXPECT_EQ(AskAt(connection_ + "?sslmode=require"), OkStatus());
  EXPECT_EQ(AskAt(connection_ + "?sslmode=verify-full&sslrootcert=system.crt").code(),
            StatusCode::kUnavailable);
}

TEST_F(PostgresqlTest, StreamsManyRowsInOrder) {
  ExpectManyRowsInOrder("SELECT i, 'r' || i AS s FROM generate_series(1, 100000) i");
}

// More than the sockets' buffers hold.
constexpr char kLongQuery[] =
    "SELECT i, repeat('x', 500) AS s FROM generate_series(1, 1000000) i /* long */";
constexpr char kItsBackend[] =
    "FROM pg_stat_activity WHERE query LIKE 'COPY%/* long */%' AND pid <> pg_backend_pid()";

TEST_F(PostgresqlTest, AConnectionLostInTheMiddleIsAnError) {
  ExpectEndInTheMiddle(kLongQuery, StatusCode::kUnavailable, [&] {
    EXPECT_EQ(Value(std::string("SELECT count(pg_terminate_backend(pid)) ") + kItsBackend), "1");
  });
}

TEST_F(PostgresqlTest, CancelsOnTheServer) {
  ExpectCancellation(kLongQuery, "SELECT pg_sleep(1000)::text AS s /* long */");
  EXPECT_TRUE(Becomes("0", [&] {
    return Value(std::string("SELECT count(*) ") + kItsBackend + " AND state = 'active'");
  }));
}

}  // namespace
}  // namespace bessemer::example_gen::postgresql
