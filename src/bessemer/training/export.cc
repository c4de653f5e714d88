#include "bessemer/training/export.h"

#include <algorithm>

#include "bessemer/io/file.h"
#include "bessemer/tensorflow/saved_model.h"
#include "bessemer/training/serving_inputs.h"

namespace bessemer::training {
namespace {

using tf::GraphBuilder;
using tf::Shape;
using tf::Signature;
using tf::SignatureTensor;
using tf::SignatureTensors;
using tf::Tensor;
using ::tensorflow::DT_FLOAT;
using ::tensorflow::DT_INT32;
using ::tensorflow::DT_INT64;
using ::tensorflow::DT_STRING;

// The shape of one example's value of a dense input.
StatusOr<Shape> ExampleShape(const std::string& name, const SignatureTensor& tensor) {
  if (!tensor.shape) return Shape{};
  Shape shape(tensor.shape->begin() + std::min<size_t>(1, tensor.shape->size()),
              tensor.shape->end());
  for (const int64_t size : shape) {
    if (size < 0) {
      return InvalidArgumentError(
          "raw feature '{}' is a dense input of unknown size [{}]: it cannot be parsed from "
          "examples",
          name, fmt::join(*tensor.shape, ","));
    }
  }
  return shape;
}

// A constant of zeros or empty strings.
Tensor Zeros(GraphBuilder& b, tf::DataType dtype, const Shape& shape) {
  const Tensor value = dtype == DT_STRING ? b.ConstString("") : b.ConstOf(dtype, 0);
  if (shape.empty()) return value;
  return b.Fill(b.ConstInt32s({shape.begin(), shape.end()}), value);
}

class Exporter {
 public:
  Exporter(const ModelFunction& model, const InputPlan& plan, VariableStore& store,
           const std::string& transform_graph)
      : model_(model), plan_(plan), store_(store) {
    if (!transform_graph.empty()) {
      transform_fn_ = io::JoinPath(transform_graph, "transform_fn");
    }
  }

  Status Write(const std::string& directory);

 private:
  Status ReadTransform();
  Status AddExamples();  // serving_default, transform_features
  Status AddRaw();       // serving_raw
  // The model on features given by name, its outputs added to a signature.
  Status AddModel(const SignatureTensors& features, Signature* signature);
  // "classes": the names of the classes in their order, for each example.
  void AddClasses(const Tensor& outputs, Signature* signature);
  StatusOr<SignatureTensors> ParseForTransform(const Tensor& examples);
  SignatureTensors ParseRaw(const Tensor& examples);
  StatusOr<SignatureTensors> RawPlaceholders(Signature* signature);

  const ModelFunction& model_;
  const InputPlan& plan_;
  VariableStore& store_;
  std::string transform_fn_;  // "": none
  Signature transform_;
  std::vector<std::string> model_features_;
  std::vector<std::string> transform_outputs_;  // those that can be outputs of a signature
  std::vector<std::string> needed_;             // raw inputs that the model needs
  GraphBuilder builder_;
  tf::Signatures signatures_;
};

Status Exporter::ReadTransform() {
  for (const FeatureInput& feature : plan_.features) {
    if (feature.kind != FeatureInput::Kind::kBucket) model_features_.push_back(feature.name);
  }
  if (transform_fn_.empty()) return OkStatus();
  BESSEMER_ASSIGN_OR_RETURN(const tf::Signatures signatures, tf::ReadSignatures(transform_fn_));
  const auto found = signatures.find(kTransformSignature);
  if (found == signatures.end()) {
    return NotFoundError("the SavedModel in {} has no signature '{}'", transform_fn_,
                         kTransformSignature);
  }
  transform_ = found->second;
  for (const auto& [name, tensor] : transform_.outputs) {
    if (tensor.is_dense() || tensor.sparse) transform_outputs_.push_back(name);
  }
  BESSEMER_ASSIGN_OR_RETURN(
      needed_, tf::InputsNeeded(transform_fn_, kTransformSignature, model_features_));
  return OkStatus();
}

StatusOr<SignatureTensors> Exporter::ParseForTransform(const Tensor& examples) {
  BESSEMER_ASSIGN_OR_RETURN(
      const std::vector<std::string> inputs,
      tf::InputsNeeded(transform_fn_, kTransformSignature, transform_outputs_));
  std::vector<GraphBuilder::DenseFeature> dense;
  std::vector<std::pair<std::string, tf::DataType>> sparse;
  for (const std::string& name : inputs) {
    const SignatureTensor& tensor = transform_.inputs.at(name);
    if (tensor.sparse) {
      sparse.emplace_back(name, tensor.dtype());
      continue;
    }
    BESSEMER_ASSIGN_OR_RETURN(const Shape shape, ExampleShape(name, tensor));
    dense.push_back({name, tensor.dtype(), shape});
    if (!std::binary_search(needed_.begin(), needed_.end(), name)) {
      dense.back().default_value = Zeros(builder_, tensor.dtype(), shape);
    }
  }
  const auto parsed = builder_.ParseExamples(examples, dense, sparse);
  SignatureTensors result;
  for (size_t i = 0; i < dense.size(); ++i) result[dense[i].key].dense = parsed.dense[i];
  for (size_t i = 0; i < sparse.size(); ++i) result[sparse[i].first].sparse = parsed.sparse[i];
  return result;
}

SignatureTensors Exporter::ParseRaw(const Tensor& examples) {
  std::vector<std::pair<std::string, tf::DataType>> sparse;
  for (const FeatureInput& feature : plan_.features) {
    if (feature.kind == FeatureInput::Kind::kBucket) continue;  // its number is there
    sparse.emplace_back(feature.name, feature.dtype);
  }
  const auto parsed = builder_.ParseExamples(examples, {}, sparse);
  SignatureTensors result;
  for (size_t i = 0; i < sparse.size(); ++i) result[sparse[i].first].sparse = parsed.sparse[i];
  return result;
}

void Exporter::AddClasses(const Tensor& outputs, Signature* signature) {
  GraphBuilder& b = builder_;
  const Tensor rows = b.StridedSlice(b.ShapeOf(outputs), {0}, {1});
  signature->AddOutput("classes",
                       b.Tile(b.ExpandDims(b.ConstStrings(plan_.label.classes), 0),
                              b.Concat({rows, b.ConstInt32s({1})}, 0)),
                       Shape{-1, static_cast<int64_t>(plan_.label.classes.size())});
}

Status Exporter::AddModel(const SignatureTensors& features, Signature* signature) {
  GraphBuilder& b = builder_;
  BESSEMER_ASSIGN_OR_RETURN(const ModelInputs inputs, MakeModelInputs(b, plan_, features));
  const int64_t k = plan_.num_outputs();
  const Tensor outputs = b.Reshape(model_(b, store_, inputs), {-1, static_cast<int32_t>(k)});
  switch (plan_.label.task) {
    case Task::kRegression:
      signature->AddOutput(
          "predictions",
          b.Add(b.Mul(outputs, b.ConstFloat(static_cast<float>(plan_.label.stddev))),
                b.ConstFloat(static_cast<float>(plan_.label.mean))),
          Shape{-1, 1});
      break;
    case Task::kBinary:
      signature->AddOutput("logits", outputs, Shape{-1, 1});
      signature->AddOutput("probabilities", b.Unary("Sigmoid", outputs), Shape{-1, 1});
      // The probability is of the second: nothing else says which of "no" and "yes" that is.
      if (plan_.label.classes != std::vector<std::string>{"0", "1"}) AddClasses(outputs, signature);
      break;
    case Task::kMulticlass: {
      signature->AddOutput("logits", outputs, Shape{-1, k});
      signature->AddOutput("probabilities", b.Unary("Softmax", outputs), Shape{-1, k});
      const Tensor best = b.ExpandDims(b.ArgMax(outputs, 1), 1);
      signature->AddOutput("class_ids", best, Shape{-1, 1});
      AddClasses(outputs, signature);
      break;
    }
  }
  return OkStatus();
}

Status Exporter::AddExamples() {
  const Tensor examples = builder_.Placeholder(DT_STRING, {-1}, "examples");
  Signature serving;
  serving.AddInput("examples", examples, Shape{-1});
  if (transform_fn_.empty()) {
    BESSEMER_RETURN_IF_ERROR(AddModel(ParseRaw(examples), &serving));
    signatures_["serving_default"] = std::move(serving);
    return OkStatus();
  }
  BESSEMER_ASSIGN_OR_RETURN(const SignatureTensors raw, ParseForTransform(examples));
  BESSEMER_ASSIGN_OR_RETURN(
      const SignatureTensors transformed,
      tf::SpliceSavedModel(builder_, transform_fn_, kTransformSignature, raw, transform_outputs_,
                           "transform"));
  BESSEMER_RETURN_IF_ERROR(AddModel(transformed, &serving));
  signatures_["serving_default"] = std::move(serving);
  Signature features;
  features.AddInput("examples", examples, Shape{-1});
  features.outputs = transformed;
  signatures_["transform_features"] = std::move(features);
  return OkStatus();
}

StatusOr<SignatureTensors> Exporter::RawPlaceholders(Signature* signature) {
  GraphBuilder& b = builder_;
  SignatureTensors result;
  if (transform_fn_.empty()) {
    for (const FeatureInput& feature : plan_.features) {
      if (feature.kind == FeatureInput::Kind::kBucket) continue;
      const Shape shape = {-1, feature.width};
      const Tensor input = b.Placeholder(feature.dtype, shape, "raw_" + feature.name);
      signature->AddInput(feature.name, input, shape);
      result[feature.name].dense = input;
      if (feature.width > 1 && feature.dtype == DT_STRING) {
        result[feature.name].dense = b.Select(b.Compare("Equal", input, b.ConstString("")),
                                              b.ConstString(kMissingText), input);
      }
    }
    return result;
  }
  for (const std::string& name : needed_) {
    const SignatureTensor& wanted = transform_.inputs.at(name);
    const Shape shape = wanted.sparse ? Shape{-1, -1} : wanted.shape.value_or(Shape{-1});
    const Tensor input = b.Placeholder(wanted.dtype(), shape, "raw_" + name);
    signature->AddInput(name, input, shape);
    if (wanted.sparse) {
      result[name].sparse = Sparsify(b, input);
    } else {
      result[name].dense = input;
    }
  }
  return result;
}

Status Exporter::AddRaw() {
  Signature serving;
  BESSEMER_ASSIGN_OR_RETURN(SignatureTensors features, RawPlaceholders(&serving));
  if (!transform_fn_.empty()) {
    BESSEMER_ASSIGN_OR_RETURN(
        features, tf::SpliceSavedModel(builder_, transform_fn_, kTransformSignature, features,
                                       model_features_, "transform_raw"));
  }
  BESSEMER_RETURN_IF_ERROR(AddModel(features, &serving));
  signatures_["serving_raw"] = std::move(serving);
  return OkStatus();
}

Status Exporter::Write(const std::string& directory) {
  BESSEMER_RETURN_IF_ERROR(ReadTransform());
  BESSEMER_RETURN_IF_ERROR(AddExamples());
  BESSEMER_RETURN_IF_ERROR(AddRaw());
  return tf::WriteSavedModel(std::move(builder_), signatures_, store_.values(), directory);
}

}  // namespace

Status ExportModel(const ModelFunction& model, const InputPlan& plan, VariableStore& store,
                   const std::string& transform_graph, const std::string& directory) {
  return Exporter(model, plan, store, transform_graph).Write(directory);
}

}  // namespace bessemer::training
