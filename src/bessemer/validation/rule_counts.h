#ifndef BESSEMER_VALIDATION_RULE_COUNTS_H_
#define BESSEMER_VALIDATION_RULE_COUNTS_H_

#include <string>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/statistics/options.h"
#include "bessemer/validation/rules.h"

// Rules over rows, counted while statistics are made: whoever judges them then needs no rows.

namespace bessemer::validation {

// What StatisticsOptions::row_conditions must hold for the rules over rows to be counted; those
// over statistics are passed over. INVALID_ARGUMENT as RowRule::Compile.
StatusOr<std::vector<statistics::RowConditionSpec>> RowConditionsOf(const std::vector<Rule>& rules);

// The rules over rows of this environment that are judged at all (severity other than UNKNOWN) and
// whose counts the statistics lack: they were made without the rule, or with another text of it.
std::vector<Rule> RulesWithoutCounts(
    const std::vector<Rule>& rules,
    const ::tensorflow::metadata::v0::DatasetFeatureStatistics& statistics,
    const schema::Environment& environment);

// "'a', 'b' and 3 more": rules by their names, for messages.
std::string NamesOfRules(const std::vector<Rule>& rules);

// Judges the rules over rows that the statistics of all examples count, with the anomalies that
// reading the rows would give (ReportRowRule). Nothing without examples.
void JudgeRowCounts(const std::vector<Rule>& rules,
                    const ::tensorflow::metadata::v0::DatasetFeatureStatisticsList& statistics,
                    const schema::Environment& environment,
                    ::tensorflow::metadata::v0::Anomalies* anomalies);

// The same by the counts of each slice: reading the rows tells nothing of these. Anomalies are at
// the features "slice(<name>)::<feature>".
void JudgeRowCountsOfSlices(
    const std::vector<Rule>& rules,
    const ::tensorflow::metadata::v0::DatasetFeatureStatisticsList& statistics,
    const schema::Environment& environment, ::tensorflow::metadata::v0::Anomalies* anomalies);

}  // namespace bessemer::validation

#endif  // BESSEMER_VALIDATION_RULE_COUNTS_H_
