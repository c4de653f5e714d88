#include <arrow/api.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "bessemer/example_gen/sources/mysql/mysql_connection_internal.h"
#include "bessemer/example_gen/test_query.h"

// Most need a server: tests/sources/query_test.py starts one and runs these tests.

namespace bessemer::example_gen::mysql {
namespace {

using ::testing::HasSubstr;

TEST(MysqlAddress, Parts) {
  const StatusOr<Address> address =
      ParseAddress("mysql://us%65r@db.example:3307/sales?ssl=verify&ssl_ca=/a%20b.pem");
  ASSERT_TRUE(address.ok()) << address.status();
  EXPECT_EQ(address->user, "user");
  EXPECT_EQ(address->host, "db.example");
  EXPECT_EQ(address->port, 3307);
  EXPECT_EQ(address->database, "sales");
  EXPECT_EQ(address->options.at("ssl"), "verify");
  EXPECT_EQ(address->options.at("ssl_ca"), "/a b.pem");
  EXPECT_EQ(ParseAddress("")->host, "");
  EXPECT_EQ(ParseAddress("mariadb://[::1]:3306")->host, "::1");
  EXPECT_EQ(ParseAddress("mysql://?option_file=my.cnf")->options.at("option_file"), "my.cnf");
}

TEST(MysqlAddress, Errors) {
  const struct {
    const char* text;
    const char* want;
  } cases[] = {
      {"localhost", "must look like mysql://"},
      {"mysql://h:0/d", "must look like mysql://"},
      {"mysql://h:99999", "must look like mysql://"},
      {"mysql://h:33x", "must look like mysql://"},
      {"mysql://%4/x", "must look like mysql://"},
      {"mysql://u:hunter2@h/d", "holds a password"},
      {"mysql://u@h/d?password=hunter2", "holds a password"},
      {"mysql://h/d?optionfile=x", "did you mean 'option_file'"},
      {"mysql://h/d?ssl=maybe", "must be required or verify"},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(test.text);
    const Status status = ParseAddress(test.text).status();
    EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(Message(status)), HasSubstr(test.want));
    EXPECT_THAT(std::string(Message(status)), Not(HasSubstr("hunter2")));
  }
}

class MysqlTest : public QueryTest {
 protected:
  MysqlTest() : QueryTest("mysql") {}

  void SetUp() override {
    const char* address = std::getenv("BESSEMER_TEST_MYSQL");
    if (address == nullptr) GTEST_SKIP() << "no server: tests/sources/query_test.py starts one";
    connection_ = address;
    StatusOr<Connection> connection = Connect(*ParseAddress(connection_));
    ASSERT_TRUE(connection.ok()) << connection.status();
    writer_ = *std::move(connection);
    for (const char* command : {"COMMIT", "SET SESSION TRANSACTION READ WRITE", "SET sql_mode = ''",
                                "DROP DATABASE IF EXISTS scratch",
                                "CREATE DATABASE scratch CHARACTER SET utf8mb4", "USE scratch"}) {
      Execute(command);
    }
  }

  void Execute(const std::string& sql) {
    ASSERT_EQ(mysql_query(writer_.get(), sql.c_str()), 0) << mysql_error(writer_.get());
  }
  std::string Value(const std::string& sql) {
    if (mysql_query(writer_.get(), sql.c_str()) != 0) return mysql_error(writer_.get());
    const Result result(mysql_store_result(writer_.get()));
    const MYSQL_ROW row = mysql_fetch_row(result.get());
    return row == nullptr || row[0] == nullptr ? "" : row[0];
  }

  Connection writer_;
};

TEST_F(MysqlTest, ReadsEveryType) {
  const struct {
    const char* type;
    const char* value;
    const char* want;
  } cases[] = {
      {"TINYINT", "-128", "int64: -128"},
      {"SMALLINT UNSIGNED", "65535", "int64: 65535"},
      {"MEDIUMINT", "-8388608", "int64: -8388608"},
      {"INT UNSIGNED", "4294967295", "int64: 4294967295"},
      {"BIGINT", "-9223372036854775808", "int64: -9223372036854775808"},
      {"BIGINT UNSIGNED", "18446744073709551615", "uint64: 18446744073709551615"},
      {"YEAR", "2155", "int64: 2155"},
      {"FLOAT", "16777217.5", "float: 16777218"},
      {"DOUBLE", "-1e308", "double: -1e+308"},
      {"DECIMAL(10,2)", "-12345678.90", "decimal128(10, 2): -12345678.90"},
      {"DECIMAL(38,0) UNSIGNED", "99999999999999999999999999999999999999",
       "decimal128(38, 0): 99999999999999999999999999999999999999"},
      {"DECIMAL(5,5)", "0.00001", "decimal128(5, 5): 0.00001"},
      {"DECIMAL(65,30)", "1.5", "double: 1.5"},
      {"BIT(1)", "b'1'", "uint64: 1"},
      {"BIT(64)", "~0", "uint64: 18446744073709551615"},
      {"DATE", "'2024-02-29'", "date32[day]: 2024-02-29"},
      {"DATE", "'0000-00-00'", "date32[day]: null"},
      {"DATETIME(6)", "'9999-12-31 23:59:59.999999'", "timestamp[us]: 9999-12-31 23:59:59.999999"},
      {"DATETIME", "'1000-01-01'", "timestamp[us]: 1000-01-01 00:00:00.000000"},
      {"TIMESTAMP", "'2024-01-01 12:00:00'", "timestamp[us, tz=UTC]: 2024-01-01 12:00:00.000000Z"},
      {"TIME(3)", "'-838:59:59.999'", "duration[us]: -3020399999000"},
      {"CHAR(4)", "'ab'", "string: ab"},
      {"VARCHAR(20)", "'Zürich 𝄞'", "string: Zürich 𝄞"},
      {"VARCHAR(5) CHARACTER SET latin1", "'Zürich'", "string: Züric"},
      {"LONGTEXT", "''", "string: "},
      {"ENUM('x','y')", "'y'", "string: y"},
      {"SET('p','q')", "'p,q'", "string: p,q"},
      {"JSON", "'{\"a\": 1}'", "string: {\"a\": 1}"},
      {"BINARY(2)", "x'01ff'", "binary: \x01\xff"},
      {"VARBINARY(9)", "x'fe01'", "binary: \xfe\x01"},
      {"LONGBLOB", "x''", "binary: "},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(fmt::format("{} {}", test.type, test.value));
    Execute(fmt::format("CREATE OR REPLACE TABLE t (i INT, x {} NULL)", test.type));
    Execute(fmt::format("INSERT INTO t VALUES (1, {}), (2, NULL)", test.value));
    EXPECT_EQ(First("SELECT x FROM scratch.t WHERE i = 1"), test.want);
    const StatusOr<QueryAnswer> null = Ask("SELECT x FROM scratch.t WHERE i = 2");
    ASSERT_TRUE(null.ok()) << null.status();
    EXPECT_TRUE(null->rows->column(0)->IsNull(0));
  }
}

TEST_F(MysqlTest, LongValuesAndExpressions) {
  const StatusOr<QueryAnswer> answer =
      Ask("SELECT repeat('ü', 100000) AS s, NULL AS n, 7 AS i UNION ALL SELECT 'x', NULL, 8");
  ASSERT_TRUE(answer.ok()) << answer.status();
  const auto& s = static_cast<const arrow::StringArray&>(*answer->rows->column(0));
  EXPECT_EQ(s.GetView(0).size(), 200000u);
  EXPECT_EQ(s.GetView(0).substr(199996), "üü");
  EXPECT_EQ(s.GetView(1), "x");
  EXPECT_EQ(answer->rows->column(1)->null_count(), 2);
  EXPECT_EQ(First("SELECT now() = utc_timestamp() AS same"), "int64: 1");
  EXPECT_EQ(First("SELECT 1 AS x WHERE false"), "no rows");
}

TEST_F(MysqlTest, ErrorsAreTheServersOwn) {
  Execute("CREATE TABLE t (d DATE, PRIMARY KEY (d))");
  Execute("INSERT INTO t VALUES ('2024-02-00')");
  const struct {
    const char* name;
    const char* query;
    const char* want;
  } cases[] = {
      {"unknown_table", "SELECT * FROM flights", "Table 'test.flights' doesn't exist"},
      {"syntax", "SELEC 1", "You have an error in your SQL syntax"},
      {"two", "SELECT 1; SELECT 2", "You have an error in your SQL syntax"},
      {"writes", "DELETE FROM scratch.t", "READ ONLY transaction"},
      {"parameters", "SELECT ?", "has parameters"},
      {"same_names", "SELECT 1 AS a, 2 AS a", "two columns called 'a'"},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(test.name);
    const StatusOr<QueryAnswer> answer = Ask(test.query);
    EXPECT_EQ(answer.status().code(), StatusCode::kInvalidArgument) << answer.status();
    EXPECT_THAT(std::string(Message(answer.status())), HasSubstr(test.want));
  }
  EXPECT_THAT(First("SELECT d FROM scratch.t"),
              HasSubstr("row 1 of the query, column 'd': the date 2024-02-00 is none"));
}

TEST_F(MysqlTest, ConnectionsThatFail) {
  const std::string place = connection_.substr(connection_.find('@') + 1);
  const std::string server = place.substr(0, place.find('/'));
  EXPECT_EQ(AskAt("mysql://stranger@" + place).code(), StatusCode::kUnauthenticated);
  EXPECT_EQ(AskAt(connection_ + "x").code(), StatusCode::kNotFound);
  EXPECT_EQ(AskAt("mysql://x@127.0.0.1:1/y").code(), StatusCode::kUnavailable);
  EXPECT_EQ(AskAt("mysql://tester@" + place, "SELECT * FROM mysql.user").code(),
            StatusCode::kPermissionDenied);
  EXPECT_EQ(AskAt(connection_ + "?option_file=none.cnf").code(), StatusCode::kNotFound);
  // The option file decides what the address leaves out.
  const size_t colon = server.find(':');
  const std::string file = folder_.Write(
      "my.cnf", fmt::format("[client]\nuser=admin\nhost={}\nport={}\n[bessemer]\ndatabase=test\n",
                            server.substr(0, colon), server.substr(colon + 1)));
  EXPECT_EQ(AskAt("mysql://?option_file=" + file, "SELECT database() AS d"), OkStatus());
}

TEST_F(MysqlTest, StreamsManyRowsInOrder) {
  ExpectManyRowsInOrder("SELECT seq AS i, concat('r', seq) AS s FROM seq_1_to_100000");
}

// More than the sockets' buffers hold.
constexpr char kLongQuery[] = "SELECT seq, repeat('x', 500) AS s FROM seq_1_to_1000000 /* long */";
constexpr char kItsThread[] =
    "FROM information_schema.processlist WHERE info LIKE '%repeat(%long%' AND "
    "id <> connection_id()";

TEST_F(MysqlTest, AConnectionLostInTheMiddleIsAnError) {
  ExpectEndInTheMiddle(kLongQuery, StatusCode::kUnavailable,
                       [&] { Execute("KILL " + Value(std::string("SELECT id ") + kItsThread)); });
}

TEST_F(MysqlTest, AQueryKilledInTheMiddleIsAnError) {
  AtFirstRows kill([&] { Execute("KILL QUERY " + Value(std::string("SELECT id ") + kItsThread)); });
  EXPECT_EQ(Ask(kLongQuery, &kill).status().code(), StatusCode::kAborted);
}

TEST_F(MysqlTest, CancelsOnTheServer) {
  ExpectCancellation(kLongQuery, "SELECT sleep(1000) AS s /* long */");
  EXPECT_TRUE(Becomes("0", [&] {
    return Value(
        "SELECT count(*) FROM information_schema.processlist WHERE (info LIKE 'SELECT sleep%' OR "
        "info LIKE 'SELECT seq, repeat(%') AND id <> connection_id() AND command <> 'Killed'");
  }));
}

}  // namespace
}  // namespace bessemer::example_gen::mysql
