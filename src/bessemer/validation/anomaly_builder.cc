#include "bessemer/validation/anomaly_builder.h"

#include <algorithm>

#include "bessemer/schema/text_diff.h"

namespace bessemer::validation {

using ::tensorflow::metadata::v0::AnomalyInfo;

namespace {

bool IsNewColumn(const AnomalyInfo::Reason& reason) {
  return reason.type() == AnomalyInfo::SCHEMA_NEW_COLUMN;
}

}  // namespace

Severity Greater(Severity a, Severity b) {
  static_assert(AnomalyInfo::UNKNOWN < AnomalyInfo::WARNING &&
                AnomalyInfo::WARNING < AnomalyInfo::ERROR);
  return std::max(a, b);
}

void Summarise(AnomalyInfo* anomaly) {
  const auto& reasons = anomaly->reason();
  anomaly->clear_description();
  anomaly->clear_short_description();
  if (reasons.empty()) return;
  if (reasons.size() == 1 || std::all_of(reasons.begin(), reasons.end(), IsNewColumn)) {
    anomaly->set_description(reasons[0].description());
    anomaly->set_short_description(reasons[0].short_description());
    return;
  }
  std::string text;
  for (const auto& reason : reasons) {
    if (!text.empty()) text += ' ';
    text += reason.description();
  }
  anomaly->set_description(text);
  anomaly->set_short_description("Multiple errors");
}

void AddFindings(const std::vector<Finding>& findings, const Severities& severities,
                 AnomalyInfo* anomaly) {
  Severity severity = anomaly->severity();
  for (const Finding& finding : findings) {
    AnomalyInfo::Reason* reason = anomaly->add_reason();
    reason->set_type(finding.type);
    reason->set_short_description(finding.title);
    reason->set_description(finding.text);
    severity = Greater(severity, SeverityOf(finding.type, severities));
  }
  anomaly->set_severity(severity);
  auto* reasons = anomaly->mutable_reason();
  if (reasons->size() > 1 && std::all_of(reasons->begin(), reasons->end(), IsNewColumn)) {
    reasons->DeleteSubrange(1, reasons->size() - 1);
  }
  Summarise(anomaly);
}

void SetEdit(std::string_view before, std::string_view after, AnomalyInfo* anomaly) {
  anomaly->clear_diff_regions();
  for (const schema::DiffRun& run : schema::DiffLines(before, after)) {
    auto* region = anomaly->add_diff_regions();
    if (!run.both.empty()) {
      auto* unchanged = region->mutable_unchanged();
      unchanged->set_left_start(run.left_start);
      unchanged->set_right_start(run.right_start);
      for (const std::string& line : run.both) unchanged->add_contents(line);
    } else if (run.left.empty()) {
      region->mutable_added()->set_start(run.right_start);
      for (const std::string& line : run.right) region->mutable_added()->add_contents(line);
    } else if (run.right.empty()) {
      region->mutable_removed()->set_start(run.left_start);
      for (const std::string& line : run.left) region->mutable_removed()->add_contents(line);
    } else {
      auto* changed = region->mutable_changed();
      changed->set_left_start(run.left_start);
      changed->set_right_start(run.right_start);
      for (const std::string& line : run.left) changed->add_left_contents(line);
      for (const std::string& line : run.right) changed->add_right_contents(line);
    }
  }
}

}  // namespace bessemer::validation
