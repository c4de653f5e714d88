#include "bessemer/example_gen/sources/parquet/parquet_file.h"

#include <arrow/io/interfaces.h>
#include <arrow/record_batch.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/writer.h>
#include <parquet/exception.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>
#include <parquet/properties.h>

#include <algorithm>
#include <numeric>

#include "bessemer/columnar/arrow_status.h"
#include "bessemer/example_gen/arrow_file_internal.h"
#include "bessemer/example_gen/parquet_reading_internal.h"
#include "bessemer/io/arrow_file.h"

namespace bessemer::example_gen::parquet {
namespace {

// Rows of a batch: so many that it is of about kBatchBytes, by eight bytes a cell or what the row
// group tells of its rows, if that is more. Fewer than kMinBatchRows, which would cost time, only
// of rows whose cells are large, such as images.
constexpr double kBatchBytes = 16 << 20;
constexpr double kMinBatchRows = 1024;
constexpr double kMaxBatchRows = 16384;
constexpr double kLargeCellBytes = 1024;  // on average
constexpr std::string_view kFormat = "Parquet";

int64_t BatchRows(const ::parquet::RowGroupMetaData& group, const std::vector<int>& leaves) {
  double bytes = 0;
  for (const int leaf : leaves) {
    bytes += static_cast<double>(group.ColumnChunk(leaf)->total_uncompressed_size());
  }
  const double cells = std::max(1.0, static_cast<double>(leaves.size()));
  const double of_row = bytes / std::max(1.0, static_cast<double>(group.num_rows()));
  const double by_cells = std::max(kBatchBytes / (8.0 * cells), kMinBatchRows);
  const double by_bytes = kBatchBytes / std::max(of_row, 1.0);
  const bool large_cells = of_row > kLargeCellBytes * cells;
  return static_cast<int64_t>(std::clamp(std::min(by_cells, by_bytes),
                                         large_cells ? 1.0 : kMinBatchRows, kMaxBatchRows));
}

class RowGroup : public columnar::BatchSource {
 public:
  explicit RowGroup(std::string path) : path_(std::move(path)) {}

  Status Open(const std::shared_ptr<::parquet::FileMetaData>& metadata, int row_group,
              const std::vector<int>& leaves) {
    BESSEMER_ASSIGN_OR_RETURN(file_, io::OpenRandomAccess(path_));
    return ReadingFile(path_, kFormat, *file_, [&]() -> Status {
      ParquetReading reading(path_);
      reading.arrow.set_batch_size(BatchRows(*metadata->RowGroup(row_group), leaves));
      ::parquet::arrow::FileReaderBuilder builder;
      BESSEMER_RETURN_IF_ARROW_ERROR(builder.Open(file_, reading.pages, metadata));
      builder.memory_pool(columnar::LargeBufferPool())->properties(reading.arrow);
      BESSEMER_RETURN_IF_ARROW_ERROR(builder.Build(&reader_));
      BESSEMER_ASSIGN_OR_RETURN_ARROW(batches_,
                                      reader_->GetRecordBatchReader({row_group}, leaves));
      return OkStatus();
    });
  }

  StatusOr<std::shared_ptr<arrow::RecordBatch>> Next() override {
    return ReadingFile(path_, kFormat, *file_,
                       [&]() -> StatusOr<std::shared_ptr<arrow::RecordBatch>> {
      std::shared_ptr<arrow::RecordBatch> batch;
      BESSEMER_RETURN_IF_ARROW_ERROR(batches_->ReadNext(&batch));
      return batch;
    });
  }

 private:
  std::string path_;
  std::shared_ptr<io::StorageFile> file_;
  std::unique_ptr<::parquet::arrow::FileReader> reader_;  // outlives its batches
  std::shared_ptr<arrow::RecordBatchReader> batches_;
};

class ParquetFile : public ColumnarFile {
 public:
  explicit ParquetFile(std::string path) : path_(std::move(path)) {}

  Status Open() {
    BESSEMER_ASSIGN_OR_RETURN(const auto file, io::OpenRandomAccess(path_));
    return ReadingFile(path_, kFormat, *file, [&]() -> Status {
      metadata_ = ::parquet::ReadMetaData(file);
      ::parquet::arrow::FileReaderBuilder builder;
      BESSEMER_RETURN_IF_ARROW_ERROR(
          builder.Open(file, ::parquet::default_reader_properties(), metadata_));
      std::unique_ptr<::parquet::arrow::FileReader> reader;
      BESSEMER_RETURN_IF_ARROW_ERROR(builder.Build(&reader));
      BESSEMER_RETURN_IF_ARROW_ERROR(reader->GetSchema(&schema_));
      for (int group = 0; group < metadata_->num_row_groups(); ++group) {
        const auto row_group = metadata_->RowGroup(group);
        const int64_t compressed = row_group->total_compressed_size();
        blocks_.push_back({.bytes = compressed > 0 ? compressed : row_group->total_byte_size(),
                           .num_rows = row_group->num_rows()});
      }
      return OkStatus();
    });
  }

  StatusOr<std::unique_ptr<columnar::BatchSource>> OpenBlock(int64_t block,
                                                             const BadRowPlace&) const override {
    std::vector<int> all(static_cast<size_t>(schema_->num_fields()));
    std::iota(all.begin(), all.end(), 0);
    return OpenColumns(block, all);
  }

  bool reads_columns() const override { return true; }
  StatusOr<std::unique_ptr<columnar::BatchSource>> OpenColumns(
      int64_t block, const std::vector<int>& columns) const override {
    auto group = std::make_unique<RowGroup>(path_);
    BESSEMER_RETURN_IF_ERROR(group->Open(metadata_, static_cast<int>(block),
                                         ParquetLeaves(*metadata_->schema(), columns)));
    return group;
  }

 private:
  std::string path_;
  std::shared_ptr<::parquet::FileMetaData> metadata_;
};

}  // namespace

StatusOr<std::unique_ptr<ColumnarFile>> OpenParquetFile(const std::string& path) {
  auto file = std::make_unique<ParquetFile>(path);
  BESSEMER_RETURN_IF_ERROR(file->Open());
  return file;
}

StatusOr<int64_t> WriteParquet(columnar::BatchSource& source, const std::string& path) {
  BESSEMER_ASSIGN_OR_RETURN(std::shared_ptr<arrow::RecordBatch> batch, source.Next());
  if (batch == nullptr) return InvalidArgumentError("{}: there are no rows to write", path);
  BESSEMER_ASSIGN_OR_RETURN(const auto out, io::OpenArrowOutput(path));
  const auto open = [&]() -> arrow::Result<std::unique_ptr<::parquet::arrow::FileWriter>> {
    const auto properties = ::parquet::WriterProperties::Builder()
                                .compression(::parquet::Compression::ZSTD)
                                ->build();
    return ::parquet::arrow::FileWriter::Open(*batch->schema(), arrow::default_memory_pool(), out,
                                              properties);
  };
  auto writer = open();
  if (!writer.ok()) return WithContext(FromArrow(writer.status()), path);
  int64_t num_rows = 0;
  while (batch != nullptr) {
    num_rows += batch->num_rows();
    const arrow::Status status = (*writer)->WriteRecordBatch(*batch);
    if (!status.ok()) return WithContext(FromArrow(status), path);
    BESSEMER_ASSIGN_OR_RETURN(batch, source.Next());
  }
  const arrow::Status closed = (*writer)->Close();
  if (!closed.ok()) return WithContext(FromArrow(closed), path);
  const arrow::Status written = out->Close();
  if (!written.ok()) return WithContext(FromArrow(written), path);
  return num_rows;
}

}  // namespace bessemer::example_gen::parquet
