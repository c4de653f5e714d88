#ifndef BESSEMER_TENSORFLOW_TENSOR_H_
#define BESSEMER_TENSORFLOW_TENSOR_H_

#include <string>

#include "bessemer/tensorflow/attr.h"

namespace bessemer::tf {

// One output of a node of a graph being built.
struct Tensor {
  std::string node;
  int index = 0;
  DataType dtype = ::tensorflow::DT_INVALID;

  // "node:index", as signatures and feeds name it.
  std::string name() const { return node + ":" + std::to_string(index); }
  bool operator==(const Tensor&) const = default;
};

// indices int64 [n, rank], values [n], dense_shape int64 [rank].
struct SparseTensor {
  Tensor indices;
  Tensor values;
  Tensor dense_shape;
};

struct RaggedTensor {
  Tensor values;
  Tensor row_splits;
};

}  // namespace bessemer::tf

#endif  // BESSEMER_TENSORFLOW_TENSOR_H_
