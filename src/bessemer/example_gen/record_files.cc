#include "bessemer/example_gen/record_files.h"

#include <arrow/record_batch.h>

#include <algorithm>

#include "bessemer/io/file.h"
#include "bessemer/io/tfrecord.h"

namespace bessemer::example_gen {
namespace {

constexpr size_t kRunRecords = 4096;
constexpr size_t kRunBytes = 8 << 20;

class FileRecords : public RecordSource {
 public:
  explicit FileRecords(std::unique_ptr<io::TFRecordReader> reader) : reader_(std::move(reader)) {}
  StatusOr<bool> Next(std::string_view* record) override { return reader_->Next(record); }

 private:
  std::unique_ptr<io::TFRecordReader> reader_;
};

class DecodedRecords : public columnar::BatchSource {
 public:
  DecodedRecords(const RecordFiles& files, int64_t block, std::unique_ptr<RecordSource> source)
      : files_(files), block_(block), source_(std::move(source)) {}

  StatusOr<std::shared_ptr<arrow::RecordBatch>> Next() override {
    BESSEMER_ASSIGN_OR_RETURN(const RecordRun run, ReadRun(*source_));
    if (run.ends.empty()) return nullptr;
    StatusOr<std::shared_ptr<arrow::RecordBatch>> batch = files_.Decode(run.Views());
    if (!batch.ok()) {
      return InRecords(batch.status(), files_.PlaceOf(block_, num_records_));
    }
    num_records_ += static_cast<int64_t>(run.ends.size());
    return batch;
  }

 private:
  const RecordFiles& files_;
  int64_t block_;
  std::unique_ptr<RecordSource> source_;
  int64_t num_records_ = 0;
};

}  // namespace

StatusOr<std::unique_ptr<RecordFiles>> RecordFiles::Open(std::vector<std::string> files,
                                                         RecordKind kind, Decoder decoder,
                                                         std::shared_ptr<arrow::Schema> schema) {
  auto opened = std::unique_ptr<RecordFiles>(new RecordFiles);
  for (const std::string& file : files) {
    BESSEMER_ASSIGN_OR_RETURN(const int64_t size, io::FileSize(file));
    opened->sizes_.push_back(size);
  }
  opened->files_ = std::move(files);
  opened->kind_ = kind;
  opened->decoder_ = std::move(decoder);
  opened->schema_ = std::move(schema);
  return opened;
}

StatusOr<std::unique_ptr<RecordFiles>> RecordFiles::OpenDecoded(
    std::vector<std::string> files, Decoder decoder, std::shared_ptr<arrow::Schema> schema) {
  BESSEMER_ASSIGN_OR_RETURN(
      std::unique_ptr<RecordFiles> opened,
      Open(std::move(files), RecordKind::kOther, std::move(decoder), std::move(schema)));
  opened->columns_only_ = true;
  return opened;
}

StatusOr<std::unique_ptr<RecordSource>> RecordFiles::OpenRecords(int64_t block) const {
  BESSEMER_ASSIGN_OR_RETURN(std::unique_ptr<io::TFRecordReader> reader,
                            io::TFRecordReader::Open(files_[static_cast<size_t>(block)]));
  return std::make_unique<FileRecords>(std::move(reader));
}

StatusOr<std::unique_ptr<columnar::BatchSource>> RecordFiles::OpenBlock(int64_t block) const {
  BESSEMER_ASSIGN_OR_RETURN(std::unique_ptr<RecordSource> source, OpenRecords(block));
  return std::make_unique<DecodedRecords>(*this, block, std::move(source));
}

int64_t RecordFiles::open_bytes(int64_t block) const {
  return std::min<int64_t>(2 * kRunBytes, 2 * block_bytes(block));
}

RowPlace RecordFiles::PlaceOf(int64_t block, int64_t row) const {
  return {files_[static_cast<size_t>(block)], row};
}

Status InRecords(const Status& status, const RowPlace& first) {
  if (first.line == 0) return WithContext(status, first.file);
  return WithContext(status, fmt::format("{}, counting from record {}", first.file, first.line));
}

std::vector<std::string_view> RecordRun::Views() const {
  std::vector<std::string_view> views;
  views.reserve(ends.size());
  size_t begin = 0;
  for (const size_t end : ends) {
    views.push_back(std::string_view(bytes).substr(begin, end - begin));
    begin = end;
  }
  return views;
}

StatusOr<RecordRun> ReadRun(RecordSource& source) {
  RecordRun run;
  std::string_view record;
  while (run.ends.size() < kRunRecords && run.bytes.size() < kRunBytes) {
    BESSEMER_ASSIGN_OR_RETURN(const bool more, source.Next(&record));
    if (!more) break;
    run.bytes.append(record);
    run.ends.push_back(run.bytes.size());
  }
  return run;
}

}  // namespace bessemer::example_gen
