#include <unistd.h>

#include <cmath>
#include <cstdlib>

#include "bessemer/base/json_text.h"
#include "bessemer/io/file.h"
#include "bessemer/io/tree.h"
#include "bessemer/schema/schema_file.h"
#include "bessemer/training/bridge_script.h"
#include "bessemer/training/learner.h"
#include "bessemer/training/process.h"

namespace bessemer::training::module {
namespace {

std::string DefaultPython() {
  const char* python = std::getenv("BESSEMER_PYTHON");
  return python != nullptr && *python != '\0' ? python : BESSEMER_DEFAULT_PYTHON;
}

Json PathOrNull(const std::string& path) { return path.empty() ? Json(nullptr) : Json(path); }
Json StepsOrNull(int64_t steps) { return steps == 0 ? Json(nullptr) : Json(steps); }

// How to parse each feature: a shape where the schema fixes one, else null.
Json FeatureSpecs(const ::tensorflow::metadata::v0::Schema& schema) {
  Json specs = Json::array();
  for (const auto& feature : schema.feature()) {
    const char* dtype = feature.type() == ::tensorflow::metadata::v0::FLOAT ? "float32"
                        : feature.type() == ::tensorflow::metadata::v0::INT ? "int64"
                                                                            : "string";
    Json shape = nullptr;
    if (feature.has_shape()) {
      shape = Json::array();
      for (const auto& dim : feature.shape().dim()) shape.push_back(dim.size());
    }
    specs.push_back({{"name", feature.name()}, {"dtype", dtype}, {"shape", std::move(shape)}});
  }
  return specs;
}

// FnArgs of TFX, as the bridge reads them.
Json FnArgs(const TrainRequest& request, const ParamValues& params,
            const ::tensorflow::metadata::v0::Schema& schema) {
  return {{"module_file", params.String("module_file")},
          {"run_fn", params.String("run_fn")},
          {"features", FeatureSpecs(schema)},
          {"working_dir", PathOrNull(request.scratch_dir)},
          {"train_files", request.train_files},
          {"eval_files", request.eval_files},
          {"train_steps", StepsOrNull(request.train_steps)},
          {"eval_steps", StepsOrNull(request.eval_steps)},
          {"schema_path", PathOrNull(request.schema_path)},
          {"schema_file", PathOrNull(request.schema_path)},
          {"transform_graph_path", PathOrNull(request.transform_graph)},
          {"transform_output", PathOrNull(request.transform_graph)},
          {"serving_model_dir", request.model_dir},
          {"eval_model_dir", io::JoinPath(request.scratch_dir, "eval_model")},
          {"model_run_dir", request.run_dir},
          {"base_model", PathOrNull(request.base_model)},
          {"hyperparameters", request.hyperparameters},
          {"custom_config", request.custom_config}};
}

// Python's file functions know local paths only: copies of what lies on an object store.
StatusOr<TrainRequest> LocalInputs(TrainRequest request, std::vector<io::LocalCopy>& copies) {
  std::vector<std::string*> paths = {&request.schema_path, &request.transform_graph,
                                     &request.base_model};
  for (std::string& file : request.train_files) paths.push_back(&file);
  for (std::string& file : request.eval_files) paths.push_back(&file);
  for (std::string* path : paths) {
    BESSEMER_ASSIGN_OR_RETURN(io::LocalCopy copy,
                              io::LocalCopy::Make(*path, request.scratch_dir));
    *path = copy.path();
    copies.push_back(std::move(copy));
  }
  return request;
}

Status Check(const ParamValues& params) {
  const std::string module_file = params.String("module_file");
  BESSEMER_ASSIGN_OR_RETURN(const bool there, io::Exists(module_file));
  if (there) return OkStatus();
  return params.Error("module_file", fmt::format("{} does not exist", module_file));
}

StatusOr<TrainReport> Train(const TrainRequest& given, const ParamValues& params) {
  std::vector<io::LocalCopy> copies;
  BESSEMER_ASSIGN_OR_RETURN(const TrainRequest request, LocalInputs(given, copies));
  BESSEMER_RETURN_IF_ERROR(Check(params));
  const std::string module_file = params.String("module_file");
  ::tensorflow::metadata::v0::Schema schema;
  if (!request.schema_path.empty()) {
    BESSEMER_ASSIGN_OR_RETURN(schema, schema::ReadSchema(request.schema_path));
  }
  const std::string script = io::JoinPath(request.scratch_dir, "run_module.py");
  const std::string arguments = io::JoinPath(request.scratch_dir, "fn_args.json");
  const std::pair<std::string, std::string> files[] = {
      {script, kBridgeScript}, {arguments, JsonText(FnArgs(request, params, schema), 2)}};
  for (const auto& [path, content] : files) {
    BESSEMER_ASSIGN_OR_RETURN(const auto out, io::OpenOutput(path));
    BESSEMER_RETURN_IF_ERROR(out->Write(content));
    BESSEMER_RETURN_IF_ERROR(out->Close());
  }
  BESSEMER_RETURN_IF_ERROR(io::MakeDirectories(request.run_dir));
  const std::string python = params.Has("python") ? params.String("python") : DefaultPython();
  request.progress->Start(fmt::format("running {}", io::BaseName(module_file)), 0, "");
  BESSEMER_RETURN_IF_ERROR(RunProcess({python, script, arguments},
                                      {{"PYTHONUNBUFFERED", "1"},
                                       {"TF_CPP_MIN_LOG_LEVEL", "2"},
                                       {"BESSEMER_PARENT", std::to_string(getpid())}},
                                      io::JoinPath(request.run_dir, "module.log"),
                                      *request.progress));
  const StatusOr<std::vector<std::string>> written = io::ListTree(request.model_dir);
  if (!written.ok() || written->empty()) {
    return FailedPreconditionError(
        "{} of {} ended well but wrote no model; it must write to fn_args.serving_model_dir",
        params.String("run_fn"), module_file);
  }
  TrainReport report;
  report.train_loss = report.eval_loss = std::nan("");
  return report;
}

}  // namespace

void Register(LearnerRegistry& registry) {
  registry.Add(
      {.name = "module",
       .doc = "A Python file of yours with run_fn(fn_args), as in TFX, run in a process of its "
              "own. What it prints goes to module.log of the model run.",
       .params = {{.name = "module_file", .type = ParamType::kString,
                   .doc = "The Python file.", .required = true},
                  {.name = "run_fn", .type = ParamType::kString, .default_value = "run_fn",
                   .doc = "The function to call."},
                  {.name = "python", .type = ParamType::kString,
                   .doc = "The Python to run it with; by default BESSEMER_PYTHON of the "
                          "environment or the one TensorFlow came with."}},
       .check = Check,
       .train = Train});
}

}  // namespace bessemer::training::module
