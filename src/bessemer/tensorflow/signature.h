#ifndef BESSEMER_TENSORFLOW_SIGNATURE_H_
#define BESSEMER_TENSORFLOW_SIGNATURE_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/tensorflow/tensor.h"

namespace tensorflow {
class MetaGraphDef;
class SignatureDef;
}  // namespace tensorflow

namespace bessemer::tf {

// One input or output of a signature. One of three encodings: dense, sparse, or components.
struct SignatureTensor {
  Tensor dense;                        // node "" if the value is sparse or composite
  std::optional<SparseTensor> sparse;  // the "coo_sparse" encoding
  std::vector<Tensor> components;      // a composite (ragged: values, then row splits), read only
  std::optional<Shape> shape;          // -1 where not known; nullopt: not even the rank

  // Of the values.
  DataType dtype() const;
  bool is_dense() const { return !dense.node.empty(); }
};

// A function of a SavedModel: named inputs to named outputs.
struct Signature {
  std::string method_name = "tensorflow/serving/predict";
  std::map<std::string, SignatureTensor> inputs;
  std::map<std::string, SignatureTensor> outputs;

  void AddInput(const std::string& name, const Tensor& tensor, std::optional<Shape> shape);
  void AddOutput(const std::string& name, const Tensor& tensor, std::optional<Shape> shape);
  void AddInput(const std::string& name, const SparseTensor& tensor, std::optional<Shape> shape);
  void AddOutput(const std::string& name, const SparseTensor& tensor, std::optional<Shape> shape);
};

using Signatures = std::map<std::string, Signature>;

// "a/b:1" as a Tensor; a name without a colon is output 0.
Tensor ParseTensorName(std::string_view name, DataType dtype);

Signature SignatureFromProto(const ::tensorflow::SignatureDef& proto);
::tensorflow::SignatureDef SignatureToProto(const Signature& signature);

// The meta graph of a SavedModel that serves ("serve" among its tags), or else that transforms
// ("transform" among them); loads no TensorFlow.
// NOT_FOUND if <directory>/saved_model.pb is missing, DATA_LOSS if it cannot be parsed,
// INVALID_ARGUMENT if no meta graph has the tag.
StatusOr<::tensorflow::MetaGraphDef> ReadMetaGraph(const std::string& directory);

// Its signatures, without the internal ones (those that begin with "__"). Errors as above.
StatusOr<Signatures> ReadSignatures(const std::string& directory);

}  // namespace bessemer::tf

#endif  // BESSEMER_TENSORFLOW_SIGNATURE_H_
