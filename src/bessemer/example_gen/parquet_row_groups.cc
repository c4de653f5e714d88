#include <arrow/record_batch.h>
#include <arrow/util/byte_size.h>
#include <parquet/arrow/writer.h>

#include <algorithm>

#include "bessemer/example_gen/parquet_row_groups_internal.h"

namespace bessemer::example_gen {

arrow::Status ParquetRowGroups::Write(const arrow::RecordBatch& batch,
                                      ::parquet::arrow::FileWriter& writer) {
  const auto referenced = arrow::util::ReferencedBufferSize(batch);
  const int64_t bytes = referenced.ok() ? *referenced : arrow::util::TotalBufferSize(batch);
  const int64_t num_pieces = bytes / group_bytes_ + 1;
  const int64_t rows = std::max<int64_t>(1, batch.num_rows() / num_pieces);
  for (int64_t begin = 0; begin < batch.num_rows(); begin += rows) {
    if (written_bytes_ >= group_bytes_) {
      ARROW_RETURN_NOT_OK(writer.NewBufferedRowGroup());
      written_bytes_ = 0;
    }
    ARROW_RETURN_NOT_OK(writer.WriteRecordBatch(*batch.Slice(begin, rows)));
    written_bytes_ += bytes / num_pieces;
  }
  return arrow::Status::OK();
}

}  // namespace bessemer::example_gen
