#include <CLI/CLI.hpp>
#include <memory>

#include "bessemer/base/json_text.h"
#include "bessemer/cli/command.h"
#include "bessemer/cli/commands/validate/skew.h"
#include "bessemer/cli/commands/validate/validate_args.h"
#include "bessemer/schema/schema_file.h"

namespace bessemer::cli::validate {
namespace {

using ::tensorflow::metadata::v0::AnomalyInfo;

// Flags of the half that was not asked for would do nothing.
Status CheckHalves(const Args& args) {
  const bool has_rows = !args.examples.empty() || !args.source.query.empty();
  const std::pair<const char*, bool> of_statistics[] = {
      {"--previous", !args.previous.empty()},
      {"--previous-version", !args.previous_version.empty()},
      {"--serving", !args.serving.empty()},
      {"--custom-validation", !args.custom_validation.empty()},
      {"--out", !args.out.empty()},
      {"--edits", args.edits},
      {"--fix", !args.fix.empty()},
      {"--slices", args.slices}};
  for (const auto& [flag, given] : of_statistics) {
    if (given && args.statistics.empty()) {
      return InvalidArgumentError("{}: judges statistics; give --stats, too", flag);
    }
  }
  if (!args.bad_rows.empty() && !has_rows) {
    return InvalidArgumentError("--bad-rows: writes rows; give --examples, too");
  }
  if (!args.only.empty() && args.fix.empty()) {
    return InvalidArgumentError("--only: chooses among the changes of --fix; give that, too");
  }
  return OkStatus();
}

StatusOr<int> Run(Session& session, const Args& args) {
  if (args.statistics.empty() && !args.has_rows()) {
    return InvalidArgumentError("there is nothing to validate: give --stats or --examples");
  }
  if (args.schema.empty()) return InvalidArgumentError("give the schema to judge by: --schema");
  BESSEMER_RETURN_IF_ERROR(CheckHalves(args));
  BESSEMER_ASSIGN_OR_RETURN(const auto schema, schema::ReadSchema(args.schema));
  BESSEMER_ASSIGN_OR_RETURN(const validation::RuleSet rules, RulesOf(args, schema));
  validation::Severity worst = AnomalyInfo::UNKNOWN;
  Json all = Json::object();
  Json part;
  Json* json = session.json ? &part : nullptr;
  if (!args.statistics.empty()) {
    BESSEMER_ASSIGN_OR_RETURN(worst, ValidateStatistics(session, args, schema, rules, json));
    if (session.json) all.update(part);
  }
  if (args.has_rows()) {
    BESSEMER_ASSIGN_OR_RETURN(const validation::Severity of_rows,
                              ValidateExamples(session, args, schema, rules, json));
    worst = std::max(worst, of_rows);
    if (session.json) all.update(part);
  }
  if (session.json) fmt::print("{}\n", JsonText(all, 2));
  if (args.fail_on == "NEVER" || worst == AnomalyInfo::UNKNOWN) return kExitOk;
  return args.fail_on == "ERROR" && worst != AnomalyInfo::ERROR ? kExitOk : kExitFindings;
}

void AddInputs(CLI::App& app, Args* args) {
  app.add_option("--stats", args->statistics, "FeatureStats.pb, or a folder that holds it");
  app.add_option("--examples", args->examples,
                 "Rows to judge one by one: files, folders or patterns, of any format that a "
                 "source reads");
  app.add_option("--schema", args->schema, "schema.pbtxt");
  AddFormatFlags(app, args->source);
  AddQueryFlags(app, args->source);
  app.add_option("--environment", args->environment, "The environment the data is of");
  app.add_option("--previous", args->previous, "Statistics of the span before, to see drift");
  app.add_option("--previous-version", args->previous_version,
                 "Statistics of the version before, to compare the number of examples");
  app.add_option("--serving", args->serving, "Statistics of serving data, to see skew");
  app.add_option("--rules", args->rules,
                 "YAML file of own rules; rules.yaml beside the schema is read anyway. Those over "
                 "rows need --examples, or statistics of `stats generate --rules`; which were not "
                 "judged is said");
  app.add_option("--custom-validation", args->custom_validation,
                 "TFDV's CustomValidationConfig: SQL over statistics");
  app.add_flag("--slices", args->slices, "Judge every slice of the statistics");
  app.add_flag("--tfdv-compat", args->tfdv_compat,
               "As TFDV: distances of text and Jensen-Shannon only, no examples are no finding");
}

void AddOutputs(CLI::App& app, Args* args) {
  app.add_option("--severity", args->severities,
                 "TYPE=SEVERITY, FEATURE=SEVERITY or FEATURE:TYPE=SEVERITY (ERROR, WARNING, "
                 "UNKNOWN for none), e.g. SCHEMA_NEW_COLUMN=WARNING; may be repeated")
      ->allow_extra_args(false);
  app.add_flag("--new-features-are-warnings", args->new_features_are_warnings,
               "SCHEMA_NEW_COLUMN=WARNING");
  app.add_option("--validation-config", args->validation_config, "TFDV's ValidationConfig");
  app.add_option("--fail-on", args->fail_on, "The least severity that gives exit code 1")
      ->check(CLI::IsMember({"WARNING", "ERROR", "NEVER"}))
      ->capture_default_str();
  app.add_option("-o,--out", args->out,
                 "Write an Anomalies message here: binary, or text if the name ends in .pbtxt");
  app.add_option("--bad-rows", args->bad_rows,
                 "Write what breaks the schema here: .jsonl has a line a row, with its place, its "
                 "findings and the row itself; .csv a line a finding (file, row, feature, …), "
                 "without the row; any other name TFRecords of the rows, with bessemer.file, "
                 "bessemer.row and bessemer.anomalies added");
  app.add_option("--limit", args->limit, "Show so many of them")
      ->check(CLI::Range(int64_t{0}, int64_t{1} << 40))
      ->capture_default_str();
  app.add_flag("--edits", args->edits, "Show the change of the schema each anomaly asks for");
  app.add_option("--fix,--apply-edits", args->fix, "Write the schema with all changes made here");
  app.add_option("--only", args->only,
                 "With --fix: only changes for these features or anomaly types; may be repeated")
      ->allow_extra_args(false);
}

void Setup(CLI::App& app, Session& session) {
  auto args = std::make_shared<Args>();
  AddInputs(app, args.get());
  AddOutputs(app, args.get());
  AddSkew(app, session);
  app.footer(
      "Exit code 1 if there are anomalies, or no examples.\n"
      "Examples:\n"
      "  bessemer validate --stats Split-eval --schema schema.pbtxt\n"
      "  bessemer validate --stats day2 --previous day1 --schema schema.pbtxt --edits\n"
      "  bessemer validate --stats day2 --schema schema.pbtxt --fix relaxed.pbtxt --only fare\n"
      "  bessemer validate --examples 'data/*.csv' --schema schema.pbtxt --bad-rows bad.jsonl\n"
      "  bessemer validate --stats day2 --schema schema.pbtxt --rules rules.yaml\n"
      "  bessemer stats generate day2.csv -o - | bessemer validate --stats - --schema s.pbtxt");
  app.callback([&app, &session, args] {
    if (!app.get_subcommands().empty()) return;
    session.Run([&session, args] { return Run(session, *args); });
  });
}

}  // namespace

void Register(CommandRegistry& registry) {
  registry.Add({.name = "validate",
                .doc = "Looks for anomalies: compares statistics, or rows, with a schema",
                .setup = Setup});
}

}  // namespace bessemer::cli::validate
