#include "bessemer/statistics/value_distribution.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "bessemer/base/random.h"

namespace bessemer::statistics {
namespace {

using Distribution = ValueDistribution<uint64_t>;

std::string Saved(const Distribution& distribution) {
  StateWriter out;
  distribution.Save(&out);
  return out.Take();
}

// Numbers whose cells are short, long, first the one and then the other, and beyond any capacity.
std::map<std::string, std::vector<double>> Inputs() {
  std::map<std::string, std::vector<double>> inputs;
  Random random(11);
  for (int i = 0; i < 60'000; ++i) {
    const auto whole = static_cast<double>(random.Below(3000)) - 1500;
    const double smooth = random.Normal() * 1e6;
    inputs["whole"].push_back(whole);
    inputs["decimal"].push_back(whole / 100);
    inputs["smooth"].push_back(smooth);
    inputs["late decimal"].push_back(i < 50'000 ? whole : whole / 100);
    inputs["smooth, whole"].push_back(i < 50'000 ? smooth : whole);
    inputs["far apart"].push_back(std::ldexp(smooth, static_cast<int>(random.Below(1200)) - 600));
  }
  return inputs;
}

TEST(ValueDistribution, IsExactWithinItsCapacity) {
  const auto inputs = Inputs();
  for (const char* name : {"whole", "decimal", "late decimal"}) {
    std::map<double, double> counts;
    Distribution distribution;
    for (const double value : inputs.at(name)) {
      ++counts[value];
      distribution.Add(value, 1);
    }
    ASSERT_TRUE(distribution.exact());
    const std::vector<SummaryEntry> summary = distribution.Summary(false);
    ASSERT_EQ(summary.size(), counts.size());
    for (const SummaryEntry& entry : summary) {
      EXPECT_EQ(entry.weight, counts[entry.value]) << name << " " << entry.value;
    }
  }
}

TEST(ValueDistribution, WhenTheCapacityFallsDoesNotMatter) {
  for (const auto& [name, values] : Inputs()) {
    for (const size_t capacity : {Distribution::kCapacity, size_t{2048}, size_t{100}}) {
      Distribution before, after, midway, left, right;
      before.LimitCapacity(capacity);
      right.LimitCapacity(capacity);
      const size_t half = values.size() / 2;
      for (size_t i = 0; i < values.size(); ++i) {
        if (i == half) midway.LimitCapacity(capacity);
        for (Distribution* d : {&before, &after, &midway}) d->Add(values[i], 1);
        (i < half ? left : right).Add(values[i], 1);
      }
      after.LimitCapacity(capacity);
      left.Merge(right);
      EXPECT_TRUE(Saved(before) == Saved(after)) << name << " " << capacity;
      EXPECT_TRUE(Saved(before) == Saved(midway)) << name << " " << capacity;
      EXPECT_TRUE(Saved(before) == Saved(left)) << name << " " << capacity;
      const std::string saved = Saved(before);
      StateReader in(saved);
      Distribution loaded;
      loaded.Load(&in);
      ASSERT_TRUE(in.status().ok()) << Message(in.status());
      EXPECT_TRUE(saved == Saved(loaded)) << name << " " << capacity;
    }
  }
}

TEST(ValueDistribution, KeepsAsFineAsTheCapacityAllows) {
  for (const auto& [name, values] : Inputs()) {
    for (const size_t capacity : {size_t{4096}, size_t{512}}) {
      Distribution fine;
      for (const double value : values) fine.Add(value, 1);
      Distribution limited = fine;
      limited.LimitCapacity(capacity);
      // All 4096 cells of sign and exponent are kept whatever the capacity.
      EXPECT_LE(limited.num_cells(), std::max(capacity, size_t{4096})) << name;
      if (fine.num_cells() <= capacity) {
        EXPECT_TRUE(Saved(fine) == Saved(limited)) << name;
      }
      if (name == "smooth") {
        EXPECT_GT(limited.num_cells(), capacity / 2);
      }
    }
  }
}

// Sums that 32 bits do not hold, in each way they can come about.
TEST(ValueDistribution, CountsBeyondThirtyTwoBits) {
  constexpr uint64_t kHalf = uint64_t{1} << 31;
  Distribution single, summed, merged, other;
  single.Add(-3, 2 * kHalf);
  single.Add(8, kHalf);
  for (const double value : {8.0, -3.0, -3.0}) summed.Add(value, kHalf);
  merged.Add(-3, kHalf);
  other.Add(8, kHalf);
  other.Add(-3, kHalf);
  merged.Merge(other);
  EXPECT_EQ(Saved(single), Saved(summed));
  EXPECT_EQ(Saved(single), Saved(merged));
  EXPECT_EQ(single.Summary(false)[0].weight, 4294967296.0);
  Distribution coarse;
  for (int i = 0; i < 20'000; ++i) coarse.Add(1 + i / 65536.0, kHalf);
  double total = 0;
  for (const SummaryEntry& entry : coarse.Summary(false)) total += entry.weight;
  EXPECT_EQ(total, 20'000.0 * kHalf);
}

TEST(ValueDistribution, FullTablesAreAsSmallAsPromised) {
  auto inputs = Inputs();
  Distribution smooth;
  ValueDistribution<FixedWeight> weighted;
  for (const double value : inputs["smooth"]) {
    smooth.Add(value, 1);
    weighted.Add(value, ToFixedWeight(0.5));
  }
  EXPECT_LE(smooth.memory_bytes(), 161 << 10);
  EXPECT_LE(weighted.memory_bytes(), 481 << 10);
  smooth.LimitCapacity(4096);
  EXPECT_LE(smooth.memory_bytes(), 41 << 10);
}

TEST(ValueDistribution, RanksOfSmoothDistributionsAreAsNearAsPromised) {
  for (const char* name : {"normal", "uniform", "log-normal", "exponential"}) {
    Random random(7);
    std::vector<double> values(1'000'000);
    for (double& value : values) {
      value = name[0] == 'n'   ? random.Normal()
              : name[0] == 'u' ? random.Uniform()
              : name[0] == 'l' ? std::exp(random.Normal())
                               : -std::log(1 - random.Uniform());
    }
    Distribution distribution;
    for (const double value : values) distribution.Add(value, 1);
    ASSERT_FALSE(distribution.exact());
    std::sort(values.begin(), values.end());
    const std::vector<std::pair<size_t, double>> promised = {
        {Distribution::kCapacity, 0.0005}, {8192, 0.001}, {4096, 0.002}, {512, 0.016}};
    for (const auto& [capacity, bound] : promised) {
      distribution.LimitCapacity(capacity);
      const Quantiles quantiles = QuantilesOf(distribution.Summary(false), 1000);
      double worst = 0;
      for (size_t i = 0; i < quantiles.values.size(); ++i) {
        const auto at = std::lower_bound(values.begin(), values.end(), quantiles.values[i]);
        const double rank = static_cast<double>(at - values.begin()) / values.size();
        worst = std::max(worst, std::abs(rank - static_cast<double>(i) / 1000));
      }
      EXPECT_LT(worst, bound) << name << " " << capacity;
    }
  }
}

}  // namespace
}  // namespace bessemer::statistics
