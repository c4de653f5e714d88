#include "bessemer/io/arrow_file.h"

#include <arrow/buffer.h>
#include <arrow/filesystem/filesystem.h>
#include <arrow/io/file.h>

#include <algorithm>
#include <mutex>

#include "bessemer/columnar/arrow_status.h"
#include "bessemer/io/file.h"
#include "bessemer/io/object_store.h"

namespace bessemer::io {
namespace {

class ArrowOutput : public arrow::io::OutputStream {
 public:
  explicit ArrowOutput(std::unique_ptr<io::OutputStream> out)
      : path_(out->path()), out_(std::move(out)) {}
  ~ArrowOutput() override = default;

  arrow::Status Write(const void* data, int64_t size) override {
    const Status status = out_->Write({static_cast<const char*>(data), static_cast<size_t>(size)});
    position_ += size;
    return Convert(status);
  }
  arrow::Status Close() override {
    if (closed_) return arrow::Status::OK();
    closed_ = true;
    return Convert(out_->Close());
  }
  arrow::Status Abort() override {
    closed_ = true;
    out_.reset();
    return arrow::Status::OK();
  }
  arrow::Result<int64_t> Tell() const override { return position_; }
  bool closed() const override { return closed_; }

 private:
  // Whoever writes puts the path before messages, as Arrow has none in them.
  arrow::Status Convert(const Status& status) const {
    if (status.ok()) return arrow::Status::OK();
    std::string_view message = Message(status);
    if (message.starts_with(path_ + ": ")) message.remove_prefix(path_.size() + 2);
    if (status.code() == StatusCode::kResourceExhausted) {
      return arrow::Status::CapacityError(std::string(message));
    }
    return arrow::Status::IOError(std::string(message));
  }

  const std::string path_;
  std::unique_ptr<io::OutputStream> out_;
  int64_t position_ = 0;
  bool closed_ = false;
};

// Passes everything on to a file of Arrow.
class ArrowStorageFile : public StorageFile {
 public:
  ArrowStorageFile(std::string path, std::shared_ptr<arrow::io::RandomAccessFile> file)
      : path_(std::move(path)), is_remote_(IsRemote(path_)), file_(std::move(file)) {}

  Status failure() const override {
    const std::lock_guard lock(mutex_);
    return failure_;
  }

  arrow::Result<int64_t> ReadAt(int64_t position, int64_t size, void* out) override {
    arrow::Result<int64_t> got = file_->ReadAt(position, size, out);
    ARROW_RETURN_NOT_OK(CheckRead(got.status(), position, size, got.ok() ? *got : 0));
    return got;
  }
  arrow::Result<std::shared_ptr<arrow::Buffer>> ReadAt(int64_t position, int64_t size) override {
    auto got = file_->ReadAt(position, size);
    ARROW_RETURN_NOT_OK(CheckRead(got.status(), position, size, got.ok() ? (*got)->size() : 0));
    return got;
  }
  arrow::Result<int64_t> Read(int64_t size, void* out) override {
    ARROW_ASSIGN_OR_RAISE(const int64_t position, file_->Tell());
    arrow::Result<int64_t> got = file_->Read(size, out);
    ARROW_RETURN_NOT_OK(CheckRead(got.status(), position, size, got.ok() ? *got : 0));
    return got;
  }
  arrow::Result<std::shared_ptr<arrow::Buffer>> Read(int64_t size) override {
    ARROW_ASSIGN_OR_RAISE(const int64_t position, file_->Tell());
    auto got = file_->Read(size);
    ARROW_RETURN_NOT_OK(CheckRead(got.status(), position, size, got.ok() ? (*got)->size() : 0));
    return got;
  }

  arrow::Result<int64_t> GetSize() override {
    arrow::Result<int64_t> size = file_->GetSize();
    if (!size.ok()) return Remember(size.status());
    return size;
  }
  arrow::Status Seek(int64_t position) override { return file_->Seek(position); }
  arrow::Result<int64_t> Tell() const override { return file_->Tell(); }
  arrow::Status Close() override { return file_->Close(); }
  bool closed() const override { return file_->closed(); }
  bool supports_zero_copy() const override { return file_->supports_zero_copy(); }
  arrow::Status WillNeed(const std::vector<arrow::io::ReadRange>& ranges) override {
    return file_->WillNeed(ranges);
  }

 private:
  // Of a read that gave `got` bytes.
  arrow::Status CheckRead(const arrow::Status& status, int64_t position, int64_t size,
                          int64_t got) {
    if (status.ok() && (got == size || !is_remote_)) return status;
    const arrow::Result<int64_t> end = file_->GetSize();
    if (!end.ok()) return Remember(end.status());
    if (position < 0 || size < 0 || position > *end) return status;
    if (!status.ok()) return Remember(status);
    const int64_t wanted = std::min(size, *end - position);
    if (got >= wanted) return status;
    return Remember(arrow::Status::IOError(
        fmt::format("{} bytes came where {} were asked for at byte {}; did the object change while "
                    "it was read?",
                    got, wanted, position)));
  }

  arrow::Status Remember(const arrow::Status& status) {
    Status failure =
        is_remote_ ? StoreError(status, path_) : WithContext(FromArrow(status), path_);
    const std::lock_guard lock(mutex_);
    if (failure_.ok()) failure_ = std::move(failure);
    return status;
  }

  const std::string path_;
  const bool is_remote_;
  const std::shared_ptr<arrow::io::RandomAccessFile> file_;
  mutable std::mutex mutex_;
  Status failure_;
};

}  // namespace

StatusOr<std::shared_ptr<StorageFile>> OpenRandomAccess(const std::string& path) {
  if (IsRemote(path)) {
    BESSEMER_ASSIGN_OR_RETURN(const ObjectStore store, OpenObjectStore(path));
    auto file = store.fs->OpenInputFile(store.path());
    if (file.ok()) return std::make_shared<ArrowStorageFile>(path, *std::move(file));
    const Status status = StoreError(file.status(), path);
    if (status.code() != StatusCode::kNotFound) return status;
    BESSEMER_ASSIGN_OR_RETURN(const bool is_folder, IsDirectory(path));
    if (is_folder) return InvalidArgumentError("{}: is a folder, not a file", path);
    return status;
  }
  auto file = arrow::io::ReadableFile::Open(path.starts_with("file://") ? path.substr(7) : path);
  if (!file.ok()) return WithContext(FromArrow(file.status()), path);
  return std::make_shared<ArrowStorageFile>(path, *std::move(file));
}

StatusOr<std::shared_ptr<arrow::io::OutputStream>> OpenArrowOutput(const std::string& path) {
  BESSEMER_ASSIGN_OR_RETURN(std::unique_ptr<io::OutputStream> out, OpenOutput(path));
  return std::make_shared<ArrowOutput>(std::move(out));
}

}  // namespace bessemer::io
