#include "bessemer/example_gen/sources/parquet/parquet_file.h"

#include <arrow/io/interfaces.h>
#include <arrow/record_batch.h>
#include <parquet/arrow/reader.h>
#include <parquet/exception.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>
#include <parquet/properties.h>

#include <algorithm>
#include <numeric>

#include "bessemer/columnar/arrow_status.h"
#include "bessemer/example_gen/arrow_file_internal.h"
#include "bessemer/example_gen/column_parts_internal.h"
#include "bessemer/example_gen/columnar_files.h"
#include "bessemer/example_gen/parquet_reading_internal.h"
#include "bessemer/example_gen/parquet_writer_internal.h"
#include "bessemer/io/arrow_file.h"

namespace bessemer::example_gen::parquet {
namespace {

constexpr std::string_view kFormat = "Parquet";
constexpr int64_t kRowGroupBytes = 64 << 20;

// Rows of which more than this would be open are read a part of the columns at a time.
constexpr int64_t kMostOpenBytes = 160 << 20;
constexpr int64_t kPartBytes = 64 << 20;

// What a column holds while it is read, encoded and decoded: a page, of a MiB at most as files are
// mostly written. But writers look at a page's size every 1,024 values or so, and these may be
// large.
int64_t PageBytes(const ::parquet::ColumnChunkMetaData& chunk) {
  constexpr int64_t kUsualBytes = 1 << 20;
  constexpr int64_t kUnwatchedValues = 1024;
  constexpr int64_t kMostBytes = int64_t{1} << 40;  // of damaged metadata
  const int64_t bytes = std::clamp<int64_t>(chunk.total_uncompressed_size(), 0, kMostBytes);
  const int64_t of_value = bytes / std::max<int64_t>(chunk.num_values(), 1);
  const int64_t page = std::min(bytes, std::max(kUsualBytes, of_value * kUnwatchedValues));
  return page + std::clamp<int64_t>(chunk.total_compressed_size(), 0, page);
}

class RowGroup : public columnar::BatchSource {
 public:
  explicit RowGroup(std::string path) : path_(std::move(path)) {}

  // `batch_rows`: how many are read together.
  Status Open(const std::shared_ptr<::parquet::FileMetaData>& metadata, int row_group,
              const std::vector<int>& leaves, int64_t batch_rows) {
    BESSEMER_ASSIGN_OR_RETURN(file_, io::OpenRandomAccess(path_));
    return ReadingFile(path_, kFormat, *file_, [&]() -> Status {
      const auto group = metadata->RowGroup(row_group);
      ParquetReading reading(path_, ParquetStoredBytes(*group, leaves));
      reading.arrow.set_batch_size(batch_rows);
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
  ParquetFile(std::string path, std::string scratch_dir)
      : path_(std::move(path)), scratch_dir_(std::move(scratch_dir)) {}

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
      const ::parquet::SchemaDescriptor& leaves = *metadata_->schema();
      for (int leaf = 0; leaf < leaves.num_columns(); ++leaf) {
        const int column = leaves.group_node()->FieldIndex(*leaves.GetColumnRoot(leaf));
        first_leaves_.resize(static_cast<size_t>(column) + 1, leaf);
      }
      first_leaves_.resize(static_cast<size_t>(schema_->num_fields()) + 1, leaves.num_columns());
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
    const std::vector<std::vector<int>> parts = Parts(block);
    const int64_t batch_rows = BatchRowsOf(block, AllColumns());  // of rows whole
    return ReadByParts(
        parts.size(), [&](size_t part) { return OpenRows(block, parts[part], batch_rows); },
        scratch_dir_, path_);
  }
  int64_t OpenBytes(int64_t block) const override {
    int64_t bytes = 0;
    for (const std::vector<int>& part : Parts(block)) {
      bytes = std::max(bytes, ColumnOpenBytes(block, part));
    }
    return bytes;
  }

  bool reads_columns() const override { return true; }
  StatusOr<std::unique_ptr<columnar::BatchSource>> OpenColumns(
      int64_t block, const std::vector<int>& columns) const override {
    return OpenRows(block, columns, BatchRowsOf(block, columns));
  }
  int64_t ColumnOpenBytes(int64_t block, const std::vector<int>& columns) const override {
    const auto group = metadata_->RowGroup(static_cast<int>(block));
    int64_t bytes = 0;
    for (const int column : columns) {
      const auto at = static_cast<size_t>(column);
      for (int leaf = first_leaves_[at]; leaf < first_leaves_[at + 1]; ++leaf) {
        bytes += PageBytes(*group->ColumnChunk(leaf));
      }
    }
    return bytes;
  }

 private:
  std::vector<int> AllColumns() const {
    std::vector<int> all(static_cast<size_t>(schema_->num_fields()));
    std::iota(all.begin(), all.end(), 0);
    return all;
  }

  // The columns of each part that is opened at once: one part of all of them, if that is not much.
  std::vector<std::vector<int>> Parts(int64_t block) const {
    std::vector<int> all = AllColumns();
    if (ColumnOpenBytes(block, all) <= kMostOpenBytes) return {std::move(all)};
    std::vector<std::vector<int>> parts(1);
    int64_t filled = 0;
    for (const int column : all) {
      const int64_t bytes = ColumnOpenBytes(block, {column});
      if (filled > 0 && filled + bytes > kPartBytes) {
        parts.emplace_back();
        filled = 0;
      }
      parts.back().push_back(column);
      filled += bytes;
    }
    return parts;
  }

  int64_t BatchRowsOf(int64_t block, const std::vector<int>& columns) const {
    return ParquetBatchRows(*metadata_->RowGroup(static_cast<int>(block)),
                            ParquetLeaves(*metadata_->schema(), columns));
  }

  StatusOr<std::unique_ptr<columnar::BatchSource>> OpenRows(int64_t block,
                                                            const std::vector<int>& columns,
                                                            int64_t batch_rows) const {
    auto group = std::make_unique<RowGroup>(path_);
    BESSEMER_RETURN_IF_ERROR(group->Open(metadata_, static_cast<int>(block),
                                         ParquetLeaves(*metadata_->schema(), columns),
                                         batch_rows));
    return group;
  }

  std::string path_;
  std::string scratch_dir_;
  std::shared_ptr<::parquet::FileMetaData> metadata_;
  std::vector<int> first_leaves_;  // of each column, and behind the last
};

}  // namespace

StatusOr<std::unique_ptr<RowInput>> OpenParquetFiles(const FileRequest& request) {
  const auto open =
      [&](const std::string& path) -> StatusOr<std::unique_ptr<ColumnarFile>> {
    auto file = std::make_unique<ParquetFile>(path, request.scratch_dir);
    BESSEMER_RETURN_IF_ERROR(file->Open());
    return file;
  };
  return OpenColumnarFiles(request.files, request.num_threads, open, request.scratch_dir);
}

StatusOr<int64_t> WriteParquet(columnar::BatchSource& source, const std::string& path) {
  BESSEMER_ASSIGN_OR_RETURN(std::shared_ptr<arrow::RecordBatch> batch, source.Next());
  if (batch == nullptr) return InvalidArgumentError("{}: there are no rows to write", path);
  BESSEMER_ASSIGN_OR_RETURN(const auto out, io::OpenArrowOutput(path));
  ParquetWriter writer(batch->schema(), out,
                       {.codec = arrow::Compression::ZSTD, .group_bytes = kRowGroupBytes});
  int64_t num_rows = 0;
  while (batch != nullptr) {
    num_rows += batch->num_rows();
    const arrow::Status status = writer.Write(*batch);
    if (!status.ok()) return WithContext(FromArrow(status), path);
    BESSEMER_ASSIGN_OR_RETURN(batch, source.Next());
  }
  const arrow::Status closed = writer.Close();
  if (!closed.ok()) return WithContext(FromArrow(closed), path);
  const arrow::Status written = out->Close();
  if (!written.ok()) return WithContext(FromArrow(written), path);
  return num_rows;
}

}  // namespace bessemer::example_gen::parquet
