#include "bessemer/cli/commands/validate/flag_checks.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "bessemer/base/nearest_name.h"
#include "bessemer/schema/path.h"
#include "bessemer/validation/rule_counts.h"
#include "tensorflow_metadata/proto/v0/schema.pb.h"

namespace bessemer::cli::validate {

using ::tensorflow::metadata::v0::AnomalyInfo;
using ::tensorflow::metadata::v0::Feature;
using ::tensorflow::metadata::v0::FeatureComparator;
using ::tensorflow::metadata::v0::Schema;

namespace {

// Calls visit(path, feature) for each feature, those of structs as well.
template <typename Features, typename Visit>
void ForEachFeature(const Features& features, const schema::Path& parent, const Visit& visit) {
  for (const Feature& feature : features) {
    const schema::Path path = parent.Child(feature.name());
    visit(path, feature);
    ForEachFeature(feature.struct_domain().feature(), path, visit);
  }
}

bool Compares(const FeatureComparator& comparator) {
  return comparator.infinity_norm().has_threshold() ||
         comparator.jensen_shannon_divergence().has_threshold() ||
         comparator.normalized_abs_difference().has_threshold();
}

// The flag that gives what a rule's function looks at.
std::string FlagOf(const std::string& other) {
  return other == "previous_version" ? "--previous-version" : "--" + other;
}

}  // namespace

Status CheckSeverities(const Args& args, const Schema& schema,
                       const std::set<std::string>& features) {
  std::set<std::string> known = features;
  ForEachFeature(schema.feature(), schema::Path(), [&](const schema::Path& path, const Feature&) {
    known.insert(path.ToString());
  });
  for (const auto& feature : schema.sparse_feature()) known.insert(feature.name());
  for (const auto& feature : schema.weighted_feature()) known.insert(feature.name());
  if (known.empty()) return OkStatus();
  known.insert(validation::kDatasetKey);
  for (const std::string& text : args.severities) {
    validation::SeverityOverrides flag;
    BESSEMER_RETURN_IF_ERROR(flag.Add(text));
    for (const auto& [feature, severities] : flag.features) {
      if (known.contains(feature) || feature.starts_with("slice(")) continue;
      std::vector<std::string> names(known.begin(), known.end());
      const auto* types = AnomalyInfo::Type_descriptor();
      for (int i = 0; i < types->value_count(); ++i) names.push_back(types->value(i)->name());
      const std::string nearest = NearestName(feature, names);
      return InvalidArgumentError(
          "--severity {}: neither the schema nor the data has a feature '{}'{}", text, feature,
          nearest.empty() ? SuggestName(feature, {known.begin(), known.end()})
                          : fmt::format("; did you mean '{}'?", nearest));
    }
  }
  return OkStatus();
}

void SayUnusedStatistics(const Args& args, const Schema& schema,
                         const validation::RuleSet& rules) {
  std::set<std::string> used;
  for (const validation::Rule& rule : rules.rules) used.merge(validation::OtherDataOf(rule));
  const auto& constraints = schema.dataset_constraints();
  if (!args.custom_validation.empty() || constraints.has_num_examples_drift_comparator()) {
    used.insert("previous");
  }
  if (constraints.has_num_examples_version_comparator()) used.insert("previous_version");
  ForEachFeature(schema.feature(), schema::Path(), [&](const auto&, const Feature& feature) {
    if (Compares(feature.drift_comparator())) used.insert("previous");
    if (Compares(feature.skew_comparator())) used.insert("serving");
  });
  const std::tuple<const char*, const std::string&, const char*> flags[] = {
      {"previous", args.previous, "drift_comparator"},
      {"previous_version", args.previous_version, "num_examples_version_comparator"},
      {"serving", args.serving, "skew_comparator"}};
  for (const auto& [name, path, comparator] : flags) {
    if (path.empty() || used.contains(name)) continue;
    fmt::print(stderr,
               "{}: nothing was compared with it: the schema has no {}, and no rule calls "
               "{}(…)\n",
               FlagOf(name), comparator, name);
  }
}

void SayWhatRulesLack(const std::vector<validation::Rule>& not_judged,
                      const validation::RuleData& data) {
  if (not_judged.empty()) return;
  std::set<std::string> flags;
  for (const validation::Rule& rule : not_judged) {
    for (const std::string& other : validation::OtherDataOf(rule)) {
      if (data.Other(other) == nullptr) flags.insert(FlagOf(other));
    }
  }
  fmt::print(stderr,
             "not judged: {}\n  These are rules that compare with other statistics: give {}.\n",
             validation::NamesOfRules(not_judged), fmt::join(flags, ", "));
}

}  // namespace bessemer::cli::validate
