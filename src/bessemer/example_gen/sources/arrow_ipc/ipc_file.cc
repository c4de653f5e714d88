#include "bessemer/example_gen/sources/arrow_ipc/ipc_file.h"

#include <arrow/buffer.h>
#include <arrow/io/interfaces.h>
#include <arrow/ipc/reader.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>
#include <mutex>
#include <vector>

#include "bessemer/columnar/arrow_status.h"
#include "bessemer/example_gen/arrow_file_internal.h"
#include "bessemer/io/arrow_file.h"

namespace bessemer::example_gen::arrow_ipc {
namespace {

constexpr std::string_view kFormat = "Arrow IPC";
constexpr std::string_view kMagic = "ARROW1";
// Who opens a file reads where all its batches are: small ones go together.
constexpr int64_t kBlockBytes = 1 << 20;

using FileReader = arrow::ipc::RecordBatchFileReader;

arrow::ipc::IpcReadOptions Options() {
  arrow::ipc::IpcReadOptions options = arrow::ipc::IpcReadOptions::Defaults();
  options.use_threads = false;  // blocks are read in parallel
  return options;
}

// Offsets inside a batch are not checked by Arrow's reader.
StatusOr<std::shared_ptr<arrow::RecordBatch>> Checked(std::shared_ptr<arrow::RecordBatch> batch) {
  if (batch != nullptr) BESSEMER_RETURN_IF_ARROW_ERROR(batch->ValidateFull());
  return batch;
}

// Some record batches of a file, one after the other.
class FileBatches : public columnar::BatchSource {
 public:
  FileBatches(std::string path, int begin, int end)
      : path_(std::move(path)), next_(begin), end_(end) {}
  StatusOr<std::shared_ptr<arrow::RecordBatch>> Next() override {
    if (next_ == end_) return nullptr;
    if (file_ == nullptr) {
      BESSEMER_ASSIGN_OR_RETURN(file_, io::OpenRandomAccess(path_));
    }
    return ReadingFile(path_, kFormat, *file_,
                       [&]() -> StatusOr<std::shared_ptr<arrow::RecordBatch>> {
      if (reader_ == nullptr) {
        BESSEMER_ASSIGN_OR_RETURN_ARROW(reader_, FileReader::Open(file_, Options()));
      }
      BESSEMER_ASSIGN_OR_RETURN_ARROW(auto batch, reader_->ReadRecordBatch(next_++));
      return Checked(std::move(batch));
    });
  }

 private:
  std::string path_;
  int next_;
  int end_;
  std::shared_ptr<io::StorageFile> file_;
  std::shared_ptr<FileReader> reader_;
};

// All batches of a stream.
class Stream : public columnar::BatchSource {
 public:
  explicit Stream(std::string path) : path_(std::move(path)) {}

  Status Open() {
    BESSEMER_ASSIGN_OR_RETURN(file_, io::OpenRandomAccess(path_));
    return ReadingFile(path_, kFormat, *file_, [&]() -> Status {
      BESSEMER_ASSIGN_OR_RETURN_ARROW(
          reader_, arrow::ipc::RecordBatchStreamReader::Open(file_, Options()));
      return OkStatus();
    });
  }
  StatusOr<std::shared_ptr<arrow::RecordBatch>> Next() override {
    return ReadingFile(path_, kFormat, *file_,
                       [&]() -> StatusOr<std::shared_ptr<arrow::RecordBatch>> {
      std::shared_ptr<arrow::RecordBatch> batch;
      BESSEMER_RETURN_IF_ARROW_ERROR(reader_->ReadNext(&batch));
      return Checked(std::move(batch));
    });
  }
  std::shared_ptr<arrow::Schema> schema() const { return reader_->schema(); }

 private:
  std::string path_;
  std::shared_ptr<io::StorageFile> file_;
  std::shared_ptr<arrow::ipc::RecordBatchStreamReader> reader_;
};

class IpcFile : public ColumnarFile {
 public:
  explicit IpcFile(std::string path) : path_(std::move(path)) {}

  Status Open() {
    BESSEMER_ASSIGN_OR_RETURN(const auto file, io::OpenRandomAccess(path_));
    int64_t size = 0;
    BESSEMER_RETURN_IF_ERROR(ReadingFile(path_, kFormat, *file, [&]() -> Status {
      BESSEMER_ASSIGN_OR_RETURN_ARROW(size, file->GetSize());
      BESSEMER_ASSIGN_OR_RETURN_ARROW(
          const auto first, file->ReadAt(0, static_cast<int64_t>(kMagic.size())));
      is_stream_ = std::string_view(*first) != kMagic;
      if (is_stream_) return OkStatus();
      BESSEMER_ASSIGN_OR_RETURN_ARROW(const auto reader, FileReader::Open(file, Options()));
      schema_ = reader->schema();
      const int count = reader->num_record_batches();
      const int64_t bytes = count == 0 ? 0 : std::max<int64_t>(1, size / count);
      for (int i = 0; i < count; ++i) {
        if (i == 0 || blocks_.back().bytes >= kBlockBytes) {
          first_batches_.push_back(i);
          blocks_.push_back({.bytes = 0});
        }
        blocks_.back().bytes += bytes;
      }
      first_batches_.push_back(count);
      return OkStatus();
    }));
    if (!is_stream_) return OkStatus();
    Stream stream(path_);
    BESSEMER_RETURN_IF_ERROR(stream.Open());
    schema_ = stream.schema();
    blocks_.push_back({.bytes = size});
    return OkStatus();
  }

  StatusOr<std::unique_ptr<columnar::BatchSource>> OpenBlock(int64_t block,
                                                             const BadRowPlace&) const override {
    if (!is_stream_) {
      const auto at = static_cast<size_t>(block);
      return std::make_unique<FileBatches>(path_, first_batches_[at], first_batches_[at + 1]);
    }
    auto stream = std::make_unique<Stream>(path_);
    BESSEMER_RETURN_IF_ERROR(stream->Open());
    return stream;
  }

  int64_t RowsBefore(int64_t block) const override {
    if (is_stream_) return 0;
    std::call_once(counted_, [this] { CountRows().IgnoreError(); });
    const auto batch = static_cast<size_t>(first_batches_[static_cast<size_t>(block)]);
    return batch < rows_before_.size() ? rows_before_[batch] : 0;
  }

 private:
  // Only the batches tell how many rows they have: the first column of each is read.
  Status CountRows() const {
    BESSEMER_ASSIGN_OR_RETURN(const auto file, io::OpenRandomAccess(path_));
    arrow::ipc::IpcReadOptions options = Options();
    options.included_fields = {0};
    BESSEMER_ASSIGN_OR_RETURN_ARROW(const auto reader, FileReader::Open(file, options));
    int64_t rows = 0;
    for (int i = 0; i < reader->num_record_batches(); ++i) {
      rows_before_.push_back(rows);
      BESSEMER_ASSIGN_OR_RETURN_ARROW(const auto batch, reader->ReadRecordBatch(i));
      rows += batch->num_rows();
    }
    return OkStatus();
  }

  std::string path_;
  bool is_stream_ = false;
  std::vector<int> first_batches_;  // of each block of a file, and behind the last
  mutable std::once_flag counted_;
  mutable std::vector<int64_t> rows_before_;  // before each batch
};

}  // namespace

StatusOr<std::unique_ptr<ColumnarFile>> OpenIpcFile(const std::string& path) {
  auto file = std::make_unique<IpcFile>(path);
  BESSEMER_RETURN_IF_ERROR(file->Open());
  return file;
}

}  // namespace bessemer::example_gen::arrow_ipc
