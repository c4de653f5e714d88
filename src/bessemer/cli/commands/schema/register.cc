#include <CLI/CLI.hpp>
#include <memory>

#include "bessemer/base/config.h"
#include "bessemer/base/json_text.h"
#include "bessemer/cli/command.h"
#include "bessemer/cli/commands/schema/edit.h"
#include "bessemer/schema/infer.h"
#include "bessemer/schema/schema_file.h"
#include "bessemer/schema/schema_table.h"
#include "bessemer/statistics/statistics_file.h"
#include "bessemer/validation/update.h"

namespace bessemer::cli::schema {
namespace {

using ::bessemer::schema::EntryDiff;
using ::tensorflow::metadata::v0::DatasetFeatureStatistics;
using ::tensorflow::metadata::v0::DatasetFeatureStatisticsList;
using ::tensorflow::metadata::v0::Schema;

constexpr int kContextLines = 2;

struct Args {
  std::string statistics, schema, other, out;
  std::string environment;
  bool no_shapes = false;
  int max_string_domain_size = 100;
};

StatusOr<DatasetFeatureStatistics> ReadDataset(const std::string& path) {
  BESSEMER_ASSIGN_OR_RETURN(const DatasetFeatureStatisticsList list,
                            ::bessemer::statistics::ReadStatistics(path));
  auto dataset = ::bessemer::schema::DefaultDataset(list);
  if (!dataset.ok()) return WithContext(dataset.status(), path);
  return **dataset;
}

StatusOr<int> Infer(const Session& session, const Args& args) {
  BESSEMER_ASSIGN_OR_RETURN(const DatasetFeatureStatistics dataset, ReadDataset(args.statistics));
  auto schema = ::bessemer::schema::InferSchema(
      ::bessemer::schema::WithoutCompositeFeatures(dataset),
      {.infer_feature_shape = !args.no_shapes,
       .max_string_domain_size = args.max_string_domain_size});
  if (!schema.ok()) return WithContext(schema.status(), args.statistics);
  return Deliver(session, *schema, args.out);
}

StatusOr<int> Update(const Session& session, const Args& args) {
  BESSEMER_ASSIGN_OR_RETURN(const Schema schema, ::bessemer::schema::ReadSchema(args.schema));
  BESSEMER_ASSIGN_OR_RETURN(const DatasetFeatureStatistics dataset, ReadDataset(args.statistics));
  validation::UpdateOptions options{.max_string_domain_size = args.max_string_domain_size};
  if (!args.environment.empty()) options.environment = args.environment;
  auto updated = validation::UpdateSchema(schema, dataset, options);
  if (!updated.ok()) return WithContext(updated.status(), args.statistics);
  return Deliver(session, *updated, args.out);
}

StatusOr<int> Diff(const Session& session, const Args& args) {
  BESSEMER_ASSIGN_OR_RETURN(const Schema left, ::bessemer::schema::ReadSchema(args.schema));
  BESSEMER_ASSIGN_OR_RETURN(const Schema right, ::bessemer::schema::ReadSchema(args.other));
  const std::vector<EntryDiff> diffs = ::bessemer::schema::DiffSchemas(left, right);
  Json list = Json::array();
  for (const EntryDiff& diff : diffs) {
    const char* change = !diff.in_right ? "removed" : !diff.in_left ? "added" : "changed";
    const std::string lines = ::bessemer::schema::FormatRuns(diff.runs, kContextLines, "  ");
    if (session.json) {
      list.push_back({{"entry", diff.entry}, {"change", change}, {"lines", lines}});
    } else {
      fmt::print("{}\n{}", session.Styled(fmt::format("{} {}", diff.entry, change), "1"), lines);
    }
  }
  if (session.json) fmt::print("{}\n", JsonText(Json{{"differences", std::move(list)}}, 2));
  return diffs.empty() ? kExitOk : kExitFindings;
}

StatusOr<int> Show(const Session& session, const Args& args) {
  BESSEMER_ASSIGN_OR_RETURN(const Schema schema, ::bessemer::schema::ReadSchema(args.schema));
  if (session.json) {
    PrintFeatures(schema);
  } else {
    fmt::print("{}", ::bessemer::schema::SchemaTable(schema));
  }
  return kExitOk;
}

void AddSizes(CLI::App* verb, Args* args) {
  verb->add_option("-o,--out", args->out, "Write schema.pbtxt here instead of printing it");
  verb->add_option("--max-string-domain-size", args->max_string_domain_size,
                   "Text features of at most so many distinct values get a domain")
      ->check(CLI::Range(0, 1 << 30))
      ->capture_default_str();
}

void AddInferAndUpdate(CLI::App& app, Session& session, const std::shared_ptr<Args>& args) {
  CLI::App* infer = app.add_subcommand("infer", "Infers a schema from statistics");
  infer->add_option("statistics", args->statistics, "FeatureStats.pb, or a folder that holds it")
      ->required();
  infer->add_flag("--no-shapes", args->no_shapes, "Count values instead of fixing shapes");
  AddSizes(infer, args.get());
  infer->footer("Examples:\n  bessemer schema infer FeatureStats.pb -o schema.pbtxt");
  infer->callback([&session, args] {
    session.Run([&session, args] { return Infer(session, *args); });
  });

  CLI::App* update = app.add_subcommand("update", "Relaxes a schema until it accepts statistics");
  update->add_option("schema", args->schema, "schema.pbtxt")->required();
  update->add_option("statistics", args->statistics, "FeatureStats.pb, or a folder")->required();
  update->add_option("--environment", args->environment, "The environment the data is of");
  AddSizes(update, args.get());
  update->footer(
      "Examples:\n  bessemer schema update schema.pbtxt Split-eval/FeatureStats.pb -o new.pbtxt");
  update->callback([&session, args] {
    session.Run([&session, args] { return Update(session, *args); });
  });
}

void Setup(CLI::App& app, Session& session) {
  auto args = std::make_shared<Args>();
  AddInferAndUpdate(app, session, args);
  CLI::App* diff = app.add_subcommand("diff", "Tells how schemas differ; exit code 1 if they do");
  diff->add_option("left", args->schema, "schema.pbtxt")->required();
  diff->add_option("right", args->other, "schema.pbtxt")->required();
  diff->footer("Examples:\n  bessemer schema diff schema.pbtxt new.pbtxt");
  diff->callback([&session, args] {
    session.Run([&session, args] { return Diff(session, *args); });
  });
  CLI::App* show = app.add_subcommand("show", "Prints a schema as a table");
  show->add_option("schema", args->schema, "schema.pbtxt, or a folder that holds it")->required();
  show->footer("Examples:\n  bessemer schema show schema.pbtxt");
  show->callback([&session, args] {
    session.Run([&session, args] { return Show(session, *args); });
  });
  AddApply(app, session);
  AddRules(app, session);
  app.require_subcommand(1);
  app.footer(
      "Examples:\n  bessemer schema infer FeatureStats.pb -o schema.pbtxt\n"
      "  bessemer schema show schema.pbtxt");
}

}  // namespace

void Register(CommandRegistry& registry) {
  registry.Add({.name = "schema",
                .doc = "Infers, updates, compares, edits and shows schemas",
                .setup = Setup});
}

}  // namespace bessemer::cli::schema
