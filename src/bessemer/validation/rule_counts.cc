#include "bessemer/validation/rule_counts.h"

#include "bessemer/statistics/row_conditions/row_counts.h"
#include "bessemer/validation/row_rule.h"

namespace bessemer::validation {

using statistics::row_conditions::FindRowCounts;
using ::tensorflow::metadata::v0::Anomalies;
using ::tensorflow::metadata::v0::AnomalyInfo;
using ::tensorflow::metadata::v0::DatasetFeatureStatistics;
using ::tensorflow::metadata::v0::DatasetFeatureStatisticsList;

namespace {

bool IsJudged(const Rule& rule, const schema::Environment& environment) {
  return !rule.row.empty() && rule.IsFor(environment) && rule.severity != AnomalyInfo::UNKNOWN;
}

void Judge(const std::vector<Rule>& rules, const DatasetFeatureStatistics& dataset,
           std::string_view slice, const schema::Environment& environment, Anomalies* anomalies) {
  for (const Rule& rule : rules) {
    if (!IsJudged(rule, environment)) continue;
    const auto counts = FindRowCounts(dataset, rule.row);
    if (counts) ReportRowRule(rule, counts->broken, counts->num_rows(), anomalies, slice);
  }
}

}  // namespace

StatusOr<std::vector<statistics::RowConditionSpec>> RowConditionsOf(
    const std::vector<Rule>& rules) {
  std::vector<statistics::RowConditionSpec> conditions;
  for (const Rule& rule : rules) {
    if (rule.row.empty()) continue;
    BESSEMER_ASSIGN_OR_RETURN(const RowRule compiled, RowRule::Compile(rule));
    conditions.push_back({rule.row, compiled.expression()});
  }
  return conditions;
}

std::vector<Rule> RulesWithoutCounts(const std::vector<Rule>& rules,
                                     const DatasetFeatureStatistics& statistics,
                                     const schema::Environment& environment) {
  std::vector<Rule> without;
  for (const Rule& rule : rules) {
    if (IsJudged(rule, environment) && !FindRowCounts(statistics, rule.row)) {
      without.push_back(rule);
    }
  }
  return without;
}

std::string NamesOfRules(const std::vector<Rule>& rules) {
  constexpr size_t kMost = 5;
  std::string names;
  for (size_t i = 0; i < rules.size() && i < kMost; ++i) {
    names += fmt::format("{}'{}'", i == 0 ? "" : ", ", rules[i].name);
  }
  return rules.size() > kMost ? fmt::format("{} and {} more", names, rules.size() - kMost) : names;
}

void JudgeRowCounts(const std::vector<Rule>& rules, const DatasetFeatureStatisticsList& statistics,
                    const schema::Environment& environment, Anomalies* anomalies) {
  const auto whole = schema::DefaultDataset(statistics);
  if (whole.ok()) Judge(rules, **whole, "", environment, anomalies);
}

void JudgeRowCountsOfSlices(const std::vector<Rule>& rules,
                            const DatasetFeatureStatisticsList& statistics,
                            const schema::Environment& environment, Anomalies* anomalies) {
  const auto whole = schema::DefaultDataset(statistics);
  if (!whole.ok()) return;
  for (const DatasetFeatureStatistics& dataset : statistics.datasets()) {
    if (&dataset != *whole) Judge(rules, dataset, dataset.name(), environment, anomalies);
  }
}

}  // namespace bessemer::validation
