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
#include "bessemer/example_gen/parquet_row_groups_internal.h"
#include "bessemer/io/arrow_file.h"

namespace bessemer::example_gen::parquet {
namespace {

constexpr std::string_view kFormat = "Parquet";
constexpr int64_t kRowGroupBytes = 64 << 20;  // as they are written

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

  Status Open(const std::shared_ptr<::parquet::FileMetaData>& metadata, int row_group,
              const std::vector<int>& leaves) {
    BESSEMER_ASSIGN_OR_RETURN(file_, io::OpenRandomAccess(path_));
    return ReadingFile(path_, kFormat, *file_, [&]() -> Status {
      const auto group = metadata->RowGroup(row_group);
      ParquetReading reading(path_, ParquetStoredBytes(*group, leaves));
      reading.arrow.set_batch_size(ParquetBatchRows(*group, leaves));
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
    return OpenColumns(block, AllColumns());
  }
  int64_t OpenBytes(int64_t block) const override { return ColumnOpenBytes(block, AllColumns()); }

  bool reads_columns() const override { return true; }
  StatusOr<std::unique_ptr<columnar::BatchSource>> OpenColumns(
      int64_t block, const std::vector<int>& columns) const override {
    auto group = std::make_unique<RowGroup>(path_);
    BESSEMER_RETURN_IF_ERROR(group->Open(metadata_, static_cast<int>(block),
                                         ParquetLeaves(*metadata_->schema(), columns)));
    return group;
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

  std::string path_;
  std::shared_ptr<::parquet::FileMetaData> metadata_;
  std::vector<int> first_leaves_;  // of each column, and behind the last
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
                                ->memory_pool(columnar::LargeBufferPool())
                                ->build();
    return ::parquet::arrow::FileWriter::Open(*batch->schema(), columnar::LargeBufferPool(), out,
                                              properties);
  };
  auto writer = open();
  if (!writer.ok()) return WithContext(FromArrow(writer.status()), path);
  ParquetRowGroups row_groups(kRowGroupBytes);
  int64_t num_rows = 0;
  while (batch != nullptr) {
    num_rows += batch->num_rows();
    const arrow::Status status = row_groups.Write(*batch, **writer);
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
