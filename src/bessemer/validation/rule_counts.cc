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

void JudgeRowCounts(const std::vector<Rule>& rules, const DatasetFeatureStatisticsList& statistics,
                    const schema::Environment& environment, bool slices, Anomalies* anomalies) {
  const auto whole = schema::DefaultDataset(statistics);
  if (!whole.ok()) return;
  for (const Rule& rule : rules) {
    if (!IsJudged(rule, environment)) continue;
    for (const DatasetFeatureStatistics& dataset : statistics.datasets()) {
      const bool is_slice = &dataset != *whole;
      if (is_slice && !slices) continue;
      const auto counts = FindRowCounts(dataset, rule.row);
      if (!counts) continue;
      ReportRowRule(rule, counts->broken, counts->num_rows(), anomalies,
                    is_slice ? dataset.name() : "");
    }
  }
}

}  // namespace bessemer::validation
