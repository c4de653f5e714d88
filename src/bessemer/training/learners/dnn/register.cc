#include <algorithm>
#include <bit>
#include <cmath>

#include "bessemer/training/native_training.h"

namespace bessemer::training::dnn {
namespace {

struct Architecture {
  std::vector<int> hidden_units;
  std::string activation;
  double dropout = 0;
  int embedding_size = 0;  // 0: by the rule
};

// As wide as the square root of the number of ids, rounded up to a power of two in [2, 32].
int EmbeddingSize(int64_t num_ids, int fixed) {
  if (fixed > 0) return fixed;
  const auto root = static_cast<uint64_t>(std::ceil(std::sqrt(static_cast<double>(num_ids))));
  return static_cast<int>(std::clamp<uint64_t>(std::bit_ceil(root), 2, 32));
}

// The vectors of all ids: neighbours of one size share a table and a look-up.
void AddEmbeddings(tf::GraphBuilder& b, VariableStore& store, const ModelInputs& inputs,
                   const InputPlan& plan, int fixed_size, std::vector<tf::Tensor>* parts) {
  std::vector<const FeatureInput*> group;
  int group_size = 0;
  const auto flush = [&] {
    if (group.empty()) return;
    parts->push_back(LookUpSingle(b, store, inputs, group, group_size, Init::kEmbedding,
                                  fmt::format("embedding/{}", group_size)));
    group.clear();
  };
  for (const FeatureInput& feature : plan.features) {
    if (feature.is_number()) continue;
    const int size = EmbeddingSize(feature.num_ids, fixed_size);
    if (feature.width > 1) {
      flush();
      parts->push_back(LookUpMean(b, store, inputs, feature, size, Init::kEmbedding,
                                  fmt::format("embedding/mean_{}", feature.first_column)));
      continue;
    }
    if (size != group_size) flush();
    group_size = size;
    group.push_back(&feature);
  }
  flush();
}

// Keeps each value with probability 1 - rate and scales it by the inverse.
tf::Tensor Dropout(tf::GraphBuilder& b, const tf::Tensor& x, double rate, const tf::Tensor& seed,
                   int layer) {
  const tf::Tensor own = b.Add(seed, b.ConstInt32s({layer, 0}));
  const tf::Tensor random =
      b.Op("StatelessRandomUniform", {b.ShapeOf(x), own},
           {{"dtype", ::tensorflow::DT_FLOAT},
            {"T", ::tensorflow::DT_INT32},
            {"Tseed", ::tensorflow::DT_INT32}},
           ::tensorflow::DT_FLOAT);
  const tf::Tensor keep =
      b.Cast(b.Compare("GreaterEqual", random, b.ConstFloat(static_cast<float>(rate))),
             ::tensorflow::DT_FLOAT);
  return b.Mul(x, b.Mul(keep, b.ConstFloat(static_cast<float>(1 / (1 - rate)))));
}

tf::Tensor Activate(tf::GraphBuilder& b, const std::string& name, const tf::Tensor& x) {
  if (name == "swish") return b.Mul(x, b.Unary("Sigmoid", x));
  return b.Unary(name == "tanh" ? "Tanh" : name == "elu" ? "Elu" : "Relu", x);
}

ModelFunction MakeModel(const InputPlan& plan, const Architecture& architecture) {
  return [&plan, architecture](tf::GraphBuilder& b, VariableStore& store,
                               const ModelInputs& inputs) {
    std::vector<tf::Tensor> parts;
    int64_t width = plan.num_number_columns;
    if (width > 0) parts.push_back(inputs.numbers);
    AddEmbeddings(b, store, inputs, plan, architecture.embedding_size, &parts);
    for (const FeatureInput& feature : plan.features) {
      if (!feature.is_number()) {
        width += EmbeddingSize(feature.num_ids, architecture.embedding_size);
      }
    }
    tf::Tensor x = b.Concat(parts, 1);
    for (size_t i = 0; i < architecture.hidden_units.size(); ++i) {
      const int units = architecture.hidden_units[i];
      const std::string name = fmt::format("hidden_{}", i);
      const Init init = architecture.activation == "tanh" ? Init::kGlorot : Init::kHe;
      const tf::Tensor kernel = store.Read(b, name + "/kernel", {width, units}, init, true);
      const tf::Tensor bias = store.Read(b, name + "/bias", {units}, Init::kZeros);
      x = b.BiasAdd(b.MatMul(x, kernel), bias);
      x = Activate(b, architecture.activation, x);
      if (inputs.training() && architecture.dropout > 0) {
        x = Dropout(b, x, architecture.dropout, inputs.seed, static_cast<int>(i));
      }
      width = units;
    }
    const int outputs = plan.num_outputs();
    const tf::Tensor kernel =
        store.Read(b, "output/kernel", {width, outputs}, Init::kGlorot, true);
    const tf::Tensor bias = store.Read(b, "output/bias", {outputs}, Init::kZeros);
    return b.BiasAdd(b.MatMul(x, kernel), bias);
  };
}

Status Check(const ParamValues& params) {
  for (const Json& units : params.Value("hidden_units")) {
    if (!units.is_number_integer() || units.get<int64_t>() < 1 || units.get<int64_t>() > 65536) {
      return params.Error("hidden_units", "hidden_units must be whole numbers from 1 to 65536");
    }
  }
  return OkStatus();
}

StatusOr<TrainReport> Train(const TrainRequest& request, const ParamValues& params) {
  BESSEMER_RETURN_IF_ERROR(Check(params));
  Architecture architecture;
  for (const Json& units : params.Value("hidden_units")) {
    architecture.hidden_units.push_back(units.get<int>());
  }
  architecture.activation = params.String("activation");
  architecture.dropout = params.Float("dropout");
  architecture.embedding_size = static_cast<int>(params.Int("embedding_size"));
  return TrainNative(
      "dnn", request, params, FitOptionsOf(params),
      [&](const InputPlan& plan) { return MakeModel(plan, architecture); });
}

}  // namespace

void Register(LearnerRegistry& registry) {
  std::vector<Param> params = DataParams(/*number_buckets=*/256);
  for (Param& param : FitParams(/*learning_rate=*/0.002, /*batch_size=*/512, /*epochs=*/12,
                                /*l2=*/1e-6)) {
    params.push_back(std::move(param));
  }
  params.push_back({.name = "hidden_units", .type = ParamType::kList,
                    .default_value = Json::array({128, 64}),
                    .doc = "Width of each hidden layer, first to last; none: a linear model."});
  params.push_back({.name = "activation", .type = ParamType::kString, .default_value = "relu",
                    .doc = "What follows each hidden layer.",
                    .choices = {"relu", "tanh", "elu", "swish"}});
  params.push_back({.name = "dropout", .type = ParamType::kFloat, .default_value = 0.0,
                    .doc = "Fraction of each hidden layer's values left out of a step.", .min = 0,
                    .max = 0.99});
  params.push_back({.name = "embedding_size", .type = ParamType::kInt, .default_value = 0,
                    .doc = "Length of the vector of an id; 0: the square root of the number of "
                           "ids, as a power of two from 2 to 32.",
                    .min = 0, .max = 1024});
  registry.Add({.name = "dnn",
                .doc = "A feed-forward network: numbers and learned vectors of ids through hidden "
                       "layers, trained with Adam.",
                .params = std::move(params),
                .check = Check,
                .train = Train});
}

}  // namespace bessemer::training::dnn
