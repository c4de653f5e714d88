#include "bessemer/training/native_training.h"

#include <cmath>

#include "bessemer/base/clock.h"
#include "bessemer/example_gen/examples.h"
#include "bessemer/io/file.h"
#include "bessemer/schema/schema_file.h"
#include "bessemer/tensorflow/session.h"
#include "bessemer/training/export.h"

namespace bessemer::training {
namespace {

StatusOr<Batches> Read(const std::vector<std::string>& files, const TrainRequest& request,
                       std::string_view split) {
  Batches batches;
  if (files.empty()) return batches;
  request.progress->Start(fmt::format("reading {}", split), 0, "rows");
  return example_gen::ReadExamples(files, {}, request.num_threads);
}

// Replaces initial values by those of a trained model.
Status WarmStart(const std::string& base_model, VariableStore& store) {
  BESSEMER_ASSIGN_OR_RETURN(const auto session, tf::Session::Load(base_model, {.num_threads = 1}));
  for (const std::string& name : store.names()) {
    const auto value = session->Run({}, {name + "/Read"});
    if (!value.ok()) {
      return InvalidArgumentError("base model {}: no variable '{}'; it must come from the same "
                                  "learner with the same parameters ({})",
                                  base_model, name, Message(value.status()));
    }
    tf::HostTensor& own = store.values().at(name);
    if ((*value)[0].shape() != own.shape()) {
      return InvalidArgumentError("base model {}: variable '{}' has the shape [{}], not [{}]",
                                  base_model, name, fmt::join((*value)[0].shape(), ","),
                                  fmt::join(own.shape(), ","));
    }
    own = tf::HostTensor::Of<float>((*value)[0].values<float>(), own.shape());
  }
  return OkStatus();
}

// Makes the variables, without running anything.
void MakeVariables(const ModelFunction& model, const InputPlan& plan, VariableStore& store) {
  tf::GraphBuilder builder;
  ModelInputs inputs;
  if (plan.num_number_columns > 0) {
    inputs.numbers =
        builder.Placeholder(::tensorflow::DT_FLOAT, {-1, plan.num_number_columns}, "numbers");
  }
  if (plan.num_id_columns > 0) {
    inputs.ids = builder.Placeholder(::tensorflow::DT_INT32, {-1, plan.num_id_columns}, "ids");
  }
  model(builder, store, inputs);
}

struct Data {
  InputPlan plan;
  Dataset train, eval;
};

StatusOr<Data> Load(const TrainRequest& request, const ParamValues& params) {
  Schema schema;
  if (!request.schema_path.empty()) {
    BESSEMER_ASSIGN_OR_RETURN(schema, schema::ReadSchema(request.schema_path));
  }
  BESSEMER_ASSIGN_OR_RETURN(const Batches train, Read(request.train_files, request, "train"));
  BESSEMER_ASSIGN_OR_RETURN(const Batches eval, Read(request.eval_files, request, "eval"));
  if (train.empty()) return InvalidArgumentError("there are no training examples");
  Data data;
  BESSEMER_ASSIGN_OR_RETURN(
      data.plan, PlanInputs(train, request.schema_path.empty() ? nullptr : &schema,
                            DataOptionsOf(params)));
  BESSEMER_ASSIGN_OR_RETURN(data.train, MakeDataset(train, data.plan, "train"));
  BESSEMER_ASSIGN_OR_RETURN(data.eval, MakeDataset(eval, data.plan, "eval"));
  return data;
}

}  // namespace

StatusOr<TrainReport> TrainNative(
    const std::string& learner, const TrainRequest& request, const ParamValues& params,
    FitOptions fit, const std::function<ModelFunction(const InputPlan& plan)>& make_model) {
  const int64_t start = Clock::System().SteadyMicros();
  BESSEMER_ASSIGN_OR_RETURN(const Data data, Load(request, params));
  if (request.train_steps > 0) fit.max_steps = request.train_steps;
  fit.eval_steps = request.eval_steps;
  const ModelFunction model = make_model(data.plan);
  VariableStore store(fit.seed);
  MakeVariables(model, data.plan, store);
  if (!request.base_model.empty()) {
    BESSEMER_RETURN_IF_ERROR(WarmStart(request.base_model, store));
  }
  BESSEMER_ASSIGN_OR_RETURN(const FitResult result, Fit(model, data.plan, data.train, data.eval,
                                                        fit, store, *request.progress));
  BESSEMER_RETURN_IF_ERROR(
      ExportModel(model, data.plan, store, request.transform_graph, request.model_dir));
  TrainReport report;
  report.task = TaskName(data.plan.label.task);
  report.epochs = result.curve.empty() ? 0 : result.curve.back().epoch;
  report.steps = result.curve.empty() ? 0 : result.curve.back().step;
  report.train_loss = result.curve.empty() ? std::nan("") : result.curve.back().train_loss;
  report.eval_loss = result.eval_loss;
  report.seconds = static_cast<double>(Clock::System().SteadyMicros() - start) * 1e-6;
  BESSEMER_RETURN_IF_ERROR(
      WriteTrainingCurve(io::JoinPath(request.run_dir, "training_curve.json"), learner,
                         report.task, result.curve));
  BESSEMER_RETURN_IF_ERROR(WriteTrainingEvents(request.run_dir, result.curve));
  return report;
}

}  // namespace bessemer::training
