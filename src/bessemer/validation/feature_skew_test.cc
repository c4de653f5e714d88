#include "bessemer/validation/feature_skew.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "bessemer/io/tfrecord.h"
#include "bessemer/validation/example_records.h"
#include "tensorflow/core/example/example.pb.h"

namespace bessemer::validation {
namespace {

using ::tensorflow::Example;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class FeatureSkewTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = ::testing::TempDir() + "feature_skew_XXXXXX";
    ASSERT_NE(mkdtemp(folder_.data()), nullptr);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string WriteFile(const std::string& name, const std::vector<Example>& examples) {
    const std::string path = folder_ + "/" + name;
    auto writer = io::TFRecordWriter::Open(path, io::Compression::kNone);
    EXPECT_TRUE(writer.ok());
    for (const Example& example : examples) {
      EXPECT_TRUE((*writer)->Write(example.SerializeAsString()).ok());
    }
    EXPECT_TRUE((*writer)->Close().ok());
    return path;
  }

  std::string folder_;
};

void Set(Example* example, const std::string& name, int64_t value) {
  (*example->mutable_features()->mutable_feature())[name].mutable_int64_list()->add_value(value);
}
void Set(Example* example, const std::string& name, float value) {
  (*example->mutable_features()->mutable_feature())[name].mutable_float_list()->add_value(value);
}
void Set(Example* example, const std::string& name, const char* value) {
  (*example->mutable_features()->mutable_feature())[name].mutable_bytes_list()->add_value(value);
}

template <typename... Fields>
Example Make(int64_t id, Fields... fields) {
  Example example;
  if (id >= 0) Set(&example, "id", id);
  (Set(&example, fields.first, fields.second), ...);
  return example;
}

std::vector<std::string> Lines(const FeatureSkewResult& result) {
  std::vector<std::string> lines;
  for (const auto& f : result.features) {
    lines.push_back(fmt::format("{} base {} test {} match {} mismatch {} base_only {} test_only {} "
                                "diff {}",
                                f.feature_name(), f.base_count(), f.test_count(), f.match_count(),
                                f.mismatch_count(), f.base_only(), f.test_only(),
                                f.diff_count()));
  }
  return lines;
}

TEST_F(FeatureSkewTest, NamesThatNoRowHasAreRefusedOnRequest) {
  using F = std::pair<const char*, float>;
  const std::string base = WriteFile("base", {Make(1), Make(2, F("speed", 2.0f))});
  const std::string test = WriteFile("test", {Make(1, F("late", 1.0f))});
  FeatureSkewOptions options{.identifiers = {"id"}, .ignored = {"speed", "late"},
                             .names_must_exist = true};
  EXPECT_TRUE(DetectFeatureSkew({base}, {test}, options).ok());
  options.ignored = {"sped"};
  const auto misspelt = DetectFeatureSkew({base}, {test}, options);
  EXPECT_EQ(misspelt.status().code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(Message(misspelt.status())), HasSubstr("no row has a feature 'sped'"));
  options.names_must_exist = false;
  EXPECT_TRUE(DetectFeatureSkew({base}, {test}, options).ok());
}

TEST_F(FeatureSkewTest, ComparesPairsOfRows) {
  using F = std::pair<const char*, float>;
  using S = std::pair<const char*, const char*>;
  const std::string base = WriteFile(
      "base", {Make(1, F("x", 1.0f), S("gone", "a")), Make(2, F("x", 2.0f), S("same", "s")),
               Make(3), Make(-1, F("x", 1.0f))});
  const std::string test = WriteFile(
      "test", {Make(2, F("x", 2.5f), S("same", "s")), Make(1, F("x", 1.0f), S("more", "b")),
               Make(4), Make(-1), Make(-1)});
  const auto result = DetectFeatureSkew({base}, {test}, {.identifiers = {"id"}, .sample_size = 10});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(Lines(*result),
              ElementsAre("gone base 1 test 0 match 0 mismatch 0 base_only 1 test_only 0 diff 1",
                          "more base 0 test 1 match 0 mismatch 0 base_only 0 test_only 1 diff 1",
                          "same base 1 test 1 match 1 mismatch 0 base_only 0 test_only 0 diff 0",
                          "x base 2 test 2 match 1 mismatch 1 base_only 0 test_only 0 diff 1"));
  const auto& match = result->match_stats;
  EXPECT_EQ(match.identifiers_count(), 4);
  EXPECT_EQ(match.matching_pairs_count(), 2);
  EXPECT_EQ(match.base_with_id_count(), 3);
  EXPECT_EQ(match.test_with_id_count(), 3);
  EXPECT_EQ(match.ids_missing_in_base_count(), 1);
  EXPECT_EQ(match.ids_missing_in_test_count(), 1);
  EXPECT_EQ(match.base_missing_id_count(), 1);
  EXPECT_EQ(match.test_missing_id_count(), 2);
  EXPECT_EQ(match.duplicate_id_count(), 0);
  ASSERT_EQ(result->samples.size(), 2u);
  for (const auto& sample : result->samples) {
    Example in_base;
    ASSERT_TRUE(in_base.ParseFromString(sample.base()));
    if (in_base.features().feature().at("id").int64_list().value(0) == 2) {
      EXPECT_THAT(sample.mismatched_features(), ElementsAre("x"));
      EXPECT_THAT(sample.matched_features(), ElementsAre("same"));
    } else {
      EXPECT_THAT(sample.base_only_features(), ElementsAre("gone"));
      EXPECT_THAT(sample.test_only_features(), ElementsAre("more"));
    }
  }
  EXPECT_THAT(FeatureSkewTable(*result), HasSubstr("4 identifiers, 2 pairs"));
}

TEST_F(FeatureSkewTest, RepeatedIdentifiersOnlyWhereAllowed) {
  using F = std::pair<const char*, int64_t>;
  const std::string base = WriteFile("base", {Make(1, F("v", 1)), Make(1, F("v", 2))});
  const std::string test = WriteFile("test", {Make(1, F("v", 1))});
  FeatureSkewOptions options{.identifiers = {"id"}};
  auto result = DetectFeatureSkew({base}, {test}, options);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_TRUE(result->features.empty());
  EXPECT_EQ(result->match_stats.duplicate_id_count(), 1);
  options.allow_duplicate_identifiers = true;
  result = DetectFeatureSkew({base}, {test}, options);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(Lines(*result),
              ElementsAre("v base 2 test 2 match 1 mismatch 1 base_only 0 test_only 0 diff 1"));
}

TEST_F(FeatureSkewTest, EmptyFeaturesMatchButAreNotLikeMissingOnes) {
  Example with_empty = Make(1);
  (*with_empty.mutable_features()->mutable_feature())["v"].mutable_int64_list();
  Example no_kind = Make(2);
  (*no_kind.mutable_features()->mutable_feature())["v"];
  const std::string base = WriteFile("base", {with_empty, no_kind});
  const std::string test = WriteFile("test", {with_empty, Make(2)});
  const auto result = DetectFeatureSkew({base}, {test}, {.identifiers = {"id"}});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(Lines(*result),
              ElementsAre("v base 0 test 0 match 1 mismatch 0 base_only 0 test_only 0 diff 0"));
}

TEST_F(FeatureSkewTest, RoundsFloatsAlsoOfIdentifiers) {
  using F = std::pair<const char*, float>;
  const std::string base = WriteFile("base", {Make(-1, F("k", 0.101f), F("x", 1.118f))});
  const std::string test = WriteFile("test", {Make(-1, F("k", 0.102f), F("x", 1.12f))});
  auto result = DetectFeatureSkew({base}, {test}, {.identifiers = {"k"}, .float_round_digits = 2});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(Lines(*result),
              ElementsAre("x base 1 test 1 match 1 mismatch 0 base_only 0 test_only 0 diff 0"));
  result = DetectFeatureSkew({base}, {test}, {.identifiers = {"k"}});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->match_stats.matching_pairs_count(), 0);
}

TEST_F(FeatureSkewTest, CountsPairsOfValues) {
  using S = std::pair<const char*, const char*>;
  const std::string base = WriteFile("base", {Make(1, S("c", "a")), Make(2, S("c", "a")), Make(3)});
  const std::string test = WriteFile("test", {Make(1, S("c", "a")), Make(2, S("c", "b")),
                                              Make(3, S("c", "b"))});
  auto result = DetectFeatureSkew({base}, {test},
                                  {.identifiers = {"id"}, .confusion_features = {"c"}});
  ASSERT_TRUE(result.ok()) << result.status();
  std::vector<std::string> lines;
  for (const auto& c : result->confusion) {
    lines.push_back(fmt::format("{} {} {} {}", c.feature_name(), c.base().bytes_value(),
                                c.test().bytes_value(), c.count()));
  }
  EXPECT_THAT(lines, ElementsAre("c __MISSING_VALUE__ b 1", "c a a 1", "c a b 1"));
  result = DetectFeatureSkew({base}, {test},
                             {.identifiers = {"c"},
                              .allow_duplicate_identifiers = true,
                              .confusion_features = {"id"}});
  EXPECT_THAT(std::string(result.status().message()), HasSubstr("feature 'id': pairs of values"));
}

// Files in any order, any number of threads, and a memory that holds next to nothing.
TEST_F(FeatureSkewTest, IsTheSameInEveryShape) {
  using F = std::pair<const char*, int64_t>;
  std::vector<std::string> base, test;
  std::vector<Example> all_base, all_test;
  for (int file = 0; file < 3; ++file) {
    std::vector<Example> b, t;
    for (int i = 0; i < 300; ++i) {
      b.push_back(Make(i * 3 + file, F("v", i % 7), F("w", 5)));
      t.push_back(Make(i * 3 + (file + 1) % 3, F("v", i % 5)));
    }
    base.push_back(WriteFile(fmt::format("base{}", file), b));
    test.push_back(WriteFile(fmt::format("test{}", file), t));
  }
  FeatureSkewOptions options{.identifiers = {"id"}, .sample_size = 5, .num_threads = 1,
                             .scratch_dir = folder_};
  const auto expected = DetectFeatureSkew(base, test, options);
  ASSERT_TRUE(expected.ok()) << expected.status();
  EXPECT_EQ(expected->samples.size(), 5u);
  std::swap(base[0], base[2]);
  options.num_threads = 4;
  options.memory_bytes = 1;
  const auto spilled = DetectFeatureSkew(base, test, options);
  ASSERT_TRUE(spilled.ok()) << spilled.status();
  EXPECT_EQ(Lines(*expected), Lines(*spilled));
  for (size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(expected->samples[i].DebugString(), spilled->samples[i].DebugString());
  }
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 6) << "scratch stays";
}

TEST_F(FeatureSkewTest, Errors) {
  EXPECT_THAT(std::string(DetectFeatureSkew(std::vector<std::string>(), {}, {}).status().message()),
              HasSubstr("name the features by which rows belong together"));
  const std::string path = folder_ + "/broken";
  auto writer = io::TFRecordWriter::Open(path, io::Compression::kNone);
  ASSERT_TRUE((*writer)->Write("\xff\xff").ok());
  ASSERT_TRUE((*writer)->Close().ok());
  const auto result = DetectFeatureSkew({path}, {}, {.identifiers = {"id"}});
  EXPECT_THAT(std::string(result.status().message()), HasSubstr("broken: record 0"));
}

TEST(RoundFloatsTest, RoundsHalfToEvenOfTheExactValue) {
  const auto rounded = [](float value, int digits) {
    ::tensorflow::Feature feature;
    feature.mutable_float_list()->add_value(value);
    std::string storage;
    ::tensorflow::Feature result;
    EXPECT_TRUE(result.ParseFromString(
        std::string(RoundFloats(feature.SerializeAsString(), digits, &storage))));
    return result.float_list().value(0);
  };
  EXPECT_EQ(rounded(0.5f, 0), 0.0f);
  EXPECT_EQ(rounded(1.5f, 0), 2.0f);
  EXPECT_EQ(rounded(2.675f, 2), 2.67f);  // the float is a little below
  EXPECT_EQ(rounded(-1.125f, 2), -1.12f);
  EXPECT_EQ(rounded(1e30f, 2), 1e30f);
  EXPECT_TRUE(std::signbit(rounded(-0.001f, 2)));
  EXPECT_TRUE(std::isnan(rounded(std::nanf(""), 2)));
  EXPECT_EQ(rounded(0.1f, 40), 0.1f);
}

}  // namespace
}  // namespace bessemer::validation
