#include "bessemer/tensorflow/signature.h"

#include <charconv>

#include "bessemer/io/file.h"
#include "tensorflow/core/protobuf/meta_graph.pb.h"
#include "tensorflow/core/protobuf/saved_model.pb.h"

namespace bessemer::tf {
namespace {

constexpr const char* kServingTag = "serve";
// TensorFlow Transform finds a transform of the TensorFlow 1 form by this tag alone.
constexpr const char* kTransformTag = "transform";

SignatureTensor FromTensorInfo(const ::tensorflow::TensorInfo& info) {
  using ::tensorflow::DT_INT64;
  SignatureTensor result;
  switch (info.encoding_case()) {
    case ::tensorflow::TensorInfo::kCooSparse: {
      const auto& sparse = info.coo_sparse();
      result.sparse =
          SparseTensor{ParseTensorName(sparse.indices_tensor_name(), DT_INT64),
                       ParseTensorName(sparse.values_tensor_name(), info.dtype()),
                       ParseTensorName(sparse.dense_shape_tensor_name(), DT_INT64)};
      break;
    }
    case ::tensorflow::TensorInfo::kCompositeTensor:
      for (const auto& component : info.composite_tensor().components()) {
        result.components.push_back(ParseTensorName(component.name(), component.dtype()));
      }
      break;
    default:
      result.dense = ParseTensorName(info.name(), info.dtype());
  }
  if (!info.tensor_shape().unknown_rank()) {
    result.shape.emplace();
    for (const auto& dim : info.tensor_shape().dim()) result.shape->push_back(dim.size());
  }
  return result;
}

::tensorflow::TensorInfo ToTensorInfo(const SignatureTensor& tensor) {
  ::tensorflow::TensorInfo info;
  info.set_dtype(tensor.dtype());
  if (tensor.sparse) {
    info.mutable_coo_sparse()->set_indices_tensor_name(tensor.sparse->indices.name());
    info.mutable_coo_sparse()->set_values_tensor_name(tensor.sparse->values.name());
    info.mutable_coo_sparse()->set_dense_shape_tensor_name(tensor.sparse->dense_shape.name());
  } else {
    info.set_name(tensor.dense.name());
  }
  if (!tensor.shape) {
    info.mutable_tensor_shape()->set_unknown_rank(true);
  } else {
    info.mutable_tensor_shape();
    for (const int64_t size : *tensor.shape) {
      info.mutable_tensor_shape()->add_dim()->set_size(size);
    }
  }
  return info;
}

SignatureTensor Dense(const Tensor& tensor, std::optional<Shape> shape) {
  SignatureTensor result;
  result.dense = tensor;
  result.shape = std::move(shape);
  return result;
}

SignatureTensor Sparse(const SparseTensor& tensor, std::optional<Shape> shape) {
  SignatureTensor result;
  result.sparse = tensor;
  result.shape = std::move(shape);
  return result;
}

}  // namespace

DataType SignatureTensor::dtype() const {
  if (sparse) return sparse->values.dtype;
  return components.empty() ? dense.dtype : components[0].dtype;
}

void Signature::AddInput(const std::string& name, const Tensor& tensor,
                         std::optional<Shape> shape) {
  inputs[name] = Dense(tensor, std::move(shape));
}
void Signature::AddOutput(const std::string& name, const Tensor& tensor,
                          std::optional<Shape> shape) {
  outputs[name] = Dense(tensor, std::move(shape));
}
void Signature::AddInput(const std::string& name, const SparseTensor& tensor,
                         std::optional<Shape> shape) {
  inputs[name] = Sparse(tensor, std::move(shape));
}
void Signature::AddOutput(const std::string& name, const SparseTensor& tensor,
                          std::optional<Shape> shape) {
  outputs[name] = Sparse(tensor, std::move(shape));
}

Tensor ParseTensorName(std::string_view name, DataType dtype) {
  Tensor tensor{std::string(name), 0, dtype};
  const size_t colon = name.rfind(':');
  if (colon == std::string_view::npos) return tensor;
  int index = 0;
  const char* end = name.data() + name.size();
  const auto [stop, error] = std::from_chars(name.data() + colon + 1, end, index);
  if (error != std::errc() || stop != end || index < 0) return tensor;
  tensor.node.resize(colon);
  tensor.index = index;
  return tensor;
}

Signature SignatureFromProto(const ::tensorflow::SignatureDef& proto) {
  Signature signature;
  signature.method_name = proto.method_name();
  for (const auto& [name, info] : proto.inputs()) signature.inputs[name] = FromTensorInfo(info);
  for (const auto& [name, info] : proto.outputs()) signature.outputs[name] = FromTensorInfo(info);
  return signature;
}

::tensorflow::SignatureDef SignatureToProto(const Signature& signature) {
  ::tensorflow::SignatureDef proto;
  proto.set_method_name(signature.method_name);
  for (const auto& [name, tensor] : signature.inputs) {
    (*proto.mutable_inputs())[name] = ToTensorInfo(tensor);
  }
  for (const auto& [name, tensor] : signature.outputs) {
    (*proto.mutable_outputs())[name] = ToTensorInfo(tensor);
  }
  return proto;
}

StatusOr<::tensorflow::MetaGraphDef> ReadMetaGraph(const std::string& directory) {
  const std::string path = io::JoinPath(directory, "saved_model.pb");
  StatusOr<std::string> bytes = io::ReadFile(path);
  if (!bytes.ok()) {
    return MakeStatus(bytes.status().code(),
                      fmt::format("{} is not a SavedModel: {}", directory,
                                  Message(bytes.status())));
  }
  ::tensorflow::SavedModel model;
  if (!model.ParseFromString(*bytes)) {
    return DataLossError("{}: not a SavedModel message ({} bytes): the file is damaged", path,
                         bytes->size());
  }
  for (const char* wanted : {kServingTag, kTransformTag}) {
    for (auto& meta_graph : *model.mutable_meta_graphs()) {
      for (const std::string& tag : meta_graph.meta_info_def().tags()) {
        if (tag == wanted) return std::move(meta_graph);
      }
    }
  }
  return InvalidArgumentError("{}: none of its {} graphs has the tag '{}'", path,
                              model.meta_graphs_size(), kServingTag);
}

StatusOr<Signatures> ReadSignatures(const std::string& directory) {
  BESSEMER_ASSIGN_OR_RETURN(const ::tensorflow::MetaGraphDef meta_graph, ReadMetaGraph(directory));
  Signatures signatures;
  for (const auto& [name, proto] : meta_graph.signature_def()) {
    if (!name.starts_with("__")) signatures[name] = SignatureFromProto(proto);
  }
  return signatures;
}

}  // namespace bessemer::tf
