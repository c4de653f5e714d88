#include "bessemer/components/component.h"
#include "bessemer/components/example_files.h"
#include "bessemer/evaluation/dataset.h"
#include "bessemer/evaluation/files.h"
#include "bessemer/evaluation/summary.h"
#include "bessemer/evaluation/validation.h"
#include "bessemer/io/file.h"
#include "bessemer/io/publish.h"
#include "bessemer/schema/schema_file.h"

namespace bessemer::components::evaluator {
namespace {

using evaluation::EvalConfig;

// A map in the pipeline file, or the text TFX's own configurations hold.
StatusOr<EvalConfig> ReadConfig(const ParamValues& params) {
  const Json& value = params.Value("eval_config");
  StatusOr<EvalConfig> config =
      value.is_string()
          ? evaluation::EvalConfigFromText(value.get<std::string>(), "eval_config")
          : evaluation::EvalConfigFromJson(value);
  if (!config.ok()) return params.Error("eval_config", Message(config.status()));
  return config;
}

Status Check(const ParamValues& params) {
  BESSEMER_ASSIGN_OR_RETURN(const EvalConfig config, ReadConfig(params));
  const Status status = evaluation::CheckConfig(config);
  return status.ok() ? status : params.Error("eval_config", Message(status));
}

// The range of each numeric feature that has a domain.
StatusOr<evaluation::LabelDomains> ReadDomains(const Artifact* artifact) {
  evaluation::LabelDomains domains;
  if (artifact == nullptr) return domains;
  BESSEMER_ASSIGN_OR_RETURN(const auto schema, ::bessemer::schema::ReadSchema(artifact->uri));
  for (const auto& feature : schema.feature()) {
    auto& [low, high] = domains[feature.name()];
    if (feature.has_int_domain()) {
      if (feature.int_domain().has_min()) low = static_cast<double>(feature.int_domain().min());
      if (feature.int_domain().has_max()) high = static_cast<double>(feature.int_domain().max());
    } else if (feature.has_float_domain()) {
      if (feature.float_domain().has_min()) low = feature.float_domain().min();
      if (feature.float_domain().has_max()) high = feature.float_domain().max();
    }
  }
  return domains;
}

StatusOr<std::vector<std::string>> ListFiles(const RunContext& context) {
  std::vector<std::string> splits = context.params.Strings("example_splits");
  if (splits.empty()) splits.push_back("eval");
  return ExampleFiles(context.inputs.at("examples"), splits);
}

Status WriteBlessing(const RunContext& context, bool blessed, Artifact& blessing) {
  blessing.custom_properties["blessed"] = static_cast<int64_t>(blessed);
  auto note = [&](const char* port, const std::string& prefix) {
    const Artifact* model = context.Input(port);
    if (model == nullptr) return;
    blessing.custom_properties[prefix] = model->uri;
    blessing.custom_properties[prefix + "_id"] = model->id;
  };
  note("model", "current_model");
  note("baseline_model", "baseline_model");
  return io::WriteFileAtomically(
      io::JoinPath(blessing.uri, blessed ? "BLESSED" : "NOT_BLESSED"), "");
}

Status Run(RunContext& context) {
  evaluation::EvaluationRequest request;
  BESSEMER_ASSIGN_OR_RETURN(request.config, ReadConfig(context.params));
  BESSEMER_ASSIGN_OR_RETURN(request.files, ListFiles(context));
  BESSEMER_ASSIGN_OR_RETURN(request.label_domains, ReadDomains(context.Input("schema")));
  request.num_threads = context.num_threads;
  evaluation::RunLocations locations{.data = context.Input("examples")->uri};
  if (const Artifact* model = context.Input("model")) {
    BESSEMER_ASSIGN_OR_RETURN(request.model, evaluation::FindServingModel(model->uri));
    const Artifact* baseline = context.Input("baseline_model");
    if (baseline != nullptr) {
      BESSEMER_ASSIGN_OR_RETURN(request.baseline, evaluation::FindServingModel(baseline->uri));
      locations.models["candidate"] = request.model;
      locations.models["baseline"] = request.baseline;
    } else {
      locations.models[""] = request.model;
    }
  }
  BESSEMER_ASSIGN_OR_RETURN(const evaluation::EvalResult result,
                            evaluation::EvaluateExamples(request, context.progress));
  // Without a baseline the change thresholds are gone; the value thresholds decide. Only if there
  // are none either does the first model pass for want of anything to measure it by.
  const bool rubber_stamp = evaluation::HasChangeThresholds(request.config) &&
                            evaluation::BaselineName(result.config).empty();
  BESSEMER_ASSIGN_OR_RETURN(const auto validation,
                            evaluation::Validate(result, rubber_stamp));
  BESSEMER_RETURN_IF_ERROR(evaluation::WriteResult(context.Output("evaluation").uri, result,
                                                   &validation, locations));
  BESSEMER_RETURN_IF_ERROR(
      WriteBlessing(context, validation.validation_ok(), context.Output("blessing")));
  context.summary = evaluation::Summary(result, validation);
  return OkStatus();
}

}  // namespace

void Register(ComponentRegistry& registry) {
  registry.Add(
      {.name = "Evaluator",
       .doc = "Measures a model over slices of the data, compares it with the last blessed one, "
              "and "
              "blesses it if it meets its thresholds",
       .inputs = {{.name = "examples",
                   .artifact_type = "Examples",
                   .doc = "What to evaluate on",
                   .prefer = {"examples"}},
                  {.name = "model",
                   .artifact_type = "Model",
                   .doc = "The candidate; without it the config names prediction columns",
                   .optional = true},
                  {.name = "baseline_model",
                   .artifact_type = "Model",
                   .doc = "What to compare with; none on the first run",
                   .optional = true,
                   .prefer = {"baseline_model"},
                   .resolver = "latest_blessed_model"},
                  {.name = "schema",
                   .artifact_type = "Schema",
                   .doc = "Gives plots the range of the label",
                   .optional = true}},
       .outputs = {{.name = "evaluation",
                    .artifact_type = "ModelEvaluation",
                    .doc = "Metrics and plots by slice, as TensorFlow Model Analysis writes them"},
                   {.name = "blessing",
                    .artifact_type = "ModelBlessing",
                    .doc = "BLESSED or NOT_BLESSED"}},
       .params = {{.name = "eval_config",
                   .type = ParamType::kAny,
                   .doc = "What to measure: TFMA's EvalConfig, or the short form {label, metrics, "
                          "slices, thresholds, slice_thresholds}",
                   .required = true},
                  {.name = "example_splits",
                   .type = ParamType::kList,
                   .default_value = Json::array({"eval"}),
                   .doc = "Splits to evaluate on"}},
       .check = Check,
       .run = Run,
       .tfx_class = "tfx.components.evaluator.component.Evaluator"});
}

}  // namespace bessemer::components::evaluator
