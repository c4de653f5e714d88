#include "bessemer/example_gen/query_macros.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bessemer::example_gen {
namespace {

using ::testing::HasSubstr;

TEST(QueryMacros, AreReplaced) {
  const struct {
    const char* name;
    const char* query;
    int64_t span;
    const char* want;
  } cases[] = {
      {"none", "select * from t", 1, "select * from t"},
      {"empty", "", 1, ""},
      {"date", "select * from t where d = @span_yyyymmdd_utc", 1,
       "select * from t where d = '19700102'"},
      {"seconds", "ts >= @span_begin_timestamp and ts<@span_end_timestamp", 2,
       "ts >= 172800 and ts<259200"},
      {"twice_and_joined", "(@span_begin_timestamp,@span_begin_timestamp+1)", 17545,
       "(1515888000,1515888000+1)"},
      {"at_the_end", "@span_yyyymmdd_utc", 17545, "'20180114'"},
      {"epoch", "@span_begin_timestamp", 0, "0"},
      {"before_epoch", "@span_begin_timestamp @span_yyyymmdd_utc", -1, "-86400 '19691231'"},
      {"leap_day", "@span_yyyymmdd_utc", 11016, "'20000229'"},
      {"last", "@span_yyyymmdd_utc", 2932896, "'99991231'"},
      {"other_variables", "@spanish, @@span, span_begin_timestamp", 3,
       "@spanish, @@span, span_begin_timestamp"},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(test.name);
    const StatusOr<std::string> got = ReplaceSpanMacros(test.query, test.span);
    ASSERT_TRUE(got.ok()) << got.status();
    EXPECT_EQ(*got, test.want);
    EXPECT_EQ(HasSpanMacros(test.query), *got != test.query);
  }
}

TEST(QueryMacros, ErrorsSayWhatToDo) {
  const struct {
    const char* name;
    const char* query;
    std::optional<int64_t> span;
    const char* want;
  } cases[] = {
      {"misspelt", "x < @span_end_timestmp", 1, "did you mean '@span_end_timestamp'"},
      {"longer", "x < @span_end_timestamps", 1, "'@span_end_timestamps' is not a span macro"},
      {"upper_case", "@span_YYYYMMDD_utc", 1, "not a span macro"},
      {"bare", "@span_", 1, "'@span_' is not a span macro; known: @span_begin_timestamp"},
      {"no_span", "x = @span_yyyymmdd_utc", std::nullopt, "no span is given: set span"},
      {"far", "@span_yyyymmdd_utc", 2932897, "span 2932897 is not a day"},
      {"farther", "@span_begin_timestamp", INT64_MAX, "is not a day"},
      {"early", "@span_yyyymmdd_utc", -719529, "is not a day"},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(test.name);
    const StatusOr<std::string> got = ReplaceSpanMacros(test.query, test.span);
    EXPECT_EQ(got.status().code(), StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(Message(got.status())), HasSubstr(test.want));
  }
}

TEST(QueryMacros, NeedNoSpanWithoutMacros) {
  EXPECT_EQ(*ReplaceSpanMacros("select 1", std::nullopt), "select 1");
}

TEST(QueryMacros, SeveralSpansAreOneInterval) {
  const auto text =
      ReplaceSpanMacros("t >= @span_begin_timestamp AND t < @span_end_timestamp", 17545, 17547);
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_EQ(*text, "t >= 1515888000 AND t < 1516147200");
  EXPECT_THAT(std::string(Message(ReplaceSpanMacros("@span_yyyymmdd_utc", 1, 2).status())),
              HasSubstr("which is one day"));
  EXPECT_EQ(*ReplaceSpanMacros("@span_yyyymmdd_utc", 17545, 17545), "'20180114'");
  EXPECT_FALSE(ReplaceSpanMacros("@span_end_timestamp", 2, 1).ok());
}

}  // namespace
}  // namespace bessemer::example_gen
