#include <CLI/CLI.hpp>

#include "bessemer/cli/command.h"
#include "bessemer/cli/commands/examples/examples_internal.h"

namespace bessemer::cli::examples {
namespace {

// From files or a query to a place: a query stands instead of the first of the two paths.
void AddFromAndTo(CLI::App& verb, std::string& from, std::string& to, const std::string& to_doc) {
  verb.add_option("from", from, "File, pattern or folder; none with --query")->required();
  verb.add_option("to", to, to_doc);
}

Status CheckFromAndTo(const SourceFlags& source, std::string& from, std::string& to) {
  if (!source.query.empty() && to.empty()) std::swap(from, to);
  return to.empty() ? InvalidArgumentError("{}: give a second path, where to write", from)
                    : OkStatus();
}

void AddNullsInLists(CLI::App& verb, std::string& value) {
  verb.add_option("--nulls-in-lists", value,
                  "A null inside a list: makes its row a bad one (fail), or is left out (drop)")
      ->check(CLI::IsMember({"fail", "drop"}))
      ->capture_default_str();
}

void SetUpShow(CLI::App& app, Session& session) {
  auto options = std::make_shared<ShowOptions>();
  CLI::App* verb = app.add_subcommand("show", "Prints the first rows");
  verb->add_option("path", options->path, "File, pattern or folder");
  verb->add_option("-n,--rows", options->num_rows, "How many")
      ->check(CLI::Range(int64_t{0}, int64_t{1} << 40))
      ->capture_default_str();
  verb->add_option("-c,--column", options->columns, "Only these; may be repeated")
      ->allow_extra_args(false);
  AddNullsInLists(*verb, options->nulls_in_lists);
  AddSourceFlags(*verb, options->source);
  verb->footer(
      "Examples:\n  bessemer examples show data/flights.csv -n 3\n"
      "  bessemer examples show runs/1/examples/Split-train --json\n"
      "  bessemer examples show events.log --format jsonl\n"
      "  bessemer examples show --source postgresql --connection postgresql://reader@db/shop "
      "--query 'SELECT * FROM orders LIMIT 3'");
  verb->callback([&session, options] {
    session.Run([&session, options] { return Show(*options, session); });
  });
}

void SetUpCount(CLI::App& app, Session& session) {
  auto options = std::make_shared<CountOptions>();
  CLI::App* verb = app.add_subcommand("count", "Counts the rows of files");
  verb->add_option("path", options->paths, "Files, patterns or folders");
  AddSourceFlags(*verb, options->source);
  verb->footer("Examples:\n  bessemer examples count runs/1/examples/Split-train");
  verb->callback([&session, options] {
    session.Run([&session, options] { return Count(*options, session); });
  });
}

void SetUpConvert(CLI::App& app, Session& session) {
  auto options = std::make_shared<ConvertOptions>();
  CLI::App* verb =
      app.add_subcommand("convert",
                         "Writes rows of any format as TFRecords, Parquet, CSV or JSON lines");
  AddFromAndTo(*verb, options->from, options->to,
               "File: .parquet, or .tfrecord, .csv or .jsonl, also .gz; - is standard output");
  verb->add_option("--as", options->form,
                   "What to write where the name does not tell: tfrecord, parquet, csv or jsonl")
      ->check(CLI::IsMember({"tfrecord", "parquet", "csv", "jsonl"}));
  AddNullsInLists(*verb, options->nulls_in_lists);
  AddSourceFlags(*verb, options->source);
  verb->footer(
      "Examples:\n  bessemer examples convert flights.csv flights.tfrecord.gz\n"
      "  bessemer examples convert examples/Split-eval eval.parquet\n"
      "  bessemer examples convert events.avro events.jsonl.gz\n"
      "  bessemer examples convert --source sqlite --connection shop.db --query 'SELECT * FROM "
      "orders' orders.parquet\n"
      "  zcat events.csv.gz | bessemer examples convert - - --as jsonl");
  verb->callback([&session, options] {
    session.Run([&session, options]() -> StatusOr<int> {
      BESSEMER_RETURN_IF_ERROR(CheckFromAndTo(options->source, options->from, options->to));
      return Convert(*options, session);
    });
  });
}

void SetUpSplit(CLI::App& app, Session& session) {
  auto options = std::make_shared<SplitOptions>();
  CLI::App* verb = app.add_subcommand(
      "split", "Splits rows of any format by hash, as TFX does, or by group, stratum, value or "
               "time; samples, balances, deduplicates and filters them");
  AddFromAndTo(*verb, options->from, options->to, "Folder for Split-<name>");
  verb->add_option("-s,--split", options->splits, "name:buckets; may be repeated [train:2, eval:1]")
      ->allow_extra_args(false);
  verb->add_option("--by", options->by, "Rows equal in this feature come into one split");
  std::vector<ParamFlag> flags;
  for (const Param& param : SplitParams()) flags.push_back({.param = param});
  AddParamFlags(*verb, flags, &options->params);
  AddSourceFlags(*verb, options->source);
  verb->footer(
      "Examples:\n  bessemer examples split flights.csv out -s train:8 -s eval:2\n"
      "  bessemer examples split flights.csv out --by tailnum --where 'distance > 500'\n"
      "  bessemer examples split flights.csv out --stratify carrier --sample 0.1\n"
      "  bessemer examples split flights.csv out --deduplicate '[flight, time_hour]' \\\n"
      "      --by-time '{feature: time_hour, fractions: {train: 0.8, eval: 0.2}}' \\\n"
      "      --columns '{late: arr_delay > 15}' \\\n"
      "      --balance '{feature: late, ratio: 2, splits: [train]}'");
  verb->callback([&session, options] {
    session.Run([&session, options]() -> StatusOr<int> {
      BESSEMER_RETURN_IF_ERROR(CheckFromAndTo(options->source, options->from, options->to));
      return Split(*options, session);
    });
  });
}

void SetUpDiff(CLI::App& app, Session& session) {
  auto options = std::make_shared<DiffOptions>();
  CLI::App* verb = app.add_subcommand(
      "diff", "Compares the rows of two sets, whatever their order; exit code 1 if they differ");
  verb->add_option("left", options->left, "File, pattern or folder")->required();
  verb->add_option("right", options->right, "File, pattern or folder")->required();
  verb->add_option("-n,--rows", options->num_rows, "Print up to this many rows of each side")
      ->capture_default_str();
  AddSourceFlags(*verb, options->source);
  verb->footer("Examples:\n  bessemer examples diff old/Split-train new/Split-train");
  verb->callback([&session, options] {
    session.Run([&session, options] { return Diff(*options, session); });
  });
}

}  // namespace

void Register(CommandRegistry& registry) {
  registry.Add({.name = "examples",
                .doc = "Shows, counts, converts, splits and compares examples",
                .setup = [](CLI::App& app, Session& session) {
                  app.require_subcommand(1);
                  SetUpShow(app, session);
                  SetUpCount(app, session);
                  SetUpConvert(app, session);
                  SetUpSplit(app, session);
                  SetUpDiff(app, session);
                  app.footer(
                      "Examples:\n  bessemer examples show data.csv\n"
                      "  bessemer examples split data.csv out -s train:2 -s eval:1");
                }});
}

}  // namespace bessemer::cli::examples
