#ifndef BESSEMER_TRANSFORM_TENSORS_H_
#define BESSEMER_TRANSFORM_TENSORS_H_

#include <arrow/array.h>
#include <arrow/record_batch.h>

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "bessemer/base/status.h"

namespace tensorflow::metadata::v0 {
class TensorRepresentation;
}

// The columns of a batch as tensors: what TensorFlow models of tabular data take. See
// schema/tensor_representation.h for where representations come from. Pure functions, safe from any
// thread; time and memory are linear in the values read.

namespace bessemer::transform {

// Values are an array of the column's own type, without nulls unless the column has null values.
// The first dimension is always the rows of the batch.
struct DenseTensor {
  std::shared_ptr<arrow::Array> values;  // in row-major order
  std::vector<int64_t> shape;
};
struct SparseTensor {
  std::shared_ptr<arrow::Array> values;
  std::vector<int64_t> indices;      // dense_shape.size() numbers for each value
  std::vector<int64_t> dense_shape;  // -1: not known
};
struct RaggedTensor {
  std::shared_ptr<arrow::Array> values;  // of inner_shape each
  // From the outside in: row i of a level has the rows (of the innermost level: values) from
  // splits[i] to splits[i + 1] of the next. The outermost has a row for each row of the batch.
  std::vector<std::vector<int64_t>> row_splits;
  std::vector<int64_t> inner_shape;  // trailing dimensions of one size; often none
};
using Tensor = std::variant<DenseTensor, SparseTensor, RaggedTensor>;

// What every tensor of a representation over such batches has in common.
struct TensorType {
  enum class Kind { kDense, kSparse, kRagged };
  Kind kind = Kind::kDense;
  std::shared_ptr<arrow::DataType> value_type;  // of the values; string and binary alike
  std::vector<int64_t> shape;                   // -1: differs from batch to batch, or row to row
  int ragged_rank = 0;                          // kRagged: number of row_splits
};

// INVALID_ARGUMENT, naming column and type, for: a column that is missing or not a list (in
// structs, for ragged tensors) of integers, floats, strings or binaries; index columns that are not
// lists of integers, or of another number than the dense shape has dimensions; a default value of
// another type, or beyond the range of the column's.
StatusOr<TensorType> TensorTypeOf(
    const arrow::Schema& schema,
    const ::tensorflow::metadata::v0::TensorRepresentation& representation);

// The tensor of one batch.
//  * dense: each row has as many values as the shape asks for; a null row is the default value;
//  * sparse of one column: row and place in the row; as wide as the longest row;
//  * sparse of index and value columns: row and indices, in the order of the batch;
//  * ragged: a level for each list on the path, and for each partition that is not one of the
//    uniform ones at the end, which make the inner shape. Null lists are empty.
// Errors as TensorTypeOf; also INVALID_ARGUMENT, naming column and row, for rows of another length
// than the representation says.
StatusOr<Tensor> MakeTensor(
    const arrow::RecordBatch& batch,
    const ::tensorflow::metadata::v0::TensorRepresentation& representation);

}  // namespace bessemer::transform

#endif  // BESSEMER_TRANSFORM_TENSORS_H_
