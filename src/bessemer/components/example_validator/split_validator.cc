#include "bessemer/components/example_validator/split_validator.h"

#include <algorithm>

#include "bessemer/base/json_text.h"
#include "bessemer/components/anomalies_artifact.h"
#include "bessemer/example_gen/examples.h"
#include "bessemer/io/file.h"
#include "bessemer/schema/schema_file.h"
#include "bessemer/statistics/statistics_file.h"
#include "bessemer/validation/anomaly_table.h"
#include "bessemer/validation/compare_datasets.h"
#include "bessemer/validation/custom_validation.h"
#include "bessemer/validation/row_scan.h"
#include "bessemer/validation/rule_counts.h"
#include "tensorflow_data_validation/anomalies/proto/custom_validation_config.pb.h"

namespace bessemer::components::example_validator {

using ::tensorflow::metadata::v0::Anomalies;
using ::tensorflow::metadata::v0::AnomalyInfo;
using ::tensorflow::metadata::v0::DatasetFeatureStatistics;
using ::tensorflow::metadata::v0::DatasetFeatureStatisticsList;

namespace {

constexpr char kBadRowsFile[] = "bad_rows.jsonl";

StatusOr<std::unique_ptr<DatasetFeatureStatisticsList>> ReadList(const std::string& path) {
  BESSEMER_ASSIGN_OR_RETURN(auto list, statistics::ReadStatistics(path));
  const auto whole = schema::DefaultDataset(list);
  if (!whole.ok()) return WithContext(whole.status(), path);
  return std::make_unique<DatasetFeatureStatisticsList>(std::move(list));
}

// The data set of all examples, which ReadList has made sure of; null for no list.
const DatasetFeatureStatistics* WholeOf(const DatasetFeatureStatisticsList* list) {
  return list == nullptr ? nullptr : *schema::DefaultDataset(*list);
}

}  // namespace

StatusOr<std::unique_ptr<SplitValidator>> SplitValidator::Create(RunContext& context) {
  std::unique_ptr<SplitValidator> validator(new SplitValidator(context));
  const ParamValues& params = context.params;
  BESSEMER_ASSIGN_OR_RETURN(validator->schema_, schema::ReadSchema(context.Input("schema")->uri));
  if (params.Has("environment")) validator->environment_ = params.String("environment");
  BESSEMER_RETURN_IF_ERROR(validator->ReadRules());
  if (params.Has("serving_statistics")) {
    BESSEMER_ASSIGN_OR_RETURN(validator->serving_, ReadList(params.String("serving_statistics")));
  }
  if (params.Has("previous_version_statistics")) {
    BESSEMER_ASSIGN_OR_RETURN(validator->previous_version_,
                              ReadList(params.String("previous_version_statistics")));
  }
  if (params.Bool("bad_rows") && context.Input("examples") == nullptr) {
    return params.Error("bad_rows", "rows are looked at only if 'examples' is connected");
  }
  return validator;
}

Status SplitValidator::ReadRules() {
  const ParamValues& params = context_.params;
  const std::string path = params.Has("rules") ? params.String("rules") : "";
  BESSEMER_ASSIGN_OR_RETURN(
      rules_, validation::CollectRules(schema_, context_.Input("schema")->uri, path));
  validation::SeverityOverrides given;
  if (params.Bool("new_features_are_warnings")) {
    given.types[AnomalyInfo::SCHEMA_NEW_COLUMN] = AnomalyInfo::WARNING;
  }
  for (const auto& [key, value] : params.Value("severities").items()) {
    const Status status =
        given.Add(key, value.is_string() ? value.get<std::string>() : JsonText(value));
    if (!status.ok()) return params.Error("severities", Message(status));
  }
  rules_.severities.Merge(given);
  return OkStatus();
}

std::string SplitValidator::OutputFolder(const std::string& split) const {
  return context_.Output("anomalies").SplitUri(split);
}

StatusOr<std::unique_ptr<DatasetFeatureStatisticsList>> SplitValidator::ReadSplit(
    const char* input, const std::string& split) const {
  const Artifact* artifact = context_.Input(input);
  if (artifact == nullptr) return std::unique_ptr<DatasetFeatureStatisticsList>();
  BESSEMER_ASSIGN_OR_RETURN(const bool there, io::IsDirectory(artifact->SplitUri(split)));
  if (!there) return std::unique_ptr<DatasetFeatureStatisticsList>();
  return ReadList(artifact->SplitUri(split));
}

StatusOr<Anomalies> SplitValidator::JudgeStatistics(const std::string& split,
                                                    const List& current) {
  const ParamValues& params = context_.params;
  BESSEMER_ASSIGN_OR_RETURN(const auto previous, ReadSplit("previous_statistics", split));
  // Those named by a parameter come first.
  std::unique_ptr<DatasetFeatureStatisticsList> earlier_version;
  if (previous_version_ == nullptr) {
    BESSEMER_ASSIGN_OR_RETURN(earlier_version, ReadSplit("previous_version_statistics", split));
  }
  validation::ValidateOptions options;
  options.environment = environment_;
  options.severities = rules_.severities.types;
  options.feature_severities = rules_.severities.features;
  options.with_edits = params.Bool("edits");
  options.checks.numeric_distances = params.Bool("numeric_distances");
  options.previous_span = WholeOf(previous.get());
  options.previous_version =
      WholeOf(previous_version_ != nullptr ? previous_version_.get() : earlier_version.get());
  options.serving = WholeOf(serving_.get());
  const DatasetFeatureStatistics& whole = *WholeOf(&current);
  BESSEMER_ASSIGN_OR_RETURN(
      Anomalies anomalies,
      params.Bool("slices") ? validation::ValidateSlices(current, schema_, options,
                                                         previous.get(), serving_.get())
                            : validation::Validate(whole, schema_, options));
  if (!anomalies.data_missing()) {
    validation::RuleData data{.current = whole,
                              .previous_span = options.previous_span,
                              .previous_version = options.previous_version,
                              .serving = options.serving,
                              .environment = environment_};
    const Artifact* examples = context_.Input("examples");
    if (examples != nullptr && examples->Property("num_bad_rows") != nullptr) {
      data.num_bad_rows = examples->IntProperty("num_bad_rows");
    }
    BESSEMER_RETURN_IF_ERROR(validation::JudgeStatistics(rules_.rules, data, &anomalies));
    const auto without = validation::RulesWithoutData(rules_.rules, data);
    if (!without.empty()) {
      context_.summary += fmt::format(
          "{}: not judged: {}; there are no other statistics to compare with\n", split,
          validation::NamesOfRules(without));
    }
  }
  if (params.Has("custom_validation_config")) {
    BESSEMER_ASSIGN_OR_RETURN(
        const auto config,
        validation::ReadCustomValidationConfig(params.String("custom_validation_config")));
    BESSEMER_ASSIGN_OR_RETURN(const Anomalies custom,
                              validation::CustomValidate(current, previous.get(), config,
                                                         environment_));
    validation::MergeAnomalies(custom, &anomalies);
  }
  return anomalies;
}

Status SplitValidator::JudgeRows(const std::string& split, const List& current,
                                 Anomalies* anomalies) {
  const Artifact* examples = context_.Input("examples");
  const bool write = context_.params.Bool("bad_rows");
  const bool slices = context_.params.Bool("slices");
  const std::vector<validation::Rule> without =
      validation::RulesWithoutCounts(rules_.rules, *WholeOf(&current), environment_);
  // Rows are not known by slice: slices are judged by counts in any case.
  if (slices) {
    validation::JudgeRowCountsOfSlices(rules_.rules, current, environment_, anomalies);
  }
  bool has_rows = examples != nullptr;
  if (has_rows) {
    BESSEMER_ASSIGN_OR_RETURN(has_rows, io::IsDirectory(examples->SplitUri(split)));
  }
  if (!has_rows || (!write && without.empty())) {
    validation::JudgeRowCounts(rules_.rules, current, environment_, anomalies);
    if (!without.empty()) {
      context_.summary += fmt::format(
          "{}: not judged: {}; connect 'examples', or give StatisticsGen the same rules\n", split,
          validation::NamesOfRules(without));
    }
    return OkStatus();
  }
  BESSEMER_ASSIGN_OR_RETURN(const auto files,
                            example_gen::ListExampleFiles(examples->SplitUri(split)));
  BESSEMER_ASSIGN_OR_RETURN(
      const auto validator,
      validation::RowValidator::Create(schema_, {.environment = environment_,
                                                 .severities = rules_.severities,
                                                 .rules = rules_.rules}));
  validation::RowScanOptions options{.limit = context_.params.Int("max_bad_rows"),
                                     .num_threads = context_.num_threads,
                                     .progress = context_.progress};
  if (write) options.out = io::JoinPath(OutputFolder(split), kBadRowsFile);
  BESSEMER_ASSIGN_OR_RETURN(const validation::RowScanResult result,
                            validation::ScanRows(files, *validator, options));
  // What the schema asks is judged by the statistics; the rules by the rows.
  validation::RowScanResult of_rules = result;
  std::erase_if(of_rules.counts, [](const auto& entry) {
    return std::get<2>(entry.first).empty();
  });
  validation::MergeAnomalies(validation::AnomaliesOf(of_rules, rules_.rules), anomalies);
  if (write) {
    context_.summary += fmt::format("{}: {} of {} rows break the schema or a rule\n", split,
                                    result.num_bad_rows, result.num_rows);
  }
  return OkStatus();
}

bool SplitValidator::IsBlessed(const Anomalies& anomalies) const {
  const std::string fail_on = context_.params.String("fail_on");
  if (fail_on == "NEVER" || !validation::HasAnomalies(anomalies)) return true;
  return fail_on == "ERROR" && validation::GreatestSeverity(anomalies) != AnomalyInfo::ERROR;
}

StatusOr<bool> SplitValidator::Validate(const std::string& split) {
  BESSEMER_ASSIGN_OR_RETURN(const auto current,
                            ReadList(context_.Input("statistics")->SplitUri(split)));
  BESSEMER_ASSIGN_OR_RETURN(Anomalies anomalies, JudgeStatistics(split, *current));
  BESSEMER_RETURN_IF_ERROR(io::MakeDirectories(OutputFolder(split)));
  if (!anomalies.data_missing()) BESSEMER_RETURN_IF_ERROR(JudgeRows(split, *current, &anomalies));
  BESSEMER_RETURN_IF_ERROR(WriteAnomalies(anomalies, OutputFolder(split)));
  const std::string table = validation::AnomalyTable(anomalies);
  context_.summary += anomalies.data_missing() ? fmt::format("{}: no examples\n", split)
                      : table.empty()          ? fmt::format("{}: no anomalies\n", split)
                                               : fmt::format("{}:\n{}", split, table);
  context_.summary += validation::DriftSkewTable(anomalies);
  return IsBlessed(anomalies);
}

}  // namespace bessemer::components::example_validator
