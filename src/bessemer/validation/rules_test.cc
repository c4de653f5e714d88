#include "bessemer/validation/rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bessemer/schema/text_errors.h"
#include "bessemer/validation/custom_validation.h"
#include "bessemer/validation/rule_evaluator.h"
#include "tensorflow_data_validation/anomalies/proto/custom_validation_config.pb.h"

namespace bessemer::validation {
namespace {

using ::tensorflow::data_validation::CustomValidationConfig;
using ::tensorflow::metadata::v0::Anomalies;
using ::tensorflow::metadata::v0::AnomalyInfo;
using ::tensorflow::metadata::v0::DatasetFeatureStatistics;
using ::tensorflow::metadata::v0::DatasetFeatureStatisticsList;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

template <typename Proto>
Proto FromText(std::string_view text) {
  Proto proto;
  const Status status = schema::ParseTextQuietly(text, &proto);
  EXPECT_TRUE(status.ok()) << status;
  return proto;
}

const char* const kStatistics = R"(
  num_examples: 10
  features {
    path { step: "s" } type: STRING
    string_stats {
      common_stats { num_non_missing: 7 num_missing: 3 tot_num_values: 7 }
      unique: 10 avg_length: 2
      top_values { value: "E" frequency: 4 }
      rank_histogram {
        buckets { label: "D" sample_count: 1 } buckets { label: "E" sample_count: 4 }
      }
    }
  }
  features {
    path { step: "n" } type: FLOAT
    num_stats {
      common_stats { num_non_missing: 10 tot_num_values: 10 }
      mean: 2.5 num_zeros: 4 min: -1 max: 7
      histograms {
        type: QUANTILES num_nan: 1
        buckets { low_value: 0 high_value: 4 sample_count: 5 }
        buckets { low_value: 4 high_value: 8 sample_count: 5 }
      }
    }
    custom_stats { name: "x" num: 3 }
  })";

Json Show(const RuleValue& value) {
  if (value.is_null()) return nullptr;
  if (const auto* flag = value.As<bool>()) return *flag;
  if (const auto* whole = value.As<int64_t>()) return *whole;
  if (const auto* number = value.As<double>()) return *number;
  if (const auto* text = value.As<std::string>()) return *text;
  return std::string(KindOf(value));
}

TEST(RuleEvaluatorTest, EvaluatesAsSqlDoes) {
  const std::vector<std::pair<const char*, Json>> cases = {
      {"1 + 2 * 3", 7},
      {"(1 + 2) * 3", 9},
      {"7 / 2", 3.5},
      {"7 // 2", 3},
      {"-7 % 4", -3},
      {"2 ** 3 = 8", true},
      {"1 < 2 and not 2 < 1", true},
      {"null and false", false},
      {"null and true", nullptr},
      {"null or true", true},
      {"null = null", nullptr},
      {"null is null", true},
      {"1 is not null", true},
      {"3 between 1 and 3", true},
      {"3 not between 1 and 3", false},
      {"2 in (1, 2)", true},
      {"3 in (1, null)", nullptr},
      {"3 not in (1, 2)", true},
      {"'abc' like 'a%c'", true},
      {"'abc' like 'a_'", false},
      {"'a%' like 'a\\\\%'", true},
      {"'it''s'", "it's"},
      {"'a' || \"b\"", "ab"},
      {"1 == 1.0", true},
      {"1 <> 2", true},
      {"'b' > 'a'", true},
      {"if(1 > 2, 'x', 'y')", "y"},
      {"case when 1 > 2 then 1 when 2 > 1 then 2 else 3 end", 2},
      {"case when false then 1 end", nullptr},
      {"coalesce(null, 4)", 4},
      {"abs(-3) + round(2.5)", 6.0},
      {"least(3, 1.5, 2)", 1.5},
      {"safe_divide(1, 0)", nullptr},
      {"cast('x' as string)", "x"},
      {"cast(2.5 as int64)", 3},
      {"mod(7, 3) = 1 AND div(7, 3) = 2", true},
      {"1e-3 < .01", true},
  };
  RuleScope scope;
  for (const auto& [text, expected] : cases) {
    const auto syntax = ParseRule(text);
    ASSERT_TRUE(syntax.ok()) << syntax.status();
    const auto value = RuleEvaluator(text).Evaluate(**syntax, scope);
    ASSERT_TRUE(value.ok()) << text << ": " << value.status();
    EXPECT_EQ(Show(*value), expected) << text;
  }
}

TEST(RuleEvaluatorTest, ErrorsNameThePlace) {
  const std::vector<std::pair<const char*, const char*>> cases = {
      {"", "the expression is empty"},
      {"1 +", "expected a value, found the end"},
      {"1 < 2 < 3", "expected an operator or the end, found '<'"},
      {"a b", "1:3: expected an operator"},
      {"'x", "this ' has no end"},
      {"1 ? 2", "1:3: this sign is not part of the language"},
      {"x not 3", "expected 'between', 'in' or 'like'"},
      {"between", "a feature of that name is written `between`"},
      {"99999999999999999999", "this integer is too large"},
      {"case 1 end", "expected 'when'"},
      {"x", "unknown name 'x'"},
      {"1 > 'x'", "> does not apply to a number and text"},
      {"not 1", "not does not apply to a number"},
      {"1 and true", "expected a condition, this is a number"},
      {"1 / 0", "division by zero"},
      {"9223372036854775807 + 1", "beyond 64 bits"},
      {"abz(1)", "unknown function 'abz'; did you mean 'abs'?"},
      {"abs(1, 2)", "abs takes 1 argument, not 2"},
  };
  RuleScope scope;
  for (const auto& [text, expected] : cases) {
    const auto syntax = ParseRule(text);
    Status status = syntax.status();
    if (syntax.ok()) status = RuleEvaluator(text).Evaluate(**syntax, scope).status();
    EXPECT_THAT(std::string(Message(status)), HasSubstr(expected)) << text;
  }
  EXPECT_THAT(std::string(Message(ParseRule(std::string(5000, '(')).status())),
              HasSubstr("nested too deeply"));
  std::string chain = "1";
  for (int i = 0; i < 9000; ++i) chain += "+1";
  EXPECT_THAT(std::string(Message(ParseRule(chain).status())), HasSubstr("too long"));
}

Anomalies Judge(const std::string& statistics, const RuleData* other = nullptr) {
  const auto current = FromText<DatasetFeatureStatistics>(kStatistics);
  RuleData data{.current = current, .num_bad_rows = 10};
  if (other != nullptr) data.previous_span = other->previous_span;
  Anomalies anomalies;
  const Status status =
      JudgeStatistics({{.name = "r", .row = "", .statistics = statistics}}, data, &anomalies);
  EXPECT_TRUE(status.ok()) << status;
  return anomalies;
}

TEST(StatisticsRulesTest, Hold) {
  for (const char* rule :
       {"mean(n) between 2 and 3", "missing_fraction(s) = 0.3", "unique(s) = num_rows",
        "quantile(n, 0.5) = 4", "quantile(n, 0) = 0 and quantile(n, 1) = 8",
        "zero_fraction(n) <= 0.4", "num_nan(n) = 1", "bad_row_fraction = 0.5", "bad_rows = 10",
        "top_value(s) = 'E'", "fraction(s, 'E') > 0.5", "frequency(s, 'zzz') = 0",
        "custom(n, 'x') = 3", "has(n) and not has(m)", "num_features = 2", "min(n) < max(n)",
        "previous(num_rows) * 2 > num_rows", "mean(`n`) > 2"}) {
    const Anomalies anomalies = Judge(rule);
    EXPECT_FALSE(HasAnomalies(anomalies)) << rule << anomalies.DebugString();
  }
}

TEST(StatisticsRulesTest, SayWhatWasObserved) {
  struct Case {
    const char* rule;
    const char* feature;  // "": of the data set
    AnomalyType type;
    const char* text;
  };
  const std::vector<Case> cases = {
      {"mean(n) between 5 and 50", "n", AnomalyInfo::CUSTOM_VALIDATION,
       "Expected mean(n) between 5 and 50; mean(n) is 2.5."},
      {"num_rows >= 1000", "", AnomalyInfo::CUSTOM_VALIDATION, "num_rows is 10."},
      {"mean(s) > 1", "s", AnomalyInfo::STATS_NOT_AVAILABLE, "has no statistics of numbers"},
      {"mean(nn) > 1", "", AnomalyInfo::STATS_NOT_AVAILABLE, "no feature 'nn'; did you mean 'n'?"},
      {"quantile(n, 0.75) < 5", "n", AnomalyInfo::STATS_NOT_AVAILABLE,
       "these statistics, of 2 quantiles, say only that it is between 4 and 8; make them with "
       "num_quantiles_histogram_buckets: 20"},
      {"quantile(n, 0.5) > 5", "n", AnomalyInfo::CUSTOM_VALIDATION, "quantile(n, 0.5) is 4."},
      {"quantile(n, 1.5) > 5", "n", AnomalyInfo::STATS_NOT_AVAILABLE, "a share from 0 to 1"},
      {"std_dev(s) > 1", "s", AnomalyInfo::STATS_NOT_AVAILABLE, "cannot be judged"},
  };
  for (const Case& c : cases) {
    const Anomalies anomalies = Judge(c.rule);
    const std::string feature = c.feature;
    const AnomalyInfo& anomaly = feature.empty() ? anomalies.dataset_anomaly_info()
                                                 : anomalies.anomaly_info().at(feature);
    ASSERT_EQ(anomaly.reason_size(), 1) << c.rule;
    EXPECT_EQ(anomaly.reason(0).type(), c.type) << c.rule;
    EXPECT_THAT(anomaly.description(), HasSubstr(c.text)) << c.rule;
    EXPECT_EQ(anomaly.short_description(), "Rule: r");
  }
}

TEST(StatisticsRulesTest, CompareWithThePreviousSpan) {
  const auto before = FromText<DatasetFeatureStatistics>("num_examples: 100");
  RuleData other{.current = before, .previous_span = &before};
  EXPECT_FALSE(HasAnomalies(Judge("num_rows >= 0.05 * previous(num_rows)", &other)));
  EXPECT_TRUE(HasAnomalies(Judge("num_rows >= 0.5 * previous(num_rows)", &other)));
}

TEST(StatisticsRulesTest, WithoutOtherDataAreNotJudged) {
  const auto current = FromText<DatasetFeatureStatistics>(kStatistics);
  std::vector<Rule> rules = {
      {.name = "alone", .statistics = "num_rows > 1"},
      {.name = "before", .statistics = "num_rows > 0.5 * previous(num_rows)"},
      {.name = "both", .statistics = "previous_version(num_rows) < abs(serving(num_rows))"},
      {.name = "row", .row = "previous(n) > 1"},
      {.name = "muted", .statistics = "previous(num_rows) > 1", .severity = AnomalyInfo::UNKNOWN},
      {.name = "elsewhere", .statistics = "serving(num_rows) > 1", .environments = {"SERVING"}}};
  EXPECT_THAT(OtherDataOf(rules[2]), ElementsAre("previous_version", "serving"));
  EXPECT_TRUE(OtherDataOf(rules[3]).empty());
  const auto without = [&](const RuleData& data) {
    std::vector<std::string> names;
    for (const Rule& rule : RulesWithoutData(rules, data)) names.push_back(rule.name);
    return names;
  };
  EXPECT_THAT(without({.current = current, .environment = "TRAINING"}),
              ElementsAre("before", "both"));
  EXPECT_THAT(without({.current = current, .previous_span = &current, .serving = &current}),
              ElementsAre("both"));
}

TEST(RulesFileTest, IsReadAndTravelsInTheSchema) {
  const auto node = ConfigNode::Parse(R"(
rules:
  - name: order
    row: end >= start
    severity: WARNING
    environment: [TRAINING]
    max_fraction: 0.25
  - {name: size, statistics: num_rows > 5, description: too few to learn from}
severities: {SCHEMA_NEW_COLUMN: WARNING, comment: UNKNOWN, "fare:FLOAT_TYPE_BIG_FLOAT": WARNING}
)",
                                      "rules.yaml");
  ASSERT_TRUE(node.ok()) << node.status();
  const auto set = ParseRules(*node);
  ASSERT_TRUE(set.ok()) << set.status();
  ASSERT_EQ(set->rules.size(), 2u);
  const SeverityOverrides& severities = set->severities;
  EXPECT_EQ(severities.Of("x", AnomalyInfo::SCHEMA_NEW_COLUMN), AnomalyInfo::WARNING);
  EXPECT_EQ(severities.Of("comment", AnomalyInfo::UNEXPECTED_DATA_TYPE), AnomalyInfo::UNKNOWN);
  EXPECT_EQ(severities.Of("fare", AnomalyInfo::FLOAT_TYPE_BIG_FLOAT), AnomalyInfo::WARNING);
  EXPECT_EQ(severities.Of("fare", AnomalyInfo::FLOAT_TYPE_SMALL_FLOAT), AnomalyInfo::ERROR);
  ::tensorflow::metadata::v0::Schema schema;
  schema.mutable_annotation()->add_comment("by hand");
  SetRulesOfSchema(set->rules, &schema);
  SetRulesOfSchema(set->rules, &schema);
  EXPECT_EQ(schema.annotation().comment_size(), 3);
  const auto read = RulesOfSchema(schema);
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_EQ(read->size(), 2u);
  const Rule& order = (*read)[0];
  EXPECT_EQ(order.row, "end >= start");
  EXPECT_EQ(order.severity, AnomalyInfo::WARNING);
  EXPECT_EQ(order.max_fraction, 0.25);
  EXPECT_TRUE(order.IsFor("TRAINING"));
  EXPECT_FALSE(order.IsFor("SERVING"));
  Anomalies anomalies;
  ReportRowRule(order, 25, 100, &anomalies);
  EXPECT_FALSE(HasAnomalies(anomalies));
  ReportRowRule(order, 26, 100, &anomalies);
  EXPECT_EQ(anomalies.anomaly_info().at("end").severity(), AnomalyInfo::WARNING);
  EXPECT_THAT(anomalies.anomaly_info().at("end").description(), HasSubstr("26 of 100 rows"));
}

TEST(RulesFileTest, RulesOverRowsNameFeaturesOfTheSchema) {
  const auto schema = FromText<::tensorflow::metadata::v0::Schema>(
      "feature { name: 'miles' type: FLOAT } "
      "feature { name: 'user' type: STRUCT struct_domain { feature { name: 'age' type: INT } } }");
  const auto collect = [&](const std::string& row, const auto& of_schema) {
    auto with_rule = of_schema;
    SetRulesOfSchema({{.name = "r", .row = row, .statistics = ""}}, &with_rule);
    return CollectRules(with_rule, "", "").status();
  };
  EXPECT_TRUE(collect("miles >= 0 and user.age > 1", schema).ok());
  EXPECT_TRUE(collect("mile >= 0", ::tensorflow::metadata::v0::Schema()).ok());
  EXPECT_THAT(std::string(Message(collect("mile >= 0", schema))),
              HasSubstr("rule 'r': the schema has no feature 'mile'; did you mean 'miles'?"));
  EXPECT_THAT(std::string(Message(collect("user.ag >= 0", schema))), HasSubstr("'user.ag'"));
}

TEST(RulesFileTest, ErrorsNameTheLine) {
  const std::vector<std::pair<const char*, const char*>> cases = {
      {"rules: [{name: a}]", "rule 'a': give either row or statistics"},
      {"rules: [{row: x > 1}]", "f:1:9: the rule has no name"},
      {"rules: [{name: a, row: 'x >'}]", "expected a value, found the end"},
      {"rules: [{name: a, row: x > 1}, {name: a, row: x > 1}]", "two rules named 'a'"},
      {"rules: [{name: a, rwo: x}]", "rwo"},
      {"rules: [{name: a, row: x > 1, severity: BAD}]", "unknown severity 'BAD'"},
      {"rules: [{name: a, row: x > 1, max_fraction: 2}]", "a number from 0 to 1"},
      {"severities: {SCHEMA_NEW_COLUM: WARNING}", "did you mean 'SCHEMA_NEW_COLUMN'?"},
      {"[]", "expected the keys"},
  };
  for (const auto& [text, expected] : cases) {
    const auto node = ConfigNode::Parse(text, "f");
    ASSERT_TRUE(node.ok()) << text;
    EXPECT_THAT(std::string(Message(ParseRules(*node).status())), HasSubstr(expected)) << text;
  }
}

Anomalies Custom(const std::string& sql, const std::string& feature = "s",
                 const std::string& more = "", const schema::Environment& environment = {}) {
  DatasetFeatureStatisticsList list;
  *list.add_datasets() = FromText<DatasetFeatureStatistics>(kStatistics);
  CustomValidationConfig config;
  auto* validation = config.add_feature_validations();
  validation->mutable_feature_path()->add_step(feature);
  auto* added = validation->add_validations();
  added->set_sql_expression(sql);
  added->set_severity(AnomalyInfo::WARNING);
  added->set_description("why");
  if (!more.empty()) added->add_in_environment(more);
  const auto anomalies = CustomValidate(list, nullptr, config, environment);
  EXPECT_TRUE(anomalies.ok()) << sql << ": " << anomalies.status();
  return anomalies.ok() ? *anomalies : Anomalies();
}

// Answers of TensorFlow Data Validation 1.16.1.
TEST(CustomValidationTest, JudgesStatisticsOfAFeature) {
  const char* stats = "feature.string_stats.";
  for (const std::string& sql : {
           std::string("feature.string_stats.common_stats.num_missing = 3"),
           std::string("feature.num_stats.mean IS NULL"),
           std::string("feature.num_stats IS NULL and feature.has_string_stats"),
           fmt::format("ARRAY_LENGTH({}rank_histogram.buckets) = 2", stats),
           fmt::format("{}rank_histogram.buckets[OFFSET(0)].label = 'D'", stats),
           fmt::format("{}rank_histogram.buckets[ORDINAL(2)].label = 'E'", stats),
           fmt::format("{}rank_histogram.buckets[SAFE_OFFSET(9)].label IS NULL", stats),
           fmt::format("EXISTS(SELECT b FROM UNNEST({}rank_histogram.buckets) AS b WHERE b.label "
                       "= 'E')",
                       stats),
           fmt::format("(SELECT SUM(b.sample_count) FROM UNNEST({}rank_histogram.buckets) b) = 5",
                       stats),
           fmt::format("(SELECT COUNT(*) FROM UNNEST({}rank_histogram.buckets) AS b WHERE "
                       "b.sample_count > 1) = 1",
                       stats),
           fmt::format("'E' IN (SELECT b.label FROM UNNEST({}rank_histogram.buckets) b)", stats),
           std::string("feature.type = 2 AND feature.type = 'STRING'"),
           std::string("feature.path.step[OFFSET(0)] = 's'"),
           std::string("IFNULL(feature.num_stats.mean, 3.0) = 3.0"),
       }) {
    EXPECT_FALSE(HasAnomalies(Custom(sql))) << sql;
  }
  const Anomalies anomalies = Custom("feature.string_stats.common_stats.num_missing < 1");
  const AnomalyInfo& anomaly = anomalies.anomaly_info().at("s");
  EXPECT_EQ(anomaly.severity(), AnomalyInfo::WARNING);
  EXPECT_EQ(anomaly.reason(0).type(), AnomalyInfo::CUSTOM_VALIDATION);
  EXPECT_EQ(anomaly.reason(0).short_description(), "why");
  EXPECT_FALSE(HasAnomalies(Custom("false", "s", "A", "B")));
  EXPECT_TRUE(HasAnomalies(Custom("false", "s", "A", "A")));
  EXPECT_TRUE(HasAnomalies(Custom("false", "s", "A")));
}

TEST(CustomValidationTest, Errors) {
  DatasetFeatureStatisticsList list;
  *list.add_datasets() = FromText<DatasetFeatureStatistics>(kStatistics);
  const std::vector<std::pair<const char*, const char*>> cases = {
      {"feature.num_stats.mean < 3", "the result is null"},
      {"feature.string_stats.unique + 1", "expected a condition, this is a number"},
      {"feature.bogus > 1", "FeatureNameStatistics has no field 'bogus'"},
      {"feature.num_stats.bogus > 1", "NumericStatistics has no field 'bogus'"},
      {"feature.string_stats.rank_histogram.buckets[OFFSET(9)].label IS NULL", "has 2 elements"},
      {"feature.string_stats.unique / 0 > 1", "division by zero"},
      {"true and", "found the end"},
  };
  for (const auto& [sql, expected] : cases) {
    CustomValidationConfig config;
    auto* validation = config.add_feature_validations();
    validation->mutable_feature_path()->add_step("s");
    validation->add_validations()->set_sql_expression(sql);
    EXPECT_THAT(std::string(Message(CustomValidate(list, nullptr, config).status())),
                HasSubstr(expected))
        << sql;
    validation->mutable_feature_path()->set_step(0, "zz");
    EXPECT_THAT(std::string(Message(CustomValidate(list, nullptr, config).status())),
                HasSubstr("no feature 'zz'"));
    validation->set_dataset_name("x");
    EXPECT_THAT(std::string(Message(CustomValidate(list, nullptr, config).status())),
                HasSubstr("no dataset named 'x'"));
  }
}

TEST(CustomValidationTest, JudgesPairs) {
  DatasetFeatureStatisticsList list;
  *list.add_datasets() = FromText<DatasetFeatureStatistics>(kStatistics);
  DatasetFeatureStatisticsList base = list;
  base.mutable_datasets(0)->mutable_features(1)->mutable_num_stats()->set_mean(5);
  const auto config = FromText<CustomValidationConfig>(R"(
    feature_pair_validations {
      feature_test_path { step: "n" } feature_base_path { step: "n" }
      validations {
        sql_expression: "feature_test.num_stats.mean >= feature_base.num_stats.mean"
        severity: ERROR
      }
    })");
  EXPECT_FALSE(HasAnomalies(*CustomValidate(list, nullptr, config)));
  const auto anomalies = CustomValidate(list, &base, config);
  ASSERT_TRUE(anomalies.ok()) << anomalies.status();
  EXPECT_EQ(anomalies->anomaly_info().at("n").severity(), AnomalyInfo::ERROR);
}

}  // namespace
}  // namespace bessemer::validation
