#include <algorithm>
#include <set>

#include "bessemer/base/hash.h"
#include "bessemer/components/anomalies_artifact.h"
#include "bessemer/components/component.h"
#include "bessemer/components/example_validator/split_validator.h"
#include "bessemer/io/file.h"
#include "bessemer/statistics/statistics_file.h"

namespace bessemer::components::example_validator {
namespace {

Status Run(RunContext& context) {
  const Artifact* statistics = context.Input("statistics");
  const Artifact* schema = context.Input("schema");
  if (statistics == nullptr || schema == nullptr) {
    return FailedPreconditionError("ExampleValidator needs 'statistics' and 'schema'");
  }
  BESSEMER_ASSIGN_OR_RETURN(const auto validator, SplitValidator::Create(context));
  if (const Artifact* before = context.Input("previous_statistics")) {
    context.summary = fmt::format("span {}, compared with span {}\n",
                                  statistics->IntProperty("span"), before->IntProperty("span"));
  }
  if (const Artifact* before = context.Input("previous_version_statistics")) {
    context.summary += fmt::format(
        "version {} of the span, compared with version {}\n", statistics->IntProperty("version"),
        before->IntProperty("version"));
  }
  std::vector<std::string> validated;
  std::map<std::string, int> blessed;
  const auto excluded = context.params.Strings("exclude_splits");
  for (const std::string& split : statistics->SplitNames()) {
    if (std::find(excluded.begin(), excluded.end(), split) != excluded.end()) continue;
    const auto good = validator->Validate(split);
    if (!good.ok()) return WithContext(good.status(), fmt::format("split '{}'", split));
    blessed[split] = *good ? 1 : 0;
    validated.push_back(split);
  }
  Artifact& out = context.Output("anomalies");
  out.SetSplitNames(validated);
  if (const PropertyValue* span = statistics->Property("span")) out.properties["span"] = *span;
  out.custom_properties["blessed"] = EncodeBlessed(blessed);
  return OkStatus();
}

// What comes from outside the pipeline: statistics of serving data, files of rules.
StatusOr<Json> Resolve(const ParamValues& params, io::FileHashes&, const Progress&) {
  Json resolved = Json::object();
  for (const char* name : {"serving_statistics", "previous_version_statistics", "rules",
                           "custom_validation_config"}) {
    if (!params.Has(name)) continue;
    std::string path = params.String(name);
    BESSEMER_ASSIGN_OR_RETURN(const bool is_folder, io::IsDirectory(path));
    if (is_folder) path = io::JoinPath(path, statistics::kStatisticsFile);
    BESSEMER_ASSIGN_OR_RETURN(const std::string bytes, io::ReadFile(path));
    resolved[name] = Sha256Hex(bytes);
  }
  return resolved.empty() ? Json(nullptr) : resolved;
}

std::vector<Param> Params() {
  return {{.name = "exclude_splits",
           .type = ParamType::kList,
           .default_value = Json::array(),
           .doc = "Splits to leave out."},
          {.name = "environment",
           .type = ParamType::kString,
           .doc = "The environment of the schema that the data is of, e.g. SERVING."},
          {.name = "severities",
           .type = ParamType::kMap,
           .default_value = Json::object(),
           .doc = "Severity (ERROR, WARNING, or UNKNOWN for none) by anomaly type, by feature, or "
                  "by feature:TYPE; what is not named is an error."},
          {.name = "new_features_are_warnings",
           .type = ParamType::kBool,
           .default_value = false,
           .doc = "Whether features that the schema does not have are warnings."},
          {.name = "fail_on",
           .type = ParamType::kString,
           .default_value = "WARNING",
           .doc = "The least severity that makes a split not blessed.",
           .choices = {"WARNING", "ERROR", "NEVER"}},
          {.name = "edits",
           .type = ParamType::kBool,
           .default_value = true,
           .doc = "Whether anomalies hold the change of the schema that would accept the data."},
          {.name = "slices",
           .type = ParamType::kBool,
           .default_value = false,
           .doc = "Whether to judge every slice of the statistics."},
          {.name = "numeric_distances",
           .type = ParamType::kBool,
           .default_value = true,
           .doc = "Whether infinity_norm and normalized_abs_difference measure numbers, by their "
                  "histograms; TFDV's give 0 for them."},
          {.name = "rules",
           .type = ParamType::kString,
           .doc = "A YAML file of rules over rows and statistics; rules.yaml beside the schema and "
                  "those in its annotation are read anyway."},
          {.name = "custom_validation_config",
           .type = ParamType::kString,
           .doc = "TFDV's CustomValidationConfig (a text file): SQL over statistics."},
          {.name = "bad_rows",
           .type = ParamType::kBool,
           .default_value = false,
           .doc = "Whether to look at every row of 'examples' and write those that break the "
                  "schema or a rule into Split-<name>/bad_rows.jsonl."},
          {.name = "max_bad_rows",
           .type = ParamType::kInt,
           .default_value = 10000,
           .doc = "How many of them to write; 0: all.",
           .min = 0},
          {.name = "previous_version_statistics",
           .type = ParamType::kString,
           .doc = "Statistics of the version before (as serving_statistics), in place of the input "
                  "of that name."},
          {.name = "serving_statistics",
           .type = ParamType::kString,
           .doc = "Statistics of serving data (a file, or a folder with FeatureStats.pb) to judge "
                  "skew_comparator by."}};
}

std::vector<Port> Inputs() {
  return {{.name = "statistics", .artifact_type = "ExampleStatistics", .doc = "What is judged."},
          {.name = "schema", .artifact_type = "Schema", .doc = "What it is judged by."},
          {.name = "examples",
           .artifact_type = "Examples",
           .doc = "The rows behind the statistics: for bad_rows, and for rules over rows that "
                  "StatisticsGen did not count.",
           .optional = true},
          {.name = "previous_statistics",
           .artifact_type = "ExampleStatistics",
           .doc = "Those of the span before, to see drift.",
           .optional = true,
           .resolver = "previous_span"},
          {.name = "previous_version_statistics",
           .artifact_type = "ExampleStatistics",
           .doc = "Those of the version of this span before: for num_examples_version_comparator "
                  "and rules with previous_version(…).",
           .optional = true,
           .resolver = "previous_version"}};
}

}  // namespace

void Register(ComponentRegistry& registry) {
  registry.Add(
      {.name = "ExampleValidator",
       .doc = "Looks for anomalies: compares the statistics of each split with the schema\n"
              "Also with the statistics of the previous span and of serving data, where the schema "
              "has comparators,\nand with rules of your own. Writes Split-<name>/SchemaDiff.pb, a "
              "binary Anomalies.",
       .inputs = Inputs(),
       .outputs = {{.name = "anomalies",
                    .artifact_type = "ExampleAnomalies",
                    .doc = "A folder for each split; `blessed` says which are good."}},
       .params = Params(),
       .version = 4,
       .resolve = Resolve,
       .run = Run,
       .tfx_class = "tfx.components.example_validator.component.ExampleValidator"});
}

}  // namespace bessemer::components::example_validator
