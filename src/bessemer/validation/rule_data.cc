#include <algorithm>

#include "bessemer/validation/rule_syntax.h"
#include "bessemer/validation/rules.h"

namespace bessemer::validation {

using ::tensorflow::metadata::v0::AnomalyInfo;

namespace {

void AddOtherData(const RuleSyntax& node, std::set<std::string>* names) {
  for (const char* other : kOtherData) {
    if (node.kind == RuleSyntax::Kind::kCall && node.text == other && node.args.size() == 1) {
      names->insert(other);
    }
  }
  for (const auto& arg : node.args) {
    if (arg != nullptr) AddOtherData(*arg, names);
  }
  for (const auto& [name, arg] : node.keywords) {
    if (arg != nullptr) AddOtherData(*arg, names);
  }
}

}  // namespace

const ::tensorflow::metadata::v0::DatasetFeatureStatistics* RuleData::Other(
    std::string_view name) const {
  return name == "serving" ? serving : name == "previous" ? previous_span : previous_version;
}

std::set<std::string> OtherDataOf(const Rule& rule) {
  std::set<std::string> names;
  const auto syntax = ParseRule(rule.statistics);
  if (!rule.statistics.empty() && syntax.ok()) AddOtherData(**syntax, &names);
  return names;
}

std::vector<Rule> RulesWithoutData(const std::vector<Rule>& rules, const RuleData& data) {
  std::vector<Rule> without;
  for (const Rule& rule : rules) {
    if (rule.severity == AnomalyInfo::UNKNOWN || !rule.IsFor(data.environment)) continue;
    const std::set<std::string> others = OtherDataOf(rule);
    const bool lacks_data = std::any_of(others.begin(), others.end(), [&](const auto& name) {
      return data.Other(name) == nullptr;
    });
    if (lacks_data) without.push_back(rule);
  }
  return without;
}

}  // namespace bessemer::validation
