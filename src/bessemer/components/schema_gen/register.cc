#include <algorithm>

#include "bessemer/components/component.h"
#include "bessemer/components/schema_gen/transformations.h"
#include "bessemer/io/file.h"
#include "bessemer/schema/infer.h"
#include "bessemer/schema/schema_file.h"
#include "bessemer/statistics/statistics_file.h"
#include "bessemer/validation/update.h"

namespace bessemer::components::schema_gen {
namespace {

using ::tensorflow::metadata::v0::DatasetFeatureStatistics;
using ::tensorflow::metadata::v0::DatasetFeatureStatisticsList;
using ::tensorflow::metadata::v0::Schema;

StatusOr<std::vector<std::string>> SplitsOf(const Artifact& statistics,
                                            const ParamValues& params) {
  std::vector<std::string> splits = statistics.SplitNames();
  for (const std::string& excluded : params.Strings("exclude_splits")) {
    const auto found = std::find(splits.begin(), splits.end(), excluded);
    if (found == splits.end()) {
      return params.Error("exclude_splits",
                          fmt::format("the statistics have no split '{}'; they have: {}", excluded,
                                      fmt::join(statistics.SplitNames(), ", ")));
    }
    splits.erase(found);
  }
  if (splits.empty()) {
    return FailedPreconditionError("SchemaGen has no split to infer a schema from in '{}'",
                                   statistics.uri);
  }
  return splits;
}

// Statistics of all examples of a split, without features that are made of others: those are
// written into a schema by hand.
StatusOr<DatasetFeatureStatistics> ReadSplit(const std::string& uri) {
  BESSEMER_ASSIGN_OR_RETURN(const DatasetFeatureStatisticsList list,
                            statistics::ReadStatistics(uri));
  BESSEMER_ASSIGN_OR_RETURN(const DatasetFeatureStatistics* dataset, schema::DefaultDataset(list));
  return schema::WithoutCompositeFeatures(*dataset);
}

Status Run(RunContext& context) {
  const Artifact* input = context.Input("statistics");
  if (input == nullptr) {
    return FailedPreconditionError("SchemaGen has no statistics to read; connect 'statistics'");
  }
  const int max_domain = static_cast<int>(context.params.Int("max_string_domain_size"));
  BESSEMER_ASSIGN_OR_RETURN(const std::vector<std::string> splits,
                            SplitsOf(*input, context.params));
  Schema schema;
  std::vector<std::string> used;
  for (const std::string& split : splits) {
    BESSEMER_ASSIGN_OR_RETURN(const DatasetFeatureStatistics statistics,
                              ReadSplit(input->SplitUri(split)));
    // No examples say nothing about features, but to an update that all of them are gone.
    if (statistics.num_examples() == 0) continue;
    StatusOr<Schema> next =
        used.empty()
            ? schema::InferSchema(
                  statistics, {.infer_feature_shape = context.params.Bool("infer_feature_shape"),
                               .max_string_domain_size = max_domain})
            : validation::UpdateSchema(schema, statistics, {.max_string_domain_size = max_domain});
    if (!next.ok()) return WithContext(next.status(), fmt::format("split '{}'", split));
    schema = *std::move(next);
    used.push_back(split);
  }
  BESSEMER_RETURN_IF_ERROR(ApplyTransformations(context.params, &schema));
  context.summary = fmt::format("{} features, from {}", schema.feature_size(),
                                used.empty() ? std::string("no examples")
                                             : fmt::format("{}", fmt::join(used, ", ")));
  return schema::WriteSchema(
      io::JoinPath(context.Output("schema").uri, schema::kSchemaFile), schema);
}

std::vector<Param> Params() {
  std::vector<Param> params = {
      {.name = "infer_feature_shape",
       .type = ParamType::kBool,
       .default_value = true,
       .doc = "Whether features that always have the same number of values get a fixed shape (and "
              "become dense tensors)."},
      {.name = "exclude_splits",
       .type = ParamType::kList,
       .default_value = Json::array(),
       .doc = "Splits to leave out."},
      {.name = "max_string_domain_size",
       .type = ParamType::kInt,
       .default_value = 100,
       .doc = "Text features of at most so many distinct values get their list as their domain.",
       .min = 0,
       .max = 1000000}};
  for (Param& param : TransformationParams()) params.push_back(std::move(param));
  return params;
}

}  // namespace

void Register(ComponentRegistry& registry) {
  registry.Add(
      {.name = "SchemaGen",
       .doc = "Infers the schema of the data from its statistics\n"
              "From the first split, then relaxed until it accepts the others. Writes "
              "schema.pbtxt.",
       .inputs = {{.name = "statistics",
                   .artifact_type = "ExampleStatistics",
                   .doc = "What the schema shall fit."}},
       .outputs = {{.name = "schema", .artifact_type = "Schema", .doc = "schema.pbtxt"}},
       .params = Params(),
       .run = Run,
       .tfx_class = "tfx.components.schema_gen.component.SchemaGen"});
}

}  // namespace bessemer::components::schema_gen
