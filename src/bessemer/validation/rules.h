#ifndef BESSEMER_VALIDATION_RULES_H_
#define BESSEMER_VALIDATION_RULES_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "bessemer/base/config.h"
#include "bessemer/base/status.h"
#include "bessemer/validation/validate.h"

// Rules of a team's own, written as SQL-like conditions: over each row, or over statistics.

namespace bessemer::validation {

struct Rule {
  std::string name;
  // Exactly one of the two.
  std::string row;         // of each row: "end_time >= start_time"
  std::string statistics;  // of the data set: "mean(fare) between 5 and 50"
  std::string description = {};
  Severity severity = ::tensorflow::metadata::v0::AnomalyInfo::ERROR;
  std::vector<std::string> environments = {};  // empty: all
  double max_fraction = 0;                     // of rows that may break a row rule

  const std::string& expression() const { return row.empty() ? statistics : row; }
  bool IsFor(const schema::Environment& environment) const;
};

// What a rules file says:
//   rules:
//     - name: ends after it starts
//       row: end_time >= start_time
//       severity: WARNING            # ERROR (default), WARNING, UNKNOWN
//       environment: [TRAINING]      # a name or a list
//       description: clocks differ between devices
//       max_fraction: 0.001
//     - name: fares
//       statistics: mean(fare) between 5 and 50
// severities: {SCHEMA_NEW_COLUMN: WARNING, comment: WARNING, "fare:FLOAT_TYPE_BIG_FLOAT": UNKNOWN}
struct RuleSet {
  std::vector<Rule> rules;
  SeverityOverrides severities;

  bool empty() const { return rules.empty() && severities.empty(); }
};

// INVALID_ARGUMENT "file:line:column: …" for unknown keys, missing or doubled names, a rule without
// an expression or with two, and expressions that do not parse.
StatusOr<RuleSet> ParseRules(const ConfigNode& node);
StatusOr<RuleSet> ReadRules(const std::string& path);

// The name of a rules file that stands beside a schema.
inline constexpr char kRulesFile[] = "rules.yaml";

// Rules travel in the schema as comments of its annotation, one a rule: "rule: {JSON}". Other
// comments stay. Reading gives INVALID_ARGUMENT for such a comment that does not hold a rule.
StatusOr<std::vector<Rule>> RulesOfSchema(const ::tensorflow::metadata::v0::Schema& schema);
void SetRulesOfSchema(const std::vector<Rule>& rules, ::tensorflow::metadata::v0::Schema* schema);

// The rules of the schema itself, then of kRulesFile in its folder, then of `rules_path` (empty:
// none). A rule replaces an earlier one of its name. INVALID_ARGUMENT for a rule over rows that
// names a feature which `schema`, if it has any, lacks.
StatusOr<RuleSet> CollectRules(const ::tensorflow::metadata::v0::Schema& schema,
                               const std::string& schema_path, const std::string& rules_path);

// What rules over statistics are judged by.
struct RuleData {
  const ::tensorflow::metadata::v0::DatasetFeatureStatistics& current;
  const ::tensorflow::metadata::v0::DatasetFeatureStatistics* previous_span = nullptr;
  const ::tensorflow::metadata::v0::DatasetFeatureStatistics* previous_version = nullptr;
  const ::tensorflow::metadata::v0::DatasetFeatureStatistics* serving = nullptr;
  schema::Environment environment = {};
  // Rows that were set aside when the data was read, if that is known.
  std::optional<int64_t> num_bad_rows = {};

  // By one of kOtherData; null: not there.
  const ::tensorflow::metadata::v0::DatasetFeatureStatistics* Other(std::string_view name) const;
};

// The functions by which a rule over statistics looks at other data.
inline constexpr const char* kOtherData[] = {"previous", "previous_version", "serving"};
// Those of them that the rule calls.
std::set<std::string> OtherDataOf(const Rule& rule);
// The rules over statistics that JudgeStatistics passes over since other data is not there, but for
// those that are judged in no case (another environment, severity UNKNOWN).
std::vector<Rule> RulesWithoutData(const std::vector<Rule>& rules, const RuleData& data);

// Judges the rules over statistics; those over rows are passed over. A rule that does not hold is a
// CUSTOM_VALIDATION, at the first feature it names or, if it names none, of the data set; one whose
// statistics are not there a STATS_NOT_AVAILABLE. Rules that look at other data (previous(…),
// serving(…)) are not judged without it. The language is that of ParseRule with the functions of
// StatisticsFunctions().
Status JudgeStatistics(const std::vector<Rule>& rules, const RuleData& data,
                       ::tensorflow::metadata::v0::Anomalies* anomalies);

// Adds one anomaly for a rule over rows that `num_broken` of `num_rows` rows break, at the first
// feature it names; none within its max_fraction. Of the rows of a slice the feature is
// "slice(<name>)::<feature>", as ValidateSlices has it.
void ReportRowRule(const Rule& rule, int64_t num_broken, int64_t num_rows,
                   ::tensorflow::metadata::v0::Anomalies* anomalies, std::string_view slice = {});

// "mean(x)": "the mean of a numeric feature", …: for documentation.
std::vector<std::pair<std::string, std::string>> StatisticsFunctions();

}  // namespace bessemer::validation

#endif  // BESSEMER_VALIDATION_RULES_H_
