#ifndef BESSEMER_TRANSFORM_NESTED_COLUMNS_H_
#define BESSEMER_TRANSFORM_NESTED_COLUMNS_H_

#include <arrow/record_batch.h>

#include <memory>

#include "bessemer/base/status.h"

namespace tensorflow::metadata::v0 {
class Schema;
}

namespace bessemer::transform {

// A batch whose lists of lists are written as columns that tf.Example can hold, and that MakeTensor
// (tensors.h) reads as the ragged tensor again: in place of each column of nested lists, the column
// of its values and one of row lengths for each partition that has them. Names come from the ragged
// tensor of the column's name, in any group of the schema. Other columns stay, also where a tensor
// has their name; a null row is null in all columns that are made of it.
//
// A list level below the outermost goes with each partition of row lengths; uniform partitions
// divide the lengths of the level before them, as their rows are not levels of their own.
// INVALID_ARGUMENT, naming the column: nested lists without such a tensor, or with another number
// of levels; lengths that a uniform partition does not divide; two columns of one name.
StatusOr<std::shared_ptr<arrow::RecordBatch>> FlattenNestedColumns(
    const arrow::RecordBatch& batch, const ::tensorflow::metadata::v0::Schema& schema);

}  // namespace bessemer::transform

#endif  // BESSEMER_TRANSFORM_NESTED_COLUMNS_H_
