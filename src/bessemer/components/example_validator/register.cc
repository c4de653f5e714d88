#include <google/protobuf/struct.pb.h>

#include <algorithm>

#include "absl/strings/escaping.h"
#include "bessemer/base/hash.h"
#include "bessemer/base/json_text.h"
#include "bessemer/components/component.h"
#include "bessemer/io/file.h"
#include "bessemer/io/publish.h"
#include "bessemer/proto/serialize.h"
#include "bessemer/schema/schema_file.h"
#include "bessemer/statistics/statistics_file.h"
#include "bessemer/validation/anomaly_table.h"
#include "bessemer/validation/validate.h"

namespace bessemer::components::example_validator {
namespace {

using ::tensorflow::metadata::v0::Anomalies;
using ::tensorflow::metadata::v0::AnomalyInfo;
using ::tensorflow::metadata::v0::DatasetFeatureStatistics;
using ::tensorflow::metadata::v0::DatasetFeatureStatisticsList;
using ::tensorflow::metadata::v0::Schema;

constexpr char kAnomaliesFile[] = "SchemaDiff.pb";  // TFX's name
constexpr char kNever[] = "NEVER";

// A map of numbers as TFX records JSON values in the metadata store.
std::string EncodeJsonValue(const std::map<std::string, int>& numbers) {
  google::protobuf::Struct wrapper;
  auto* fields = (*wrapper.mutable_fields())["__value__"].mutable_struct_value()->mutable_fields();
  for (const auto& [name, number] : numbers) (*fields)[name].set_number_value(number);
  return "mlmd-struct::" + absl::Base64Escape(proto::Serialize(wrapper));
}

StatusOr<DatasetFeatureStatistics> ReadDataset(const std::string& path) {
  BESSEMER_ASSIGN_OR_RETURN(const DatasetFeatureStatisticsList list,
                            statistics::ReadStatistics(path));
  auto dataset = schema::DefaultDataset(list);
  if (!dataset.ok()) return WithContext(dataset.status(), path);
  return **dataset;
}

StatusOr<validation::Severities> SeveritiesOf(const ParamValues& params) {
  validation::Severities severities;
  for (const auto& [name, value] : params.Value("severities").items()) {
    const auto type = validation::ParseAnomalyType(name);
    if (!type.ok()) return params.Error("severities", Message(type.status()));
    const auto severity =
        validation::ParseSeverity(value.is_string() ? value.get<std::string>() : JsonText(value));
    if (!severity.ok()) return params.Error("severities", Message(severity.status()));
    severities[*type] = *severity;
  }
  return severities;
}

bool IsBlessed(const Anomalies& anomalies, const std::string& fail_on) {
  if (fail_on == kNever || !validation::HasAnomalies(anomalies)) return true;
  return fail_on == "ERROR" && validation::GreatestSeverity(anomalies) != AnomalyInfo::ERROR;
}

class Validator {
 public:
  explicit Validator(RunContext& context) : context_(context) {}

  Status Run() {
    const Artifact* statistics = context_.Input("statistics");
    const Artifact* schema = context_.Input("schema");
    if (statistics == nullptr || schema == nullptr) {
      return FailedPreconditionError("ExampleValidator needs 'statistics' and 'schema'");
    }
    BESSEMER_ASSIGN_OR_RETURN(schema_, schema::ReadSchema(schema->uri));
    BESSEMER_RETURN_IF_ERROR(ReadParams());
    if (const Artifact* before = context_.Input("previous_statistics")) {
      context_.summary = fmt::format("span {}, compared with span {}\n",
                                     statistics->IntProperty("span"), before->IntProperty("span"));
    }
    std::vector<std::string> validated;
    const auto excluded = context_.params.Strings("exclude_splits");
    for (const std::string& split : statistics->SplitNames()) {
      if (std::find(excluded.begin(), excluded.end(), split) != excluded.end()) continue;
      BESSEMER_RETURN_IF_ERROR(
          WithContext(ValidateSplit(*statistics, split), fmt::format("split '{}'", split)));
      validated.push_back(split);
    }
    Artifact& out = context_.Output("anomalies");
    out.SetSplitNames(validated);
    if (const PropertyValue* span = statistics->Property("span")) out.properties["span"] = *span;
    out.custom_properties["blessed"] = EncodeJsonValue(blessed_);
    return OkStatus();
  }

 private:
  Status ReadParams() {
    const ParamValues& params = context_.params;
    if (params.Has("environment")) options_.environment = params.String("environment");
    BESSEMER_ASSIGN_OR_RETURN(options_.severities, SeveritiesOf(params));
    options_.with_edits = params.Bool("edits");
    if (params.Has("serving_statistics")) {
      BESSEMER_ASSIGN_OR_RETURN(serving_, ReadDataset(params.String("serving_statistics")));
      options_.serving = &serving_;
    }
    return OkStatus();
  }

  Status ValidateSplit(const Artifact& statistics, const std::string& split) {
    BESSEMER_ASSIGN_OR_RETURN(const DatasetFeatureStatistics current,
                              ReadDataset(statistics.SplitUri(split)));
    DatasetFeatureStatistics previous;
    validation::ValidateOptions options = options_;
    const Artifact* before = context_.Input("previous_statistics");
    if (before != nullptr && io::IsDirectory(before->SplitUri(split))) {
      BESSEMER_ASSIGN_OR_RETURN(previous, ReadDataset(before->SplitUri(split)));
      options.previous_span = &previous;
    }
    BESSEMER_ASSIGN_OR_RETURN(const Anomalies anomalies,
                              validation::Validate(current, schema_, options));
    const std::string folder = context_.Output("anomalies").SplitUri(split);
    BESSEMER_RETURN_IF_ERROR(io::MakeDirectories(folder));
    BESSEMER_RETURN_IF_ERROR(
        io::WriteFileAtomically(io::JoinPath(folder, kAnomaliesFile), proto::Serialize(anomalies)));
    blessed_[split] = IsBlessed(anomalies, context_.params.String("fail_on")) ? 1 : 0;
    const std::string table = validation::AnomalyTable(anomalies);
    context_.summary +=
        anomalies.data_missing() ? fmt::format("{}: no examples\n", split)
        : table.empty()          ? fmt::format("{}: no anomalies\n", split)
                                 : fmt::format("{}:\n{}", split, table);
    context_.summary += validation::DriftSkewTable(anomalies);
    return OkStatus();
  }

  RunContext& context_;
  Schema schema_;
  DatasetFeatureStatistics serving_;
  validation::ValidateOptions options_;
  std::map<std::string, int> blessed_;
};

Status Run(RunContext& context) { return Validator(context).Run(); }

// Statistics of serving data come from outside the pipeline.
StatusOr<Json> Resolve(const ParamValues& params, io::FileHashes&) {
  if (!params.Has("serving_statistics")) return Json(nullptr);
  std::string path = params.String("serving_statistics");
  if (io::IsDirectory(path)) path = io::JoinPath(path, statistics::kStatisticsFile);
  BESSEMER_ASSIGN_OR_RETURN(const std::string bytes, io::ReadFile(path));
  return Json{{"serving_statistics", Sha256Hex(bytes)}};
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
           .doc = "Severity (ERROR, WARNING, or UNKNOWN for none) by anomaly type; those not named "
                  "are errors."},
          {.name = "fail_on",
           .type = ParamType::kString,
           .default_value = "WARNING",
           .doc = "The least severity that makes a split not blessed.",
           .choices = {"WARNING", "ERROR", kNever}},
          {.name = "edits",
           .type = ParamType::kBool,
           .default_value = true,
           .doc = "Whether anomalies hold the change of the schema that would accept the data."},
          {.name = "serving_statistics",
           .type = ParamType::kString,
           .doc = "Statistics of serving data (a file, or a folder with FeatureStats.pb) to judge "
                  "skew_comparator by."}};
}

}  // namespace

void Register(ComponentRegistry& registry) {
  registry.Add(
      {.name = "ExampleValidator",
       .doc = "Looks for anomalies: compares the statistics of each split with the schema\n"
              "Also with the statistics of the previous span, where the schema has a "
              "drift_comparator. Writes\nSplit-<name>/SchemaDiff.pb, a binary Anomalies.",
       .inputs = {{.name = "statistics",
                   .artifact_type = "ExampleStatistics",
                   .doc = "What is judged."},
                  {.name = "schema", .artifact_type = "Schema", .doc = "What it is judged by."},
                  {.name = "previous_statistics",
                   .artifact_type = "ExampleStatistics",
                   .doc = "Those of the span before, to see drift.",
                   .optional = true,
                   .resolver = "previous_span"}},
       .outputs = {{.name = "anomalies",
                    .artifact_type = "ExampleAnomalies",
                    .doc = "A folder for each split; `blessed` says which are good."}},
       .params = Params(),
       .resolve = Resolve,
       .run = Run,
       .tfx_class = "tfx.components.example_validator.component.ExampleValidator"});
}

}  // namespace bessemer::components::example_validator
