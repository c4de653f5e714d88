#include <google/protobuf/text_format.h>

#include <cstdio>
#include <set>

#include "bessemer/base/nearest_name.h"
#include "bessemer/cli/commands/validate/flag_checks.h"
#include "bessemer/cli/commands/validate/validate_args.h"
#include "bessemer/io/publish.h"
#include "bessemer/proto/serialize.h"
#include "bessemer/schema/schema_file.h"
#include "bessemer/statistics/statistics_file.h"
#include "bessemer/validation/anomaly_table.h"
#include "bessemer/validation/compare_datasets.h"
#include "bessemer/validation/custom_validation.h"
#include "bessemer/validation/rule_counts.h"
#include "bessemer/validation/schema_edits.h"
#include "bessemer/validation/update.h"
#include "bessemer/validation/validate.h"
#include "tensorflow_data_validation/anomalies/proto/custom_validation_config.pb.h"
#include "tensorflow_data_validation/anomalies/proto/validation_config.pb.h"

namespace bessemer::cli::validate {

using ::tensorflow::metadata::v0::Anomalies;
using ::tensorflow::metadata::v0::DatasetFeatureStatistics;
using ::tensorflow::metadata::v0::DatasetFeatureStatisticsList;
using ::tensorflow::metadata::v0::Schema;

namespace {

// A data set's statistics: the file's list, and the data set of all examples in it.
struct Loaded {
  DatasetFeatureStatisticsList list;
  const DatasetFeatureStatistics* whole = nullptr;  // null: not asked for
};

Status Load(const std::string& path, Loaded* loaded) {
  if (path.empty()) return OkStatus();
  BESSEMER_ASSIGN_OR_RETURN(loaded->list, statistics::ReadStatistics(path));
  const auto whole = schema::DefaultDataset(loaded->list);
  if (!whole.ok()) return WithContext(whole.status(), path);
  loaded->whole = *whole;
  return OkStatus();
}

struct Inputs {
  Loaded current, previous, serving, previous_version;

  validation::RuleData ForRules(const schema::Environment& environment) const {
    return {.current = *current.whole,
            .previous_span = previous.whole,
            .previous_version = previous_version.whole,
            .serving = serving.whole,
            .environment = environment};
  }
};

schema::Environment EnvironmentOf(const Args& args) {
  return args.environment.empty() ? schema::Environment() : args.environment;
}

StatusOr<Anomalies> Judge(const Args& args, const Inputs& in, const Schema& schema,
                          const validation::RuleSet& rules) {
  validation::ValidateOptions options;
  options.with_edits = args.edits || !args.out.empty() || !args.only.empty();
  if (!args.environment.empty()) options.environment = args.environment;
  options.severities = rules.severities.types;
  options.feature_severities = rules.severities.features;
  options.checks.numeric_distances = !args.tfdv_compat;
  options.previous_span = in.previous.whole;
  options.serving = in.serving.whole;
  options.previous_version = in.previous_version.whole;
  const auto list = [](const Loaded& loaded) {
    return loaded.whole == nullptr ? nullptr : &loaded.list;
  };
  auto anomalies = args.slices
                       ? validation::ValidateSlices(in.current.list, schema, options,
                                                    list(in.previous), list(in.serving))
                       : validation::Validate(*in.current.whole, schema, options);
  if (!anomalies.ok()) return WithContext(anomalies.status(), args.statistics);
  if (!anomalies->data_missing()) {
    BESSEMER_RETURN_IF_ERROR(validation::JudgeStatistics(
        rules.rules, in.ForRules(options.environment), &*anomalies));
    // With the rows at hand these are judged by them, but tell nothing of slices.
    if (!args.has_rows()) {
      validation::JudgeRowCounts(rules.rules, in.current.list, options.environment, &*anomalies);
    }
    if (args.slices) {
      validation::JudgeRowCountsOfSlices(rules.rules, in.current.list, options.environment,
                                         &*anomalies);
    }
  }
  if (!args.custom_validation.empty()) {
    BESSEMER_ASSIGN_OR_RETURN(const auto config,
                              validation::ReadCustomValidationConfig(args.custom_validation));
    BESSEMER_ASSIGN_OR_RETURN(const Anomalies custom,
                              validation::CustomValidate(in.current.list, list(in.previous), config,
                                                         options.environment));
    validation::MergeAnomalies(custom, &*anomalies);
  }
  return anomalies;
}

// An environment that the schema does not know would make every feature of the data a new one.
Status CheckEnvironment(const std::string& environment, const Schema& schema) {
  if (environment.empty()) return OkStatus();
  std::set<std::string> known(schema.default_environment().begin(),
                              schema.default_environment().end());
  for (const auto& feature : schema.feature()) {
    known.insert(feature.in_environment().begin(), feature.in_environment().end());
    known.insert(feature.not_in_environment().begin(), feature.not_in_environment().end());
  }
  if (known.contains(environment) || (known.empty() && schema.feature().empty())) {
    return OkStatus();
  }
  return InvalidArgumentError(
      "--environment {}: the schema does not name it{}; add it to default_environment", environment,
      SuggestName(environment, {known.begin(), known.end()}));
}

Status Fix(const Args& args, const Inputs& in, const Schema& schema, const Anomalies& anomalies) {
  if (args.only.empty()) {
    validation::UpdateOptions update;
    if (!args.environment.empty()) update.environment = args.environment;
    BESSEMER_ASSIGN_OR_RETURN(const Schema fixed,
                              validation::UpdateSchema(schema, *in.current.whole, update));
    return schema::WriteSchema(args.fix, fixed);
  }
  BESSEMER_ASSIGN_OR_RETURN(
      const validation::EditedSchema edited,
      validation::ApplyEdits(schema, anomalies, validation::SelectEdits(args.only)));
  return schema::WriteSchema(args.fix, edited.schema);
}

Status Write(const std::string& path, const Anomalies& anomalies) {
  std::string bytes = proto::Serialize(anomalies);
  if (path.ends_with(".pbtxt") || path.ends_with(".textproto")) {
    ::google::protobuf::TextFormat::PrintToString(anomalies, &bytes);
  }
  return io::WriteFileAtomically(path, bytes);
}

void PrintText(const Session& session, const Args& args, const Anomalies& anomalies) {
  if (anomalies.data_missing()) {
    fmt::print("no examples: nothing to validate\n");
    return;
  }
  const std::string table = validation::AnomalyTable(anomalies);
  fmt::print("{}", table.empty() ? "no anomalies\n" : table);
  fmt::print("{}", validation::DriftSkewTable(anomalies));
  if (!args.edits) return;
  const std::map<std::string, ::tensorflow::metadata::v0::AnomalyInfo> by_feature(
      anomalies.anomaly_info().begin(), anomalies.anomaly_info().end());
  for (const auto& [feature, anomaly] : by_feature) {
    if (anomaly.diff_regions().empty()) continue;
    const std::string title = fmt::format("the schema would accept {} with", feature);
    fmt::print("\n{}\n{}", session.Styled(title, "1"), validation::EditText(anomaly, "  "));
  }
}

std::set<std::string> FeaturesOf(const DatasetFeatureStatistics& statistics) {
  std::set<std::string> names;
  for (const auto& feature : statistics.features()) {
    names.insert(feature.has_path() ? schema::Path::FromProto(feature.path()).ToString()
                                    : feature.name());
  }
  return names;
}

validation::Severity SeverityOf(const Args& args, const Anomalies& anomalies) {
  // Data that did not come are no good data.
  if (anomalies.data_missing() && !args.tfdv_compat) {
    return ::tensorflow::metadata::v0::AnomalyInfo::ERROR;
  }
  return validation::GreatestSeverity(anomalies);
}

}  // namespace

StatusOr<validation::RuleSet> RulesOf(const Args& args, const Schema& schema) {
  BESSEMER_ASSIGN_OR_RETURN(validation::RuleSet set,
                            validation::CollectRules(schema, args.schema, args.rules));
  validation::SeverityOverrides flags;
  if (!args.validation_config.empty()) {
    BESSEMER_ASSIGN_OR_RETURN(const auto config,
                              validation::ReadValidationConfig(args.validation_config));
    flags.types = validation::SeveritiesOf(config);
  }
  if (args.new_features_are_warnings) {
    flags.types[::tensorflow::metadata::v0::AnomalyInfo::SCHEMA_NEW_COLUMN] =
        ::tensorflow::metadata::v0::AnomalyInfo::WARNING;
  }
  for (const std::string& text : args.severities) {
    BESSEMER_RETURN_IF_ERROR(flags.Add(text));
  }
  set.severities.Merge(flags);
  return set;
}

StatusOr<validation::Severity> ValidateStatistics(const Session& session, const Args& args,
                                                  const Schema& schema,
                                                  const validation::RuleSet& rules, Json* json) {
  BESSEMER_RETURN_IF_ERROR(CheckEnvironment(args.environment, schema));
  Inputs in;
  BESSEMER_RETURN_IF_ERROR(Load(args.statistics, &in.current));
  BESSEMER_RETURN_IF_ERROR(Load(args.previous, &in.previous));
  BESSEMER_RETURN_IF_ERROR(Load(args.serving, &in.serving));
  BESSEMER_RETURN_IF_ERROR(Load(args.previous_version, &in.previous_version));
  BESSEMER_RETURN_IF_ERROR(CheckSeverities(args, schema, FeaturesOf(*in.current.whole)));
  BESSEMER_ASSIGN_OR_RETURN(const Anomalies anomalies, Judge(args, in, schema, rules));
  if (!args.out.empty()) {
    BESSEMER_RETURN_IF_ERROR(Write(args.out, anomalies));
  }
  if (!args.fix.empty()) BESSEMER_RETURN_IF_ERROR(Fix(args, in, schema, anomalies));
  const std::vector<validation::Rule> not_judged =
      args.has_rows() || anomalies.data_missing()
          ? std::vector<validation::Rule>()
          : validation::RulesWithoutCounts(
                rules.rules, *in.current.whole, EnvironmentOf(args));
  const validation::RuleData data = in.ForRules(EnvironmentOf(args));
  const std::vector<validation::Rule> without_data =
      anomalies.data_missing() ? std::vector<validation::Rule>()
                               : validation::RulesWithoutData(rules.rules, data);
  if (json != nullptr) {
    SayUnusedStatistics(args, schema, rules);
    *json = validation::AnomaliesJson(anomalies);
    for (const auto* some : {&not_judged, &without_data}) {
      for (const validation::Rule& rule : *some) (*json)["not_judged"].push_back(rule.name);
    }
    return SeverityOf(args, anomalies);
  }
  PrintText(session, args, anomalies);
  std::fflush(stdout);
  SayUnusedStatistics(args, schema, rules);
  if (!not_judged.empty()) {
    fmt::print(stderr,
               "not judged: {}\n  These are rules over rows: give --examples, or statistics of "
               "`stats generate --rules`.\n",
               validation::NamesOfRules(not_judged));
  }
  SayWhatRulesLack(without_data, data);
  return SeverityOf(args, anomalies);
}

}  // namespace bessemer::cli::validate
