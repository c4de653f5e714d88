#include "bessemer/example_gen/shaping/shaping_params.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bessemer::example_gen::shaping {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const HashSplit kDefault{{{"train", 2}, {"eval", 1}}};

StatusOr<ShapingRules> Read(const std::string& yaml, const HashSplit& hash = kDefault,
                            bool splits_are_given = false) {
  BESSEMER_ASSIGN_OR_RETURN(const ConfigNode node, ConfigNode::Parse(yaml, "p.yaml"));
  BESSEMER_ASSIGN_OR_RETURN(const ParamValues params,
                            ParamValues::FromConfig(ShapingParams(), &node));
  return ReadShapingRules(params, hash, splits_are_given);
}

TEST(ShapingParamsTest, ReadsEachRule) {
  const auto rules = Read(R"(
sample: {fraction: 0.25, seed: 7, by: user}
deduplicate: {key: [user, day], keep: {max: amount}}
by_time: {feature: day, fractions: {train: 0.8, eval: 0.1, test: 0.1}, missing: train}
balance: {feature: label, ratio: {majority_to_minority: 3}, splits: [train], weight_feature: w}
)");
  ASSERT_TRUE(rules.ok()) << rules.status();
  EXPECT_EQ(rules->sample->fraction, 0.25);
  EXPECT_EQ(rules->sample->seed, 7u);
  EXPECT_THAT(rules->sample->by, ElementsAre("user"));
  EXPECT_THAT(rules->deduplicate->key, ElementsAre("user", "day"));
  EXPECT_EQ(rules->deduplicate->keep, DeduplicateRule::Keep::kMax);
  EXPECT_EQ(rules->deduplicate->feature, "amount");
  const auto& time = std::get<TimeSplit>(rules->split);
  EXPECT_THAT(time.splits, ElementsAre("train", "eval", "test"));
  EXPECT_THAT(time.fractions, ElementsAre(0.8, 0.1, 0.1));
  EXPECT_EQ(rules->balance->ratio, 3);
  EXPECT_THAT(rules->balance->splits, ElementsAre("train"));
  EXPECT_EQ(rules->balance->weight_feature, "w");
}

TEST(ShapingParamsTest, ReadsShortForms) {
  EXPECT_EQ(Read("sample: 0.5")->sample->fraction, 0.5);
  EXPECT_THAT(Read("deduplicate: user")->deduplicate->key, ElementsAre("user"));
  EXPECT_THAT(Read("deduplicate: [a, b]")->deduplicate->key, ElementsAre("a", "b"));
  EXPECT_TRUE(Read("deduplicate: {}")->deduplicate->key.empty());
  EXPECT_EQ(Read("deduplicate: {key: a, keep: last}")->deduplicate->keep,
            DeduplicateRule::Keep::kLast);
  EXPECT_THAT(std::get<StratifiedSplit>(Read("stratify: label")->split).features,
              ElementsAre("label"));
  EXPECT_THAT(std::get<HashSplit>(Read("group_by: [a, b]")->split).group_by,
              ElementsAre("a", "b"));
  const auto time =
      std::get<TimeSplit>(Read("by_time: {feature: t, boundaries: 2013-01-01}")->split);
  EXPECT_THAT(time.splits, ElementsAre("train", "eval"));
  EXPECT_THAT(time.boundaries, ElementsAre(Json("2013-01-01")));
  const auto value =
      std::get<ValueSplit>(Read("by_value: {feature: year, splits: {2012: train, 2013: eval}}")
                               ->split);
  EXPECT_EQ(value.values[1], (std::pair<std::string, std::string>("2013", "eval")));
  EXPECT_EQ(Read("balance: {feature: y, fractions: {0: 0.1}}")->balance->fractions.at("0"), 0.1);
}

TEST(ShapingParamsTest, WithoutARuleTheHashDecidesOrTheInput) {
  EXPECT_TRUE(std::holds_alternative<HashSplit>(Read("{}")->split));
  EXPECT_TRUE(std::holds_alternative<std::monostate>(Read("{}", HashSplit())->split));
}

TEST(ShapingParamsTest, ErrorsSayWhereAndWhat) {
  const struct {
    const char* yaml;
    const char* message;
  } cases[] = {
      {"sample: lots", "must be a map, not \"lots\""},
      {"sample: {fraction: 2}", "p.yaml:1:9: 'sample': 2 is not a fraction"},
      {"sample: {seed: 1}", "needs a fraction"},
      {"sample: {fraction: 1, seeds: 1}", "unknown key 'seeds'; did you mean 'seed'?"},
      {"deduplicate: {key: a, keep: best}", "keep must be first, last"},
      {"stratify: a\ngroup_by: b", "rows are already split by group_by"},
      {"by_value: {feature: a}", "needs splits"},
      {"by_value: {feature: a, splits: {b: [c]}}", "the split of 'b' must be a name"},
      {"by_time: {feature: t}", "either boundaries or fractions"},
      {"by_time: {feature: t, boundaries: [1, 2], splits: [a, b]}", "2 splits need 1 boundaries"},
      {"balance: {feature: a, ratio: 0.5}", "at least 1"},
      {"balance: {feature: a, ratio: 2, splits: [test]}", "there is no split 'test'"},
  };
  for (const auto& test : cases) {
    EXPECT_THAT(std::string(Message(Read(test.yaml).status())), HasSubstr(test.message))
        << test.yaml;
  }
  EXPECT_THAT(std::string(Message(Read("stratify: a", HashSplit()).status())),
              HasSubstr("the input has splits already"));
  EXPECT_THAT(
      std::string(Message(Read("by_time: {feature: t, boundaries: 1}", kDefault, true).status())),
      HasSubstr("leave out splits"));
}

}  // namespace
}  // namespace bessemer::example_gen::shaping
