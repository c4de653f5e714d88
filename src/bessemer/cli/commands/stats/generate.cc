#include <CLI/CLI.hpp>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <set>

#include "bessemer/base/nearest_name.h"
#include "bessemer/cli/commands/stats/stats_command.h"
#include "bessemer/cli/param_flags.h"
#include "bessemer/cli/source_flags.h"
#include "bessemer/example_gen/example_rows.h"
#include "bessemer/io/file.h"
#include "bessemer/statistics/generate.h"
#include "bessemer/statistics/inputs.h"
#include "bessemer/statistics/statistics_file.h"
#include "bessemer/validation/rule_counts.h"
#include "tensorflow_metadata/proto/v0/schema.pb.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::cli::stats {
namespace {

using ::bessemer::statistics::DatasetStatisticsState;
using ::bessemer::statistics::StatisticsOptions;
using ::tensorflow::metadata::v0::DatasetFeatureStatisticsList;

struct Args {
  std::vector<std::string> paths;
  Outputs outputs;
  std::string schema, rules, options_file;
  std::vector<std::string> slices, features, vocabularies;
  SourceFlags source;
  ParamTexts params;
  bool as_examples = false;
};

// Parameters with flags of their own.
const std::set<std::string> kOwnFlags = {"slices", "feature_allowlist", "vocab_paths"};

std::vector<ParamFlag> OptionFlags() {
  static const std::map<std::string, std::string> kAliases = {
      {"use_sketch_based_topk_uniques", "--sketch"},
      {"enable_semantic_domain_stats", "--semantic"},
      {"cross_feature_stats", "--cross-features"},
      {"count_empty_values", "--count-empty"},
      {"mutual_information_sklearn", "--sklearn-information"}};
  std::vector<ParamFlag> flags;
  for (Param& param : ::bessemer::statistics::StatisticsParams()) {
    if (kOwnFlags.contains(param.name)) continue;
    const auto alias = kAliases.find(param.name);
    flags.push_back({.param = std::move(param),
                     .alias = alias == kAliases.end() ? "" : alias->second,
                     .group = "What to compute"});
  }
  return flags;
}

Status CheckSliceNames(const Args& args, const DatasetFeatureStatisticsList& result) {
  std::vector<std::string> names;
  for (const auto& feature : result.datasets(0).features()) {
    names.push_back(feature.has_path() ? fmt::format("{}", fmt::join(feature.path().step(), "."))
                                       : feature.name());
  }
  for (const std::string& text : args.slices) {
    BESSEMER_ASSIGN_OR_RETURN(const auto spec, ::bessemer::statistics::ParseSliceSpec(text));
    for (const auto& [name, values] : spec.features) {
      if (std::find(names.begin(), names.end(), name) != names.end()) continue;
      return InvalidArgumentError("--slice {}: no row of the input has a feature '{}'{}", text,
                                  name, SuggestName(name, names));
    }
  }
  return OkStatus();
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
  if (args.features.empty()) {  // else the result does not tell of all
    BESSEMER_RETURN_IF_ERROR(CheckSliceNames(args, result));
  }
  if (!args.slices.empty() && result.datasets_size() == 1) {
    return InvalidArgumentError("--slice {}: no row of the input is in such a slice",
                                fmt::join(args.slices, " --slice "));
  }
  return OkStatus();
}

// The rows of all files, which may be of several formats, or of a query.
StatusOr<std::vector<::bessemer::statistics::SourceOpener>> OpenSources(
    const Args& args, const StatisticsOptions& options, Session& session,
    std::vector<std::shared_ptr<const example_gen::RowInput>>* rows) {
  std::vector<::bessemer::statistics::SourceOpener> sources;
  BESSEMER_ASSIGN_OR_RETURN(auto inputs, OpenAllRows(args.paths, args.source, session));
  for (auto& input : inputs) {
    if (args.as_examples) input = example_gen::AsExamples(std::move(input));
    rows->push_back(std::move(input));
    for (auto& source : ::bessemer::statistics::OpenRows(rows->back(), options)) {
      sources.push_back(std::move(source));
    }
  }
  return sources;
}

// Those of TFDV's JSON file.
StatusOr<StatisticsOptions> OptionsFromFile(const Args& args) {
  for (const auto& [name, text] : args.params) {
    if (name == "tfdv_compat") continue;
    return InvalidArgumentError("{}: --options gives all options; set it there, or leave {} away",
                                FlagOf(name), FlagOf(name));
  }
  BESSEMER_ASSIGN_OR_RETURN(const std::string json, io::ReadFile(args.options_file));
  auto options = ::bessemer::statistics::OptionsFromTfdvJson(json);
  if (!options.ok()) return WithContext(options.status(), args.options_file);
  options->tfdv_compat = args.params.contains("tfdv_compat");
  return options;
}

StatusOr<StatisticsOptions> OptionsFromFlags(const Args& args) {
  const std::vector<Param> declared = ::bessemer::statistics::StatisticsParams();
  BESSEMER_ASSIGN_OR_RETURN(const Json values, ReadParamFlags(declared, args.params));
  BESSEMER_ASSIGN_OR_RETURN(const ParamValues params,
                            ParamValues::FromJson(declared, values, "the flags"));
  return ::bessemer::statistics::OptionsFromParams(params);
}

StatusOr<StatisticsOptions> OptionsOf(const Args& args) {
  BESSEMER_ASSIGN_OR_RETURN(
      StatisticsOptions options,
      args.options_file.empty() ? OptionsFromFlags(args) : OptionsFromFile(args));
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
  // Rules that were not asked for are not counted in samples, of which they would tell little.
  if (!args.rules.empty() || (options.schema != nullptr && options.sample_rate == 1)) {
    BESSEMER_ASSIGN_OR_RETURN(
        const validation::RuleSet rules,
        validation::CollectRules(options.schema == nullptr ? ::tensorflow::metadata::v0::Schema()
                                                           : *options.schema,
                                 args.schema, args.rules));
    BESSEMER_ASSIGN_OR_RETURN(options.row_conditions, validation::RowConditionsOf(rules.rules));
  }
  for (const std::string& text : args.slices) {
    BESSEMER_ASSIGN_OR_RETURN(auto spec, ::bessemer::statistics::ParseSliceSpec(text));
    options.slices.push_back(std::move(spec));
  }
  BESSEMER_RETURN_IF_ERROR(options.Validate());
  if (options.mutual_information.enabled && options.schema == nullptr) {
    return InvalidArgumentError(
        "--mutual-information needs --schema, which says what are numbers and what are categories; "
        "`schema infer` writes one");
  }
  return options;
}

StatusOr<int> Generate(Session& session, const Args& args) {
  BESSEMER_ASSIGN_OR_RETURN(const StatisticsOptions options, OptionsOf(args));
  std::vector<std::shared_ptr<const example_gen::RowInput>> rows;
  BESSEMER_ASSIGN_OR_RETURN(const auto sources, OpenSources(args, options, session, &rows));
  session.progress().Start("statistics", 0, "rows");
  BESSEMER_ASSIGN_OR_RETURN(
      const DatasetStatisticsState state,
      ::bessemer::statistics::GenerateStatistics(sources, options, session.num_threads,
                                                 &session.progress()));
  const DatasetFeatureStatisticsList result = state.Finish();
  BESSEMER_RETURN_IF_ERROR(state.status());
  BESSEMER_RETURN_IF_ERROR(CheckAsked(args, result));
  BESSEMER_ASSIGN_OR_RETURN(const int code, Deliver(session, args.outputs, state, result));
  std::vector<const example_gen::RowInput*> read;
  for (const auto& input : rows) read.push_back(input.get());
  BESSEMER_RETURN_IF_ERROR(SaySkippedRows(read).status());
  std::fflush(stdout);
  for (const example_gen::RowInput* const input : read) {
    if (const std::string note = input->note(); !note.empty()) fmt::print(stderr, "{}\n", note);
  }
  return code;
}

constexpr char kExamples[] =
    "Examples:\n"
    "  bessemer stats generate data/Split-train\n"
    "  bessemer stats generate flights.csv --null NA -o FeatureStats.pb\n"
    "  bessemer stats generate 'part-*.parquet' -o FeatureStats.pb --slice country\n"
    "  bessemer stats generate flights.csv --slice \"SELECT STRUCT(carrier) FROM example.carrier "
    "WHERE carrier IN ('AA', 'UA')\"\n"
    "  bessemer stats generate day1.parquet --state day1.state\n"
    "  bessemer stats generate day1.parquet --rules rules.yaml -o FeatureStats.pb\n"
    "  bessemer stats generate --source sqlite --connection shop.db --query 'SELECT * FROM t'\n"
    "  zcat rows.csv.gz | bessemer stats generate - -o - | bessemer schema infer -";

}  // namespace

void AddGenerate(CLI::App& app, Session& session) {
  auto args = std::make_shared<Args>();
  CLI::App* verb = app.add_subcommand("generate", "Computes statistics of files in one pass");
  verb->add_option("path", args->paths,
                   "Files, folders or patterns, of any format that a source reads; - is standard "
                   "input");
  AddOutputs(verb, &args->outputs);
  verb->add_option("--schema", args->schema, "A schema.pbtxt that says what features mean");
  verb->add_option("--rules", args->rules,
                   "YAML file of own rules: counts the rows that break each rule over rows, so "
                   "that `validate --stats` needs no rows; those of the schema, and rules.yaml "
                   "beside it, are counted anyway");
  verb->add_option("--slice", args->slices,
                   "Also by slice: feature, feature=value, several by commas, or a query SELECT "
                   "STRUCT(…) FROM example.feature WHERE …; may be repeated")
      ->allow_extra_args(false);
  verb->add_option("--feature,--feature-allowlist", args->features,
                   "Only this column; may be repeated")
      ->allow_extra_args(false);
  AddSourceFlags(*verb, args->source);
  verb->add_flag("--as-examples", args->as_examples,
                 "Describe rows as the examples that a pipeline writes of them: nested columns "
                 "become features parent.child, an empty cell of CSV is there without values "
                 "rather than missing");
  verb->add_option("--vocab", args->vocabularies,
                   "name=file of a vocabulary that natural language domains of the schema name")
      ->allow_extra_args(false);
  verb->add_option("--options", args->options_file,
                   "A file with TFDV's StatsOptions.to_json(), in place of the options below");
  AddParamFlags(*verb, OptionFlags(), &args->params);
  verb->footer(kExamples);
  verb->callback([&session, args] {
    session.Run([&session, args] { return Generate(session, *args); });
  });
}

}  // namespace bessemer::cli::stats
