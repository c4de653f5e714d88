#include <algorithm>
#include <cmath>
#include <filesystem>

#include "bessemer/base/hash.h"
#include "bessemer/base/json_text.h"
#include "bessemer/components/component.h"
#include "bessemer/io/file.h"
#include "bessemer/io/object_uri.h"
#include "bessemer/training/learner.h"

namespace bessemer::components::trainer {
namespace {

namespace stdfs = std::filesystem;
using training::Learner;
using training::LearnerRegistry;
using training::TrainRequest;

constexpr char kServingFolder[] = "Format-Serving";

const std::vector<std::string>& OwnParams() {
  static const auto& names = *new std::vector<std::string>{
      "learner", "params", "train_args", "eval_args", "custom_config"};
  return names;
}

// The learner: the one named, else `module` if there is a module file, else `dnn`.
StatusOr<Learner> ChooseLearner(const ParamValues& params) {
  BESSEMER_ASSIGN_OR_RETURN(const LearnerRegistry learners, training::Learners());
  const bool has_module =
      params.Has("module_file") || params.Value("params").contains("module_file");
  const std::string name =
      params.Has("learner") ? params.String("learner") : has_module ? "module" : "dnn";
  const auto found = learners.Find(name);
  if (!found.ok()) return params.Error("learner", Message(found.status()));
  return **found;
}

// The learner's parameters: those at the top level of the step, over those in `params`, over those
// that a tuner chose.
StatusOr<ParamValues> LearnerParams(const Learner& learner, const ParamValues& params,
                                    const Json& hyperparameters) {
  Json values = Json::object();
  if (hyperparameters.contains("values")) {
    for (const auto& [key, value] : hyperparameters["values"].items()) values[key] = value;
  }
  for (const auto& [key, value] : params.Value("params").items()) values[key] = value;
  for (const auto& [key, value] : params.json().items()) {
    const auto& own = OwnParams();
    if (value.is_null() || std::find(own.begin(), own.end(), key) != own.end()) continue;
    values[key] = value;
  }
  return ParamValues::FromJson(learner.params, values, fmt::format("learner {}", learner.name));
}

// An error of LearnerParams at the parameter it names, which may stand in `params`.
Status AtParam(const ParamValues& params, const Status& status) {
  const std::string_view message = Message(status);
  for (const auto& [key, value] : params.json().items()) {
    const bool named = message.find(fmt::format("'{}'", key)) != std::string::npos;
    if (!named || key == "params" || params.Where(key).empty()) continue;
    const std::string prefix = fmt::format("'{}': ", key);  // ParamValues::Error without a file
    return params.Error(key, message.substr(message.starts_with(prefix) ? prefix.size() : 0));
  }
  return params.Has("params") ? params.Error("params", message) : status;
}

struct StepArgs {
  std::vector<std::string> splits;
  int64_t num_steps = 0;
};

StatusOr<StepArgs> StepArgsOf(const ParamValues& params, const std::string& name,
                              const std::string& default_split) {
  StepArgs args;
  for (const auto& [key, value] : params.Value(name).items()) {
    if (key == "num_steps" && value.is_number_integer() && value.get<int64_t>() >= 0) {
      args.num_steps = value.get<int64_t>();
    } else if (key == "splits" && value.is_array()) {
      for (const Json& split : value) {
        if (!split.is_string()) return params.Error(name, "splits must be names");
        args.splits.push_back(split.get<std::string>());
      }
    } else {
      return params.Error(name, fmt::format("'{}' must be num_steps (a whole number, 0: as the "
                                            "epochs say) or splits (a list of names)",
                                            key));
    }
  }
  if (args.splits.empty()) args.splits = {default_split};
  return args;
}

// The files of some splits of all artifacts. `optional`: splits may be missing.
StatusOr<std::vector<std::string>> SplitFiles(const RunContext& context,
                                              const std::vector<std::string>& splits,
                                              bool optional) {
  std::vector<std::string> files;
  for (const Artifact& examples : context.inputs.at("examples")) {
    const std::vector<std::string> known = examples.SplitNames();
    for (const std::string& split : splits) {
      BESSEMER_ASSIGN_OR_RETURN(const bool there, io::IsDirectory(examples.SplitUri(split)));
      if (!there && optional) continue;
      if (!there) {
        return NotFoundError("the examples in {} have no split '{}'{}", examples.uri, split,
                             SuggestName(split, known));
      }
      BESSEMER_ASSIGN_OR_RETURN(const auto part, io::ListFiles(examples.SplitUri(split)));
      files.insert(files.end(), part.begin(), part.end());
    }
  }
  return files;
}

StatusOr<Json> ReadHyperparameters(const RunContext& context) {
  const Artifact* artifact = context.Input("hyperparameters");
  if (artifact == nullptr) return Json(nullptr);
  const std::string path = io::JoinPath(artifact->uri, "best_hyperparameters.txt");
  BESSEMER_ASSIGN_OR_RETURN(const std::string text, io::ReadFile(path));
  Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return DataLossError("{}: not a JSON object", path);
  return json;
}

StatusOr<TrainRequest> MakeRequest(RunContext& context) {
  TrainRequest request;
  BESSEMER_ASSIGN_OR_RETURN(const StepArgs train,
                            StepArgsOf(context.params, "train_args", "train"));
  BESSEMER_ASSIGN_OR_RETURN(const StepArgs eval, StepArgsOf(context.params, "eval_args", "eval"));
  BESSEMER_ASSIGN_OR_RETURN(request.train_files,
                            SplitFiles(context, train.splits, /*optional=*/false));
  const bool named = context.params.Value("eval_args").contains("splits");
  BESSEMER_ASSIGN_OR_RETURN(request.eval_files, SplitFiles(context, eval.splits, !named));
  request.train_steps = train.num_steps;
  request.eval_steps = eval.num_steps;
  if (const Artifact* graph = context.Input("transform_graph")) {
    request.transform_graph = graph->uri;
    request.schema_path = io::JoinPath(graph->uri, "transformed_metadata/schema.pbtxt");
  } else if (const Artifact* schema = context.Input("schema")) {
    request.schema_path = io::JoinPath(schema->uri, "schema.pbtxt");
  }
  if (const Artifact* base = context.Input("base_model")) {
    request.base_model = io::JoinPath(base->uri, kServingFolder);
  }
  BESSEMER_ASSIGN_OR_RETURN(request.hyperparameters, ReadHyperparameters(context));
  request.model_dir = io::JoinPath(context.Output("model").uri, kServingFolder);
  request.run_dir = context.Output("model_run").uri;
  request.scratch_dir = context.scratch_dir;
  request.num_threads = context.num_threads;
  request.custom_config = context.params.Value("custom_config");
  request.progress = context.progress;
  return request;
}

Status Run(RunContext& context) {
  BESSEMER_ASSIGN_OR_RETURN(const Learner learner, ChooseLearner(context.params));
  BESSEMER_ASSIGN_OR_RETURN(const TrainRequest request, MakeRequest(context));
  // A module reads hyperparameters itself.
  const Json tuned = learner.name == "module" ? Json(nullptr) : request.hyperparameters;
  BESSEMER_ASSIGN_OR_RETURN(const ParamValues params,
                            LearnerParams(learner, context.params, tuned));
  BESSEMER_ASSIGN_OR_RETURN(const training::TrainReport report, learner.train(request, params));
  if (report.steps == 0) {
    context.summary = fmt::format("{}: done", learner.name);
    return OkStatus();
  }
  context.summary = fmt::format(
      "{} ({}): {} epochs, {} steps in {:.1f} s; loss {:.4f}{}", learner.name, report.task,
      report.epochs, report.steps, report.seconds, report.train_loss,
      std::isnan(report.eval_loss) ? "" : fmt::format(", eval {:.4f}", report.eval_loss));
  return OkStatus();
}

Status Check(const ParamValues& params) {
  BESSEMER_ASSIGN_OR_RETURN(const Learner learner, ChooseLearner(params));
  BESSEMER_RETURN_IF_ERROR(StepArgsOf(params, "train_args", "train").status());
  BESSEMER_RETURN_IF_ERROR(StepArgsOf(params, "eval_args", "eval").status());
  const StatusOr<ParamValues> given = LearnerParams(learner, params, Json(nullptr));
  if (!given.ok()) return AtParam(params, given.status());
  if (!learner.check) return OkStatus();
  const Status status = learner.check(*given);
  return status.ok() ? status : AtParam(params, status);
}

constexpr size_t kMaxSources = 5000;

// Adds the hashes of the Python files of a folder and, below it, of packages: what a module can
// import by name.
Status AddSources(const stdfs::path& folder, const std::string& prefix, Json* hashes) {
  std::error_code error;
  for (const auto& entry : stdfs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(".py") && entry.is_regular_file(error)) {
      BESSEMER_ASSIGN_OR_RETURN(const std::string source, io::ReadFile(entry.path().string()));
      (*hashes)[prefix + name] = Sha256Hex(source);
      if (hashes->size() > kMaxSources) {
        return InvalidArgumentError("{}: more than {} Python files lie beside the module, and any "
                                    "of them may be part of it; move it to a folder of its own",
                                    folder.string(), kMaxSources);
      }
    } else if (stdfs::exists(entry.path() / "__init__.py", error)) {
      BESSEMER_RETURN_IF_ERROR(AddSources(entry.path(), prefix + name + "/", hashes));
    }
  }
  return OkStatus();
}

// The sources of a module decide what comes out, those that it may import from its folder, too:
// their hashes go into the fingerprint.
StatusOr<Json> Resolve(const ParamValues& params, io::FileHashes&, const Progress&) {
  std::string path = params.String("module_file");
  const Json& nested = params.Value("params");
  if (path.empty() && nested.contains("module_file") && nested["module_file"].is_string()) {
    path = nested["module_file"].get<std::string>();
  }
  if (path.empty()) return Json(nullptr);
  BESSEMER_ASSIGN_OR_RETURN(const std::string source, io::ReadFile(path));
  Json hashes = {{io::BaseName(path), Sha256Hex(source)}};
  if (!io::IsRemote(path)) {
    BESSEMER_RETURN_IF_ERROR(
        AddSources(stdfs::absolute(path).parent_path(), "", &hashes));
  }
  return hashes;
}

// The component's own parameters, then those of the learners, each once, without defaults: the
// learner that runs has them.
std::vector<Param> Params() {
  std::vector<Param> params = {
      {.name = "learner", .type = ParamType::kString,
       .doc = "What trains: dnn, linear, module; by default module with a module_file, else dnn."},
      {.name = "params", .type = ParamType::kMap,
       .doc = "The learner's parameters, which may also stand beside this."},
      {.name = "train_args", .type = ParamType::kMap,
       .doc = "num_steps (batches; 0: as the learner's epochs say) and splits (default [train])."},
      {.name = "eval_args", .type = ParamType::kMap,
       .doc = "num_steps (batches per evaluation; 0: all) and splits (default [eval])."},
      {.name = "custom_config", .type = ParamType::kMap,
       .doc = "Handed to a module as fn_args.custom_config."},
  };
  const StatusOr<LearnerRegistry> learners = training::Learners();
  if (!learners.ok()) return params;  // Run reports it
  for (const Learner& learner : learners->entries()) {
    for (Param param : learner.params) {
      const bool known = std::any_of(params.begin(), params.end(),
                                     [&](const Param& p) { return p.name == param.name; });
      if (known) continue;
      if (!param.default_value.is_null()) {
        param.doc +=
            fmt::format(" Default of {}: {}.", learner.name, JsonText(param.default_value));
      }
      param.default_value = nullptr;
      param.required = false;
      params.push_back(std::move(param));
    }
  }
  return params;
}

}  // namespace

void Register(ComponentRegistry& registry) {
  registry.Add(
      {.name = "Trainer",
       .doc = "Trains a model and exports it with the transform graph inside.\n"
              "The learners are built in (dnn, linear) or your own Python file (module).",
       .inputs = {{.name = "examples", .artifact_type = "Examples",
                   .doc = "What to learn from: transformed examples if there are any.",
                   .many = true, .prefer = {"transformed_examples", "examples"}},
                  {.name = "transform_graph", .artifact_type = "TransformGraph",
                   .doc = "How the examples came from raw ones; becomes part of the model.",
                   .optional = true},
                  {.name = "schema", .artifact_type = "Schema",
                   .doc = "Of the examples, when there is no transform graph.", .optional = true},
                  {.name = "base_model", .artifact_type = "Model",
                   .doc = "Where the weights begin.", .optional = true,
                   .prefer = {"base_model"}},
                  {.name = "hyperparameters", .artifact_type = "HyperParameters",
                   .doc = "What a tuner found best.", .optional = true,
                   .prefer = {"best_hyperparameters"}}},
       .outputs = {{.name = "model", .artifact_type = "Model",
                    .doc = "Format-Serving/: a SavedModel that takes raw examples."},
                   {.name = "model_run", .artifact_type = "ModelRun",
                    .doc = "training_curve.json, TensorBoard events, the log of a module."}},
       .params = Params(),
       .check = Check,
       .resolve = Resolve,
       .run = Run,
       .tfx_class = "tfx.components.trainer.component.Trainer"});
}

}  // namespace bessemer::components::trainer
