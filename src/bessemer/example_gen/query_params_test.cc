#include "bessemer/example_gen/query_params.h"

#include <arrow/api.h>
#include <arrow/json/from_string.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bessemer/example_gen/query_spool.h"
#include "bessemer/example_gen/test_files.h"
#include "bessemer/io/file_hashes.h"

namespace bessemer::example_gen {
namespace {

using ::testing::HasSubstr;

StatusOr<ParamValues> Params(const std::string& json) {
  return ParamValues::FromJson(QueryParams(), Json::parse(json), "test");
}

// "span split=query …", or the error.
std::string Read(const std::string& json) {
  const StatusOr<ParamValues> params = Params(json);
  if (!params.ok()) return std::string(Message(params.status()));
  const StatusOr<QuerySelection> selection = ReadQuerySelection(*params);
  if (!selection.ok()) return std::string(Message(selection.status()));
  std::string text = fmt::format("{}", selection->span);
  for (const SplitQuery& split : selection->splits) {
    text += fmt::format(" {}={}", split.split, split.query);
  }
  return text;
}

TEST(QueryParams, EitherForm) {
  EXPECT_EQ(Read(R"({"query": "q"})"), "0 single_split=q");
  EXPECT_EQ(Read(R"({"query": "q @span_begin_timestamp @span_end_timestamp", "range_config":
      {"static_range": {"start_span_number": 1, "end_span_number": 3}}})"),
            "3 single_split=q 86400 345600");
  EXPECT_EQ(Read(R"({"query": "q @span_yyyymmdd_utc", "span": 1})"), "1 single_split=q '19700102'");
  EXPECT_EQ(Read(R"({"query": {"b": "q1", "a": "q2"}})"), "0 b=q1 a=q2");
  EXPECT_EQ(Read(R"({
      "input_config": {"splits": [{"name": "s1", "pattern": "q1 @span_begin_timestamp"},
                                  {"name": "s2", "pattern": "q2 @span_end_timestamp"}]},
      "range_config": {"static_range": {"start_span_number": 2, "end_span_number": 2}}})"),
            "2 s1=q1 172800 s2=q2 259200");
}

TEST(QueryParams, ErrorsNameTheParameter) {
  const struct {
    const char* json;
    const char* want;
  } cases[] = {
      {R"({})", "no input: give 'query'"},
      {R"({"query": "q", "input_config": {"splits": []}})", "give either query or input_config"},
      {R"({"query": 7})", "'query': must be a query, or a map"},
      {R"({"query": {}})", "must be a query, or a map"},
      {R"({"query": {"a": 1}})", "each split needs a query"},
      {R"({"input_config": {"splits": []}})", "needs splits"},
      {R"({"input_config": {"splits": [{"name": "a"}]}})", "needs splits"},
      {R"({"query": "@span_begin_timestamp"})", "no span is given"},
      {R"({"query": "@span_begin_timestam", "span": 1})", "did you mean '@span_begin_timestamp'"},
      {R"({"query": "q", "fingerprint_query": "@span_yyyymmdd_utc"})", "'fingerprint_query'"},
      {R"({"query": "q", "range_config": {"rolling_range": {"num_spans": 1}}})",
       "it has no latest span"},
      {R"({"query": "q", "range_config": {"static_range": {"start_span_number": 2,
                                                          "end_span_number": 1}}})",
       "lies before start_span_number"},
      {R"({"query": "@span_yyyymmdd_utc", "range_config": {"static_range":
           {"start_span_number": 1, "end_span_number": 2}}})",
       "which is one day"},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(test.json);
    EXPECT_THAT(Read(test.json), HasSubstr(test.want));
  }
}

// An engine whose every query gives one row of its text and of `data`.
class QueryResolveTest : public ::testing::Test {
 protected:
  QueryResolveTest() {
    source_.run_query = [this](const QueryRequest& request) { return RunQuery(request); };
  }

  StatusOr<std::unique_ptr<RowInput>> RunQuery(const QueryRequest& request) {
    asked_.push_back(request.query);
    class OneRow : public columnar::BatchSource {
     public:
      explicit OneRow(std::shared_ptr<arrow::RecordBatch> row) : row_(std::move(row)) {}
      StatusOr<std::shared_ptr<arrow::RecordBatch>> Next() override { return std::move(row_); }
      std::shared_ptr<arrow::RecordBatch> row_;
    };
    const auto cell = arrow::json::ArrayFromJSONString(arrow::utf8(), "[\"" + data_ + "\"]");
    const auto schema = arrow::schema({arrow::field("x", arrow::utf8())});
    OneRow row(arrow::RecordBatch::Make(schema, 1, {*cell}));
    return SpoolQuery(schema, row, {.scratch_dir = folder_.path()});
  }

  Json Resolve(const std::string& json) {
    io::FileHashes hashes;
    const StatusOr<Json> resolved = ResolveQueries(source_, *Params(json), hashes);
    EXPECT_TRUE(resolved.ok()) << resolved.status();
    return resolved.value_or(nullptr);
  }

  TestFolder folder_;
  std::string data_ = "one";
  std::vector<std::string> asked_;
  Source source_{.name = "test", .doc = "For tests."};
};

TEST_F(QueryResolveTest, AsksEveryTimeIfNothingTellsThatDataAreTheSame) {
  const Json first = Resolve(R"({"query": "q", "span": 3})");
  EXPECT_EQ(first.at("span"), 3);
  EXPECT_EQ(first.at("queries"), Json::parse(R"([{"split": "single_split", "query": "q"}])"));
  EXPECT_TRUE(first.contains("queried_at"));
  EXPECT_NE(Resolve(R"({"query": "q", "span": 3})"), first);
  EXPECT_TRUE(asked_.empty());
  EXPECT_EQ(QueriesFromJson(first)->splits[0].query, "q");
}

TEST_F(QueryResolveTest, TheFingerprintQueryDecides) {
  const std::string params =
      R"({"query": "q", "span": 1, "fingerprint_query": "f @span_yyyymmdd_utc"})";
  const Json first = Resolve(params);
  EXPECT_EQ(Resolve(params), first);
  EXPECT_EQ(asked_[0], "f '19700102'");
  data_ = "two";
  EXPECT_NE(Resolve(params), first);
}

TEST_F(QueryResolveTest, TheSourceDecidesForAllQueriesOrNone) {
  source_.data_fingerprint = [](const std::string& query, const ParamValues&,
                                io::FileHashes&) -> StatusOr<std::string> {
    return query == "volatile" ? "" : "same";
  };
  EXPECT_EQ(Resolve(R"({"query": "q"})"), Resolve(R"({"query": "q"})"));
  EXPECT_TRUE(Resolve(R"({"query": {"a": "q", "b": "volatile"}})").contains("queried_at"));
}

}  // namespace
}  // namespace bessemer::example_gen
