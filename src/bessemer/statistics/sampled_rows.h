#ifndef BESSEMER_STATISTICS_SAMPLED_ROWS_H_
#define BESSEMER_STATISTICS_SAMPLED_ROWS_H_

#include <arrow/record_batch.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "bessemer/base/status.h"

namespace bessemer::statistics {

// The rows whose hash falls into the first `rate` of all hashes. The hash is of `seed` and of the
// names and values of the row: equal rows stay or go together, and which go depends on nothing
// else: not on the batch they are in, on the order of its columns or on columns that the row has no
// value of, nor on the Arrow type that holds a value (a number by itself is a list of one).
StatusOr<std::shared_ptr<arrow::RecordBatch>> SampleRows(const arrow::RecordBatch& batch,
                                                         double rate, uint64_t seed);

// These rows, in this order.
StatusOr<std::shared_ptr<arrow::RecordBatch>> TakeRows(const arrow::RecordBatch& batch,
                                                       const std::vector<int64_t>& rows);

}  // namespace bessemer::statistics

#endif  // BESSEMER_STATISTICS_SAMPLED_ROWS_H_
