#include <arrow/io/file.h>
#include <arrow/record_batch.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/writer.h>
#include <parquet/exception.h>

#include "bessemer/columnar/arrow_status.h"
#include "bessemer/example_gen/parquet_internal.h"
#include "bessemer/example_gen/row_source.h"
#include "bessemer/io/fault.h"

namespace bessemer::example_gen {
namespace {

class ParquetSource : public columnar::BatchSource {
 public:
  ParquetSource(std::string file, std::unique_ptr<parquet::arrow::FileReader> reader,
                std::shared_ptr<arrow::RecordBatchReader> batches)
      : file_(std::move(file)), reader_(std::move(reader)), batches_(std::move(batches)) {}

  StatusOr<std::shared_ptr<arrow::RecordBatch>> Next() override {
    std::shared_ptr<arrow::RecordBatch> batch;
    do {
      const arrow::Status status = batches_->ReadNext(&batch);
      if (!status.ok()) return WithContext(FromArrow(status), file_);
    } while (batch != nullptr && batch->num_rows() == 0);
    return batch;
  }

 private:
  std::string file_;
  std::unique_ptr<parquet::arrow::FileReader> reader_;  // outlives its batches
  std::shared_ptr<arrow::RecordBatchReader> batches_;
};

}  // namespace

StatusOr<std::unique_ptr<columnar::BatchSource>> OpenParquet(const std::string& file) {
  const auto open = [&]() -> arrow::Result<std::unique_ptr<columnar::BatchSource>> {
    ARROW_ASSIGN_OR_RAISE(auto input, arrow::io::ReadableFile::Open(file));
    ARROW_ASSIGN_OR_RAISE(auto reader,
                          parquet::arrow::OpenFile(input, arrow::default_memory_pool()));
    reader->set_batch_size(8192);
    ARROW_ASSIGN_OR_RAISE(std::shared_ptr<arrow::RecordBatchReader> batches,
                          reader->GetRecordBatchReader());
    return std::make_unique<ParquetSource>(file, std::move(reader), std::move(batches));
  };
  auto source = open();
  if (source.status().IsInvalid()) {
    return DataLossError("{}: not readable as Parquet: {}", file, source.status().message());
  }
  if (!source.ok()) return WithContext(FromArrow(source.status()), file);
  return *std::move(source);
}

StatusOr<int64_t> WriteParquet(columnar::BatchSource& source, const std::string& path) {
  BESSEMER_ASSIGN_OR_RETURN(std::shared_ptr<arrow::RecordBatch> batch, source.Next());
  if (batch == nullptr) return InvalidArgumentError("{}: there are no rows to write", path);
  BESSEMER_RETURN_IF_ERROR(io::FaultPoint(io::WriteOp::kCreate, path));
  const auto open = [&]() -> arrow::Result<std::unique_ptr<parquet::arrow::FileWriter>> {
    ARROW_ASSIGN_OR_RAISE(auto out, arrow::io::FileOutputStream::Open(path));
    const auto properties =
        parquet::WriterProperties::Builder().compression(parquet::Compression::ZSTD)->build();
    return parquet::arrow::FileWriter::Open(*batch->schema(), arrow::default_memory_pool(), out,
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
  BESSEMER_RETURN_IF_ERROR(io::FaultPoint(io::WriteOp::kWrite, path));
  const arrow::Status closed = (*writer)->Close();
  if (!closed.ok()) return WithContext(FromArrow(closed), path);
  return num_rows;
}

}  // namespace bessemer::example_gen
