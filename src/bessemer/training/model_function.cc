#include "bessemer/training/model_function.h"

#include <cmath>

namespace bessemer::training {

using ::tensorflow::DT_FLOAT;
using ::tensorflow::DT_INT32;
using ::tensorflow::DT_RESOURCE;

namespace {

tf::HostTensor InitialValue(const tf::Shape& shape, Init init, Random& random) {
  tf::HostTensor value = tf::HostTensor::Make(DT_FLOAT, shape);
  const double rows = shape.empty() ? 1 : static_cast<double>(shape[0]);
  const double columns = shape.size() < 2 ? 1 : static_cast<double>(shape[1]);
  for (float& x : value.mutable_values<float>()) {
    switch (init) {
      case Init::kZeros:
        break;
      case Init::kGlorot:
        x = static_cast<float>((2 * random.Uniform() - 1) * std::sqrt(6 / (rows + columns)));
        break;
      case Init::kHe:
        x = static_cast<float>(random.Normal() * std::sqrt(2 / rows));
        break;
      case Init::kEmbedding:
        x = static_cast<float>((2 * random.Uniform() - 1) * 0.05);
        break;
    }
  }
  return value;
}

// Columns [begin, end) of a matrix.
tf::Tensor Columns(tf::GraphBuilder& builder, const tf::Tensor& matrix, int begin, int end) {
  return builder.StridedSlice(matrix, {0, begin}, {0, end}, /*begin_mask=*/1, /*end_mask=*/1);
}

}  // namespace

tf::Tensor VariableStore::Read(tf::GraphBuilder& builder, const std::string& name,
                               const tf::Shape& shape, Init init, bool regularised) {
  if (!values_.contains(name)) {
    values_[name] = InitialValue(shape, init, random_);
    names_.push_back(name);
    if (regularised) regularised_.insert(name);
  }
  tf::Tensor handle{name, 0, DT_RESOURCE};
  if (!builder.HasNode(name)) handle = builder.Variable(DT_FLOAT, shape, name);
  last_read_[name] = builder.ReadVariable(handle, DT_FLOAT, name + "/value");
  return last_read_[name];
}

tf::Tensor LookUpSingle(tf::GraphBuilder& builder, VariableStore& store, const ModelInputs& inputs,
                        const std::vector<const FeatureInput*>& features, int size, Init init,
                        const std::string& name) {
  std::vector<int32_t> offsets;
  int64_t rows = 0;
  for (const FeatureInput* feature : features) {
    offsets.push_back(static_cast<int32_t>(rows));
    rows += feature->num_ids;
  }
  const tf::Tensor table = store.Read(builder, name, {rows, size}, init, true);
  const int begin = features.front()->first_column, end = features.back()->first_column + 1;
  const tf::Tensor ids =
      builder.Add(Columns(builder, inputs.ids, begin, end), builder.ConstInt32s(offsets));
  return builder.Reshape(builder.Gather(table, ids),
                         {-1, static_cast<int32_t>(features.size()) * size});
}

tf::Tensor LookUpMean(tf::GraphBuilder& builder, VariableStore& store, const ModelInputs& inputs,
                      const FeatureInput& feature, int size, Init init, const std::string& name) {
  const tf::Tensor table = store.Read(builder, name, {feature.num_ids, size}, init, true);
  const tf::Tensor ids = Columns(builder, inputs.ids, feature.first_column,
                                 feature.first_column + feature.width);
  const tf::Tensor zero = builder.ConstInt32(0);
  const tf::Tensor there =
      builder.ExpandDims(builder.Cast(builder.Compare("GreaterEqual", ids, zero), DT_FLOAT), -1);
  const tf::Tensor vectors = builder.Gather(table, builder.Binary("Maximum", ids, zero));
  const tf::Tensor count =
      builder.Binary("Maximum", builder.Reduce("Sum", there, {1}), builder.ConstFloat(1));
  return builder.Div(builder.Reduce("Sum", builder.Mul(vectors, there), {1}), count);
}

}  // namespace bessemer::training
