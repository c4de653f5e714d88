#include "bessemer/validation/schema_edits.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include "bessemer/schema/text_errors.h"
#include "bessemer/validation/compare_datasets.h"
#include "bessemer/validation/update.h"
#include "bessemer/validation/validate.h"
#include "tfx/proto/distribution_validator.pb.h"

namespace bessemer::validation {
namespace {

using ::google::protobuf::util::MessageDifferencer;
using ::tensorflow::metadata::v0::Anomalies;
using ::tensorflow::metadata::v0::AnomalyInfo;
using ::tensorflow::metadata::v0::DatasetFeatureStatistics;
using ::tensorflow::metadata::v0::DatasetFeatureStatisticsList;
using ::tensorflow::metadata::v0::Schema;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

template <typename Proto>
Proto FromText(std::string_view text) {
  Proto proto;
  const Status status = schema::ParseTextQuietly(text, &proto);
  EXPECT_TRUE(status.ok()) << status;
  return proto;
}

const char* const kSchema = R"(
  feature { name: "n" type: INT int_domain { max: 5 } presence { min_count: 1 } }
  feature { name: "t" type: BYTES domain: "t" }
  feature { name: "gone" type: INT presence { min_count: 1 } }
  feature { name: "st" type: STRUCT value_count { min: 1 max: 1 }
            struct_domain { feature { name: "c" type: INT int_domain { max: 1 } } } }
  string_domain { name: "t" value: "x" }
  dataset_constraints { min_examples_count: 100 })";

const char* const kStatistics = R"(
  num_examples: 10
  features { path { step: "n" } num_stats { max: 9
             common_stats { num_non_missing: 10 min_num_values: 1 max_num_values: 1 } } }
  features { path { step: "t" } type: STRING string_stats {
             common_stats { num_non_missing: 10 min_num_values: 1 max_num_values: 1 }
             rank_histogram { buckets { label: "y" sample_count: 10 } } } }
  features { path { step: "new" } type: STRING string_stats { unique: 1
             common_stats { num_non_missing: 10 min_num_values: 1 max_num_values: 1 }
             rank_histogram { buckets { label: "z" sample_count: 10 } } } }
  features { path { step: "st" } type: STRUCT struct_stats {
             common_stats { num_non_missing: 10 min_num_values: 1 max_num_values: 2 } } }
  features { path { step: "st" step: "c" } num_stats { max: 7
             common_stats { num_non_missing: 10 min_num_values: 1 max_num_values: 1 } } })";

class SchemaEditsTest : public ::testing::Test {
 protected:
  SchemaEditsTest()
      : schema_(FromText<Schema>(kSchema)),
        statistics_(FromText<DatasetFeatureStatistics>(kStatistics)) {}

  Anomalies Found(const Schema& schema) {
    const auto anomalies = Validate(statistics_, schema, {.with_edits = true});
    EXPECT_TRUE(anomalies.ok()) << anomalies.status();
    return *anomalies;
  }

  Schema schema_;
  DatasetFeatureStatistics statistics_;
};

TEST_F(SchemaEditsTest, AllEditsMakeTheSchemaAcceptTheData) {
  const auto edited = ApplyEdits(schema_, Found(schema_));
  ASSERT_TRUE(edited.ok()) << edited.status();
  EXPECT_THAT(edited->applied, UnorderedElementsAre("(dataset)", "gone", "n", "new", "st", "st.c",
                                                    "t"));
  const Anomalies left = Found(edited->schema);
  EXPECT_FALSE(HasAnomalies(left)) << left.DebugString();
  Schema updated = *UpdateSchema(schema_, statistics_);
  *updated.mutable_dataset_constraints() = edited->schema.dataset_constraints();
  // New features come last either way; the domain inferred for one may be longer here.
  EXPECT_TRUE(MessageDifferencer::Equals(updated, edited->schema)) << edited->schema.DebugString();
}

TEST_F(SchemaEditsTest, OnlyChosenOnesAreMade) {
  const Anomalies anomalies = Found(schema_);
  auto edited = ApplyEdits(schema_, anomalies, {.features = {"n", "st.c"}});
  ASSERT_TRUE(edited.ok()) << edited.status();
  EXPECT_THAT(edited->applied, ElementsAre("n", "st.c"));
  EXPECT_EQ(edited->schema.feature(0).int_domain().max(), 9);
  EXPECT_EQ(edited->schema.feature(3).struct_domain().feature(0).int_domain().max(), 7);
  EXPECT_EQ(edited->schema.feature(3).value_count().max(), 1);
  EXPECT_EQ(edited->schema.string_domain(0).value_size(), 1);
  edited = ApplyEdits(schema_, anomalies, {.types = {AnomalyInfo::SCHEMA_NEW_COLUMN}});
  ASSERT_TRUE(edited.ok()) << edited.status();
  EXPECT_THAT(edited->applied, ElementsAre("new"));
  EXPECT_THAT(edited->skipped, ::testing::Contains(HasSubstr("n: has reasons of other types")));
  EXPECT_THAT(
      std::string(Message(ApplyEdits(schema_, anomalies, {.features = {"neww"}}).status())),
      HasSubstr("no anomaly of 'neww'; did you mean 'new'?"));
  EXPECT_THAT(std::string(Message(ApplyEdits(Schema(), anomalies).status())),
              HasSubstr("the edit is not usable"));
}

Anomalies Compare(const char* config, const char* current, const char* baseline,
                  bool numeric = false) {
  using Config = ::tfx::components::distribution_validator::DistributionValidatorConfig;
  const auto result = CompareDatasets(FromText<DatasetFeatureStatistics>(current),
                                      FromText<DatasetFeatureStatistics>(baseline),
                                      FromText<Config>(config), numeric);
  EXPECT_TRUE(result.ok()) << result.status();
  return *result;
}

constexpr const char* kText = R"(num_examples: 10 features { path { step: "t" } type: STRING
  string_stats { common_stats { num_non_missing: 10 }
  rank_histogram { buckets { label: "x" sample_count: 10 } } } })";
constexpr const char* kOtherText = R"(num_examples: 100 features { path { step: "t" } type: STRING
  string_stats { common_stats { num_non_missing: 10 }
  rank_histogram { buckets { label: "y" sample_count: 10 } } } })";

TEST(CompareDatasetsTest, ReportsComparisonsOnly) {
  const Anomalies anomalies = Compare(
      "default_slice_config { feature { path { step: 't' } distribution_comparator { "
      "normalized_abs_difference { threshold: 0.1 } } } "
      "num_examples_comparator { min_fraction_threshold: 0.5 } }",
      kText, kOtherText);
  ASSERT_EQ(anomalies.anomaly_info_size(), 1);
  EXPECT_EQ(anomalies.anomaly_info().at("t").reason_size(), 1);
  EXPECT_EQ(anomalies.anomaly_info().at("t").reason(0).type(),
            AnomalyInfo::COMPARATOR_NORMALIZED_ABSOLUTE_DIFFERENCE_HIGH);
  EXPECT_EQ(anomalies.dataset_anomaly_info().reason(0).type(),
            AnomalyInfo::COMPARATOR_LOW_NUM_EXAMPLES);
  EXPECT_FALSE(HasAnomalies(
      Compare("default_slice_config { feature { path { step: 't' } "
              "distribution_comparator { infinity_norm { threshold: 1 } } } }",
              kText, kOtherText)));
}

TEST(CompareDatasetsTest, SaysWhatCouldNotBeCompared) {
  const char* config =
      "default_slice_config { feature { path { step: 'q' } distribution_comparator { "
      "infinity_norm { threshold: 0.1 } } } num_examples_comparator {} }";
  const Anomalies anomalies = Compare(config, kText, kOtherText);
  EXPECT_EQ(anomalies.anomaly_info().at("q").reason(0).type(), AnomalyInfo::STATS_NOT_AVAILABLE);
  EXPECT_THAT(anomalies.anomaly_info().at("q").description(),
              HasSubstr("neither the statistics"));
  const Anomalies empty = Compare(config, "num_examples: 0", kOtherText);
  EXPECT_THAT(empty.anomaly_info().at("q").description(), HasSubstr("there are no examples"));
  EXPECT_TRUE(empty.has_dataset_anomaly_info());
  EXPECT_FALSE(empty.data_missing());
}

TEST(CompareDatasetsTest, NumbersWhereAskedFor) {
  const char* config =
      "default_slice_config { feature { path { step: 'n' } distribution_comparator { "
      "infinity_norm { threshold: 0.1 } } } }";
  const auto numbers = [](double low) {
    return fmt::format("num_examples: 10 features {{ path {{ step: 'n' }} type: FLOAT num_stats {{ "
                       "common_stats {{ num_non_missing: 10 }} histograms {{ type: QUANTILES "
                       "buckets {{ low_value: {} high_value: 2 sample_count: 10 }} }} }} }}",
                       low);
  };
  EXPECT_FALSE(HasAnomalies(Compare(config, numbers(0).c_str(), numbers(1).c_str())));
  const Anomalies anomalies = Compare(config, numbers(0).c_str(), numbers(1).c_str(), true);
  ASSERT_EQ(anomalies.drift_skew_info_size(), 1);
  EXPECT_DOUBLE_EQ(anomalies.drift_skew_info(0).drift_measurements(0).value(), 0.5);
  EXPECT_TRUE(HasAnomalies(anomalies));
}

TEST(ValidateSlicesTest, JudgesEachSlice) {
  DatasetFeatureStatisticsList list;
  *list.add_datasets() = FromText<DatasetFeatureStatistics>(kText);
  list.mutable_datasets(0)->set_name("All Examples");
  *list.add_datasets() = FromText<DatasetFeatureStatistics>(kOtherText);
  list.mutable_datasets(1)->set_name("c_1");
  const auto schema = FromText<Schema>(
      "feature { name: 't' type: BYTES domain: 't' } string_domain { name: 't' value: 'x' }");
  const auto anomalies = ValidateSlices(list, schema, {});
  ASSERT_TRUE(anomalies.ok()) << anomalies.status();
  ASSERT_EQ(anomalies->anomaly_info_size(), 1);
  const auto& [key, anomaly] = *anomalies->anomaly_info().begin();
  EXPECT_EQ(anomaly.path().step(0), "slice(c_1)::t");
  EXPECT_EQ(anomaly.reason(0).type(), AnomalyInfo::ENUM_TYPE_UNEXPECTED_STRING_VALUES);
  EXPECT_THAT(key, HasSubstr("slice(c_1)::t"));
  list.mutable_datasets(0)->set_name("other");
  EXPECT_THAT(std::string(Message(ValidateSlices(list, schema, {}).status())), HasSubstr("other"));
}

}  // namespace
}  // namespace bessemer::validation
