#ifndef BESSEMER_COLUMNAR_BATCHES_H_
#define BESSEMER_COLUMNAR_BATCHES_H_

#include <arrow/record_batch.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "bessemer/base/status.h"

// Whole record batches. Pure functions, safe from any thread.

namespace bessemer::columnar {

// All rows of the batches, in order, in one batch. Its columns are those of all batches, in the
// order in which they are first met. A column that a batch lacks, or has with the type null, is
// null in its rows; so are fields of structs and values of lists. No batches: no columns, no rows.
// INVALID_ARGUMENT names a column whose types cannot be brought together.
StatusOr<std::shared_ptr<arrow::RecordBatch>> MergeBatches(
    const std::vector<std::shared_ptr<arrow::RecordBatch>>& batches);

// The rows of these numbers, which may repeat and stand in any order. OUT_OF_RANGE for a number
// that is not a row's. Runs of neighbours are copied as a piece.
StatusOr<std::shared_ptr<arrow::RecordBatch>> TakeRows(const arrow::RecordBatch& batch,
                                                       std::span<const int64_t> rows);

// The sum of ByteSize (lists.h) of the columns.
StatusOr<int64_t> ByteSize(const arrow::RecordBatch& batch);

}  // namespace bessemer::columnar

#endif  // BESSEMER_COLUMNAR_BATCHES_H_
