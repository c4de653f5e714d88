#include <google/protobuf/text_format.h>
#include <tensorflow_metadata/proto/v0/schema.pb.h>

#include <algorithm>
#include <optional>

#include "bessemer/base/nearest_name.h"
#include "bessemer/base/json_text.h"
#include "bessemer/components/component.h"
#include "bessemer/components/example_files.h"
#include "bessemer/expression/check.h"
#include "bessemer/io/file.h"
#include "bessemer/io/publish.h"
#include "bessemer/schema/schema_file.h"
#include "bessemer/transform/examples.h"
#include "bessemer/transform/transform_fn.h"

namespace bessemer::components::transform {
namespace {

namespace v0 = ::tensorflow::metadata::v0;
using bessemer::transform::TransformGraph;
using bessemer::transform::TransformSpec;

StatusOr<TransformSpec> ReadSpec(const RunContext& context) {
  const ParamValues& params = context.params;
  if (params.Has("outputs") == params.Has("spec")) {
    return InvalidArgumentError("give either 'outputs' or 'spec'");
  }
  if (params.Has("outputs")) {
    auto spec = TransformSpec::FromJson(params.Value("outputs"));
    if (!spec.ok()) return params.Error("outputs", Message(spec.status()));
    return spec;
  }
  const std::string path = params.String("spec");
  const std::string text = context.resolved.is_object() && context.resolved.contains("spec")
                               ? context.resolved["spec"].get<std::string>()
                               : std::string();
  if (text.empty()) return TransformSpec::ReadFile(path);
  BESSEMER_ASSIGN_OR_RETURN(const ConfigNode node, ConfigNode::Parse(text, path));
  return TransformSpec::FromConfig(node);
}

// The text of the spec file is part of what makes two runs equal.
StatusOr<Json> Resolve(const ParamValues& params, io::FileHashes&, const Progress&) {
  if (!params.Has("spec")) return Json(nullptr);
  BESSEMER_ASSIGN_OR_RETURN(const std::string text, io::ReadFile(params.String("spec")));
  return Json{{"spec", text}};
}

// One entry of splits_config.
Status CheckSplits(const ParamValues& params, const std::string& key, const Json& value) {
  if (key != "analyze" && key != "transform") {
    return params.Error("splits_config", fmt::format("unknown key '{}'{}", key,
                                                     SuggestName(key, {"analyze", "transform"})));
  }
  if (value.is_array()) return OkStatus();
  return params.Error("splits_config", fmt::format("'{}' must be a list", key));
}

// The functions and arguments of every expression; the schema decides about features and types.
Status Check(const ParamValues& params) {
  if (params.Has("outputs") == params.Has("spec")) {
    return InvalidArgumentError("give either 'outputs' or 'spec'");
  }
  const Json& splits = params.Value("splits_config");
  for (const auto& [key, value] : splits.items()) {
    BESSEMER_RETURN_IF_ERROR(CheckSplits(params, key, value));
  }
  std::optional<ConfigNode> file;
  TransformSpec spec;
  if (params.Has("outputs")) {
    auto given = TransformSpec::FromJson(params.Value("outputs"));
    if (!given.ok()) return params.Error("outputs", Message(given.status()));
    spec = *std::move(given);
  } else {
    auto node = ConfigNode::ReadFile(params.String("spec"));
    if (!node.ok()) return params.Error("spec", Message(node.status()));
    file = *std::move(node);
    BESSEMER_ASSIGN_OR_RETURN(spec, TransformSpec::FromConfig(*file));
    const ConfigNode* const inner = file->Find("outputs");
    if (inner != nullptr && inner->is_map()) file = ConfigNode(*inner);
  }
  const auto& functions = bessemer::transform::StandardLibrary().functions;
  for (const auto& [name, text] : spec.outputs) {
    const Status status = expression::CheckExpression(text, functions);
    if (status.ok()) continue;
    const std::string message = fmt::format("output '{}': {}", name, Message(status));
    const ConfigNode* const node = file ? file->Find(name) : nullptr;
    return node != nullptr ? node->Error(message) : params.Error("outputs", message);
  }
  return OkStatus();
}

// The splits that splits_config names for `purpose`, which must exist.
StatusOr<std::vector<std::string>> Splits(const RunContext& context, const char* purpose,
                                          std::vector<std::string> otherwise) {
  const Json& config = context.params.Value("splits_config");
  if (config.is_null()) return otherwise;
  for (const auto& [key, value] : config.items()) {
    BESSEMER_RETURN_IF_ERROR(CheckSplits(context.params, key, value));
  }
  if (!config.contains(purpose)) return otherwise;
  std::vector<std::string> splits;
  const std::vector<std::string> known = context.Input("examples")->SplitNames();
  for (const Json& item : config[purpose]) {
    const std::string name = item.is_string() ? item.get<std::string>() : JsonText(item);
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return context.params.Error(
          "splits_config", fmt::format("there is no split '{}'{}", name, SuggestName(name, known)));
    }
    splits.push_back(name);
  }
  return splits;
}

Status WriteSchema(RunContext& context, const char* port, const v0::Schema& schema) {
  if (!context.outputs.contains(port)) return OkStatus();
  std::string text;
  google::protobuf::TextFormat::PrintToString(schema, &text);
  return io::WriteFileAtomically(io::JoinPath(context.Output(port).uri, "schema.pbtxt"), text);
}

StatusOr<int64_t> Materialize(RunContext& context, const TransformGraph& graph,
                              const std::vector<std::string>& splits) {
  int64_t num_rows = 0;
  Artifact& out = context.Output("transformed_examples");
  for (const std::string& split : splits) {
    BESSEMER_ASSIGN_OR_RETURN(const auto files,
                              ExampleFiles(context.inputs.at("examples"), {split}));
    BESSEMER_ASSIGN_OR_RETURN(const int64_t rows, bessemer::transform::TransformFiles(
                                                      graph, files, out.SplitUri(split),
                                                      context.num_threads, context.progress));
    num_rows += rows;
  }
  out.SetSplitNames(splits);
  // A window of spans is oldest first: the result stands where the newest does.
  const Artifact& newest = context.inputs.at("examples").back();
  for (const char* name : {"span", "version"}) {
    if (const PropertyValue* value = newest.Property(name)) out.properties[name] = *value;
  }
  return num_rows;
}

Status Run(RunContext& context) {
  BESSEMER_ASSIGN_OR_RETURN(const TransformSpec spec, ReadSpec(context));
  BESSEMER_ASSIGN_OR_RETURN(const v0::Schema schema,
                            ::bessemer::schema::ReadSchema(context.Input("schema")->uri));
  auto graph = TransformGraph::Bind(spec, schema);
  if (!graph.ok()) {
    return context.params.Error(context.params.Has("outputs") ? "outputs" : "spec",
                                Message(graph.status()));
  }
  BESSEMER_ASSIGN_OR_RETURN(const auto analyze, Splits(context, "analyze", {"train"}));
  BESSEMER_ASSIGN_OR_RETURN(const auto transform,
                            Splits(context, "transform", context.Input("examples")->SplitNames()));
  BESSEMER_ASSIGN_OR_RETURN(const auto files, ExampleFiles(context.inputs.at("examples"), analyze));
  BESSEMER_ASSIGN_OR_RETURN(
      const auto report, bessemer::transform::Analyze(
                             *graph, bessemer::transform::ExamplesDataset(*graph, files),
                             {.num_threads = context.num_threads, .progress = context.progress}));
  BESSEMER_RETURN_IF_ERROR(
      bessemer::transform::WriteTransform(*graph, context.Output("transform_graph").uri));
  BESSEMER_RETURN_IF_ERROR(WriteSchema(context, "pre_transform_schema", schema));
  BESSEMER_ASSIGN_OR_RETURN(const v0::Schema transformed, graph->TransformedSchema());
  BESSEMER_RETURN_IF_ERROR(WriteSchema(context, "post_transform_schema", transformed));
  context.summary = fmt::format("{} outputs, {} vocabularies; {} rows analysed in {} pass{}",
                                spec.outputs.size(), graph->vocabularies().size(), report.num_rows,
                                report.num_passes, report.num_passes == 1 ? "" : "es");
  if (!context.params.Bool("materialize") || !context.outputs.contains("transformed_examples")) {
    return OkStatus();
  }
  BESSEMER_ASSIGN_OR_RETURN(const int64_t num_rows, Materialize(context, *graph, transform));
  context.summary += fmt::format("; {} rows transformed", num_rows);
  return OkStatus();
}

}  // namespace

void Register(ComponentRegistry& registry) {
  registry.Add(
      {.name = "Transform",
       .doc = "Computes features from features: the same graph for training and for serving\n"
              "Outputs are expressions over the columns; `bessemer transform describe` lists the "
              "functions. What they need to know of the data (means, vocabularies, quantiles) is "
              "gathered in as few passes as possible, the result is applied to every split and "
              "written as a SavedModel of TensorFlow ops, laid out as TensorFlow Transform does.",
       .inputs = {{.name = "examples",
                   .artifact_type = "Examples",
                   .doc = "What to transform",
                   .many = true,
                   .prefer = {"examples"}},
                  {.name = "schema",
                   .artifact_type = "Schema",
                   .doc = "Types of the raw features",
                   .prefer = {"schema"}}},
       .outputs = {{.name = "transform_graph",
                    .artifact_type = "TransformGraph",
                    .doc = "The analysed transform"},
                   {.name = "transformed_examples",
                    .artifact_type = "Examples",
                    .doc = "The outputs for every row",
                    .optional = true},
                   {.name = "pre_transform_schema",
                    .artifact_type = "Schema",
                    .doc = "The schema of the raw features",
                    .optional = true},
                   {.name = "post_transform_schema",
                    .artifact_type = "Schema",
                    .doc = "The schema of the outputs",
                    .optional = true}},
       .params = {{.name = "outputs",
                   .type = ParamType::kMap,
                   .doc = "Output names and their expressions; or give `spec`."},
                  {.name = "spec",
                   .type = ParamType::kString,
                   .doc = "A YAML file with output names and their expressions."},
                  {.name = "splits_config",
                   .type = ParamType::kMap,
                   .doc = "`analyze` and `transform`: lists of splits. Analysed is train, "
                          "transformed are all, unless given."},
                  {.name = "materialize",
                   .type = ParamType::kBool,
                   .default_value = true,
                   .doc = "Whether to write transformed examples."}},
       .check = Check,
       .resolve = Resolve,
       .run = Run,
       .tfx_class = "tfx.components.transform.component.Transform"});
}

}  // namespace bessemer::components::transform
