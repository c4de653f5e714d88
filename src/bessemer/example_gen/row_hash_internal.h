#ifndef BESSEMER_EXAMPLE_GEN_ROW_HASH_INTERNAL_H_
#define BESSEMER_EXAMPLE_GEN_ROW_HASH_INTERNAL_H_

#include <arrow/record_batch.h>

#include <string>
#include <vector>

#include "bessemer/base/hash.h"
#include "bessemer/base/status.h"

namespace bessemer::example_gen {

// A SHA-256 over rows of any Arrow types but dictionaries, unions, views and run-end encoded ones.
// A value counts by its bytes, with its length where lengths differ; what lies under a null does
// not count. Each column is a stream of its own, so batches may be cut anywhere.
class RowHasher {
 public:
  // INVALID_ARGUMENT names a column whose type cannot be hashed.
  static StatusOr<RowHasher> Make(const arrow::Schema& schema);

  // Adds the size of each row's values to row_bytes[0 … num_rows - 1].
  void Update(const arrow::RecordBatch& batch, int64_t* row_bytes);

  std::string FinishHex();  // once

 private:
  explicit RowHasher(const arrow::Schema& schema);

  Fingerprinter all_;
  std::vector<Fingerprinter> columns_;
  std::string buffer_;
};

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_ROW_HASH_INTERNAL_H_
