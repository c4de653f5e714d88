#include "bessemer/validation/distance.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <cmath>

#include "bessemer/validation/feature_difference.h"

namespace bessemer::validation {
namespace {

using ::tensorflow::metadata::v0::Histogram;

struct Bucket {
  double low, high, count;
};

Histogram Make(std::initializer_list<Bucket> buckets, uint64_t num_nan = 0) {
  Histogram histogram;
  histogram.set_num_nan(num_nan);
  for (const Bucket& bucket : buckets) {
    auto* added = histogram.add_buckets();
    added->set_low_value(bucket.low);
    added->set_high_value(bucket.high);
    added->set_sample_count(bucket.count);
  }
  return histogram;
}

TEST(DistanceTest, LInfinityNamesTheValueThatDiffersMost) {
  const ValueDistance distance =
      LInfinityDistance({{"a", 1}, {"b", 3}}, {{"a", 1}, {"b", 1}, {"c", 2}});
  EXPECT_EQ(distance.value, "c");
  EXPECT_DOUBLE_EQ(distance.distance, 0.5);
  EXPECT_DOUBLE_EQ(LInfinityDistance({}, {}).distance, 0);
  EXPECT_DOUBLE_EQ(LInfinityDistance({{"a", 2}}, {}).distance, 1);
}

TEST(DistanceTest, AbsoluteDifferenceIsOfCounts) {
  EXPECT_DOUBLE_EQ(NormalizedAbsoluteDifference({{"a", 1}}, {{"a", 3}}).distance, 0.5);
  EXPECT_DOUBLE_EQ(NormalizedAbsoluteDifference({}, {}).distance, 0);
}

TEST(DistanceTest, CumulativeDistanceOfHistograms) {
  const double kInfinity = std::numeric_limits<double>::infinity();
  struct Case {
    const char* name;
    Histogram a, b;
    double distance;
    const char* value;
  };
  const std::vector<Case> cases = {
      {"equal", Make({{0, 1, 5}}), Make({{0, 1, 9}}), 0, "0"},
      {"disjoint", Make({{0, 1, 5}}), Make({{1, 2, 5}}), 1, "0 to 1"},
      {"half moved", Make({{0, 1, 5}, {1, 2, 5}}), Make({{0, 1, 10}}), 0.5, "0 to 1"},
      {"other buckets, same distribution", Make({{0, 1, 5}, {1, 2, 5}}), Make({{0, 2, 4}}), 0, "0"},
      {"a point", Make({{0, 2, 4}}), Make({{1, 1, 4}}), 0.5, "0 to 1"},
      {"infinite values lie above", Make({{0, 1, 5}}), Make({{0, 1, 5}, {kInfinity, kInfinity, 5}}),
       0.5, "0 to 1"},
      {"and below", Make({{0, 1, 5}}), Make({{-kInfinity, -kInfinity, 5}}), 1, "-inf"},
      {"NaN is left out", Make({{0, 1, 5}}, 9), Make({{0, 1, 5}}), 0, "0"},
  };
  for (const Case& c : cases) {
    for (const bool swapped : {false, true}) {
      const auto distance = swapped ? CumulativeDistance(c.b, c.a) : CumulativeDistance(c.a, c.b);
      ASSERT_TRUE(distance.has_value()) << c.name;
      EXPECT_NEAR(distance->distance, c.distance, 1e-12) << c.name;
      EXPECT_EQ(distance->value, c.value) << c.name;
    }
  }
  EXPECT_EQ(CumulativeDistance(Make({}), Make({{0, 1, 1}})), std::nullopt);
}

TEST(DistanceTest, AbsoluteDifferenceOfCells) {
  const auto distance =
      NormalizedAbsoluteDifferenceOfCells(Make({{0, 2, 8}}), Make({{0, 1, 8}, {1, 2, 16}}));
  ASSERT_TRUE(distance.has_value());
  EXPECT_DOUBLE_EQ(distance->distance, 12.0 / 32);
  EXPECT_EQ(distance->value, "1 to 2");
}

TEST(DistanceTest, JensenShannonOfHistograms) {
  const double kInfinity = std::numeric_limits<double>::infinity();
  const std::vector<std::tuple<const char*, Histogram, Histogram, double>> cases = {
      {"equal", Make({{0, 1, 5}}), Make({{0, 1, 9}}), 0},
      {"disjoint", Make({{0, 1, 5}}), Make({{1, 2, 5}}), 1},
      {"cut", Make({{0, 1, 5}, {3, 4, 5}}), Make({{0, 4, 10}}), 0.31127812445913283},
      {"points are not intervals", Make({{1, 1, 5}}), Make({{0, 2, 5}}), 1},
      {"equal points", Make({{1, 1, 5}}), Make({{1, 1, 3}}), 0},
      {"NaN is like nothing", Make({{0, 1, 5}}, 5), Make({{0, 1, 5}}, 5), 0.5},
      {"infinity as well", Make({{0, 1, 5}, {kInfinity, kInfinity, 5}}),
       Make({{0, 1, 5}, {kInfinity, kInfinity, 5}}), 0.5},
      {"a wide range", Make({{-1e308, 1e308, 5}}), Make({{-1e308, 1e308, 5}}), 0},
  };
  for (const auto& [name, a, b, expected] : cases) {
    EXPECT_NEAR(JensenShannonDivergence(a, b).value(), expected, 1e-12) << name;
    EXPECT_NEAR(JensenShannonDivergence(b, a).value(), expected, 1e-12) << name;
  }
  EXPECT_EQ(JensenShannonDivergence(Make({}), Make({{0, 1, 1}})), std::nullopt);
  EXPECT_EQ(JensenShannonDivergence(Make({{0, 1, 0}}), Make({{0, 1, 1}})), std::nullopt);
}

TEST(CompareFeaturesTest, TellsHowFeaturesDiffer) {
  ::tensorflow::metadata::v0::DatasetFeatureStatistics a, b;
  ASSERT_TRUE(::google::protobuf::TextFormat::ParseFromString(R"(
    num_examples: 4
    features { name: 'n' type: INT num_stats { mean: 2 common_stats {
      num_missing: 1 num_non_missing: 3 tot_num_values: 3 } histograms { type: QUANTILES
      buckets { low_value: 0 high_value: 2 sample_count: 3 } } } }
    features { name: 's' type: STRING string_stats { common_stats { num_non_missing: 4 }
      rank_histogram { buckets { label: 'x' sample_count: 1 }
      buckets { label: 'y' sample_count: 3 } } } }
    features { name: 't' type: STRING string_stats { common_stats { num_non_missing: 4 }
      rank_histogram { buckets { label: 'x' sample_count: 4 } } } })", &a));
  ASSERT_TRUE(::google::protobuf::TextFormat::ParseFromString(R"(
    num_examples: 4
    features { name: 'n' type: FLOAT num_stats { common_stats { num_non_missing: 4
      tot_num_values: 4 } histograms { type: QUANTILES
      buckets { low_value: 0 high_value: 1 sample_count: 4 } } } }
    features { name: 's' type: STRING string_stats { common_stats { num_non_missing: 4 }
      rank_histogram { buckets { label: 'x' sample_count: 4 } } } }
    features { name: 't' type: INT num_stats { common_stats { num_non_missing: 4 } } }
    features { name: 'u' type: INT num_stats { common_stats { num_non_missing: 4 } } })", &b));
  const auto differences = CompareFeatures(a, b);
  ASSERT_TRUE(differences.ok()) << Message(differences.status());
  ASSERT_EQ(differences->size(), 4u);
  const FeatureDifference& n = differences->at(0);
  EXPECT_EQ(n.type, (std::array<std::string, 2>{"INT", "FLOAT"}));
  EXPECT_EQ(n.missing, (std::array<double, 2>{0.25, 0}));
  EXPECT_EQ(n.mean[0], 2);
  EXPECT_EQ(n.l_infinity, (ValueDistance{"0 to 1", 0.5}));
  EXPECT_EQ(differences->at(1).l_infinity, (ValueDistance{"y", 0.75}));
  EXPECT_EQ(differences->at(1).mean[0], std::nullopt);
  EXPECT_EQ(differences->at(2).l_infinity, std::nullopt);  // text and numbers
  EXPECT_EQ(differences->at(3).type[0], "");
  EXPECT_EQ(differences->at(3).missing[0], 1);
}

}  // namespace
}  // namespace bessemer::validation
