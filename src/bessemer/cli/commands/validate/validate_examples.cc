#include <arrow/type.h>

#include <set>

#include "bessemer/cli/commands/validate/flag_checks.h"
#include "bessemer/cli/commands/validate/validate_args.h"
#include "bessemer/example_gen/row_files.h"
#include "bessemer/example_gen/row_input.h"
#include "bessemer/validation/anomaly_builder.h"
#include "bessemer/validation/row_scan.h"

namespace bessemer::cli::validate {

using ::tensorflow::metadata::v0::AnomalyInfo;

namespace {

// Of what was found; rules count where they are broken more often than they allow.
validation::Severity Worst(const validation::RowScanResult& result,
                           const std::vector<validation::Rule>& rules) {
  const auto anomalies = validation::AnomaliesOf(result, rules);
  return validation::GreatestSeverity(anomalies);
}

// Cells of CSV are judged by the types that the schema gives, not by what most of them look like.
std::map<std::string, std::string> TypesOf(const ::tensorflow::metadata::v0::Schema& schema) {
  using ::tensorflow::metadata::v0::FeatureType;
  std::map<std::string, std::string> types;
  for (const auto& feature : schema.feature()) {
    const std::string type = feature.type() == FeatureType::INT     ? "INT"
                             : feature.type() == FeatureType::FLOAT ? "FLOAT"
                             : feature.type() == FeatureType::BYTES ? "STRING"
                                                                    : "";
    if (!type.empty()) types[feature.name()] = type;
  }
  return types;
}

// Their columns; empty unless there are severities to look them up for, since finding the columns
// of tf.Examples takes reading them.
StatusOr<std::set<std::string>> FeaturesOf(
    const std::vector<std::unique_ptr<example_gen::RowInput>>& rows,
    const std::vector<std::string>& severities) {
  std::set<std::string> names;
  if (severities.empty()) return names;
  for (const auto& input : rows) {
    BESSEMER_ASSIGN_OR_RETURN(const auto schema, example_gen::FindSchema(*input));
    for (const auto& field : schema->fields()) names.insert(field->name());
  }
  return names;
}

}  // namespace

StatusOr<validation::Severity> ValidateExamples(Session& session, const Args& args,
                                                const ::tensorflow::metadata::v0::Schema& schema,
                                                const validation::RuleSet& rules, Json* json) {
  // Rows that break their format are findings, too.
  SourceFlags source = args.source;
  source.skip_bad_rows = true;
  source.known_types = TypesOf(schema);
  BESSEMER_ASSIGN_OR_RETURN(auto rows, OpenAllRows(args.examples, source, session));
  if (args.statistics.empty()) {  // else judged by those
    BESSEMER_ASSIGN_OR_RETURN(const auto features, FeaturesOf(rows, args.severities));
    BESSEMER_RETURN_IF_ERROR(CheckSeverities(args, schema, features));
  }
  validation::RowValidatorOptions options{.severities = rules.severities, .rules = rules.rules};
  if (!args.environment.empty()) options.environment = args.environment;
  BESSEMER_ASSIGN_OR_RETURN(const auto validator,
                            validation::RowValidator::Create(schema, std::move(options)));
  BESSEMER_ASSIGN_OR_RETURN(
      validation::RowScanResult result,
      validation::ScanRows(std::move(rows), *validator,
                           {.out = args.bad_rows,
                            .num_samples = args.limit,
                            .num_threads = session.num_threads,
                            .progress = &session.progress()}));
  for (validation::BadRowSample& sample : result.samples) sample.file = NameStreams(sample.file);
  for (auto& [key, count] : result.counts) count.example = NameStreams(count.example);
  if (json != nullptr) {
    *json = validation::RowScanJson(result);
  } else {
    fmt::print("{}", validation::RowScanText(result));
  }
  if (result.num_rows == 0 && !args.tfdv_compat) return AnomalyInfo::ERROR;
  return Worst(result, rules.rules);
}

}  // namespace bessemer::cli::validate
