#include "bessemer/statistics/mutual_information/sklearn_information.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace bessemer::statistics::mutual_information {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr uint32_t kSeed = 12345;

struct Case {
  const char* name;
  bool categorical_label;
  // information, adjusted and normalised of wave, ties, noise and group.
  double expected[4][3];
};

class SklearnInformationTest : public ::testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    group_.categorical = group_label_.categorical = true;
    for (int i = 0; i < 60; ++i) {
      wave_.numbers.push_back(std::sin(i * 0.7));
      ties_.numbers.push_back(i * i % 7);
      noise_.numbers.push_back(i * 37 % 60 / 60.0);
      group_.categories.push_back(i * 5 % 4);
      label_.numbers.push_back(wave_.numbers.back() * wave_.numbers.back() + noise_.numbers.back());
      group_label_.categories.push_back(i % 12 / 4);
    }
  }
  Variable wave_, ties_, noise_, group_, label_, group_label_;
};

// What scikit-learn 1.9.1 and NumPy give by the formulas of TFDV's generator:
//   mutual_info_regression (or _classif)(features, label, discrete_features=…, n_neighbors=3,
//                                        random_state=12345)
// of the same columns, and again with the label shuffled after numpy.random.seed(12345).
TEST_P(SklearnInformationTest, IsThatOfScikitLearn) {
  const auto found = SklearnInformationOf({wave_, ties_, noise_, group_},
                                          GetParam().categorical_label ? group_label_ : label_,
                                          kSeed);
  ASSERT_EQ(found.size(), 4);
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(found[i].information, GetParam().expected[i][0], 1e-10) << i;
    EXPECT_NEAR(found[i].adjusted, GetParam().expected[i][1], 1e-10) << i;
    EXPECT_NEAR(found[i].normalized_adjusted, GetParam().expected[i][2], 1e-10) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Labels, SklearnInformationTest,
    ::testing::Values(Case{"Numeric", false,
                           {{0.478230849886, 0.478230849886, 0.168993904349},
                            {0.018015400316, 0.009783725425, 0.003467391234},
                            {0.407733346826, 0.275494148603, 0.102124466494},
                            {0.000000000000, -0.131093691332, 0.000000000000}}},
                      Case{"Categorical", true,
                           {{0.000000000000, -0.075603252166, 0.000000000000},
                            {0.038137480565, 0.038137480565, 0.028328874306},
                            {0.771019644697, 0.771019644697, 0.292868468872},
                            {0.000000000000, -0.020990786946, 0.000000000000}}}),
    [](const auto& info) { return std::string(info.param.name); });

// By hand: two fair coins. Equal ones tell log 2, independent ones nothing.
TEST(SklearnInformation, OfCategoriesIsThePlugInEstimate) {
  Variable coin, same, other;
  coin.categorical = same.categorical = other.categorical = true;
  coin.categories = {0, 0, 1, 1};
  same.categories = {5, 5, 3, 3};
  other.categories = {0, 1, 0, 1};
  const auto found = SklearnInformationOf({same, other}, coin, kSeed);
  EXPECT_NEAR(found.at(0).information, std::log(2), 1e-15);
  EXPECT_NEAR(found.at(1).information, 0, 1e-15);
}

TEST(SklearnInformation, SmallAndStrangeDataIsNoTrouble) {
  Variable empty, gaps, alone;
  EXPECT_THAT(SklearnInformationOf({empty}, empty, kSeed), IsEmpty());
  gaps.numbers = {1, NAN, 2, NAN, 5};
  alone.categorical = true;
  alone.categories = {0, 1, 2, 3, 4};
  EXPECT_EQ(SklearnInformationOf({gaps}, alone, kSeed).at(0).information, 0)
      << "categories that occur once tell nothing";
  Variable none;
  none.numbers.assign(5, NAN);
  EXPECT_GE(SklearnInformationOf({none}, gaps, kSeed).at(0).information, 0);
  Variable three;
  three.numbers = {1, 2, 3};
  EXPECT_THAT(SklearnInformationOf({three}, three, kSeed), IsEmpty()) << "fewer than neighbours";
}

TEST(SklearnInformation, ColumnsThatCannotBeUsedAreLeftOut) {
  const auto column = [](const char* name, auto value_of) {
    Column made{name, {}, true};
    for (int64_t i = 0; i < 20; ++i) made.rows.push_back(value_of(i));
    return made;
  };
  const auto number = [](int64_t i) { return std::vector<Value>{i * i % 11}; };
  const auto unique = [](int64_t i) { return std::vector<Value>{fmt::format("id{}", i)}; };
  const auto several = [](int64_t i) { return std::vector<Value>{i, i + 1}; };
  LabelInformationOptions options{.label = "label"};
  options.kinds = {{"label", {false, false}},
                   {"number", {false, false}},
                   {"several", {false, true}},
                   {"unique", {true, false}}};
  const auto named = [&](const auto& found) {
    std::vector<std::pair<std::string, bool>> names;
    for (const auto& [name, information] : found) {
      names.emplace_back(name, information.information >= 0);
    }
    return names;
  };
  EXPECT_THAT(named(SklearnLabelInformation({column("label", number), column("number", number),
                                             column("several", several), column("unique", unique)},
                                            options)),
              ElementsAre(Pair("number", true)));
  options.label = "several";
  EXPECT_THAT(SklearnLabelInformation({column("several", several), column("number", number)},
                                      options),
              IsEmpty());
}

}  // namespace
}  // namespace bessemer::statistics::mutual_information
