#include <algorithm>

#include "bessemer/components/component.h"
#include "bessemer/example_gen/examples.h"
#include "bessemer/io/file.h"
#include "bessemer/io/publish.h"
#include "bessemer/statistics/generate.h"
#include "bessemer/statistics/inputs.h"
#include "bessemer/statistics/statistics_file.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::components::statistics_gen {
namespace {

constexpr char kSchemaFile[] = "schema.pbtxt";

Status WriteSplit(const std::string& examples_uri, const std::string& out_uri,
                  const statistics::StatisticsOptions& options, RunContext& context) {
  BESSEMER_ASSIGN_OR_RETURN(const std::vector<std::string> files,
                            example_gen::ListExampleFiles(examples_uri));
  std::vector<statistics::SourceOpener> sources;
  for (const std::string& file : files) sources.push_back(statistics::OpenExampleFile(file));
  BESSEMER_ASSIGN_OR_RETURN(const statistics::DatasetStatisticsState state,
                            statistics::GenerateStatistics(sources, options, context.num_threads,
                                                           context.progress));
  BESSEMER_RETURN_IF_ERROR(io::MakeDirectories(out_uri));
  BESSEMER_RETURN_IF_ERROR(statistics::WriteStatistics(
      io::JoinPath(out_uri, statistics::kStatisticsFile), state.Finish()));
  return io::WriteFileAtomically(io::JoinPath(out_uri, statistics::kStateFile), state.Save());
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
  BESSEMER_ASSIGN_OR_RETURN(statistics::StatisticsOptions options,
                            statistics::OptionsFromParams(context.params));
  if (const Artifact* schema = context.Input("schema")) {
    BESSEMER_ASSIGN_OR_RETURN(options.schema,
                              statistics::ReadSchema(io::JoinPath(schema->uri, kSchemaFile)));
    BESSEMER_RETURN_IF_ERROR(options.Validate());
  }
  BESSEMER_ASSIGN_OR_RETURN(const std::vector<std::string> splits,
                            SplitsOf(*examples, context.params));
  Artifact& out = context.Output("statistics");
  for (const std::string& split : splits) {
    context.progress->Start(fmt::format("statistics of {}", split), 0, "rows");
    BESSEMER_RETURN_IF_ERROR(
        WithContext(WriteSplit(examples->SplitUri(split), out.SplitUri(split), options, context),
                    fmt::format("split '{}'", split)));
  }
  out.SetSplitNames(splits);
  if (const PropertyValue* span = examples->Property("span")) out.properties["span"] = *span;
  return OkStatus();
}

}  // namespace

void Register(ComponentRegistry& registry) {
  std::vector<Param> params = statistics::StatisticsParams();
  params.push_back({.name = "exclude_splits", .type = ParamType::kList,
                    .default_value = Json::array(), .doc = "Splits to leave out."});
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
       .run = Run,
       .tfx_class = "tfx.components.statistics_gen.component.StatisticsGen"});
}

}  // namespace bessemer::components::statistics_gen
