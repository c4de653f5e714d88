#include "bessemer/statistics/statistics_parts.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "bessemer/io/file.h"
#include "bessemer/statistics/options.h"
#include "bessemer/statistics/statistics_file.h"
#include "bessemer/statistics/statistics_view.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::statistics {
namespace {

using ::testing::HasSubstr;
using ::tensorflow::metadata::v0::DatasetFeatureStatisticsList;

DatasetFeatureStatisticsList Parsed(const std::string& text) {
  DatasetFeatureStatisticsList list;
  EXPECT_TRUE(::google::protobuf::TextFormat::ParseFromString(text, &list));
  return list;
}

constexpr char kBasic[] = R"(
  datasets { name: "train" num_examples: 4
    features { path { step: "a" } type: FLOAT num_stats { mean: 2
      common_stats { num_missing: 1 num_non_missing: 3 tot_num_values: 3 } } }
    features { path { step: "s" } type: STRING string_stats {
      common_stats { num_non_missing: 4 tot_num_values: 4 }
      rank_histogram { buckets { label: "x" sample_count: 3 }
                       buckets { label: "y" sample_count: 1 } }
    } } }
  datasets { name: "eval" num_examples: 2
    features { path { step: "s" } type: STRING string_stats {
      common_stats { num_missing: 1 num_non_missing: 1 tot_num_values: 1 }
      rank_histogram { buckets { label: "y" sample_count: 1 } } } } })";

TEST(StatisticsParts, JoinFieldByField) {
  StatisticsPartsMerger merger;
  ASSERT_TRUE(merger.Add(Parsed(kBasic)).ok());
  ASSERT_TRUE(merger.Add(Parsed(R"(datasets { name: "train"
      features { path { step: "a" } custom_stats { name: "extra" num: 5 } }
      cross_features { path_x { step: "a" } path_y { step: "s" } count: 3 } })")).ok());
  const DatasetFeatureStatisticsList joined = merger.Get();
  ASSERT_EQ(joined.datasets_size(), 2);
  const auto train = FindSlice(joined, "train");
  ASSERT_TRUE(train.ok());
  EXPECT_EQ(train->proto().num_examples(), 4u);
  const auto* a = train->Feature({"a"});
  ASSERT_NE(a, nullptr);
  EXPECT_EQ(a->num_stats().mean(), 2);
  EXPECT_EQ(FindCustomStat(*a, "extra")->num(), 5);
  EXPECT_EQ(FindCustomStat(*a, "other"), nullptr);
  EXPECT_EQ(train->Cross({"a"}, {"s"})->count(), 3u);
  EXPECT_THAT(Message(FindSlice(joined, "trian").status()), HasSubstr("did you mean 'train'"));
}

TEST(StatisticsParts, ContradictionsAreErrors) {
  const std::pair<const char*, const char*> cases[] = {
      {"datasets { name: 'train' num_examples: 5 }", "num_examples"},
      {"datasets { name: 'train' features { path { step: 'a' } type: STRING } }", "type"},
      {"datasets { name: 'train' features { path { step: 'a' } string_stats {} } }",
       "kind of statistics"}};
  for (const auto& [part, what] : cases) {
    StatisticsPartsMerger merger;
    ASSERT_TRUE(merger.Add(Parsed(kBasic)).ok());
    const Status status = merger.Add(Parsed(part));
    EXPECT_EQ(status.code(), StatusCode::kInvalidArgument) << part;
    EXPECT_THAT(Message(status), HasSubstr(what)) << part;
    EXPECT_THAT(Message(status), HasSubstr("dataset 'train'")) << part;
  }
}

TEST(StatisticsParts, ShardedFilesComeBackWhole) {
  const std::string prefix = testing::TempDir() + "/sharded/FeatureStats.pb";
  ASSERT_TRUE(io::MakeDirectories(io::DirName(prefix)).ok());
  ASSERT_TRUE(WriteShardedStatistics(prefix, Parsed(kBasic), 3).ok());
  EXPECT_EQ(io::ListFiles(prefix + "-*-of-00003")->size(), 3u);
  for (const std::string& name : {prefix + "-*-of-*"}) {
    const auto read = ReadStatistics(name);
    ASSERT_TRUE(read.ok()) << Message(read.status());
    ASSERT_EQ(read->datasets_size(), 2);
    EXPECT_NE(FindSlice(*read, "train")->Feature({"a"}), nullptr);
    EXPECT_EQ(FindSlice(*read, "eval")->proto().num_examples(), 2u);
  }
  EXPECT_EQ(ReadShardedStatistics(prefix)->datasets_size(), 2);
  EXPECT_EQ(ReadShardedStatistics(prefix + "x").status().code(), StatusCode::kNotFound);
}

TEST(TfdvOptions, AreReadFromJson) {
  const Json slicing = {
      {"slicingSpecs",
       {{{"featureKeys", {"country"}}, {"featureValues", {{"age", "20"}}}},
        {{"sliceKeysSql", "SELECT STRUCT(a)"}}}}};
  const Json json = {
      {"TYPE_NAME", "StatsOptions"},
      {"_generators", nullptr},
      {"label_feature", "y"},
      {"_sample_rate", 0.5},
      {"num_top_values", 7},
      {"_use_sketch_based_topk_uniques", true},
      {"_desired_batch_size", nullptr},
      {"schema_json", R"({"feature": [{"name": "y", "type": "INT"}]})"},
      {"slicing_config_json", slicing.dump()},
      {"per_feature_weight_override_json", {{R"(["a", "b"])", "w"}}},
      {"_vocab_paths", {{"words", "/tmp/words.txt"}}}};
  const auto options = OptionsFromTfdvJson(json.dump());
  ASSERT_TRUE(options.ok()) << Message(options.status());
  EXPECT_EQ(options->label_feature, "y");
  EXPECT_EQ(options->sample_rate, 0.5);
  EXPECT_EQ(options->num_top_values, 7);
  EXPECT_TRUE(options->use_sketch_based_topk_uniques);
  ASSERT_NE(options->schema, nullptr);
  ASSERT_EQ(options->slices.size(), 2u);
  EXPECT_EQ(options->slices[0].features.size(), 2u);
  EXPECT_EQ(options->slices[1].sql, "SELECT STRUCT(a)");
  EXPECT_EQ((options->per_feature_weight_override.at({"a", "b"})), "w");
  EXPECT_EQ(options->vocab_paths.at("words"), "/tmp/words.txt");
  const std::pair<const char*, const char*> bad[] = {
      {"[]", "not a JSON object"},
      {R"({"TYPE_NAME": "Other"})", "does not encode a StatsOptions"},
      {R"({"_generators": []})", "cannot be carried over"},
      {R"({"num_top_valeus": 3})", "did you mean 'num_top_values'"},
      {R"({"_sample_rate": 0})", "invalid sample_rate 0"},
      {R"({"_desired_batch_size": -1})", "invalid desired_batch_size -1"},
      {R"({"schema_json": "{"})", "not a schema"},
      {R"({"num_top_values": "x"})", "must be an integer"}};
  for (const auto& [text, message] : bad) {
    EXPECT_THAT(Message(OptionsFromTfdvJson(text).status()), HasSubstr(message)) << text;
  }
}

}  // namespace
}  // namespace bessemer::statistics
