#include "bessemer/training/native_training.h"

namespace bessemer::training::linear {
namespace {

// One weight per number and per id and output, and a bias.
ModelFunction MakeModel(const InputPlan& plan) {
  return [&plan](tf::GraphBuilder& b, VariableStore& store, const ModelInputs& inputs) {
    const int outputs = plan.num_outputs();
    tf::Tensor sum = store.Read(b, "linear/bias", {outputs}, Init::kZeros);
    if (plan.num_number_columns > 0) {
      sum = b.Add(b.MatMul(inputs.numbers,
                           store.Read(b, "linear/numbers", {plan.num_number_columns, outputs},
                                      Init::kZeros, true)),
                  sum);
    }
    std::vector<const FeatureInput*> single;
    for (const FeatureInput& feature : plan.features) {
      if (!feature.is_number() && feature.width == 1) single.push_back(&feature);
    }
    if (!single.empty()) {
      const tf::Tensor weights =
          LookUpSingle(b, store, inputs, single, outputs, Init::kZeros, "linear/ids");
      const auto count = static_cast<int32_t>(single.size());
      sum = b.Add(b.Reduce("Sum", b.Reshape(weights, {-1, count, outputs}), {1}), sum);
    }
    for (const FeatureInput& feature : plan.features) {
      if (feature.is_number() || feature.width == 1) continue;
      sum = b.Add(LookUpMean(b, store, inputs, feature, outputs, Init::kZeros,
                             fmt::format("linear/ids_{}", feature.first_column)),
                  sum);
    }
    return sum;
  };
}

Status Check(const ParamValues& params) {
  if (params.Float("l1") > 0 && params.String("optimizer") != "ftrl") {
    return params.Error("l1", "l1 needs optimizer: ftrl");
  }
  return OkStatus();
}

StatusOr<TrainReport> Train(const TrainRequest& request, const ParamValues& params) {
  BESSEMER_RETURN_IF_ERROR(Check(params));
  FitOptions fit = FitOptionsOf(params);
  fit.l1 = params.Float("l1");
  fit.optimizer = params.String("optimizer") == "ftrl" ? Optimizer::kFtrl : Optimizer::kAdam;
  return TrainNative("linear", request, params, fit, MakeModel);
}

}  // namespace

void Register(LearnerRegistry& registry) {
  std::vector<Param> params = DataParams(/*number_buckets=*/0);
  for (Param& param : FitParams(/*learning_rate=*/0.02, /*batch_size=*/512, /*epochs=*/10,
                                /*l2=*/1e-6)) {
    params.push_back(std::move(param));
  }
  params.push_back({.name = "optimizer", .type = ParamType::kString, .default_value = "adam",
                    .doc = "The method that changes the weights.", .choices = {"adam", "ftrl"}});
  params.push_back({.name = "l1", .type = ParamType::kFloat, .default_value = 0.0,
                    .doc = "Weight of the sum of absolute weights, which makes many 0; ftrl only.",
                    .min = 0});
  registry.Add({.name = "linear",
                .doc = "Linear, logistic or softmax regression with a weight per id of categories "
                       "and strings.",
                .params = std::move(params),
                .check = Check,
                .train = Train});
}

}  // namespace bessemer::training::linear
