#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "bessemer/base/random.h"
#include "bessemer/statistics/mutual_information/estimator.h"
#include "bessemer/statistics/mutual_information/label_information.h"
#include "bessemer/statistics/mutual_information/neighbours.h"
#include "bessemer/statistics/mutual_information/numbers.h"
#include "bessemer/statistics/mutual_information/row_sample.h"

namespace bessemer::statistics::mutual_information {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// As numpy.random.seed(42) and then randint(0, 1000), randn(3), permutation(5) give them.
TEST(LegacyRandom, DrawsAsNumPyDoes) {
  LegacyRandom random(42);
  EXPECT_EQ(random.AtMost(999), 102u);
  random.Seed(42);
  EXPECT_DOUBLE_EQ(random.Normal(), 0.4967141530112327);
  EXPECT_DOUBLE_EQ(random.Normal(), -0.13826430117118466);
  EXPECT_DOUBLE_EQ(random.Normal(), 0.6476885381006925);
  random.Seed(42);
  EXPECT_THAT(random.Permutation(5), ElementsAre(1, 4, 2, 0, 3));
}

TEST(Digamma, AgreesWithHarmonicNumbers) {
  double expected = -0.57721566490153286;  // -Euler's constant
  for (int n = 1; n < 40; ++n) {
    EXPECT_NEAR(Digamma(n), expected, 1e-14 * std::max(1.0, std::fabs(expected))) << n;
    expected += 1.0 / n;
  }
}

TEST(NeighbourTree, AgreesWithLookingAtEveryPoint) {
  Random random(3);
  for (const int64_t dimension : {1, 2, 5}) {
    Points points{dimension, {}};
    for (int64_t i = 0; i < 300 * dimension; ++i) {
      points.coordinates.push_back(i % 3 == 0 ? std::floor(4 * random.Uniform())
                                              : random.Normal());
    }
    const NeighbourTree tree(points);
    std::vector<std::pair<double, int64_t>> nearest;
    for (int64_t i = 0; i < points.size(); ++i) {
      std::vector<std::pair<double, int64_t>> all;
      for (int64_t j = 0; j < points.size(); ++j) {
        double distance = 0;
        for (int64_t d = 0; d < dimension; ++d) {
          distance = std::max(distance, std::fabs(points.at(i)[d] - points.at(j)[d]));
        }
        if (i != j) all.emplace_back(distance, j);
      }
      std::sort(all.begin(), all.end());
      tree.Nearest(i, 4, &nearest);
      ASSERT_TRUE(std::equal(nearest.begin(), nearest.end(), all.begin())) << dimension;
      const double radius = all[20].first;
      const int64_t within = 1 + std::count_if(all.begin(), all.end(), [radius](const auto& p) {
        return p.first <= radius;
      });
      ASSERT_EQ(tree.CountWithin(i, radius), within) << dimension;
    }
  }
}

Variable Numbers(std::vector<double> numbers) { return {false, {}, std::move(numbers)}; }
Variable Categories(std::vector<int64_t> categories) { return {true, std::move(categories), {}}; }

TEST(MutualInformation, IsKnownForSimpleDistributions) {
  Random random(5);
  std::vector<double> x, y, other;
  std::vector<int64_t> sign, coin;
  const double rho = 0.8;
  for (int i = 0; i < 4000; ++i) {
    x.push_back(random.Normal());
    y.push_back(rho * x.back() + std::sqrt(1 - rho * rho) * random.Normal());
    other.push_back(random.Normal());
    sign.push_back(x.back() > 0);
    coin.push_back(static_cast<int64_t>(random.Below(2)));
  }
  const auto bits = [](Variable a, Variable b) {
    LegacyRandom noise(1);
    return *MutualInformation({std::move(a)}, {std::move(b)}, {}, &noise);
  };
  EXPECT_NEAR(bits(Numbers(x), Numbers(y)), -0.5 * std::log2(1 - rho * rho), 0.05);
  EXPECT_NEAR(bits(Numbers(x), Numbers(other)), 0, 0.05);
  EXPECT_NEAR(bits(Numbers(x), Categories(sign)), 1, 0.02);
  EXPECT_NEAR(bits(Categories(sign), Categories(sign)), 1, 0.001);
  EXPECT_NEAR(bits(Categories(sign), Categories(coin)), 0, 0.002);
  EXPECT_NEAR(*AdjustedMutualInformation({Numbers(x)}, {Categories(coin)}, {}, 7), 0, 0.03);
}

TEST(MutualInformation, BadInputGivesErrors) {
  LegacyRandom noise(1);
  const double infinity = std::numeric_limits<double>::infinity();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto message = [&](std::vector<Variable> a, std::vector<Variable> b) {
    return std::string(Message(MutualInformation(a, b, {}, &noise).status()));
  };
  EXPECT_THAT(message({}, {Numbers({1})}), HasSubstr("both sides"));
  EXPECT_THAT(message({Numbers({1, 2})}, {Numbers({1})}), HasSubstr("different numbers of rows"));
  EXPECT_THAT(message({Numbers({1, 2})}, {Numbers({1, 2})}), HasSubstr("too few"));
  EXPECT_THAT(message({Numbers({infinity})}, {Numbers({1})}), HasSubstr("infinite"));
  EXPECT_THAT(message({Numbers({nan})}, {Numbers({1})}), HasSubstr("missing"));
  EXPECT_THAT(message({Categories({1, 2})}, {Numbers({1, 2})}), HasSubstr("all different"));
}

TEST(RowSample, DoesNotDependOnOrderOrCut) {
  RowSample whole(50);
  RowSample left(50);
  RowSample right(50);
  for (int i = 0; i < 400; ++i) {
    const std::string row = fmt::format("row {}", i % 90);
    whole.Add(row);
    (i % 3 == 0 ? left : right).Add(row);
  }
  right.Merge(left);
  StateWriter a;
  StateWriter b;
  whole.Save(&a);
  right.Save(&b);
  EXPECT_EQ(a.data(), b.data());
  RowSample loaded(50);
  StateReader in(a.data());
  loaded.Load(&in);
  EXPECT_EQ(loaded.Partitions(3, 40), whole.Partitions(3, 40));
  size_t rows = 0;
  for (const auto& partition : whole.Partitions(3, 40)) rows += partition.size();
  EXPECT_EQ(rows, 120u);
}

}  // namespace
}  // namespace bessemer::statistics::mutual_information
