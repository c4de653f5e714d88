#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "bessemer/columnar/short_form.h"
#include "bessemer/schema/infer.h"
#include "bessemer/schema/text_errors.h"
#include "bessemer/validation/anomaly_table.h"
#include "bessemer/validation/update.h"
#include "bessemer/validation/validate.h"

namespace bessemer::validation {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::tensorflow::metadata::v0::Anomalies;
using ::tensorflow::metadata::v0::AnomalyInfo;
using ::tensorflow::metadata::v0::DatasetFeatureStatistics;
using ::tensorflow::metadata::v0::Schema;

template <typename Proto>
Proto Parse(std::string_view text) {
  Proto proto;
  const Status status = schema::ParseTextQuietly(text, &proto);
  EXPECT_TRUE(status.ok()) << Message(status) << "\n" << text;
  return proto;
}

// Ten examples; `f` is there in nine of them, with one value.
DatasetFeatureStatistics Dataset(const std::string& features) {
  return Parse<DatasetFeatureStatistics>("num_examples: 10 " + features);
}

std::string Feature(const std::string& type, const std::string& stats,
                    const std::string& more = "") {
  return fmt::format("features {{ path {{ step: 'f' }} type: {} {} {} }}", type, stats, more);
}

constexpr char kCommon[] =
    "common_stats { num_non_missing: 9 num_missing: 1 min_num_values: 1 max_num_values: 2 "
    "tot_num_values: 10 }";

std::string Ints(double min, double max) {
  return Feature("INT", fmt::format("num_stats {{ {} min: {} max: {} }}", kCommon, min, max));
}
std::string Floats(const std::string& numbers) {
  return Feature("FLOAT", fmt::format("num_stats {{ {} {} }}", kCommon, numbers));
}
std::string Strings(std::initializer_list<std::pair<const char*, double>> values,
                    const std::string& more = "") {
  std::string buckets;
  for (const auto& [value, count] : values) {
    buckets += fmt::format("buckets {{ label: '{}' sample_count: {} }}", value, count);
  }
  return Feature("STRING",
                 fmt::format("string_stats {{ {} unique: {} rank_histogram {{ {} }} {} }}",
                             kCommon, values.size(), buckets, more));
}

struct CheckCase {
  std::string name;
  std::string schema;      // of the feature f, without its name
  std::string statistics;  // features
  std::string type;        // what is found; "": nothing
  std::string text = "";   // part of the description
};

std::vector<CheckCase> Cases() {
  const std::string count_2 = "tot_num_values: 10 presence_and_valency_stats { min_num_values: 1 "
                              "max_num_values: 1 num_non_missing: 9 } presence_and_valency_stats { "
                              "min_num_values: 0 max_num_values: 4 num_non_missing: 9 } ";
  const std::string nested =
      Feature("INT", fmt::format("num_stats {{ common_stats {{ num_non_missing: 9 {} }} }}",
                                 count_2));
  return {
      {"MinFraction", "type: INT presence { min_fraction: 0.95 }", Ints(0, 1),
       "FEATURE_TYPE_LOW_FRACTION_PRESENT", "at least 0.95 of the examples; it is in 0.9"},
      {"MinFractionMet", "type: INT presence { min_fraction: 0.9 }", Ints(0, 1), ""},
      {"MinCount", "type: INT presence { min_count: 10 }", Ints(0, 1),
       "FEATURE_TYPE_LOW_NUMBER_PRESENT", "at least 10 examples with the feature; there are 9"},
      {"TooFewValues", "type: INT value_count { min: 2 }", Ints(0, 1),
       "FEATURE_TYPE_LOW_NUMBER_VALUES", "at least 2 values"},
      {"TooManyValues", "type: INT value_count { max: 1 }", Ints(0, 1),
       "FEATURE_TYPE_HIGH_NUMBER_VALUES", "at most 1 values"},
      {"NestLevels", "type: INT value_counts { value_count {} value_count { max: 3 } }", nested,
       "FEATURE_TYPE_HIGH_NUMBER_VALUES", "at nest level 1"},
      {"Nestedness", "type: INT value_count { min: 1 }", nested, "VALUE_NESTEDNESS_MISMATCH",
       "1 level; the data has 2"},
      {"Shape", "type: INT shape { dim { size: 1 } }", Ints(0, 1), "INVALID_FEATURE_SHAPE",
       "the data has 1 to 2"},
      {"Type", "type: FLOAT", Ints(0, 1), "UNEXPECTED_DATA_TYPE", "type FLOAT; got INT"},
      {"IntMin", "type: INT int_domain { min: 1 }", Ints(0, 9), "INT_TYPE_SMALL_INT",
       "at least 1; saw 0"},
      {"IntMax", "type: INT int_domain { max: 8 }", Ints(0, 9), "INT_TYPE_BIG_INT",
       "at most 8; saw 9"},
      {"IntText", "type: BYTES int_domain {}", Strings({{"1", 5}, {"x", 5}}),
       "INT_TYPE_NOT_INT_STRING", "saw \"x\""},
      {"FloatMax", "type: FLOAT float_domain { max: 2 }", Floats("min: 0 max: 2.5"),
       "FLOAT_TYPE_BIG_FLOAT", "at most 2; saw 2.5"},
      {"FloatMaxIn32Bits", "type: FLOAT float_domain { max: 2 }", Floats("max: 2.00000001"), ""},
      {"Nan", "type: FLOAT float_domain { disallow_nan: true }",
       Floats("histograms { num_nan: 1 }"), "FLOAT_TYPE_HAS_NAN", "saw NaN"},
      {"Inf", "type: FLOAT float_domain { disallow_inf: true }", Floats("max: inf"),
       "FLOAT_TYPE_HAS_INF"},
      {"FloatText", "type: BYTES float_domain {}", Strings({{"y", 1}}),
       "FLOAT_TYPE_STRING_NOT_FLOAT", "saw \"y\""},
      {"Bool", "type: INT bool_domain {}", Ints(0, 2), "BOOL_TYPE_BIG_INT", "0 or 1; saw 2"},
      {"BoolSmall", "type: INT bool_domain {}", Ints(-1, 1), "BOOL_TYPE_SMALL_INT", "saw -1"},
      {"BoolFloat", "type: FLOAT bool_domain {}", Floats("min: 0.5 max: 1"),
       "BOOL_TYPE_UNEXPECTED_FLOAT", "saw 0.5"},
      {"BoolText", "type: BYTES bool_domain { true_value: 'yes' false_value: 'no' }",
       Strings({{"maybe", 1}}), "BOOL_TYPE_UNEXPECTED_STRING", "saw \"maybe\""},
      {"Values", "type: BYTES string_domain { value: 'a' }", Strings({{"a", 8}, {"b", 2}}),
       "ENUM_TYPE_UNEXPECTED_STRING_VALUES", "\"b\" (20 %)"},
      {"DomainMass",
       "type: BYTES string_domain { value: 'a' } distribution_constraints { min_domain_mass: 0.7 }",
       Strings({{"a", 8}, {"b", 2}}), ""},
      {"NamedDomain", "type: BYTES domain: 'd'", Strings({{"a", 8}, {"b", 2}}),
       "ENUM_TYPE_UNEXPECTED_STRING_VALUES", "one of 1 known values"},
      {"InvalidUtf8", "type: BYTES domain: 'd'", Strings({{"a", 8}}, "invalid_utf8_count: 3"),
       "ENUM_TYPE_INVALID_UTF8", "3 values are not"},
      {"MissingDomain", "type: BYTES domain: 'e'", Strings({{"a", 8}}),
       "INVALID_DOMAIN_SPECIFICATION", "named 'e'"},
      {"DomainOfOtherType", "type: INT domain: 'd'", Ints(0, 1), "DOMAIN_INVALID_FOR_TYPE"},
      {"UniqueHigh", "type: BYTES unique_constraints { max: 1 }", Strings({{"a", 1}, {"b", 1}}),
       "FEATURE_TYPE_HIGH_UNIQUE", "at most 1 distinct values; there are 2"},
      {"UniqueLow", "type: BYTES unique_constraints { min: 3 max: 9 }", Strings({{"a", 1}}),
       "FEATURE_TYPE_LOW_UNIQUE"},
      {"UniqueOfNumbers", "type: INT unique_constraints { max: 1 }", Ints(0, 1),
       "FEATURE_TYPE_NO_UNIQUE"},
      {"NoType", "presence { min_count: 1 }", Ints(0, 1), "FEATURE_MISSING_TYPE"},
      {"Fraction", "type: INT presence { min_fraction: -1 }", Ints(0, 1),
       "INVALID_SCHEMA_SPECIFICATION", "min_fraction is -1"},
      {"Semantic", "type: INT",
       Feature("INT", fmt::format("num_stats {{ {} }}", kCommon),
               "custom_stats { name: 'domain_info' str: 'time_domain {}' }"),
       "SEMANTIC_DOMAIN_UPDATE", "time_domain"},
      {"ImageSize", "type: BYTES image_domain { max_image_byte_size: 10 }",
       Feature("BYTES", fmt::format("bytes_stats {{ {} max_num_bytes_int: 11 }}", kCommon)),
       "MAX_IMAGE_BYTE_SIZE_EXCEEDED", "at most 10 bytes; the largest has 11"},
      {"LanguageStatistics", "type: BYTES natural_language_domain { coverage { min_coverage: 1 } }",
       Strings({{"a", 1}}), "STATS_NOT_AVAILABLE"},
      {"Derived", "type: INT",
       Feature("INT", fmt::format("num_stats {{ {} }}", kCommon),
               "validation_derived_source { deriver_name: 'r' }"),
       "DERIVED_FEATURE_INVALID_SOURCE"},
      {"Missing", "type: INT presence { min_count: 1 }", "", "SCHEMA_MISSING_COLUMN"},
      {"Empty", "type: INT presence { min_count: 1 }",
       Feature("INT", "num_stats { common_stats { num_missing: 10 } }"),
       "FEATURE_TYPE_NOT_PRESENT"},
      {"Planned", "type: FLOAT lifecycle_stage: PLANNED", Ints(0, 1), ""},
  };
}

Schema SchemaOf(const CheckCase& test) {
  return Parse<Schema>(fmt::format(
      "feature {{ name: 'f' {} }} string_domain {{ name: 'd' value: 'a' }}", test.schema));
}

TEST(StringDomain, KnowsLargeValuesByTheirShortForms) {
  const std::string known(5000, 'k');
  for (const std::string& value : {known, columnar::ShortForm(known)}) {
    const Schema schema = Parse<Schema>(
        fmt::format("feature {{ name: 'f' type: BYTES string_domain {{ value: '{}' }} }}", value));
    for (const bool is_known : {true, false}) {
      const std::string label = columnar::ShortForm(is_known ? known : known + "k");
      const auto anomalies = Validate(Dataset(Strings({{label.c_str(), 8}})), schema);
      ASSERT_TRUE(anomalies.ok()) << Message(anomalies.status());
      EXPECT_EQ(AnomalyRows(*anomalies).size(), is_known ? 0 : 1);
    }
  }
}

class CheckTest : public ::testing::TestWithParam<CheckCase> {};

TEST_P(CheckTest, FindsAndAccepts) {
  const CheckCase& test = GetParam();
  const DatasetFeatureStatistics statistics = Dataset(test.statistics);
  const auto anomalies = Validate(statistics, SchemaOf(test), {.with_edits = true});
  ASSERT_TRUE(anomalies.ok()) << Message(anomalies.status());
  const auto rows = AnomalyRows(*anomalies);
  if (test.type.empty()) {
    EXPECT_EQ(rows.size(), 0) << rows[0].text;
    return;
  }
  ASSERT_EQ(rows.size(), 1);
  EXPECT_EQ(rows[0].type, test.type);
  EXPECT_THAT(rows[0].text, HasSubstr(test.text));
  EXPECT_GT(anomalies->anomaly_info().at("f").diff_regions_size(), 0) << "no edit";
  // The edit is enough.
  const auto updated = UpdateSchema(SchemaOf(test), statistics);
  ASSERT_TRUE(updated.ok()) << Message(updated.status());
  const auto again = Validate(statistics, *updated);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(AnomalyTable(*again), "") << updated->DebugString();
}

INSTANTIATE_TEST_SUITE_P(Checks, CheckTest, ::testing::ValuesIn(Cases()),
                         [](const auto& info) { return info.param.name; });

TEST(ChecksTest, EveryCheckSaysWhatItIsFor) {
  std::set<std::string> names;
  for (const Check& check : Checks()) {
    EXPECT_TRUE(names.insert(check.name).second);
    EXPECT_GT(check.doc.size(), 20) << check.name;
    EXPECT_FALSE(check.finds.empty()) << check.name;
    EXPECT_NE(check.feature == nullptr, check.dataset == nullptr) << check.name;
    EXPECT_EQ(check.stage == Stage::kDomain, !check.domains.empty()) << check.name;
  }
  EXPECT_GE(names.size(), 16);
}

TEST(ChecksTest, OnlyOneCheckIsForADomain) {
  std::set<DomainCase> domains;
  for (const Check& check : Checks()) {
    for (const DomainCase domain : check.domains) EXPECT_TRUE(domains.insert(domain).second);
  }
}

TEST(ValidateTest, NewFeaturesAreReportedOnceForAStruct) {
  const auto statistics = Dataset(
      "features { path { step: 's' } type: STRUCT struct_stats {} }"
      "features { path { step: 's' step: 'a' } num_stats {} }");
  const auto anomalies = Validate(statistics, Schema(), {.with_edits = true});
  ASSERT_TRUE(anomalies.ok());
  ASSERT_EQ(AnomalyRows(*anomalies).size(), 1);
  EXPECT_EQ(AnomalyRows(*anomalies)[0].feature, "s");
  EXPECT_THAT(EditText(anomalies->anomaly_info().at("s"), ""), HasSubstr("+       name: \"a\""));
}

TEST(ValidateTest, SeveritiesCanBeLoweredAndSilenced) {
  const auto schema = Parse<Schema>("feature { name: 'f' type: INT int_domain { max: 1 } }");
  const auto statistics = Dataset(Ints(0, 9));
  const auto warned = Validate(
      statistics, schema, {.severities = {{AnomalyInfo::INT_TYPE_BIG_INT, AnomalyInfo::WARNING}}});
  EXPECT_EQ(GreatestSeverity(*warned), AnomalyInfo::WARNING);
  const auto silent = Validate(
      statistics, schema, {.severities = {{AnomalyInfo::INT_TYPE_BIG_INT, AnomalyInfo::UNKNOWN}}});
  EXPECT_FALSE(HasAnomalies(*silent));
}

TEST(ValidateTest, NoExamplesMeansNoAnomalies) {
  const auto anomalies =
      Validate(DatasetFeatureStatistics(), Parse<Schema>("feature { name: 'f' type: INT }"));
  EXPECT_TRUE(anomalies->data_missing());
  EXPECT_FALSE(HasAnomalies(*anomalies));
}

TEST(ValidateTest, EnvironmentsSayWhatIsExpected) {
  const auto schema = Parse<Schema>(
      "default_environment: 'TRAINING' default_environment: 'SERVING' "
      "feature { name: 'f' type: INT presence { min_count: 1 } not_in_environment: 'SERVING' }");
  EXPECT_FALSE(HasAnomalies(*Validate(Dataset(""), schema, {.environment = "SERVING"})));
  EXPECT_TRUE(HasAnomalies(*Validate(Dataset(""), schema, {.environment = "TRAINING"})));
  const auto surplus = Validate(Dataset(Ints(0, 1)), schema, {.environment = "SERVING"});
  EXPECT_THAT(AnomalyTable(*surplus), HasSubstr("environment SERVING"));
}

TEST(ValidateTest, DriftIsMeasuredAndJudged) {
  const auto schema = Parse<Schema>(
      "feature { name: 'f' type: BYTES drift_comparator { infinity_norm { threshold: 0.2 } "
      "jensen_shannon_divergence { threshold: 0.9 } } }");
  const auto now = Dataset(Strings({{"a", 5}, {"b", 5}}));
  const auto before = Dataset(Strings({{"a", 9}, {"b", 1}}));
  const auto drifted = Validate(now, schema, {.previous_span = &before});
  EXPECT_THAT(AnomalyTable(*drifted), HasSubstr("L-infinity distance of at most 0.2"));
  ASSERT_EQ(drifted->drift_skew_info(0).drift_measurements_size(), 2);
  EXPECT_NEAR(drifted->drift_skew_info(0).drift_measurements(0).value(), 0.4, 1e-9);
  EXPECT_FALSE(HasAnomalies(*Validate(now, schema, {.previous_span = &now})));
  EXPECT_FALSE(HasAnomalies(*Validate(now, schema)));
  const auto empty = Parse<DatasetFeatureStatistics>("num_examples: 1");
  EXPECT_THAT(AnomalyTable(*Validate(now, schema, {.previous_span = &empty})),
              HasSubstr("COMPARATOR_CONTROL_DATA_MISSING"));
}

TEST(ValidateTest, DatasetsHaveConstraintsOfTheirOwn) {
  const auto schema = Parse<Schema>(
      "dataset_constraints { min_examples_count: 11 num_examples_drift_comparator { "
      "max_fraction_threshold: 2 } }");
  const auto before = Parse<DatasetFeatureStatistics>("num_examples: 4");
  const auto anomalies = Validate(Dataset(""), schema, {.previous_span = &before});
  const std::string table = AnomalyTable(*anomalies);
  EXPECT_THAT(table, HasSubstr("at least 11 examples; there are 10"));
  EXPECT_THAT(table, HasSubstr("2.5 times as many"));
}

TEST(ValidateTest, StatisticsThatMakeNoSenseAreErrors) {
  const auto plain = Parse<Schema>("feature { name: 'f' type: INT }");
  const auto composite = Dataset(
      "features { path { step: 'f' } custom_stats { name: 'missing_value' num: 1 } }");
  EXPECT_THAT(std::string(Message(Validate(composite, plain).status())), HasSubstr("'f' has no"));
  EXPECT_THAT(std::string(Message(Validate(composite, Schema()).status())),
              HasSubstr("not in the schema"));
}

TEST(ValidateTest, SilencingTakesFindingsOut) {
  auto anomalies = *Validate(
      Dataset(Ints(0, 9)),
      Parse<Schema>("feature { name: 'f' type: INT int_domain { max: 1 } "
                    "value_count { max: 1 } }"));
  ASSERT_EQ(AnomalyRows(anomalies).size(), 2);
  RemoveFindings({AnomalyInfo::INT_TYPE_BIG_INT}, &anomalies);
  ASSERT_EQ(AnomalyRows(anomalies).size(), 1);
  RemoveFindings({AnomalyInfo::FEATURE_TYPE_HIGH_NUMBER_VALUES}, &anomalies);
  EXPECT_FALSE(HasAnomalies(anomalies));
}

}  // namespace
}  // namespace bessemer::validation
