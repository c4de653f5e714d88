#include "bessemer/validation/rules.h"

#include <algorithm>
#include <set>

#include "bessemer/base/json_text.h"
#include "bessemer/base/nearest_name.h"
#include "bessemer/io/file.h"
#include "bessemer/io/optional_file.h"
#include "bessemer/validation/rule_syntax.h"

namespace bessemer::validation {

using ::tensorflow::metadata::v0::AnomalyInfo;
using ::tensorflow::metadata::v0::Schema;

namespace {

constexpr std::string_view kMarker = "rule: ";

StatusOr<double> Fraction(const ConfigNode& node) {
  const Json value = node.ToJson();
  if (!value.is_number() || value.get<double>() < 0 || value.get<double>() > 1) {
    return node.Error("max_fraction is a number from 0 to 1");
  }
  return value.get<double>();
}

StatusOr<Rule> ParseOne(const ConfigNode& node) {
  if (!node.is_map()) return node.Error("a rule is a map with name, and row or statistics");
  BESSEMER_RETURN_IF_ERROR(node.CheckKeys(
      {"name", "row", "statistics", "description", "severity", "environment", "max_fraction"}));
  Rule rule;
  for (const auto& [key, value] : node.fields()) {
    if (key == "environment" && value.is_sequence()) {
      for (const ConfigNode& item : value.items()) rule.environments.push_back(item.scalar());
      continue;
    }
    if (!value.is_scalar()) return value.Error(fmt::format("{} must be a text", key));
    if (key == "name") rule.name = value.scalar();
    if (key == "row") rule.row = value.scalar();
    if (key == "statistics") rule.statistics = value.scalar();
    if (key == "description") rule.description = value.scalar();
    if (key == "environment") rule.environments = {value.scalar()};
    if (key == "severity") {
      const auto severity = ParseSeverity(value.scalar());
      if (!severity.ok()) return value.Error(Message(severity.status()));
      rule.severity = *severity;
    }
    if (key == "max_fraction") {
      BESSEMER_ASSIGN_OR_RETURN(rule.max_fraction, Fraction(value));
    }
  }
  if (rule.name.empty()) return node.Error("the rule has no name");
  if (rule.row.empty() == rule.statistics.empty()) {
    return node.Error(fmt::format("rule '{}': give either row or statistics", rule.name));
  }
  const auto syntax = ParseRule(rule.expression());
  if (!syntax.ok()) {
    return node.Error(fmt::format("rule '{}': {}", rule.name, Message(syntax.status())));
  }
  return rule;
}

Json ToJson(const Rule& rule) {
  Json json = {{"name", rule.name}, {rule.row.empty() ? "statistics" : "row", rule.expression()}};
  if (!rule.description.empty()) json["description"] = rule.description;
  if (rule.severity != AnomalyInfo::ERROR) {
    json["severity"] = AnomalyInfo::Severity_Name(rule.severity);
  }
  if (!rule.environments.empty()) json["environment"] = rule.environments;
  if (rule.max_fraction > 0) json["max_fraction"] = rule.max_fraction;
  return json;
}

// A rule takes the place of an earlier one of its name.
void AddRules(std::vector<Rule> added, std::vector<Rule>* rules) {
  for (Rule& rule : added) {
    const auto same = std::find_if(rules->begin(), rules->end(),
                                   [&](const Rule& known) { return known.name == rule.name; });
    if (same != rules->end()) {
      *same = std::move(rule);
    } else {
      rules->push_back(std::move(rule));
    }
  }
}

}  // namespace

bool Rule::IsFor(const schema::Environment& environment) const {
  return !environment.has_value() || environments.empty() ||
         std::find(environments.begin(), environments.end(), *environment) != environments.end();
}

StatusOr<RuleSet> ParseRules(const ConfigNode& node) {
  RuleSet set;
  if (node.is_null()) return set;
  if (!node.is_map()) return node.Error("expected the keys 'rules' and 'severities'");
  BESSEMER_RETURN_IF_ERROR(node.CheckKeys({"rules", "severities"}));
  if (const ConfigNode* rules = node.Find("rules")) {
    if (!rules->is_sequence()) return rules->Error("'rules' is a list of rules");
    std::set<std::string> names;
    for (const ConfigNode& item : rules->items()) {
      BESSEMER_ASSIGN_OR_RETURN(Rule rule, ParseOne(item));
      if (!names.insert(rule.name).second) {
        return item.Error(fmt::format("there are two rules named '{}'", rule.name));
      }
      set.rules.push_back(std::move(rule));
    }
  }
  if (const ConfigNode* severities = node.Find("severities")) {
    if (!severities->is_map()) return severities->Error("'severities' is a map");
    for (const auto& [key, value] : severities->fields()) {
      const Status status = set.severities.Add(key, value.scalar());
      if (!status.ok()) return value.Error(Message(status));
    }
  }
  return set;
}

StatusOr<RuleSet> ReadRules(const std::string& path) {
  BESSEMER_ASSIGN_OR_RETURN(const ConfigNode node, ConfigNode::ReadFile(path));
  return ParseRules(node);
}

StatusOr<std::vector<Rule>> RulesOfSchema(const Schema& schema) {
  std::vector<Rule> rules;
  for (const std::string& comment : schema.annotation().comment()) {
    if (!comment.starts_with(kMarker)) continue;
    BESSEMER_ASSIGN_OR_RETURN(
        const ConfigNode node,
        ConfigNode::Parse(std::string_view(comment).substr(kMarker.size()), "schema annotation"));
    BESSEMER_ASSIGN_OR_RETURN(Rule rule, ParseOne(node));
    rules.push_back(std::move(rule));
  }
  return rules;
}

void SetRulesOfSchema(const std::vector<Rule>& rules, Schema* schema) {
  auto* comments = schema->mutable_annotation()->mutable_comment();
  comments->erase(std::remove_if(comments->begin(), comments->end(),
                                 [](const std::string& c) { return c.starts_with(kMarker); }),
                  comments->end());
  for (const Rule& rule : rules) {
    *comments->Add() = fmt::format("{}{}", kMarker, JsonText(ToJson(rule)));
  }
  if (schema->annotation().ByteSizeLong() == 0) schema->clear_annotation();
}

namespace {

using Features = google::protobuf::RepeatedPtrField<::tensorflow::metadata::v0::Feature>;

void AddNames(const std::string& prefix, const Features& features,
              std::vector<std::string>* names) {
  for (const auto& feature : features) {
    names->push_back(prefix + feature.name());
    AddNames(names->back() + ".", feature.struct_domain().feature(), names);
  }
}

// A rule over rows that names what no row has would hold in all of them.
Status CheckNames(const std::vector<Rule>& rules, const Schema& schema) {
  if (schema.feature().empty()) return OkStatus();
  std::vector<std::string> known;
  AddNames("", schema.feature(), &known);
  for (const Rule& rule : rules) {
    if (rule.row.empty()) continue;
    const auto syntax = ParseRule(rule.row);
    if (!syntax.ok()) return WithContext(syntax.status(), fmt::format("rule '{}'", rule.name));
    for (const std::string& name : NamesOf(**syntax)) {
      if (std::find(known.begin(), known.end(), name) != known.end()) continue;
      return InvalidArgumentError("rule '{}': the schema has no feature '{}'{}", rule.name, name,
                                  SuggestName(name, known));
    }
  }
  return OkStatus();
}

}  // namespace

StatusOr<RuleSet> CollectRules(const Schema& schema, const std::string& schema_path,
                               const std::string& rules_path) {
  RuleSet all;
  BESSEMER_ASSIGN_OR_RETURN(std::vector<Rule> own, RulesOfSchema(schema));
  AddRules(std::move(own), &all.rules);
  std::vector<std::string> files;
  if (!schema_path.empty()) {
    BESSEMER_ASSIGN_OR_RETURN(const bool is_folder, io::IsDirectory(schema_path));
    const std::string folder = is_folder ? schema_path : io::DirName(schema_path);
    const std::string beside = io::JoinPath(folder.empty() ? "." : folder, kRulesFile);
    BESSEMER_ASSIGN_OR_RETURN(const bool has_rules, io::OptionalFileExists(beside));
    if (has_rules) files.push_back(beside);
  }
  if (!rules_path.empty()) files.push_back(rules_path);
  for (const std::string& file : files) {
    BESSEMER_ASSIGN_OR_RETURN(RuleSet set, ReadRules(file));
    AddRules(std::move(set.rules), &all.rules);
    all.severities.Merge(set.severities);
  }
  BESSEMER_RETURN_IF_ERROR(CheckNames(all.rules, schema));
  return all;
}

}  // namespace bessemer::validation
