#include <CLI/CLI.hpp>
#include <memory>

#include "bessemer/base/json_text.h"
#include "bessemer/cli/command.h"
#include "bessemer/io/publish.h"
#include "bessemer/proto/serialize.h"
#include "bessemer/schema/schema_file.h"
#include "bessemer/statistics/statistics_file.h"
#include "bessemer/validation/anomaly_table.h"
#include "bessemer/validation/update.h"
#include "bessemer/validation/validate.h"

namespace bessemer::cli::validate {
namespace {

using ::tensorflow::metadata::v0::Anomalies;
using ::tensorflow::metadata::v0::DatasetFeatureStatistics;
using ::tensorflow::metadata::v0::DatasetFeatureStatisticsList;
using ::tensorflow::metadata::v0::Schema;

struct Args {
  std::string statistics, schema, environment, previous, serving, previous_version, out, fix;
  std::vector<std::string> severities;
  bool edits = false;
};

StatusOr<DatasetFeatureStatistics> ReadDataset(const std::string& path) {
  BESSEMER_ASSIGN_OR_RETURN(const DatasetFeatureStatisticsList list,
                            statistics::ReadStatistics(path));
  auto dataset = schema::DefaultDataset(list);
  if (!dataset.ok()) return WithContext(dataset.status(), path);
  return **dataset;
}

// "TYPE=SEVERITY" each.
StatusOr<validation::Severities> ParseSeverities(const std::vector<std::string>& texts) {
  validation::Severities severities;
  for (const std::string& text : texts) {
    const size_t equals = text.find('=');
    if (equals == std::string::npos) {
      return InvalidArgumentError("--severity '{}': write TYPE=SEVERITY, e.g. "
                                  "SCHEMA_NEW_COLUMN=WARNING",
                                  text);
    }
    BESSEMER_ASSIGN_OR_RETURN(const auto type,
                              validation::ParseAnomalyType(text.substr(0, equals)));
    BESSEMER_ASSIGN_OR_RETURN(severities[type],
                              validation::ParseSeverity(text.substr(equals + 1)));
  }
  return severities;
}

void PrintText(const Session& session, const Args& args, const Anomalies& anomalies) {
  if (anomalies.data_missing()) {
    fmt::print("no examples: nothing to validate\n");
    return;
  }
  const std::string table = validation::AnomalyTable(anomalies);
  fmt::print("{}", table.empty() ? "no anomalies\n" : table);
  if (!args.edits) return;
  const std::map<std::string, ::tensorflow::metadata::v0::AnomalyInfo> by_feature(
      anomalies.anomaly_info().begin(), anomalies.anomaly_info().end());
  for (const auto& [feature, anomaly] : by_feature) {
    const std::string title = fmt::format("the schema would accept {} with", feature);
    fmt::print("\n{}\n{}", session.Styled(title, "1"), validation::EditText(anomaly, "  "));
  }
}

StatusOr<int> Run(Session& session, const Args& args) {
  BESSEMER_ASSIGN_OR_RETURN(const Schema schema, schema::ReadSchema(args.schema));
  BESSEMER_ASSIGN_OR_RETURN(const DatasetFeatureStatistics statistics,
                            ReadDataset(args.statistics));
  validation::ValidateOptions options;
  options.with_edits = args.edits || !args.out.empty();
  if (!args.environment.empty()) options.environment = args.environment;
  BESSEMER_ASSIGN_OR_RETURN(options.severities, ParseSeverities(args.severities));
  DatasetFeatureStatistics previous, serving, previous_version;
  if (!args.previous.empty()) {
    BESSEMER_ASSIGN_OR_RETURN(previous, ReadDataset(args.previous));
    options.previous_span = &previous;
  }
  if (!args.serving.empty()) {
    BESSEMER_ASSIGN_OR_RETURN(serving, ReadDataset(args.serving));
    options.serving = &serving;
  }
  if (!args.previous_version.empty()) {
    BESSEMER_ASSIGN_OR_RETURN(previous_version, ReadDataset(args.previous_version));
    options.previous_version = &previous_version;
  }
  const auto anomalies = validation::Validate(statistics, schema, options);
  if (!anomalies.ok()) return WithContext(anomalies.status(), args.statistics);
  if (!args.out.empty()) {
    BESSEMER_RETURN_IF_ERROR(io::WriteFileAtomically(args.out, proto::Serialize(*anomalies)));
  }
  if (!args.fix.empty()) {
    validation::UpdateOptions update{.environment = options.environment};
    BESSEMER_ASSIGN_OR_RETURN(const Schema fixed,
                              validation::UpdateSchema(schema, statistics, update));
    BESSEMER_RETURN_IF_ERROR(schema::WriteSchema(args.fix, fixed));
  }
  if (session.json) {
    fmt::print("{}\n", JsonText(validation::AnomaliesJson(*anomalies), 2));
  } else {
    PrintText(session, args, *anomalies);
  }
  return validation::HasAnomalies(*anomalies) ? kExitFindings : kExitOk;
}

void Setup(CLI::App& app, Session& session) {
  auto args = std::make_shared<Args>();
  app.add_option("--stats", args->statistics, "FeatureStats.pb, or a folder that holds it")
      ->required();
  app.add_option("--schema", args->schema, "schema.pbtxt")->required();
  app.add_option("--environment", args->environment, "The environment the data is of");
  app.add_option("--previous", args->previous, "Statistics of the span before, to see drift");
  app.add_option("--previous-version", args->previous_version,
                 "Statistics of the version before, to compare the number of examples");
  app.add_option("--serving", args->serving, "Statistics of serving data, to see skew");
  app.add_option("--severity", args->severities,
                 "TYPE=SEVERITY, e.g. SCHEMA_NEW_COLUMN=WARNING; may be repeated");
  app.add_option("-o,--out", args->out, "Write a binary Anomalies message here");
  app.add_flag("--edits", args->edits, "Show the change of the schema each anomaly asks for");
  app.add_option("--fix,--apply-edits", args->fix, "Write the schema with all changes made here");
  app.footer(
      "Exit code 1 if there are anomalies.\n"
      "Examples:\n"
      "  bessemer validate --stats Split-eval --schema schema.pbtxt\n"
      "  bessemer validate --stats day2 --previous day1 --schema schema.pbtxt --edits\n"
      "  bessemer validate --stats day2 --schema schema.pbtxt --fix relaxed.pbtxt");
  app.callback([&session, args] {
    session.Run([&session, args] { return Run(session, *args); });
  });
}

}  // namespace

void Register(CommandRegistry& registry) {
  registry.Add({.name = "validate",
                .doc = "Looks for anomalies: compares statistics with a schema",
                .setup = Setup});
}

}  // namespace bessemer::cli::validate
