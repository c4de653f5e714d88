#include "bessemer/example_gen/span_params.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bessemer::example_gen {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

StatusOr<SpanRange> Read(const std::string& yaml) {
  BESSEMER_ASSIGN_OR_RETURN(const ConfigNode node, ConfigNode::Parse(yaml, "p.yaml"));
  BESSEMER_ASSIGN_OR_RETURN(const ParamValues params, ParamValues::FromConfig(SpanParams(), &node));
  return ReadSpanRange(params);
}

TEST(SpanParamsTest, ReadsEachForm) {
  EXPECT_EQ(Read("{}")->num_spans, 1);
  EXPECT_EQ(Read("span: 4")->last, 4);
  const auto fixed = Read("range_config: {static_range: {start_span_number: 3, end_span_number: 9, "
                          "exclude_span_numbers: [5, 6]}}");
  ASSERT_TRUE(fixed.ok()) << fixed.status();
  EXPECT_EQ(fixed->first, 3);
  EXPECT_EQ(fixed->last, 9);
  EXPECT_EQ(fixed->num_spans, std::nullopt);
  EXPECT_THAT(fixed->exclude, ElementsAre(5, 6));
  const auto rolling = Read("range_config: {rolling_range: {num_spans: 7, start_span_number: 2, "
                            "skip_num_recent_spans: 1}}");
  ASSERT_TRUE(rolling.ok()) << rolling.status();
  EXPECT_EQ(rolling->num_spans, 7);
  EXPECT_EQ(rolling->first, 2);
  EXPECT_EQ(rolling->skip_recent, 1);
  const auto dates = Read("spans: {from: 1970-01-05, to: 1970-02-01, exclude: 1970-01-06}");
  ASSERT_TRUE(dates.ok()) << dates.status();
  EXPECT_EQ(dates->first, 4);
  EXPECT_EQ(dates->last, 31);
  EXPECT_THAT(dates->exclude, ElementsAre(5));
  EXPECT_EQ(Read("spans: {latest: 3}")->num_spans, 3);
}

TEST(SpanParamsTest, ErrorsSayWhereAndWhat) {
  const struct {
    const char* yaml;
    const char* message;
  } cases[] = {
      {"spans: {last: 3}", "unknown key 'last'; did you mean 'latest'?"},
      {"spans: {latest: 0}", "latest must be an integer of at least 1, not 0"},
      {"spans: {from: 1970-02-30}", "must be the number of a span or a date"},
      {"span: 3\nspans: {latest: 2}", "p.yaml:2:8: 'spans': give it or span, not both"},
      {"range_config: {static_range: {start_span_number: 1}}", "needs start_span_number and end"},
      {"range_config: {}", "needs a static_range or a rolling_range"},
  };
  for (const auto& test : cases) {
    EXPECT_THAT(std::string(Message(Read(test.yaml).status())), HasSubstr(test.message))
        << test.yaml;
  }
}

}  // namespace
}  // namespace bessemer::example_gen
