#include <arrow/io/interfaces.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <arrow/util/byte_size.h>
#include <parquet/arrow/writer.h>
#include <parquet/properties.h>

#include <algorithm>
#include <utility>

#include "bessemer/columnar/large_buffers.h"
#include "bessemer/example_gen/parquet_writer_internal.h"

namespace bessemer::example_gen {

ParquetWriter::ParquetWriter(std::shared_ptr<arrow::Schema> schema,
                             std::shared_ptr<arrow::io::OutputStream> out, const Options& options)
    : schema_(std::move(schema)), out_(std::move(out)), options_(options) {}
ParquetWriter::ParquetWriter(ParquetWriter&&) noexcept = default;
ParquetWriter& ParquetWriter::operator=(ParquetWriter&&) noexcept = default;
ParquetWriter::~ParquetWriter() = default;

arrow::Status ParquetWriter::Write(const arrow::RecordBatch& batch) {
  const auto referenced = arrow::util::ReferencedBufferSize(batch);
  const int64_t bytes = referenced.ok() ? *referenced : arrow::util::TotalBufferSize(batch);
  const int64_t num_pieces = bytes / options_.group_bytes + 1;
  const int64_t rows =
      std::clamp<int64_t>(batch.num_rows() / num_pieces, 1, options_.group_rows);
  for (int64_t begin = 0; begin < batch.num_rows(); begin += rows) {
    const auto piece = batch.Slice(begin, rows);
    if (group_bytes_ >= options_.group_bytes ||
        group_rows_ + piece->num_rows() > options_.group_rows) {
      ARROW_RETURN_NOT_OK(WriteGroup());
    }
    group_.push_back(piece);
    group_bytes_ += bytes / num_pieces;
    group_rows_ += piece->num_rows();
  }
  return arrow::Status::OK();
}

arrow::Status ParquetWriter::Open() {
  // A page and a dictionary are looked at every so many values, and until then they grow.
  constexpr int64_t kPageBytes = 1 << 20;
  constexpr int64_t kUsualValues = 1024;
  const int64_t row_bytes = group_bytes_ / std::max<int64_t>(group_rows_, 1);
  const int64_t values = std::clamp<int64_t>(kPageBytes / (row_bytes + 1), 1, kUsualValues);
  const auto properties = ::parquet::WriterProperties::Builder()
                              .compression(options_.codec)
                              ->max_row_group_length(options_.group_rows)
                              ->write_batch_size(values)
                              ->memory_pool(columnar::LargeBufferPool())
                              ->build();
  return ::parquet::arrow::FileWriter::Open(*schema_, columnar::LargeBufferPool(), out_, properties)
      .Value(&writer_);
}

arrow::Status ParquetWriter::WriteGroup() {
  if (writer_ == nullptr) ARROW_RETURN_NOT_OK(Open());
  if (group_.empty()) return arrow::Status::OK();
  ARROW_ASSIGN_OR_RAISE(const auto table,
                        arrow::Table::FromRecordBatches(schema_, std::exchange(group_, {})));
  group_bytes_ = 0;
  return writer_->WriteTable(*table, std::exchange(group_rows_, 0));
}

arrow::Status ParquetWriter::Close() {
  ARROW_RETURN_NOT_OK(WriteGroup());
  return writer_->Close();
}

}  // namespace bessemer::example_gen
