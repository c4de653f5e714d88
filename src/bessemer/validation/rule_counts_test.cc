#include "bessemer/validation/rule_counts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "bessemer/statistics/generate.h"
#include "bessemer/statistics/inputs.h"
#include "bessemer/validation/row_scan.h"
#include "bessemer/validation/validate.h"
#include "tensorflow_metadata/proto/v0/anomalies.pb.h"
#include "tensorflow_metadata/proto/v0/schema.pb.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::validation {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::tensorflow::metadata::v0::Anomalies;
using ::tensorflow::metadata::v0::AnomalyInfo;
using ::tensorflow::metadata::v0::DatasetFeatureStatisticsList;
using ::tensorflow::metadata::v0::Schema;

// Two files, so that shards are merged.
std::vector<std::string> WriteTrips() {
  std::vector<std::string> paths;
  for (int file = 0; file < 2; ++file) {
    paths.push_back(fmt::format("{}/trips_{}.csv", ::testing::TempDir(), file));
    std::ofstream out(paths.back());
    out << "start,end,fare,kind\n";
    for (int i = 0; i < 500; ++i) {
      const int row = 500 * file + i;
      out << row << ',' << (row % 10 == 0 ? row - 1 : row + 5) << ','
          << (row % 7 == 0 ? "" : fmt::format("{}.1", row % 50)) << ','
          << (row % 2 == 0 ? "day" : "night") << '\n';
    }
  }
  return paths;
}

std::vector<Rule> Rules() {
  std::vector<Rule> rules(6);
  rules[0] = {.name = "order", .row = "end >= start"};
  rules[1] = {.name = "cheap", .row = "fare <= 40.1 OR kind = 'night'"};
  rules[2] = {.name = "mostly", .row = "end >= start", .max_fraction = 0.2};
  rules[3] = {.name = "fine", .row = "start >= 0"};
  rules[4] = {.name = "serving only", .row = "start < 0", .environments = {"SERVING"}};
  rules[5] = {.name = "of the whole", .row = "", .statistics = "mean(fare) < 1"};
  rules[1].severity = AnomalyInfo::WARNING;
  rules[1].description = "by day";
  return rules;
}

DatasetFeatureStatisticsList StatisticsWith(const std::vector<Rule>& rules,
                                            const std::vector<std::string>& paths,
                                            int num_threads, const char* slice = nullptr) {
  statistics::StatisticsOptions options;
  const auto conditions = RowConditionsOf(rules);
  EXPECT_TRUE(conditions.ok()) << Message(conditions.status());
  options.row_conditions = *conditions;
  if (slice != nullptr) options.slices.push_back(*statistics::ParseSliceSpec(slice));
  const auto sources = statistics::OpenInputs(paths, options);
  EXPECT_TRUE(sources.ok()) << Message(sources.status());
  const auto state = statistics::GenerateStatistics(*sources, options, num_threads);
  EXPECT_TRUE(state.ok()) << Message(state.status());
  return state->Finish();
}

std::string OnlyRules(const Anomalies& anomalies) {
  Anomalies kept = anomalies;
  KeepFindings({AnomalyInfo::CUSTOM_VALIDATION}, &kept);
  kept.clear_baseline();
  std::string text;
  std::map<std::string, std::string> sorted;
  for (const auto& [path, info] : kept.anomaly_info()) sorted[path] = info.DebugString();
  for (const auto& [path, info] : sorted) text += path + "\n" + info;
  return text + kept.dataset_anomaly_info().DebugString();
}

TEST(RuleCounts, GiveTheAnomaliesThatReadingTheRowsGives) {
  const std::vector<std::string> paths = WriteTrips();
  const std::vector<Rule> rules = Rules();
  for (const schema::Environment& environment :
       {schema::Environment(), schema::Environment("TRAINING"), schema::Environment("SERVING")}) {
    const auto validator =
        RowValidator::Create(Schema(), {.environment = environment, .rules = rules});
    ASSERT_TRUE(validator.ok()) << Message(validator.status());
    auto scanned = ScanRows(paths, **validator, {});
    ASSERT_TRUE(scanned.ok()) << Message(scanned.status());
    // Without what the schema asks, which has none of the features.
    std::erase_if(scanned->counts, [](const auto& c) { return std::get<2>(c.first).empty(); });
    const std::string expected = OnlyRules(AnomaliesOf(*scanned, rules));
    EXPECT_THAT(expected, HasSubstr("100 of 1000 rows break it"));
    for (const int threads : {1, 2, 5}) {
      const DatasetFeatureStatisticsList statistics = StatisticsWith(rules, paths, threads);
      EXPECT_THAT(RulesWithoutCounts(rules, statistics.datasets(0), environment), IsEmpty());
      Anomalies anomalies;
      JudgeRowCounts(rules, statistics, environment, &anomalies);
      EXPECT_EQ(OnlyRules(anomalies), expected) << threads;
    }
  }
}

TEST(RuleCounts, OfAChangedRuleAreNotUsed) {
  const std::vector<std::string> paths = WriteTrips();
  const DatasetFeatureStatisticsList statistics = StatisticsWith(Rules(), paths, 2);
  std::vector<Rule> changed = Rules();
  changed[0].row = "end > start";
  const auto without = RulesWithoutCounts(changed, statistics.datasets(0), {});
  ASSERT_THAT(without, SizeIs(1));
  EXPECT_EQ(without[0].name, "order");
  Anomalies anomalies;
  JudgeRowCounts(changed, statistics, {}, &anomalies);
  EXPECT_THAT(OnlyRules(anomalies), Not(HasSubstr("Rule: order")));
  // Its name, severity and the rest may change.
  changed = Rules();
  changed[0].name = "another";
  changed[0].max_fraction = 0.5;
  EXPECT_THAT(RulesWithoutCounts(changed, statistics.datasets(0), {}), IsEmpty());
  changed[0].row = "end > start";
  changed[0].severity = AnomalyInfo::UNKNOWN;
  EXPECT_THAT(RulesWithoutCounts(changed, statistics.datasets(0), {}), IsEmpty());
}

TEST(RuleCounts, NamesAreFew) {
  std::vector<Rule> rules(2);
  rules[0].name = "a";
  rules[1].name = "b c";
  EXPECT_EQ(NamesOfRules(rules), "'a', 'b c'");
  rules.resize(8);
  EXPECT_EQ(NamesOfRules(rules), "'a', 'b c', '', '', '' and 3 more");
}

TEST(RuleCounts, JudgeSlices) {
  const std::vector<Rule> rules = {{.name = "order", .row = "end >= start"}};
  const DatasetFeatureStatisticsList statistics =
      StatisticsWith(rules, WriteTrips(), 2, "kind");
  Anomalies anomalies;
  JudgeRowCountsOfSlices(rules, statistics, {}, &anomalies);
  EXPECT_EQ(anomalies.anomaly_info_size(), 1);
  JudgeRowCounts(rules, statistics, {}, &anomalies);
  ASSERT_EQ(anomalies.anomaly_info_size(), 2);
  EXPECT_THAT(anomalies.anomaly_info().at("end").description(),
              HasSubstr("in every row; 100 of 1000 rows break it"));
  const auto& of_slice = anomalies.anomaly_info().at("'slice(kind_day)::end'");
  EXPECT_THAT(of_slice.description(),
              HasSubstr("in every row of slice kind_day; 100 of 500 rows break it"));
  EXPECT_EQ(of_slice.path().step(0), "slice(kind_day)::end");
}

}  // namespace
}  // namespace bessemer::validation
