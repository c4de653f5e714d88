#include "bessemer/statistics/merge_shards.h"

#include <google/protobuf/text_format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::statistics {
namespace {

using ::testing::HasSubstr;
using ::tensorflow::metadata::v0::DatasetFeatureStatistics;

StatusOr<std::string> Merge(const std::vector<const char*>& texts) {
  std::vector<DatasetFeatureStatistics> shards(texts.size());
  for (size_t i = 0; i < texts.size(); ++i) {
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(texts[i], &shards[i])) << texts[i];
  }
  BESSEMER_ASSIGN_OR_RETURN(const auto list, MergeShards(shards));
  return list.ShortDebugString();
}

TEST(MergeShards, JoinsPartsOfDataSetsFeaturesAndCrosses) {
  EXPECT_EQ(
      Merge({R"(name: "a" num_examples: 2 features { path { step: "x" } type: STRING })",
             R"(name: "b" num_examples: 3)",
             R"(name: "a" weighted_num_examples: 1
                features { path { step: "y" } num_stats { mean: 1 } }
                features { path { step: "x" } type: STRING string_stats { unique: 4 } })"})
          .value(),
      R"(datasets { name: "a" num_examples: 2 )"
      R"(features { type: STRING string_stats { unique: 4 } path { step: "x" } } )"
      R"(features { num_stats { mean: 1 } path { step: "y" } } weighted_num_examples: 1 } )"
      R"(datasets { name: "b" num_examples: 3 })");
  EXPECT_EQ(Merge({R"(cross_features { path_x { step: "x" } path_y { step: "y" } count: 3 })",
                   R"(cross_features { path_x { step: "x" } path_y { step: "y" }
                                       num_cross_stats { correlation: 0.5 } })"}).value(),
            R"(datasets { cross_features { path_x { step: "x" } path_y { step: "y" } count: 3 )"
            R"(num_cross_stats { correlation: 0.5 } } })");
}

TEST(MergeShards, RefusesPartsThatContradict) {
  const auto message = [](const char* a, const char* b) {
    return std::string(Message(Merge({a, b}).status()));
  };
  EXPECT_THAT(message(R"(name: "a" num_examples: 1)", R"(name: "a" num_examples: 2)"),
              HasSubstr("data set 'a' differ in num_examples"));
  EXPECT_THAT(message(R"(features { path { step: "x" } type: STRING })",
                      R"(features { path { step: "x" } type: FLOAT })"),
              HasSubstr("feature 'x' of data set '' differ in type"));
  EXPECT_THAT(message(R"(features { path { step: "x" } num_stats {} })",
                      R"(features { path { step: "x" } string_stats {} })"),
              HasSubstr("has num_stats, another has string_stats"));
  EXPECT_THAT(
      message(R"(cross_features { path_x { step: "x" } num_cross_stats {} })",
              R"(cross_features { path_x { step: "x" } categorical_cross_stats {} })"),
      HasSubstr("cross of 'x' and ''"));
}

TEST(MergeShards, OfNothing) {
  EXPECT_EQ(MergeShards({}).value().datasets_size(), 0);
  EXPECT_EQ(MergeShards({}, true).value().datasets_size(), 1);
}

}  // namespace
}  // namespace bessemer::statistics
