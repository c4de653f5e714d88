#include <algorithm>
#include <map>

#include "bessemer/base/hash.h"
#include "bessemer/components/component.h"
#include "bessemer/example_gen/examples.h"
#include "bessemer/io/file.h"
#include "bessemer/statistics/generate.h"
#include "bessemer/statistics/inputs.h"
#include "bessemer/statistics/statistics_file.h"
#include "bessemer/validation/rule_counts.h"
#include "tensorflow_metadata/proto/v0/schema.pb.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::components::statistics_gen {
namespace {

constexpr char kSchemaFile[] = "schema.pbtxt";

// Files that sharded_stats_output cuts statistics into.
constexpr int64_t kNumShards = 8;

Status WriteSplit(const Artifact& examples, const std::string& split, const std::string& out_uri,
                  const statistics::StatisticsOptions& options, RunContext& context) {
  BESSEMER_ASSIGN_OR_RETURN(const std::vector<std::string> files,
                            example_gen::ListExampleFiles(examples.SplitUri(split)));
  const std::string payload_format = examples.StringProperty("payload_format");
  BESSEMER_ASSIGN_OR_RETURN(const std::vector<statistics::SourceOpener> sources,
                            statistics::OpenExampleFiles(files, payload_format, options));
  BESSEMER_ASSIGN_OR_RETURN(const statistics::DatasetStatisticsState state,
                            statistics::GenerateStatistics(sources, options, context.num_threads,
                                                           context.progress));
  BESSEMER_RETURN_IF_ERROR(io::MakeDirectories(out_uri));
  const std::string file = io::JoinPath(out_uri, statistics::kStatisticsFile);
  const auto result = state.Finish();
  BESSEMER_RETURN_IF_ERROR(state.status());
  BESSEMER_RETURN_IF_ERROR(statistics::WriteStatistics(file, result));
  if (context.params.Bool("sharded_stats_output")) {
    BESSEMER_RETURN_IF_ERROR(statistics::WriteShardedStatistics(file, result, kNumShards));
  }
  return state.SaveFile(io::JoinPath(out_uri, statistics::kStateFile));
}

// Rules over rows are counted on the way, so that ExampleValidator need not read the rows again; in
// samples they are not, since what holds in them need not hold in all rows.
Status AddRules(const RunContext& context, statistics::StatisticsOptions* options) {
  if (options->sample_rate < 1) return OkStatus();
  const Artifact* const schema = context.Input("schema");
  BESSEMER_ASSIGN_OR_RETURN(
      const validation::RuleSet rules,
      validation::CollectRules(options->schema == nullptr ? ::tensorflow::metadata::v0::Schema()
                                                          : *options->schema,
                               schema == nullptr ? "" : schema->uri,
                               context.params.Has("rules") ? context.params.String("rules") : ""));
  BESSEMER_ASSIGN_OR_RETURN(options->row_conditions, validation::RowConditionsOf(rules.rules));
  return OkStatus();
}

// What comes from outside the pipeline: the file of rules.
StatusOr<Json> Resolve(const ParamValues& params, io::FileHashes&, const Progress&) {
  if (!params.Has("rules")) return Json(nullptr);
  BESSEMER_ASSIGN_OR_RETURN(const std::string bytes, io::ReadFile(params.String("rules")));
  return Json{{"rules", Sha256Hex(bytes)}};
}

// The options of all splits: TFX's own form of them, or one by one.
StatusOr<statistics::StatisticsOptions> OptionsOf(RunContext& context) {
  const std::string json = context.params.String("stats_options_json");
  statistics::StatisticsOptions options;
  if (json.empty()) {
    BESSEMER_ASSIGN_OR_RETURN(options, statistics::OptionsFromParams(context.params));
  } else {
    BESSEMER_ASSIGN_OR_RETURN(options, statistics::OptionsFromTfdvJson(json));
    options.tfdv_compat = context.params.Bool("tfdv_compat");
  }
  if (const Artifact* schema = context.Input("schema")) {
    if (options.schema != nullptr) {
      return context.params.Error(
          "stats_options_json",
          "has a schema, but one is connected as input too; give one of them");
    }
    BESSEMER_ASSIGN_OR_RETURN(options.schema,
                              statistics::ReadSchema(io::JoinPath(schema->uri, kSchemaFile)));
  }
  if (json.empty() && options.mutual_information.enabled && options.schema == nullptr) {
    return context.params.Error(
        "mutual_information",
        "needs a schema, which says what are numbers and what are categories: connect one, e.g. of "
        "ImportSchemaGen, as the input 'schema'");
  }
  BESSEMER_RETURN_IF_ERROR(AddRules(context, &options));
  BESSEMER_RETURN_IF_ERROR(options.Validate());
  return options;
}

// The rates of sample_rate_by_split, which must be those of splits there are.
StatusOr<std::map<std::string, double>> SampleRates(const Artifact& examples,
                                                    const ParamValues& params) {
  std::map<std::string, double> rates;
  const std::vector<std::string> splits = examples.SplitNames();
  for (const auto& [split, rate] : params.Value("sample_rate_by_split").items()) {
    if (std::find(splits.begin(), splits.end(), split) == splits.end()) {
      return params.Error("sample_rate_by_split",
                          fmt::format("the examples have no split '{}'; they have: {}", split,
                                      fmt::join(splits, ", ")));
    }
    if (!rate.is_number() || !(rate.get<double>() > 0 && rate.get<double>() <= 1)) {
      return params.Error("sample_rate_by_split",
                          fmt::format("the rate of '{}' must be in (0, 1]", split));
    }
    rates[split] = rate.get<double>();
  }
  return rates;
}

// The splits to read: those of the examples but the excluded, which must exist.
StatusOr<std::vector<std::string>> SplitsOf(const Artifact& examples, const ParamValues& params) {
  std::vector<std::string> splits = examples.SplitNames();
  for (const std::string& excluded : params.Strings("exclude_splits")) {
    const auto it = std::find(splits.begin(), splits.end(), excluded);
    if (it == splits.end()) {
      return params.Error("exclude_splits",
                          fmt::format("the examples have no split '{}'; they have: {}", excluded,
                                      fmt::join(examples.SplitNames(), ", ")));
    }
    splits.erase(it);
  }
  return splits;
}

Status Run(RunContext& context) {
  const Artifact* examples = context.Input("examples");
  if (examples == nullptr) {
    return FailedPreconditionError("StatisticsGen has no examples to read; connect 'examples'");
  }
  if (examples->StringProperty("payload_format") == "FORMAT_PROTO") {
    return FailedPreconditionError(
        "{} holds messages that are no examples (FORMAT_PROTO), so there are no features to "
        "describe; ImportProtoExampleGen with descriptor_set and message makes features of their "
        "fields",
        examples->uri);
  }
  BESSEMER_ASSIGN_OR_RETURN(const statistics::StatisticsOptions common, OptionsOf(context));
  BESSEMER_ASSIGN_OR_RETURN(const auto rates, SampleRates(*examples, context.params));
  BESSEMER_ASSIGN_OR_RETURN(const std::vector<std::string> splits,
                            SplitsOf(*examples, context.params));
  Artifact& out = context.Output("statistics");
  for (const std::string& split : splits) {
    statistics::StatisticsOptions options = common;
    if (const auto rate = rates.find(split); rate != rates.end()) {
      options.sample_rate = rate->second;
      if (options.sample_rate < 1) options.row_conditions.clear();
    }
    context.progress->Start(fmt::format("statistics of {}", split), 0, "rows");
    BESSEMER_RETURN_IF_ERROR(
        WithContext(WriteSplit(*examples, split, out.SplitUri(split), options, context),
                    fmt::format("split '{}'", split)));
  }
  out.SetSplitNames(splits);
  // Rows set aside belong to no split: the validator weighs them against those that are there.
  for (const char* name : {"num_rows", "num_bad_rows"}) {
    const auto known = examples->custom_properties.find(name);
    if (known != examples->custom_properties.end()) out.custom_properties[name] = known->second;
  }
  if (const PropertyValue* span = examples->Property("span")) out.properties["span"] = *span;
  if (const PropertyValue* version = examples->Property("version")) {
    out.custom_properties["version"] = *version;  // TFX's type has only the span
  }
  return OkStatus();
}

}  // namespace

void Register(ComponentRegistry& registry) {
  std::vector<Param> params = statistics::StatisticsParams();
  params.push_back({.name = "exclude_splits", .type = ParamType::kList,
                    .default_value = Json::array(), .doc = "Splits to leave out."});
  params.push_back({.name = "stats_options_json", .default_value = "",
                    .doc = "TFDV's StatsOptions.to_json(), in place of the options one by one, of "
                           "which tfdv_compat only is then read."});
  params.push_back({.name = "sample_rate_by_split", .type = ParamType::kMap,
                    .default_value = Json::object(),
                    .doc = "The fraction of rows to read, by split, in place of sample_rate."});
  params.push_back({.name = "rules", .type = ParamType::kString,
                    .doc = "A YAML file of rules, of which those over rows are counted on the way, "
                           "so that ExampleValidator, given the same, reads no rows; with a schema "
                           "its rules and rules.yaml beside it are counted anyway. Not in "
                           "samples."});
  params.push_back({.name = "sharded_stats_output", .type = ParamType::kBool,
                    .default_value = false,
                    .doc = "Also write the statistics in parts: FeatureStats.pb-00000-of-00008."});
  registry.Add(
      {.name = "StatisticsGen",
       .doc = "Computes statistics of every feature of every split\n"
              "Writes Split-<name>/FeatureStats.pb, a binary DatasetFeatureStatisticsList, and "
              "beside it\nstatistics.state, which `bessemer stats merge` joins with others.",
       .inputs = {{.name = "examples",
                   .artifact_type = "Examples",
                   .doc = "What to describe.",
                   .prefer = {"examples"}},
                  {.name = "schema",
                   .artifact_type = "Schema",
                   .doc = "Says which numbers are categories, which bytes images, and which "
                          "features are sparse or weighted.",
                   .optional = true}},
       .outputs = {{.name = "statistics",
                    .artifact_type = "ExampleStatistics",
                    .doc = "A folder for each split."}},
       .params = std::move(params),
       .version = 4,
       .resolve = Resolve,
       .run = Run,
       .tfx_class = "tfx.components.statistics_gen.component.StatisticsGen"});
}

}  // namespace bessemer::components::statistics_gen
