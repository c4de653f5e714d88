#include "bessemer/example_gen/examples.h"

#include <arrow/array.h>

#include "bessemer/base/parallel.h"
#include "bessemer/example_gen/parquet_examples.h"
#include "bessemer/io/file.h"

namespace bessemer::example_gen {
namespace {

class ExamplesSource : public columnar::BatchSource {
 public:
  ExamplesSource(std::string file, std::unique_ptr<io::TFRecordReader> reader,
                 const ExamplesOptions& options)
      : file_(std::move(file)),
        reader_(std::move(reader)),
        decoder_({.features = options.features, .raw_record_column = options.raw_record_column}),
        batch_rows_(options.batch_rows),
        batch_bytes_(options.batch_bytes) {}

  StatusOr<std::shared_ptr<arrow::RecordBatch>> Next() override {
    std::string_view record;
    while (!at_end_ && decoder_.num_rows() < batch_rows_ && decoder_.num_bytes() < batch_bytes_) {
      BESSEMER_ASSIGN_OR_RETURN(const bool more, reader_->Next(&record));
      at_end_ = !more;
      if (!more) break;
      if (const Status status = decoder_.Append(record); !status.ok()) {
        at_end_ = true;
        return WithContext(status, file_);
      }
    }
    if (decoder_.num_rows() == 0) return nullptr;
    StatusOr<std::shared_ptr<arrow::RecordBatch>> batch = decoder_.Finish();
    if (!batch.ok()) return WithContext(batch.status(), file_);
    return batch;
  }

 private:
  std::string file_;
  std::unique_ptr<io::TFRecordReader> reader_;
  ExampleDecoder decoder_;
  int64_t batch_rows_;
  int64_t batch_bytes_;
  bool at_end_ = false;
};

class TFRecordSource : public RecordSource {
 public:
  explicit TFRecordSource(std::unique_ptr<io::TFRecordReader> reader)
      : reader_(std::move(reader)) {}
  StatusOr<bool> Next(std::string_view* record) override { return reader_->Next(record); }

 private:
  std::unique_ptr<io::TFRecordReader> reader_;
};

// A column of serialised records.
class RawRecordSource : public RecordSource {
 public:
  explicit RawRecordSource(std::unique_ptr<columnar::BatchSource> source)
      : source_(std::move(source)) {}

  StatusOr<bool> Next(std::string_view* record) override {
    if (records_ == nullptr || next_ == records_->length()) {
      BESSEMER_ASSIGN_OR_RETURN(const auto batch, source_->Next());
      if (batch == nullptr) return false;
      records_ = std::static_pointer_cast<arrow::BinaryArray>(batch->column(0));
      next_ = 0;
    }
    *record = records_->GetView(next_++);
    return true;
  }

 private:
  std::unique_ptr<columnar::BatchSource> source_;
  std::shared_ptr<arrow::BinaryArray> records_;
  int64_t next_ = 0;
};

}  // namespace

StatusOr<std::unique_ptr<RecordSource>> OpenExampleRecords(const std::string& file) {
  if (!IsParquetFile(file)) {
    BESSEMER_ASSIGN_OR_RETURN(std::unique_ptr<io::TFRecordReader> reader,
                              io::TFRecordReader::Open(file));
    return std::make_unique<TFRecordSource>(std::move(reader));
  }
  ExamplesOptions options{.raw_record_column = "record"};
  options.features.emplace();
  BESSEMER_ASSIGN_OR_RETURN(std::unique_ptr<columnar::BatchSource> source,
                            OpenExamples(file, options));
  return std::make_unique<RawRecordSource>(std::move(source));
}

StatusOr<std::unique_ptr<columnar::BatchSource>> OpenExamples(const std::string& file,
                                                              const ExamplesOptions& options) {
  if (options.batch_rows < 1 || options.batch_bytes < 1) {
    return InvalidArgumentError("a batch needs at least one row and one byte");
  }
  if (IsParquetFile(file)) return OpenParquetExamples(file, options);
  BESSEMER_ASSIGN_OR_RETURN(std::unique_ptr<io::TFRecordReader> reader,
                            io::TFRecordReader::Open(file));
  return std::make_unique<ExamplesSource>(file, std::move(reader), options);
}

StatusOr<std::vector<std::string>> ListExampleFiles(const std::string& split_uri) {
  StatusOr<std::vector<std::string>> files = io::ListFiles(split_uri);
  if (!files.ok()) {
    return NotFoundError("{}: no example files (is the split's name right?)", split_uri);
  }
  return files;
}

Status VisitExampleFiles(const std::vector<std::string>& files, const ExamplesOptions& options,
                         int num_threads,
                         const std::function<Status(int64_t, columnar::BatchSource&)>& visit) {
  return ParallelFor(static_cast<int64_t>(files.size()), num_threads, [&](int64_t shard) {
    StatusOr<std::unique_ptr<columnar::BatchSource>> source =
        OpenExamples(files[static_cast<size_t>(shard)], options);
    return source.ok() ? visit(shard, **source) : source.status();
  });
}

StatusOr<std::vector<std::shared_ptr<arrow::RecordBatch>>> ReadExamples(
    const std::vector<std::string>& files, const ExamplesOptions& options, int num_threads) {
  std::vector<std::vector<std::shared_ptr<arrow::RecordBatch>>> shards(files.size());
  BESSEMER_RETURN_IF_ERROR(VisitExampleFiles(
      files, options, num_threads, [&](int64_t shard, columnar::BatchSource& source) -> Status {
        while (true) {
          BESSEMER_ASSIGN_OR_RETURN(std::shared_ptr<arrow::RecordBatch> batch, source.Next());
          if (batch == nullptr) return OkStatus();
          shards[static_cast<size_t>(shard)].push_back(std::move(batch));
        }
      }));
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches;
  for (auto& shard : shards) batches.insert(batches.end(), shard.begin(), shard.end());
  return batches;
}

std::string ExampleFileName(int64_t shard, int64_t num_shards, io::Compression compression) {
  return fmt::format("data_tfrecord-{:05}-of-{:05}{}", shard, num_shards,
                     compression == io::Compression::kGzip ? ".gz" : "");
}

StatusOr<ExamplesWriter> ExamplesWriter::Open(const std::string& split_uri, int64_t shard,
                                              int64_t num_shards, io::Compression compression) {
  BESSEMER_ASSIGN_OR_RETURN(
      std::unique_ptr<io::TFRecordWriter> writer,
      io::TFRecordWriter::Open(
          io::JoinPath(split_uri, ExampleFileName(shard, num_shards, compression)), compression));
  return ExamplesWriter(std::move(writer));
}

Status ExamplesWriter::WriteBatch(const std::shared_ptr<arrow::RecordBatch>& batch,
                                  const ExampleEncoderOptions& options) {
  BESSEMER_ASSIGN_OR_RETURN(ExampleEncoder encoder, ExampleEncoder::Make(batch, options));
  for (int64_t row = 0; row < encoder.num_rows(); ++row) {
    BESSEMER_RETURN_IF_ERROR(writer_->Write(encoder.Encode(row)));
  }
  return OkStatus();
}

}  // namespace bessemer::example_gen
