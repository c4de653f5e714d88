#include "bessemer/example_gen/span.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bessemer/example_gen/test_files.h"
#include "bessemer/io/file_hashes.h"

namespace bessemer::example_gen {
namespace {

using ::testing::HasSubstr;

struct Case {
  const char* name;
  std::vector<std::string> files;
  std::string pattern;
  // "span version pattern", or part of the error.
  std::string expected;
  std::optional<int64_t> span = {};
};

class SpanCases : public ::testing::TestWithParam<Case> {};

TEST_P(SpanCases, Resolve) {
  const TestFolder folder;
  for (const std::string& file : GetParam().files) folder.Write(file, "x");
  const auto range = GetParam().span ? SpanRange::Static(*GetParam().span, *GetParam().span)
                                     : SpanRange();
  const auto input = ResolveInput(folder.path(), {{"s", GetParam().pattern}}, range);
  std::string got;
  if (input.ok()) {
    got = fmt::format("{} {} {}", input->span,
                      input->version ? fmt::format("{}", *input->version) : "-",
                      input->splits[0].pattern.substr(folder.path().size() + 1));
    EXPECT_FALSE(input->splits[0].files.empty());
  } else {
    got = Message(input.status());
  }
  EXPECT_THAT(got, HasSubstr(GetParam().expected));
}

INSTANTIATE_TEST_SUITE_P(
    Span, SpanCases,
    ::testing::Values(
        Case{"none", {"a.csv"}, "*", "0 - *"},
        Case{"latest", {"span1/d", "span2/d", "span10/d"}, "span{SPAN}/*", "10 - span10/*"},
        Case{"padding_is_kept", {"span01/d", "span02/d"}, "span{SPAN}/*", "2 - span02/*"},
        Case{"given", {"span01/d", "span02/d"}, "span{SPAN:2}/*", "1 - span01/*", 1},
        Case{"given_unpadded", {"span1/d", "span2/d"}, "span{SPAN}/*", "1 - span1/*", 1},
        Case{"width", {"s01-d", "s02-d"}, "s{SPAN:2}-*", "2 - s02-*"},
        Case{"width_too_small", {"s100-d"}, "s{SPAN:2}-*", "more than 2 digits", 100},
        Case{"no_match", {"other"}, "span{SPAN}/*", "no file matches"},
        Case{"not_a_number", {"spanx/d"}, "span{SPAN}/*", "is 'x', not a number"},
        Case{
            "version", {"s1/v1/d", "s1/v2/d", "s1/v10/d"}, "s{SPAN}/v{VERSION}/*", "1 10 s1/v10/*"},
        Case{"new_span_with_older_version",
             {"s1/v2/d", "s2/v1/d"},
             "s{SPAN}/v{VERSION}/*",
             "2 1 s2/v1/*"},
        Case{"version_width", {"s1v003-d", "s1v012-d"}, "s{SPAN:1}v{VERSION:3}-*", "1 12 s1v012-*"},
        Case{"version_without_span", {"v1/d"}, "v{VERSION}/*", "needs {SPAN} or a date"},
        Case{"span_twice", {"s1/1"}, "s{SPAN}/{SPAN}", "stands in it twice"},
        Case{"zero_width", {"s1/1"}, "s{SPAN:0}/*", "width of {SPAN:0} must be"},
        Case{"date", {"d19700101/x", "d19700102/x"}, "d{YYYY}{MM}{DD}/*", "1 - d19700102/*"},
        Case{"date_in_any_order", {"02-01-1970/x"}, "{DD}-{MM}-{YYYY}/*", "1 - 02-01-1970/*"},
        Case{"date_given",
             {"1970/01/02/x", "1970/01/03/x"},
             "{YYYY}/{MM}/{DD}/*",
             "1 - 1970/01/02/*",
             1},
        Case{"date_with_version",
             {"19700102/1/x", "19700102/2/x"},
             "{YYYY}{MM}{DD}/{VERSION}/*",
             "1 2 19700102/2/*"},
        Case{"half_a_date", {"197001/x"}, "{YYYY}{MM}/*", "needs all of"},
        Case{"date_and_span", {"x"}, "{YYYY}{MM}{DD}{SPAN}", "not both"},
        Case{"bad_date", {"19700230/x"}, "{YYYY}{MM}{DD}/*", "no valid date"},
        Case{"bad_month", {"1970aa01/x"}, "{YYYY}{MM}{DD}/*", "not a number"},
        Case{"span_without_pattern", {"x"}, "*", "has no {SPAN}", 3},
        Case{"dots_are_dots", {"a.b/s1", "axb/s2"}, "a.b/s{SPAN}", "1 - a.b/s1"}),
    [](const auto& info) { return info.param.name; });

TEST(ResolveInputTest, SplitsMustAgree) {
  const TestFolder folder;
  for (const char* file : {"train/1/x", "train/2/x", "eval/1/x"}) folder.Write(file, "x");
  const std::vector<InputSplit> splits = {{"train", "train/{SPAN}/*"}, {"eval", "eval/{SPAN}/*"}};
  EXPECT_THAT(Message(ResolveInput(folder.path(), splits).status()),
              HasSubstr("must be the same for each split"));
  EXPECT_TRUE(ResolveInput(folder.path(), splits, SpanRange::Static(1, 1)).ok());
}

TEST(ResolveInputTest, ARangeReadsSeveralSpansAsOne) {
  const TestFolder folder;
  for (const char* file : {"s1/v1/x", "s2/v1/x", "s2/v3/x", "s3/v2/y", "s3/v2/x", "s7/v1/x"}) {
    folder.Write(file, "x");
  }
  const struct {
    const char* name;
    SpanRange range;
    std::string expected;  // the spans, or part of the error
  } cases[] = {
      {"latest", {}, "7.1"},
      {"static", SpanRange::Static(2, 5), "2.3 3.2"},
      {"one", SpanRange::Static(3, 3), "3.2"},
      {"all", {.num_spans = {}}, "1.1 2.3 3.2 7.1"},
      {"rolling", SpanRange::Rolling(2), "3.2 7.1"},
      {"more_than_there_are", SpanRange::Rolling(9), "1.1 2.3 3.2 7.1"},
      {"rolling_from", SpanRange::Rolling(3, 3), "3.2 7.1"},
      {"without_the_newest", SpanRange::Rolling(2, 0, 1), "2.3 3.2"},
      {"excluded", {.exclude = {3, 7}, .num_spans = 2}, "1.1 2.3"},
      {"nothing_left", SpanRange::Rolling(2, 0, 4), "none of its spans is in the range"},
      {"gap", SpanRange::Static(4, 6), "they are 1 to 7"},
      {"backwards", SpanRange::Static(6, 4), "the spans from 6 to 4 are none"},
      {"no_spans", SpanRange::Rolling(0), "at least one"},
  };
  for (const auto& test : cases) {
    const auto input = ResolveInput(folder.path(), {{"s", "s{SPAN}/v{VERSION}/*"}}, test.range);
    std::string got(Message(input.status()));
    if (input.ok()) {
      for (const SpanVersion& span : input->spans) {
        got += fmt::format("{}{}.{}", got.empty() ? "" : " ", span.span, *span.version);
      }
      EXPECT_EQ(input->span, input->spans.back().span);
      EXPECT_EQ(input->version, input->spans.back().version);
    }
    EXPECT_THAT(got, HasSubstr(test.expected)) << test.name;
  }
  const auto input =
      ResolveInput(folder.path(), {{"s", "s{SPAN}/v{VERSION}/*"}}, SpanRange::Static(2, 3));
  EXPECT_EQ(input->splits[0].files,
            (std::vector<std::string>{folder.path("s2/v3/x"), folder.path("s3/v2/x"),
                                      folder.path("s3/v2/y")}));
  EXPECT_EQ(input->splits[0].pattern, folder.path("s2/v3/*") + "," + folder.path("s3/v2/*"));
}

TEST(FingerprintTest, DependsOnContentAndOrderOnly) {
  const TestFolder folder;
  const auto a = folder.Write("a", "one");
  const auto b = folder.Write("b", "two");
  const auto copy = folder.Write("elsewhere/a", "one");
  const auto of = [](const std::vector<std::string>& files) {
    io::FileHashes hashes;
    return *ContentFingerprint({{"s", "*", files}}, hashes, 2);
  };
  EXPECT_EQ(of({a, b}), of({copy, b}));
  EXPECT_NE(of({a, b}), of({b, a}));
  EXPECT_NE(of({a}), of({a, b}));
  EXPECT_THAT(of({a}), HasSubstr("sha256:"));
  io::FileHashes hashes;
  EXPECT_EQ(ContentFingerprint({{"s", "*", {folder.path("none")}}}, hashes).status().code(),
            StatusCode::kNotFound);
}

TEST(FingerprintTest, TfxFormCountsAndSums) {
  const TestFolder folder;
  const auto a = folder.Write("a", "one");
  const auto b = folder.Write("b", "four");
  const auto text = TfxFingerprint({{"train", "*", {a, b}}, {"eval", "*", {b}}});
  ASSERT_TRUE(text.ok());
  EXPECT_THAT(*text, HasSubstr("split:train,num_files:2,total_bytes:7,xor_checksum:"));
  EXPECT_THAT(*text, HasSubstr("\nsplit:eval,num_files:1,total_bytes:4,xor_checksum:"));
}

TEST(DaysFromDateTest, CountsFromTheEpoch) {
  EXPECT_EQ(DaysFromDate(1970, 1, 1), 0);
  EXPECT_EQ(DaysFromDate(2024, 2, 29), 19782);
  EXPECT_EQ(DaysFromDate(2023, 2, 29), std::nullopt);
  EXPECT_EQ(DaysFromDate(1969, 12, 31), -1);
}

}  // namespace
}  // namespace bessemer::example_gen
