#include "bessemer/io/arrow_file.h"

#include <arrow/filesystem/filesystem.h>
#include <arrow/io/file.h>

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

}  // namespace

StatusOr<std::shared_ptr<arrow::io::RandomAccessFile>> OpenRandomAccess(const std::string& path) {
  if (IsRemote(path)) {
    BESSEMER_ASSIGN_OR_RETURN(const ObjectStore store, OpenObjectStore(path));
    auto file = store.fs->OpenInputFile(store.path());
    if (file.ok()) return *std::move(file);
    const Status status = StoreError(file.status(), path);
    if (status.code() == StatusCode::kNotFound && IsDirectory(path)) {
      return InvalidArgumentError("{}: is a folder, not a file", path);
    }
    return status;
  }
  auto file = arrow::io::ReadableFile::Open(path.starts_with("file://") ? path.substr(7) : path);
  if (!file.ok()) return WithContext(FromArrow(file.status()), path);
  return *std::move(file);
}

StatusOr<std::shared_ptr<arrow::io::OutputStream>> OpenArrowOutput(const std::string& path) {
  BESSEMER_ASSIGN_OR_RETURN(std::unique_ptr<io::OutputStream> out, OpenOutput(path));
  return std::make_shared<ArrowOutput>(std::move(out));
}

}  // namespace bessemer::io
