#include "bessemer/cli/commands/schema/edit.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "bessemer/base/json_text.h"
#include "bessemer/io/file.h"
#include "bessemer/schema/schema_file.h"
#include "bessemer/schema/schema_table.h"
#include "bessemer/schema/text_errors.h"
#include "bessemer/validation/rules.h"
#include "bessemer/validation/schema_edits.h"

namespace bessemer::cli::schema {

using ::tensorflow::metadata::v0::Anomalies;
using ::tensorflow::metadata::v0::AnomalyInfo;
using ::tensorflow::metadata::v0::Schema;

namespace {

constexpr char kAnomaliesFile[] = "SchemaDiff.pb";

struct ApplyArgs {
  std::string schema, anomalies, out;
  std::vector<std::string> only;
};

struct RulesArgs {
  std::string schema, set, out;
};

StatusOr<Anomalies> ReadAnomalies(std::string path) {
  BESSEMER_ASSIGN_OR_RETURN(const bool is_folder, io::IsDirectory(path));
  if (is_folder) path = io::JoinPath(path, kAnomaliesFile);
  BESSEMER_ASSIGN_OR_RETURN(const std::string bytes, io::ReadFile(path));
  Anomalies anomalies;
  if (anomalies.ParseFromString(bytes)) return anomalies;
  const Status text = ::bessemer::schema::ParseTextQuietly(bytes, &anomalies);
  if (text.ok()) return anomalies;
  return DataLossError("{} is no Anomalies message, neither binary nor text", path);
}

StatusOr<int> Apply(const Session& session, const ApplyArgs& args) {
  BESSEMER_ASSIGN_OR_RETURN(const Schema schema, ::bessemer::schema::ReadSchema(args.schema));
  BESSEMER_ASSIGN_OR_RETURN(const Anomalies anomalies, ReadAnomalies(args.anomalies));
  BESSEMER_ASSIGN_OR_RETURN(
      const validation::EditedSchema edited,
      validation::ApplyEdits(schema, anomalies, validation::SelectEdits(args.only)));
  for (const std::string& feature : edited.applied) fmt::print(stderr, "applied {}\n", feature);
  for (const std::string& feature : edited.skipped) fmt::print(stderr, "skipped {}\n", feature);
  return Deliver(session, edited.schema, args.out);
}

void PrintRules(const Session& session, const std::vector<validation::Rule>& rules) {
  Json list = Json::array();
  for (const validation::Rule& rule : rules) {
    const char* kind = rule.row.empty() ? "statistics" : "row";
    const std::string& severity = AnomalyInfo::Severity_Name(rule.severity);
    if (session.json) {
      list.push_back({{"name", rule.name}, {kind, rule.expression()}, {"severity", severity}});
    } else {
      fmt::print("{}  {}  {}: {}\n", severity, rule.name, kind, rule.expression());
    }
  }
  if (session.json) fmt::print("{}\n", JsonText(Json{{"rules", std::move(list)}}, 2));
}

StatusOr<int> Rules(const Session& session, const RulesArgs& args) {
  BESSEMER_ASSIGN_OR_RETURN(Schema schema, ::bessemer::schema::ReadSchema(args.schema));
  if (args.set.empty()) {
    BESSEMER_ASSIGN_OR_RETURN(const validation::RuleSet set,
                              validation::CollectRules(schema, args.schema, ""));
    PrintRules(session, set.rules);
    return kExitOk;
  }
  BESSEMER_ASSIGN_OR_RETURN(const validation::RuleSet set, validation::ReadRules(args.set));
  if (!set.severities.empty()) {
    return InvalidArgumentError("{}: severities stay in the file; a schema keeps rules only",
                                args.set);
  }
  validation::SetRulesOfSchema(set.rules, &schema);
  return Deliver(session, schema, args.out);
}

}  // namespace

StatusOr<int> Deliver(const Session& session, const Schema& schema, const std::string& out) {
  if (!out.empty()) BESSEMER_RETURN_IF_ERROR(::bessemer::schema::WriteSchema(out, schema));
  if (session.json) {
    PrintFeatures(schema);
  } else if (out.empty()) {
    fmt::print("{}", ::bessemer::schema::SchemaText(schema));
  }
  return kExitOk;
}

void PrintFeatures(const Schema& schema) {
  Json features = Json::array();
  for (const auto& summary : ::bessemer::schema::Summarise(schema)) {
    features.push_back({{"feature", summary.path},
                        {"type", summary.type},
                        {"presence", summary.presence},
                        {"values", summary.shape},
                        {"domain", summary.domain},
                        {"notes", summary.notes}});
  }
  fmt::print("{}\n", JsonText(Json{{"features", std::move(features)}}, 2));
}

void AddApply(CLI::App& app, Session& session) {
  auto args = std::make_shared<ApplyArgs>();
  CLI::App* verb = app.add_subcommand("apply", "Makes the changes that anomalies ask for");
  verb->add_option("schema", args->schema, "schema.pbtxt")->required();
  verb->add_option("anomalies", args->anomalies,
                   "SchemaDiff.pb or a folder that holds it, with edits")
      ->required();
  verb->add_option("--only", args->only, "Only for these features or anomaly types; repeatable")
      ->allow_extra_args(false);
  verb->add_option("-o,--out", args->out, "Write schema.pbtxt here instead of printing it");
  verb->footer(
      "Examples:\n  bessemer schema apply schema.pbtxt anomalies/Split-eval --only fare -o "
      "new.pbtxt");
  verb->callback([&session, args] {
    session.Run([&session, args] { return Apply(session, *args); });
  });
}

void AddRules(CLI::App& app, Session& session) {
  auto args = std::make_shared<RulesArgs>();
  CLI::App* verb = app.add_subcommand("rules", "Shows a schema's own rules, or puts them into it");
  verb->add_option("schema", args->schema, "schema.pbtxt")->required();
  verb->add_option("--set", args->set, "A YAML file of rules that replace those in the schema");
  verb->add_option("-o,--out", args->out, "With --set: write schema.pbtxt here");
  verb->footer(
      "Examples:\n  bessemer schema rules schema.pbtxt\n"
      "  bessemer schema rules schema.pbtxt --set rules.yaml -o schema.pbtxt");
  verb->callback([&session, args] {
    session.Run([&session, args] { return Rules(session, *args); });
  });
}

}  // namespace bessemer::cli::schema
