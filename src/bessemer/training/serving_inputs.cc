#include "bessemer/training/serving_inputs.h"

#include <cmath>

namespace bessemer::training {
namespace {

using tf::GraphBuilder;
using tf::Tensor;
using ::tensorflow::DT_FLOAT;
using ::tensorflow::DT_INT32;
using ::tensorflow::DT_INT64;
using ::tensorflow::DT_STRING;

Tensor Missing(GraphBuilder& b, tf::DataType dtype) {
  if (dtype == DT_STRING) return b.ConstString(kMissingText, "missing");
  if (dtype == DT_INT64) return b.ConstInt64(kMissingInt, "missing");
  return b.ConstFloat(NAN, "missing");
}

Tensor NumbersOf(GraphBuilder& b, const Tensor& x) {
  if (x.dtype != DT_INT64) return b.Cast(x, DT_FLOAT);
  return b.Select(b.Compare("Equal", x, b.ConstInt64(kMissingInt)), b.ConstFloat(NAN),
                  b.Cast(x, DT_FLOAT));
}

Tensor CategoryIds(GraphBuilder& b, const FeatureInput& feature, const Tensor& x) {
  const Tensor known =
      b.And(b.Compare("GreaterEqual", x, b.ConstInt64(feature.min)),
            b.Compare("LessEqual", x, b.ConstInt64(feature.max)));
  const Tensor id = b.Select(known, b.Sub(x, b.ConstInt64(feature.min)),
                             b.ConstInt64(feature.num_ids - 1));
  if (feature.width == 1) return id;
  return b.Select(b.Compare("Equal", x, b.ConstInt64(kMissingInt)), b.ConstInt64(kNoId), id);
}

Tensor HashIds(GraphBuilder& b, const FeatureInput& feature, const Tensor& x) {
  const Tensor missing = b.Compare("Equal", x, b.ConstString(kMissingText));
  const Tensor empty = b.Compare("Equal", x, b.ConstString(""));
  const Tensor unknown = b.ConstInt64(feature.num_ids - 1);
  const Tensor hashed = b.Select(empty, unknown, b.HashBucketFast(x, feature.num_ids - 1));
  return b.Select(missing, feature.width == 1 ? unknown : b.ConstInt64(kNoId), hashed);
}

Tensor BucketIds(GraphBuilder& b, const FeatureInput& feature, const Tensor& x) {
  return b.Select(b.Test("IsFinite", x), b.Cast(b.Bucketize(x, feature.boundaries), DT_INT64),
                  b.ConstInt64(feature.num_ids - 1));
}

StatusOr<Tensor> Matrix(GraphBuilder& b, const FeatureInput& feature,
                        const tf::SignatureTensor& tensor) {
  if (!tensor.sparse && !tensor.is_dense()) {
    return InvalidArgumentError("feature '{}' is neither dense nor sparse in the graph",
                                feature.name);
  }
  const tf::DataType given = tensor.dtype();
  if ((given == DT_STRING) != (feature.dtype == DT_STRING)) {
    return InvalidArgumentError("feature '{}' is {} in the graph but {} in the examples",
                                feature.name, ::tensorflow::DataType_Name(given),
                                ::tensorflow::DataType_Name(feature.dtype));
  }
  if (tensor.sparse) {
    tf::SparseTensor sparse = *tensor.sparse;
    sparse.values = b.Cast(sparse.values, feature.dtype);
    return Densify(b, sparse, feature.width);
  }
  return b.Reshape(b.Cast(tensor.dense, feature.dtype), {-1, feature.width});
}

// (x - mean) / stddev where x is finite, else 0.
Tensor Standardise(GraphBuilder& b, const InputPlan& plan, const Tensor& x) {
  std::vector<float> mean, scale;
  for (const FeatureInput& feature : plan.features) {
    mean.insert(mean.end(), feature.mean.begin(), feature.mean.end());
    scale.insert(scale.end(), feature.inverse_stddev.begin(), feature.inverse_stddev.end());
  }
  const Tensor scaled =
      b.Mul(b.Sub(x, b.ConstFloats(mean, "mean")), b.ConstFloats(scale, "inverse_stddev"));
  return b.Select(b.Test("IsFinite", x), scaled, b.ConstFloat(0));
}

}  // namespace

Tensor Densify(GraphBuilder& b, const tf::SparseTensor& sparse, int width) {
  const Tensor shape = sparse.dense_shape;  // int64 [2]
  const Tensor rows = b.StridedSlice(shape, {0}, {1});
  const Tensor columns = b.Binary("Maximum", b.StridedSlice(shape, {1}, {2}),
                                  b.ConstInt64s({width}));
  const Tensor dense = b.SparseToDense(sparse, b.Concat({rows, columns}, 0),
                                       Missing(b, sparse.values.dtype));
  return b.StridedSlice(dense, {0, 0}, {0, width}, /*begin_mask=*/1, /*end_mask=*/1);
}

tf::SparseTensor Sparsify(GraphBuilder& b, const Tensor& dense) {
  Tensor there;
  if (dense.dtype == DT_STRING) {
    there = b.Compare("NotEqual", dense, b.ConstString(""));
  } else if (dense.dtype == DT_INT64) {
    there = b.Compare("NotEqual", dense, b.ConstInt64(kMissingInt));
  } else {
    there = b.Not(b.Test("IsNan", dense));
  }
  const Tensor indices = b.Where(there);
  const Tensor values = b.Op("GatherNd", {dense, indices},
                             {{"Tparams", dense.dtype}, {"Tindices", DT_INT64}}, dense.dtype);
  return {indices, values, b.ShapeOf(dense, DT_INT64)};
}

StatusOr<ModelInputs> MakeModelInputs(GraphBuilder& b, const InputPlan& plan,
                                      const std::map<std::string, tf::SignatureTensor>& tensors) {
  const auto scope = b.Enter(b.UniqueName("inputs"));
  std::vector<Tensor> numbers, ids;
  for (const FeatureInput& feature : plan.features) {  // in the order of the columns
    const auto found = tensors.find(feature.name);
    if (found == tensors.end()) {
      return NotFoundError("feature '{}' is in the examples but not among the graph's outputs",
                           feature.name);
    }
    BESSEMER_ASSIGN_OR_RETURN(const Tensor matrix, Matrix(b, feature, found->second));
    switch (feature.kind) {
      case FeatureInput::Kind::kNumber:
        numbers.push_back(NumbersOf(b, matrix));
        break;
      case FeatureInput::Kind::kCategory:
        ids.push_back(CategoryIds(b, feature, matrix));
        break;
      case FeatureInput::Kind::kHashed:
        ids.push_back(HashIds(b, feature, matrix));
        break;
      case FeatureInput::Kind::kBucket:
        ids.push_back(BucketIds(b, feature, NumbersOf(b, matrix)));
        break;
    }
  }
  ModelInputs inputs;
  if (!numbers.empty()) inputs.numbers = Standardise(b, plan, b.Concat(numbers, 1));
  if (!ids.empty()) inputs.ids = b.Cast(b.Concat(ids, 1), DT_INT32);
  return inputs;
}

}  // namespace bessemer::training
