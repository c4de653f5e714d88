#include "bessemer/components/component.h"
#include "bessemer/evaluation/dataset.h"
#include "bessemer/io/file.h"
#include "bessemer/serving/push.h"

namespace bessemer::components::pusher {
namespace {

// Why not to push, or "".
std::string Objection(const RunContext& context) {
  for (const char* port : {"model_blessing", "infra_blessing"}) {
    const Artifact* blessing = context.Input(port);
    if (blessing == nullptr || blessing->IntProperty("blessed") == 1) continue;
    const std::string reason = blessing->StringProperty("reason");
    return fmt::format("the {} says no{}", port == std::string_view("model_blessing")
                                               ? "evaluator"
                                               : "infra validator",
                       reason.empty() ? "" : ": " + reason);
  }
  return "";
}

// The model itself, or the copy with warm-up requests that the infra validator made of it.
StatusOr<std::string> ModelToPush(const RunContext& context) {
  const Artifact* infra = context.Input("infra_blessing");
  if (infra != nullptr && infra->IntProperty("has_model") == 1) {
    return io::JoinPath(infra->uri, "stamped_model");
  }
  const Artifact* model = context.Input("model");
  if (model == nullptr) {
    return FailedPreconditionError(
        "Pusher has no model: connect 'model', or an infra_blessing made with make_warmup");
  }
  return evaluation::FindServingModel(model->uri);
}

// "base" or TFX's {filesystem: {base_directory: "base"}}.
StatusOr<std::string> BaseDirectory(const ParamValues& params) {
  if (params.Has("destination")) return params.String("destination");
  const Json& destination = params.Value("push_destination");
  if (destination.is_string()) return destination.get<std::string>();
  if (destination.is_object() && destination.contains("filesystem") &&
      destination["filesystem"].is_object() &&
      destination["filesystem"].contains("base_directory") &&
      destination["filesystem"]["base_directory"].is_string()) {
    return destination["filesystem"]["base_directory"].get<std::string>();
  }
  if (destination.is_null()) {
    return InvalidArgumentError(
        "Pusher needs a destination: the folder of versions that a model server watches");
  }
  return params.Error("push_destination",
                      "must be a folder or {filesystem: {base_directory: folder}}");
}

Status Run(RunContext& context) {
  BESSEMER_ASSIGN_OR_RETURN(const std::string base, BaseDirectory(context.params));
  Artifact& pushed = context.Output("pushed_model");
  const std::string objection = Objection(context);
  if (!objection.empty()) {
    pushed.custom_properties["pushed"] = int64_t{0};
    pushed.custom_properties["reason"] = objection;
    context.summary = fmt::format("not pushed: {}\n", objection);
    return OkStatus();
  }
  BESSEMER_ASSIGN_OR_RETURN(const std::string model, ModelToPush(context));
  // The archive first: if it fails, nothing is served that the records do not know.
  BESSEMER_RETURN_IF_ERROR(serving::CopyModel(model, pushed.uri));
  BESSEMER_ASSIGN_OR_RETURN(const serving::PushedVersion version,
                            serving::PushModel(model, base, Clock::System()));
  pushed.custom_properties["pushed"] = int64_t{1};
  pushed.custom_properties["pushed_destination"] = version.directory;
  pushed.custom_properties["pushed_version"] = fmt::format("{}", version.version);
  context.summary = fmt::format("pushed to {}\n", version.directory);
  return OkStatus();
}

// Whether the version that was pushed is still there to be served.
Status Stands(const std::map<std::string, std::vector<Artifact>>& outputs) {
  for (const Artifact& pushed : outputs.at("pushed_model")) {
    if (pushed.IntProperty("pushed") != 1) continue;
    const std::string version = pushed.StringProperty("pushed_destination");
    BESSEMER_ASSIGN_OR_RETURN(const bool there,
                              io::Exists(io::JoinPath(version, "saved_model.pb")));
    if (!there) return NotFoundError("{}, which was pushed, is gone", version);
  }
  return OkStatus();
}

}  // namespace

void Register(ComponentRegistry& registry) {
  registry.Add(
      {.name = "Pusher",
       .doc = "Puts a blessed model into the folder of versions that a model server watches",
       .inputs = {{.name = "model",
                   .artifact_type = "Model",
                   .doc = "What to push",
                   .optional = true},
                  {.name = "model_blessing",
                   .artifact_type = "ModelBlessing",
                   .doc = "Push only if it is blessed",
                   .optional = true},
                  {.name = "infra_blessing",
                   .artifact_type = "InfraBlessing",
                   .doc = "Push only if it is blessed; its model with warm-up requests is "
                          "preferred",
                   .optional = true}},
       .outputs = {{.name = "pushed_model",
                    .artifact_type = "PushedModel",
                    .doc = "An archived copy of what was pushed"}},
       .params = {{.name = "destination",
                   .type = ParamType::kString,
                   .doc = "Folder of versions; made if missing"},
                  {.name = "push_destination",
                   .type = ParamType::kAny,
                   .doc = "The same as TFX writes it: {filesystem: {base_directory: folder}}"}},
       .stands = Stands,
       .run = Run,
       .tfx_class = "tfx.components.pusher.component.Pusher"});
}

}  // namespace bessemer::components::pusher
