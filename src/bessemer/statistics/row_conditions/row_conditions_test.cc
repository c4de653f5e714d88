#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bessemer/statistics/dataset_state.h"
#include "bessemer/statistics/row_condition.h"
#include "bessemer/statistics/row_conditions/row_counts.h"
#include "bessemer/statistics/statistics_view.h"
#include "conformance/arrow_json.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::statistics::row_conditions {
namespace {

using conformance::BatchOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Batch = std::shared_ptr<arrow::RecordBatch>;
using ::tensorflow::metadata::v0::DatasetFeatureStatisticsList;

Json Column(const char* name, const char* type, Json values) {
  return {{"name", name}, {"type", type}, {"values", std::move(values)}};
}

// Four rows: a number, texts, a weight, a struct.
Batch Rows() {
  auto batch = BatchOf(Json{
      {"@arrow",
       {{"num_rows", 4},
        {"columns",
         Json::array({Column("n", "list<item: int64>", {{1}, {5, 9}, nullptr, {7}}),
                      Column("t", "list<item: string>", {{"a"}, {"b"}, {"a"}, Json::array()}),
                      Column("w", "list<item: double>", {{0.5}, {1}, {2}, {4}}),
                      Column("s", "list<item: struct<x: int64>>",
                             Json::parse(R"([[{"x": 1}], [{"x": 2}], null, [{"x": 3}]])"))})}}}});
  EXPECT_TRUE(batch.ok()) << Message(batch.status());
  return *batch;
}

DatasetFeatureStatisticsList Finish(const StatisticsOptions& options,
                                    const std::vector<Batch>& batches = {Rows()}) {
  auto state = DatasetStatisticsState::Make(options);
  EXPECT_TRUE(state.ok()) << Message(state.status());
  for (const Batch& batch : batches) {
    const Status status = state->Update(*batch);
    EXPECT_TRUE(status.ok()) << Message(status);
  }
  return state->Finish();
}

std::vector<int64_t> Counts(const DatasetFeatureStatisticsList& list, std::string_view text,
                            int dataset = 0) {
  const auto counts = FindRowCounts(list.datasets(dataset), text);
  if (!counts) return {};
  return {counts->holds, counts->broken, counts->unknown};
}

TEST(RowConditions, AreCounted) {
  struct Case {
    const char* name;
    const char* expression;
    std::vector<int64_t> counts;  // holds, broken, unknown
  };
  const std::vector<Case> cases = {
      {"each value", "feature(\"n\") < 8", {2, 1, 1}},
      {"missing", "is_missing(feature(\"n\"))", {1, 3, 0}},
      {"text", "feature(\"t\") == \"a\"", {2, 1, 1}},
      {"inside a struct", "feature(\"s.x\") >= 2", {2, 1, 1}},
      {"absent", "feature(\"absent\") > 1", {0, 0, 4}},
      {"absent text", "feature(\"absent\") == \"x\"", {0, 0, 4}},
      {"absent number, absent text",
       "(feature(\"absent\") > 1) or (feature(\"missing\") == \"x\")", {0, 0, 4}},
      {"absent text, absent number",
       "is_missing(feature(\"missing\")) or (feature(\"missing\") == \"x\") or "
       "(feature(\"absent\") > 1.5)",
       {4, 0, 0}},
      {"without features", "1 > 2", {0, 4, 0}},
  };
  StatisticsOptions options;
  for (const Case& c : cases) options.row_conditions.push_back({c.name, c.expression});
  const DatasetFeatureStatisticsList list = Finish(options);
  for (const Case& c : cases) EXPECT_EQ(Counts(list, c.name), c.counts) << c.name;
  EXPECT_TRUE(Counts(list, "another").empty());
  EXPECT_EQ(list.datasets(0).features_size(), 5) << "no feature is made up";
}

TEST(RowConditions, AreCountedBySliceAndWeight) {
  StatisticsOptions options;
  options.row_conditions = {{"n < 8", "feature(\"n\") < 8"}};
  options.slices.push_back(*ParseSliceSpec("t"));
  options.weight_feature = "w";
  const DatasetFeatureStatisticsList list = Finish(options);
  ASSERT_EQ(list.datasets_size(), 3);  // all, t_a, t_b
  EXPECT_THAT(Counts(list, "n < 8", 0), ElementsAre(2, 1, 1));
  EXPECT_THAT(Counts(list, "n < 8", 1), ElementsAre(1, 0, 1));
  EXPECT_THAT(Counts(list, "n < 8", 2), ElementsAre(0, 1, 0));
  const DatasetView whole(list.datasets(0));
  const auto* weighted = FindCustomStat(*whole.Feature({"n"}), "weighted_row_rule: n < 8");
  ASSERT_NE(weighted, nullptr);
  const auto& buckets = weighted->rank_histogram().buckets();
  ASSERT_EQ(buckets.size(), 3);
  EXPECT_EQ(buckets[0].label(), "holds");
  EXPECT_EQ(buckets[0].sample_count(), 4.5);
  EXPECT_EQ(buckets[1].sample_count(), 1);
  EXPECT_EQ(buckets[2].sample_count(), 2);
}

TEST(RowConditions, TypesThatDoNotFitAreErrors) {
  StatisticsOptions options;
  options.row_conditions = {{"t < 8", "feature(\"t\") < 8"}};
  auto state = DatasetStatisticsState::Make(options);
  const Status status = state->Update(*Rows());
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(Message(status), HasSubstr("the rule 't < 8'"));
}

TEST(RowConditions, TakeColumnsTogether) {
  StatisticsOptions options;
  options.row_conditions = {{"n < 8", "feature(\"n\") < 8"}};
  EXPECT_FALSE(DatasetStatisticsState::TakesColumnParts(options));
}

}  // namespace
}  // namespace bessemer::statistics::row_conditions
