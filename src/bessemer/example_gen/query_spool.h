#ifndef BESSEMER_EXAMPLE_GEN_QUERY_SPOOL_H_
#define BESSEMER_EXAMPLE_GEN_QUERY_SPOOL_H_

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <string>

#include "bessemer/base/progress.h"
#include "bessemer/base/status.h"
#include "bessemer/columnar/feature_column.h"
#include "bessemer/example_gen/row_input.h"

// A query's result as a RowInput: an engine sends its rows once and in order, yet types must be
// known and rows counted before they are written, and encoding them is the work of all cores. So
// the rows go through a compressed file in the scratch folder, block by block.

namespace bessemer::example_gen {

struct QuerySpoolOptions {
  std::string scratch_dir = "/tmp";  // made if missing
  // A block ends with the row that brings it to this size or to this many rows. The size is that of
  // the values: it does not depend on how the engine cut its batches.
  int64_t block_bytes = 1 << 20;
  int64_t block_rows = 16384;
  Progress* progress = &Progress::None();  // advanced by rows; asked whether to stop
};

// Reads `rows` to its end into an Arrow IPC stream (LZ4) that has no name any more when this
// returns: it vanishes with the RowInput, or with the process. Memory holds one block and the batch
// at hand.
//
// Every batch must have the columns of `schema`, in order and type: INTERNAL otherwise, and
// INVALID_ARGUMENT for two columns of one name or a type without a place in a tf.Example or its
// conversions (unions, maps, run-end encoded …; dictionaries are decoded). The first error of
// `rows` is returned: a result that broke off is never taken for a whole one. CANCELLED when the
// progress says so; errors of writing name the file.
//
// content_hash() of the result is a SHA-256 over the schema and all values in row order: the same
// for equal rows whatever the batches were.
StatusOr<std::unique_ptr<RowInput>> SpoolQuery(const std::shared_ptr<arrow::Schema>& schema,
                                               columnar::BatchSource& rows,
                                               const QuerySpoolOptions& options);

// The content_hash() of an input; where reading gave none, all rows are read for it: meant for the
// few rows of a fingerprint query.
StatusOr<std::string> ContentHashOf(const RowInput& rows);

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_QUERY_SPOOL_H_
