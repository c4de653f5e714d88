#include "bessemer/statistics/inputs.h"

#include <arrow/filesystem/filesystem.h>
#include <arrow/io/file.h>
#include <arrow/record_batch.h>
#include <parquet/arrow/reader.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>

#include <filesystem>

#include "bessemer/columnar/arrow_status.h"
#include "bessemer/example_gen/csv_reader.h"
#include "bessemer/example_gen/example_codec.h"
#include "bessemer/io/file.h"
#include "bessemer/io/tfrecord.h"

namespace bessemer::statistics {
namespace {

constexpr int64_t kBlockRows = 4096;
constexpr int64_t kBlockBytes = 8 << 20;
constexpr int64_t kParquetRows = 16384;

// A run of records, copied out of the reader.
struct RecordBlock {
  std::string bytes;
  std::vector<size_t> ends;
};

StatusOr<std::shared_ptr<arrow::RecordBatch>> DecodeBlock(const RecordBlock& block,
                                                          const std::string& path,
                                                          int64_t first_record) {
  example_gen::ExampleDecoder decoder;
  size_t begin = 0;
  for (const size_t end : block.ends) {
    const Status status =
        decoder.Append(std::string_view(block.bytes).substr(begin, end - begin));
    if (!status.ok()) {
      return WithContext(status, fmt::format("{}, records from {}", path, first_record));
    }
    begin = end;
  }
  return decoder.Finish();
}

class ExampleFileSource : public LazySource {
 public:
  explicit ExampleFileSource(std::unique_ptr<io::TFRecordReader> reader, std::string path)
      : reader_(std::move(reader)), path_(std::move(path)) {}

  StatusOr<LazyBatch> Next() override {
    auto block = std::make_shared<RecordBlock>();
    const int64_t first_record = reader_->num_records();
    std::string_view record;
    while (static_cast<int64_t>(block->ends.size()) < kBlockRows &&
           static_cast<int64_t>(block->bytes.size()) < kBlockBytes) {
      BESSEMER_ASSIGN_OR_RETURN(const bool more, reader_->Next(&record));
      if (!more) break;
      block->bytes.append(record);
      block->ends.push_back(block->bytes.size());
    }
    if (block->ends.empty()) return LazyBatch();
    return LazyBatch([block = std::move(block), path = path_, first_record] {
      return DecodeBlock(*block, path, first_record);
    });
  }

 private:
  std::unique_ptr<io::TFRecordReader> reader_;
  std::string path_;
};

// Parquet reports some errors by exceptions: this is where they become ours.
template <typename F>
auto WithoutExceptions(const std::string& path, F&& f) -> decltype(f()) {
  try {
    auto result = f();
    if (!result.ok()) return WithContext(result.status(), path);
    return result;
  } catch (const std::exception& error) {
    return DataLossError("{}: not readable as Parquet: {}", path, error.what());
  }
}

struct ParquetFile {
  std::string path;
  std::shared_ptr<arrow::io::RandomAccessFile> file;
  std::shared_ptr<parquet::FileMetaData> metadata;
};

class RowGroupSource : public LazySource {
 public:
  explicit RowGroupSource(std::string path) : path_(std::move(path)) {}

  Status Open(const ParquetFile& file, int row_group) {
    return WithoutExceptions(path_, [&]() -> StatusOr<bool> {
      parquet::ArrowReaderProperties properties;
      properties.set_batch_size(kParquetRows);
      parquet::arrow::FileReaderBuilder builder;
      BESSEMER_RETURN_IF_ARROW_ERROR(builder.Open(
          file.file, parquet::default_reader_properties(), file.metadata));
      BESSEMER_RETURN_IF_ARROW_ERROR(builder.properties(properties)->Build(&reader_));
      BESSEMER_ASSIGN_OR_RETURN_ARROW(batches_, reader_->GetRecordBatchReader({row_group}));
      return true;
    }).status();
  }

  StatusOr<LazyBatch> Next() override {
    return WithoutExceptions(path_, [&]() -> StatusOr<LazyBatch> {
      std::shared_ptr<arrow::RecordBatch> batch;
      BESSEMER_RETURN_IF_ARROW_ERROR(batches_->ReadNext(&batch));
      if (batch == nullptr) return LazyBatch();
      return LazyBatch([batch = std::move(batch)] {
        return StatusOr<std::shared_ptr<arrow::RecordBatch>>(batch);
      });
    });
  }

 private:
  std::string path_;
  std::unique_ptr<parquet::arrow::FileReader> reader_;
  std::shared_ptr<arrow::RecordBatchReader> batches_;
};

Status AddParquet(const std::string& path, std::vector<SourceOpener>* sources) {
  return WithoutExceptions(path, [&]() -> StatusOr<bool> {
    auto file = std::make_shared<ParquetFile>();
    file->path = path;
    // Arrow takes URIs and absolute paths only.
    const bool uri = path.find("://") != std::string::npos;
    std::string inner;
    BESSEMER_ASSIGN_OR_RETURN_ARROW(
        const auto system,
        arrow::fs::FileSystemFromUriOrPath(
            uri ? path : std::filesystem::absolute(path).string(), &inner));
    BESSEMER_ASSIGN_OR_RETURN_ARROW(file->file, system->OpenInputFile(inner));
    file->metadata = parquet::ReadMetaData(file->file);
    for (int group = 0; group < file->metadata->num_row_groups(); ++group) {
      sources->push_back([file, group]() -> StatusOr<std::unique_ptr<LazySource>> {
        auto source = std::make_unique<RowGroupSource>(file->path);
        BESSEMER_RETURN_IF_ERROR(source->Open(*file, group));
        return source;
      });
    }
    return true;
  }).status();
}

// Blocks of all CSV files are one source: any thread decodes any block.
class CsvSource : public LazySource {
 public:
  explicit CsvSource(std::shared_ptr<const example_gen::CsvInput> input)
      : input_(std::move(input)) {}
  StatusOr<LazyBatch> Next() override {
    if (next_ == input_->num_blocks()) return LazyBatch();
    return LazyBatch([input = input_, block = next_++] { return input->ReadBlock(block); });
  }

 private:
  std::shared_ptr<const example_gen::CsvInput> input_;
  int64_t next_ = 0;
};

bool IsCsv(const std::string& path) { return path.ends_with(".csv") || path.ends_with(".csv.gz"); }

StatusOr<bool> IsParquet(const std::string& path) {
  if (path.ends_with(".parquet")) return true;
  BESSEMER_ASSIGN_OR_RETURN(const auto input, io::OpenInput(path));
  char magic[4] = {};
  BESSEMER_ASSIGN_OR_RETURN(const size_t size, input->Read(magic, sizeof magic));
  return size == 4 && std::string_view(magic, 4) == "PAR1";
}

}  // namespace

SourceOpener OpenExampleFile(std::string path) {
  return [path = std::move(path)]() -> StatusOr<std::unique_ptr<LazySource>> {
    BESSEMER_ASSIGN_OR_RETURN(auto reader, io::TFRecordReader::Open(path));
    return std::make_unique<ExampleFileSource>(std::move(reader), path);
  };
}

StatusOr<std::vector<SourceOpener>> OpenInputs(const std::vector<std::string>& paths) {
  return OpenInputs(paths, {});
}

StatusOr<std::vector<SourceOpener>> OpenInputs(const std::vector<std::string>& paths,
                                               const example_gen::CsvOptions& csv) {
  std::vector<SourceOpener> sources;
  std::vector<std::string> csv_files;
  for (const std::string& pattern : paths) {
    BESSEMER_ASSIGN_OR_RETURN(const std::vector<std::string> files, io::ListFiles(pattern));
    for (const std::string& file : files) {
      if (IsCsv(file)) {
        csv_files.push_back(file);
        continue;
      }
      BESSEMER_ASSIGN_OR_RETURN(const bool parquet, IsParquet(file));
      if (parquet) {
        BESSEMER_RETURN_IF_ERROR(AddParquet(file, &sources));
      } else {
        sources.push_back(OpenExampleFile(file));
      }
    }
  }
  if (!csv_files.empty()) {
    sources.push_back([csv_files, csv]() -> StatusOr<std::unique_ptr<LazySource>> {
      BESSEMER_ASSIGN_OR_RETURN(std::shared_ptr<const example_gen::CsvInput> input,
                                example_gen::CsvInput::Open(csv_files, csv));
      return std::make_unique<CsvSource>(std::move(input));
    });
  }
  return sources;
}

}  // namespace bessemer::statistics
