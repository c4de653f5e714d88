#include <google/protobuf/util/json_util.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <set>

#include "bessemer/base/json_text.h"
#include "bessemer/cli/command.h"
#include "bessemer/cli/source_flags.h"
#include "bessemer/io/file.h"
#include "bessemer/statistics/generate.h"
#include "bessemer/statistics/inputs.h"
#include "bessemer/statistics/statistics_file.h"
#include "bessemer/statistics/statistics_parts.h"
#include "bessemer/statistics/statistics_view.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::cli::stats {
namespace {

using ::bessemer::statistics::DatasetStatisticsState;
using ::bessemer::statistics::StatisticsOptions;
using ::tensorflow::metadata::v0::DatasetFeatureStatisticsList;

struct Args {
  std::vector<std::string> paths;
  std::string out, state, schema, options_file;
  std::vector<std::string> vocabularies;
  bool parts = false;
  std::vector<std::string> slices;
  std::vector<std::string> features;
  SourceFlags source;
  StatisticsOptions options;
};

Status Print(const Session& session, const DatasetFeatureStatisticsList& statistics) {
  if (!session.json) {
    fmt::print("{}", ::bessemer::statistics::StatisticsTable(statistics));
    return OkStatus();
  }
  std::string json;
  ::google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  const auto status = ::google::protobuf::util::MessageToJsonString(statistics, &json, options);
  if (!status.ok()) return InternalError("the statistics cannot be written as JSON");
  fmt::print("{}\n", json);
  return OkStatus();
}

// Writes what was asked for; with nothing asked for, prints.
StatusOr<int> Deliver(const Session& session, const Args& args,
                      const DatasetStatisticsState& state,
                      const DatasetFeatureStatisticsList& result) {
  if (!args.state.empty()) BESSEMER_RETURN_IF_ERROR(state.SaveFile(args.state));
  if (!args.out.empty()) {
    BESSEMER_RETURN_IF_ERROR(::bessemer::statistics::WriteStatistics(args.out, result));
  }
  if (session.json || (args.out.empty() && args.state.empty())) {
    BESSEMER_RETURN_IF_ERROR(Print(session, result));
  }
  return kExitOk;
}

// A column or slice that no row has is a slip of the pen, not an answer.
Status CheckAsked(const Args& args, const DatasetFeatureStatisticsList& result) {
  std::set<std::string> found;
  for (const auto& feature : result.datasets(0).features()) {
    found.insert(feature.has_path() ? feature.path().step(0) : feature.name());
  }
  for (const std::string& name : args.features) {
    if (!found.contains(name)) {
      return InvalidArgumentError("--feature {}: no row of the input has this column", name);
    }
  }
  if (!args.slices.empty() && result.datasets_size() == 1) {
    return InvalidArgumentError("--slice {}: no row of the input is in such a slice",
                                fmt::join(args.slices, " --slice "));
  }
  return OkStatus();
}

// The rows of all files, which may be of several formats, or of a query.
StatusOr<std::vector<::bessemer::statistics::SourceOpener>> OpenSources(const Args& args,
                                                                        Session& session) {
  std::vector<::bessemer::statistics::SourceOpener> sources;
  const auto add = [&](StatusOr<std::unique_ptr<example_gen::RowInput>> rows) -> Status {
    if (!rows.ok()) return rows.status();
    for (auto& source : ::bessemer::statistics::OpenRows(*std::move(rows))) {
      sources.push_back(std::move(source));
    }
    return OkStatus();
  };
  if (args.paths.empty()) {
    BESSEMER_RETURN_IF_ERROR(add(OpenRows("", args.source, session)));
    return sources;
  }
  BESSEMER_ASSIGN_OR_RETURN(const auto groups,
                            ::bessemer::statistics::FindInputs(args.paths, args.source.format));
  for (const example_gen::RowFiles& group : groups) {
    BESSEMER_RETURN_IF_ERROR(add(OpenRows(group, args.source, session)));
  }
  return sources;
}

// Those of TFDV's JSON file, if one is given, else those of the command line.
StatusOr<StatisticsOptions> OptionsOf(const Args& args) {
  StatisticsOptions options = args.options;
  if (!args.options_file.empty()) {
    BESSEMER_ASSIGN_OR_RETURN(const std::string json, io::ReadFile(args.options_file));
    auto read = ::bessemer::statistics::OptionsFromTfdvJson(json);
    if (!read.ok()) return WithContext(read.status(), args.options_file);
    options = *std::move(read);
    options.tfdv_compat = args.options.tfdv_compat;
  }
  if (!args.features.empty()) options.feature_allowlist = args.features;
  for (const std::string& vocabulary : args.vocabularies) {
    const size_t equals = vocabulary.find('=');
    if (equals == 0 || equals == std::string::npos) {
      return InvalidArgumentError("--vocab {}: must be name=file", vocabulary);
    }
    options.vocab_paths[vocabulary.substr(0, equals)] = vocabulary.substr(equals + 1);
  }
  if (!args.schema.empty()) {
    BESSEMER_ASSIGN_OR_RETURN(options.schema, ::bessemer::statistics::ReadSchema(args.schema));
  }
  for (const std::string& text : args.slices) {
    BESSEMER_ASSIGN_OR_RETURN(auto spec, ::bessemer::statistics::ParseSliceSpec(text));
    options.slices.push_back(std::move(spec));
  }
  BESSEMER_RETURN_IF_ERROR(options.Validate());
  return options;
}

StatusOr<int> Generate(Session& session, const Args& args) {
  BESSEMER_ASSIGN_OR_RETURN(const StatisticsOptions options, OptionsOf(args));
  BESSEMER_ASSIGN_OR_RETURN(const auto sources, OpenSources(args, session));
  session.progress().Start("statistics", 0, "rows");
  BESSEMER_ASSIGN_OR_RETURN(
      const DatasetStatisticsState state,
      ::bessemer::statistics::GenerateStatistics(sources, options, session.num_threads,
                                                 &session.progress()));
  const DatasetFeatureStatisticsList result = state.Finish();
  BESSEMER_RETURN_IF_ERROR(state.status());
  BESSEMER_RETURN_IF_ERROR(CheckAsked(args, result));
  return Deliver(session, args, state, result);
}

// Statistics of the same rows in parts.
StatusOr<int> MergeParts(const Session& session, const Args& args) {
  if (!args.state.empty()) {
    return InvalidArgumentError("--state: parts have no state that could be written");
  }
  ::bessemer::statistics::StatisticsPartsMerger merger;
  for (const std::string& path : args.paths) {
    BESSEMER_ASSIGN_OR_RETURN(const DatasetFeatureStatisticsList part,
                              ::bessemer::statistics::ReadStatistics(path));
    BESSEMER_RETURN_IF_ERROR(WithContext(merger.Add(part), path));
  }
  const DatasetFeatureStatisticsList result = merger.Get();
  if (!args.out.empty()) {
    BESSEMER_RETURN_IF_ERROR(::bessemer::statistics::WriteStatistics(args.out, result));
    if (!session.json) return kExitOk;
  }
  BESSEMER_RETURN_IF_ERROR(Print(session, result));
  return kExitOk;
}

StatusOr<int> Merge(Session& session, const Args& args) {
  if (args.parts) return MergeParts(session, args);
  std::optional<DatasetStatisticsState> merged;
  for (const std::string& path : args.paths) {
    BESSEMER_ASSIGN_OR_RETURN(const std::string bytes, io::ReadFile(path));
    StatusOr<DatasetStatisticsState> state = DatasetStatisticsState::Load(bytes);
    if (!state.ok()) return WithContext(state.status(), path);
    if (!merged) {
      merged = std::move(*state);
    } else {
      BESSEMER_RETURN_IF_ERROR(WithContext(merged->Merge(*state), path));
    }
  }
  const DatasetFeatureStatisticsList result = merged->Finish();
  BESSEMER_RETURN_IF_ERROR(merged->status());
  return Deliver(session, args, *merged, result);
}

StatusOr<int> Show(Session& session, const Args& args) {
  BESSEMER_ASSIGN_OR_RETURN(DatasetFeatureStatisticsList statistics,
                            ::bessemer::statistics::ReadStatistics(args.paths.front()));
  if (!args.slices.empty()) {
    DatasetFeatureStatisticsList wanted;
    for (const std::string& name : args.slices) {
      BESSEMER_ASSIGN_OR_RETURN(const auto slice,
                                ::bessemer::statistics::FindSlice(statistics, name));
      *wanted.add_datasets() = slice.proto();
    }
    statistics = std::move(wanted);
  }
  BESSEMER_RETURN_IF_ERROR(Print(session, statistics));
  return kExitOk;
}

std::string Shown(const std::optional<double>& number) {
  return number ? fmt::format("{:.6g}", *number) : "-";
}

StatusOr<int> Compare(Session& session, const Args& args) {
  BESSEMER_ASSIGN_OR_RETURN(const DatasetFeatureStatisticsList statistics,
                            ::bessemer::statistics::ReadStatistics(args.paths.front()));
  BESSEMER_ASSIGN_OR_RETURN(const auto a,
                            ::bessemer::statistics::FindSlice(statistics, args.slices[0]));
  BESSEMER_ASSIGN_OR_RETURN(const auto b,
                            ::bessemer::statistics::FindSlice(statistics, args.slices[1]));
  Json rows = Json::array();
  const auto number = [](const std::optional<double>& value) {
    return value ? Json(*value) : Json();
  };
  if (!session.json) {
    fmt::print("{:<32} {:>9} {:>9} {:>12} {:>12} {:>9}  {}\n", "feature", "missing a", "missing b",
               "mean a", "mean b", "distance", "most different value");
  }
  for (const auto& difference : ::bessemer::statistics::CompareSlices(a, b)) {
    const std::string path = ::bessemer::statistics::PathToString(difference.path);
    if (!session.json) {
      fmt::print("{:<32} {:>8.2f}% {:>8.2f}% {:>12} {:>12} {:>9}  {}\n", path,
                 100 * difference.missing_a, 100 * difference.missing_b, Shown(difference.mean_a),
                 Shown(difference.mean_b), Shown(difference.top_value_distance),
                 difference.top_value);
      continue;
    }
    rows.push_back({{"feature", path},
                    {"missing", {difference.missing_a, difference.missing_b}},
                    {"mean", {number(difference.mean_a), number(difference.mean_b)}},
                    {"top_value_distance", number(difference.top_value_distance)},
                    {"top_value", difference.top_value}});
  }
  if (session.json) fmt::print("{}\n", JsonText(rows));
  return kExitOk;
}

void AddOutputs(CLI::App* app, Args* args) {
  app->add_option("-o,--out", args->out,
                  "Write a binary DatasetFeatureStatisticsList here instead of printing a table");
  app->add_option("--state", args->state, "Write the mergeable state here");
}

void AddGenerate(CLI::App& app, Session& session) {
  auto args = std::make_shared<Args>();
  CLI::App* verb = app.add_subcommand("generate", "Computes statistics of files in one pass");
  verb->add_option("path", args->paths,
                   "Files, folders or patterns, of any format that a source reads");
  AddOutputs(verb, args.get());
  verb->add_option("--schema", args->schema, "A schema.pbtxt that says what features mean");
  verb->add_option("--weight-feature", args->options.weight_feature,
                   "A numeric column to weight rows by");
  verb->add_option("--slice", args->slices,
                   "Also by slice: feature, feature=value, several by commas, or a query SELECT "
                  "STRUCT(…) FROM example.feature WHERE …; may be repeated")
      ->allow_extra_args(false);
  verb->add_option("--feature", args->features, "Only this column; may be repeated")
      ->allow_extra_args(false);
  AddSourceFlags(*verb, args->source);
  verb->add_option("--sample-rate", args->options.sample_rate, "The fraction of rows to read");
  verb->add_option("--num-top-values", args->options.num_top_values,
                   "Most frequent values to list");
  verb->add_option("--label-feature", args->options.label_feature,
                   "With a schema: lift of each category for the values of this feature");
  verb->add_flag("--mutual-information", args->options.mutual_information.enabled,
                 "With a schema and --label-feature: what each feature tells of it, in bits");
  verb->add_flag("--sklearn-information", args->options.mutual_information.sklearn,
                 "With --mutual-information: also as scikit-learn estimates it, in nats");
  verb->add_option("--vocab", args->vocabularies,
                   "name=file of a vocabulary that natural language domains of the schema name")
      ->allow_extra_args(false);
  verb->add_option("--options", args->options_file,
                   "A file with TFDV's StatsOptions.to_json(), in place of other options");
  verb->add_flag("--sketch", args->options.use_sketch_based_topk_uniques,
                 "Estimate uniques and top values by TFDV's sketches");
  verb->add_flag("--semantic", args->options.enable_semantic_domain_stats,
                 "Look for images, natural language and times");
  verb->add_flag("--cross-features", args->options.cross_feature_stats,
                 "Covariance and correlation of each two numeric columns");
  verb->add_flag("--count-empty", args->options.count_empty_values,
                 "Count empty lists, empty strings and -1");
  verb->add_flag("--tfdv-compat", args->options.tfdv_compat,
                 "Approximate quantiles by the reference's sketch");
  verb->footer(
      "Examples:\n"
      "  bessemer stats generate data/Split-train\n"
      "  bessemer stats generate flights.csv --null NA -o FeatureStats.pb\n"
      "  bessemer stats generate 'part-*.parquet' -o FeatureStats.pb --slice country\n"
      "  bessemer stats generate flights.csv --slice \"SELECT STRUCT(carrier) FROM example.carrier "
      "WHERE carrier IN ('AA', 'UA')\"\n"
      "  bessemer stats generate day1.parquet --state day1.state\n"
      "  bessemer stats generate --source sqlite --connection shop.db "
      "--query 'SELECT * FROM orders' -o FeatureStats.pb");
  verb->callback([&session, args] {
    session.Run([&session, args] { return Generate(session, *args); });
  });
}

}  // namespace

void Setup(CLI::App& app, Session& session) {
  AddGenerate(app, session);
  auto merge_args = std::make_shared<Args>();
  CLI::App* merge =
      app.add_subcommand("merge", "Joins saved states into statistics of all the data");
  merge->add_option("state", merge_args->paths, "States of disjoint data, made with equal options")
      ->required();
  AddOutputs(merge, merge_args.get());
  merge->add_flag("--parts", merge_args->parts,
                  "Joins statistics (not states) that hold other features, or other statistics, of "
                  "the same rows");
  merge->footer(
      "Examples:\n"
      "  bessemer stats merge day1.state day2.state -o FeatureStats.pb\n"
      "  bessemer stats merge --parts basic.pb extra.pb -o FeatureStats.pb\n"
      "  bessemer stats merge --parts 'FeatureStats.pb-*-of-*' -o FeatureStats.pb");
  merge->callback([&session, merge_args] {
    session.Run([&session, merge_args] { return Merge(session, *merge_args); });
  });
  auto show_args = std::make_shared<Args>();
  CLI::App* show = app.add_subcommand("show", "Prints statistics as a table");
  show->add_option("file", show_args->paths, "FeatureStats.pb, stats_tfrecord, text, or a folder")
      ->required()
      ->expected(1);
  show->add_option("--slice", show_args->slices, "Only the slice of this name; may be repeated")
      ->allow_extra_args(false);
  show->footer("Examples:\n  bessemer stats show statistics/Split-train/FeatureStats.pb");
  show->callback([&session, show_args] {
    session.Run([&session, show_args] { return Show(session, *show_args); });
  });
  auto compare_args = std::make_shared<Args>();
  CLI::App* compare = app.add_subcommand(
      "compare", "Shows how two slices differ, feature by feature");
  compare->add_option("file", compare_args->paths, "Statistics that were made with --slice")
      ->required()
      ->expected(1);
  compare->add_option("--slice", compare_args->slices, "Names of the two slices; 'All Examples'")
      ->required()
      ->expected(2);
  compare->footer(
      "Examples:\n  bessemer stats compare FeatureStats.pb --slice 'All Examples' day_3");
  compare->callback([&session, compare_args] {
    session.Run([&session, compare_args] { return Compare(session, *compare_args); });
  });
  app.require_subcommand(1);
  app.footer(
      "Examples:\n"
      "  bessemer stats generate data.csv -o FeatureStats.pb\n"
      "  bessemer stats show FeatureStats.pb");
}

void Register(CommandRegistry& registry) {
  registry.Add({.name = "stats",
                .doc = "Computes, merges and shows statistics of data",
                .setup = Setup});
}

}  // namespace bessemer::cli::stats
