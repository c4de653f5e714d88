#include "bessemer/statistics/histograms.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::statistics {
namespace {

using ::testing::DoubleEq;
using ::testing::ElementsAre;
using ::tensorflow::metadata::v0::Histogram;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::vector<SummaryEntry> SummaryOf(const std::vector<std::pair<double, double>>& values) {
  std::vector<SummaryEntry> summary;
  double rank = 0;
  for (const auto& [value, weight] : values) {
    summary.push_back({value, weight, rank, rank + weight});
    rank += weight;
  }
  return summary;
}

std::vector<double> CountsOf(const Histogram& histogram) {
  std::vector<double> counts;
  for (const auto& bucket : histogram.buckets()) counts.push_back(bucket.sample_count());
  return counts;
}

TEST(EquiWidthHistogramTest, CountsAreExact) {
  const auto summary = SummaryOf({{1, 3}, {2, 1}, {3, 2}, {9, 1}});
  const Histogram histogram = EquiWidthHistogram(summary, 4);
  EXPECT_EQ(histogram.type(), Histogram::STANDARD);
  // (1, 3], (3, 5], …: a value on a bound counts on the left.
  EXPECT_THAT(CountsOf(histogram), ElementsAre(6, 0, 0, 1));
  EXPECT_EQ(histogram.buckets(0).low_value(), 1);
  EXPECT_EQ(histogram.buckets(3).high_value(), 9);
}

TEST(EquiWidthHistogramTest, InfinitiesHaveBucketsOfTheirOwn) {
  const auto summary = SummaryOf({{-kInfinity, 2}, {0, 1}, {1, 1}, {kInfinity, 5}});
  const Histogram histogram = EquiWidthHistogram(summary, 2);
  EXPECT_THAT(CountsOf(histogram), ElementsAre(2, 1, 1, 5));
  EXPECT_EQ(histogram.buckets(0).high_value(), -kInfinity);
  EXPECT_EQ(histogram.buckets(3).low_value(), kInfinity);
  EXPECT_THAT(CountsOf(EquiWidthHistogram(SummaryOf({{kInfinity, 3}}), 2)), ElementsAre(3));
}

TEST(EquiWidthHistogramTest, OneValueNothingAndTheWholeRange) {
  EXPECT_THAT(CountsOf(EquiWidthHistogram(SummaryOf({{7, 4}}), 10)), ElementsAre(4));
  EXPECT_EQ(EquiWidthHistogram(SummaryOf({}), 10).buckets_size(), 0);
  const Histogram wide = EquiWidthHistogram(SummaryOf({{-1.5e308, 1}, {1.5e308, 2}}), 2);
  EXPECT_THAT(CountsOf(wide), ElementsAre(1, 2));
  EXPECT_THAT(wide.buckets(0).high_value(), DoubleEq(0));
}

}  // namespace
}  // namespace bessemer::statistics
