#include <arrow/buffer.h>
#include <arrow/filesystem/filesystem.h>
#include <arrow/io/interfaces.h>
#include <arrow/util/future.h>
#include <arrow/util/key_value_metadata.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <deque>

#include "bessemer/columnar/arrow_status.h"
#include "bessemer/io/arrow_file.h"
#include "bessemer/io/fault.h"
#include "bessemer/io/object_store.h"
#include "bessemer/io/publish.h"
#include "bessemer/io/remote_file_internal.h"

namespace bessemer::io {
namespace {

class RemoteInput : public InputStream {
 public:
  RemoteInput(std::string uri, std::shared_ptr<StorageFile> file, int64_t size)
      : file_(std::move(file)), size_(size) {
    path_ = std::move(uri);
  }

  ~RemoteInput() override {
    for (const Range& range : pending_) range.bytes.Wait();  // they read from file_
  }

  StatusOr<size_t> Read(char* buffer, size_t size) override {
    if (size == 0) return size_t{0};
    if (current_ == nullptr || position_ == current_->size()) {
      BESSEMER_ASSIGN_OR_RETURN(const bool more, Fill());
      if (!more) return size_t{0};
    }
    const size_t count = std::min(size, static_cast<size_t>(current_->size() - position_));
    std::memcpy(buffer, current_->data() + position_, count);
    position_ += static_cast<int64_t>(count);
    return count;
  }

 private:
  static constexpr int64_t kFirstRange = 256 << 10;
  static constexpr int64_t kLargestRange = 4 << 20;
  static constexpr size_t kAhead = 2;

  struct Range {
    int64_t size;
    arrow::Future<std::shared_ptr<arrow::Buffer>> bytes;
  };

  void Request() {
    const int64_t size = std::min(range_, size_ - requested_);
    pending_.push_back({size, file_->ReadAsync(arrow::io::default_io_context(), requested_, size)});
    requested_ += size;
    range_ = std::min(2 * range_, kLargestRange);
  }

  // Makes the next range current; false at the end.
  StatusOr<bool> Fill() {
    const bool first = current_ == nullptr;
    if (pending_.empty() && requested_ < size_) Request();
    if (pending_.empty()) return false;
    while (!first && pending_.size() < kAhead && requested_ < size_) Request();
    const auto& result = pending_.front().bytes.result();
    if (!result.ok()) return StoreError(result.status(), path_);
    current_ = *result;
    position_ = 0;
    const int64_t wanted = pending_.front().size;
    pending_.pop_front();
    if (current_->size() == wanted) return true;
    return UnavailableError("{}: the object became shorter while it was read; read it again",
                            path_);
  }

  const std::shared_ptr<StorageFile> file_;
  const int64_t size_;
  int64_t requested_ = 0;
  int64_t range_ = kFirstRange;
  std::deque<Range> pending_;
  std::shared_ptr<arrow::Buffer> current_;
  int64_t position_ = 0;
};

class RemoteOutput : public OutputStream {
 public:
  RemoteOutput(std::string uri, std::shared_ptr<arrow::io::OutputStream> stream)
      : stream_(std::move(stream)) {
    path_ = std::move(uri);
  }
  ~RemoteOutput() override {
    if (!done_) static_cast<void>(stream_->Abort());  // closing would publish half a file
  }
  Status Write(std::string_view bytes) override {
    return StoreError(stream_->Write(bytes.data(), static_cast<int64_t>(bytes.size())), path_);
  }
  Status Close() override {
    BESSEMER_RETURN_IF_ERROR(FaultPoint(WriteOp::kWrite, path_));
    const arrow::Status status = stream_->Close();
    done_ = status.ok();
    return StoreError(status, path_);
  }

 private:
  std::shared_ptr<arrow::io::OutputStream> stream_;
  bool done_ = false;
};

// A file without name.
StatusOr<std::FILE*> TemporaryFile() {
  std::string name = JoinPath(TemporaryFolder(), "bessemer-upload-XXXXXX");
  const int fd = mkostemp(name.data(), O_CLOEXEC);
  std::FILE* file = fd < 0 ? nullptr : fdopen(fd, "w+b");
  if (file == nullptr) {
    return UnavailableError("{}: cannot make a temporary file: {}", name, std::strerror(errno));
  }
  unlink(name.c_str());
  return file;
}

// For stores whose streams cannot be given up: Arrow's stream to Google publishes what it was given
// when it is destroyed. So nothing is sent before all of it is there, in a file without name.
class SpooledOutput : public OutputStream {
 public:
  SpooledOutput(std::string uri, ObjectStore store, std::FILE* spool)
      : store_(std::move(store)), spool_(spool) {
    path_ = std::move(uri);
  }
  ~SpooledOutput() override { std::fclose(spool_); }

  Status Write(std::string_view bytes) override {
    if (std::fwrite(bytes.data(), 1, bytes.size(), spool_) == bytes.size()) return OkStatus();
    return SpoolError();
  }

  Status Close() override {
    BESSEMER_RETURN_IF_ERROR(FaultPoint(WriteOp::kWrite, path_));
    // What is still in memory must reach the disk, too: half of the content is not published.
    if (std::fflush(spool_) != 0 || std::fseek(spool_, 0, SEEK_SET) != 0) return SpoolError();
    auto stream = store_.fs->OpenOutputStream(store_.path(), nullptr);
    if (!stream.ok()) return StoreError(stream.status(), path_);
    std::string buffer(1 << 20, '\0');
    while (true) {
      const size_t got = std::fread(buffer.data(), 1, buffer.size(), spool_);
      if (got == 0) break;
      const arrow::Status status = (*stream)->Write(buffer.data(), static_cast<int64_t>(got));
      if (!status.ok()) return StoreError(status, path_);
    }
    if (std::ferror(spool_) != 0) return SpoolError();
    return StoreError((*stream)->Close(), path_);
  }

 private:
  Status SpoolError() const {
    return ResourceExhaustedError("{}: cannot keep it in a temporary file: {}; set TMPDIR", path_,
                                  std::strerror(errno));
  }

  ObjectStore store_;
  std::FILE* spool_;
};

// The part of a pattern before its first component with a wildcard.
std::string FixedPrefix(const std::string& pattern) {
  const size_t wildcard = pattern.find_first_of("*?[");
  const size_t slash = pattern.rfind('/', wildcard);
  return slash == std::string::npos ? "" : pattern.substr(0, slash);
}

}  // namespace

StatusOr<std::unique_ptr<InputStream>> OpenRemoteInput(const std::string& uri) {
  BESSEMER_ASSIGN_OR_RETURN(const std::shared_ptr<StorageFile> file, OpenRandomAccess(uri));
  const arrow::Result<int64_t> size = file->GetSize();
  if (!size.ok()) return StoreError(size.status(), uri);
  return std::make_unique<RemoteInput>(uri, file, *size);
}

StatusOr<std::unique_ptr<OutputStream>> OpenRemoteOutput(const std::string& uri) {
  BESSEMER_ASSIGN_OR_RETURN(const ObjectStore store, OpenObjectStore(uri));
  if (store.fs->type_name() == "gcs") {
    BESSEMER_ASSIGN_OR_RETURN(std::FILE * spool, TemporaryFile());
    return std::make_unique<SpooledOutput>(uri, store, spool);
  }
  auto stream = store.fs->OpenOutputStream(store.path(), nullptr);
  if (!stream.ok()) return StoreError(stream.status(), uri);
  return std::make_unique<RemoteOutput>(uri, *std::move(stream));
}

StatusOr<RemoteInfo> StatRemote(const std::string& uri) {
  BESSEMER_ASSIGN_OR_RETURN(const ObjectStore store, OpenObjectStore(uri));
  const auto info = store.fs->GetFileInfo(store.path());
  if (!info.ok()) return StoreError(info.status(), uri);
  if (info->IsFile()) return RemoteInfo{PathKind::kFile, info->size()};
  return RemoteInfo{info->IsDirectory() ? PathKind::kDirectory : PathKind::kNone, 0};
}

StatusOr<std::string> RemoteContentTag(const std::string& uri) {
  BESSEMER_ASSIGN_OR_RETURN(const ObjectStore store, OpenObjectStore(uri));
  const auto file = store.fs->OpenInputFile(store.path());
  if (!file.ok()) return StoreError(file.status(), uri);
  const arrow::Result<int64_t> size = (*file)->GetSize();
  if (!size.ok()) return StoreError(size.status(), uri);
  const auto metadata = (*file)->ReadMetadata();
  if (!metadata.ok()) return StoreError(metadata.status(), uri);
  if (*metadata == nullptr) return "";
  for (const char* key : {"md5Hash", "ETag", "generation"}) {
    const arrow::Result<std::string> value = (*metadata)->Get(key);
    if (value.ok() && !value->empty()) return fmt::format("{} {} {}", key, *value, *size);
  }
  return "";
}

StatusOr<std::vector<std::string>> ListRemoteFiles(const std::string& pattern) {
  BESSEMER_ASSIGN_OR_RETURN(const ObjectStore store, OpenObjectStore(pattern));
  StatusOr<std::vector<std::string>> paths = MatchingFiles(*store.fs, store.path(), pattern);
  if (!paths.ok()) return paths;
  if (paths->empty()) {
    const auto bucket = store.fs->GetFileInfo(store.uri.bucket());
    if (!bucket.ok()) return StoreError(bucket.status(), pattern);
    if (bucket->type() == arrow::fs::FileType::NotFound) {
      return NotFoundError("{}: there is no bucket '{}'", pattern, store.uri.bucket());
    }
  }
  for (std::string& path : *paths) path = store.uri.With(path);
  return paths;
}

StatusOr<std::vector<TreeFile>> ListRemoteTree(const std::string& directory) {
  BESSEMER_ASSIGN_OR_RETURN(const ObjectStore store, OpenObjectStore(directory));
  arrow::fs::FileSelector selector;
  selector.base_dir = store.path();
  selector.recursive = true;
  const auto infos = store.fs->GetFileInfo(selector);
  if (!infos.ok()) return StoreError(infos.status(), directory);
  std::vector<TreeFile> files;
  for (const arrow::fs::FileInfo& info : *infos) {
    if (!info.IsFile()) continue;
    std::string name = info.path().substr(selector.base_dir.size() + 1);
    if (name == kPublishedMark || name == kPublishingMark) continue;
    files.push_back({std::move(name), info.size(), info.mtime().time_since_epoch().count()});
  }
  return files;
}

Status RemoveRemoteTree(const std::string& uri) {
  BESSEMER_ASSIGN_OR_RETURN(const ObjectStore store, OpenObjectStore(uri));
  if (store.uri.key().empty()) {
    return InvalidArgumentError("{}: a whole bucket is not removed; name a folder in it", uri);
  }
  const auto info = store.fs->GetFileInfo(store.path());
  if (!info.ok()) return StoreError(info.status(), uri);
  if (info->IsFile()) return StoreError(store.fs->DeleteFile(store.path()), uri);
  if (!info->IsDirectory()) return OkStatus();
  if (store.fs->type_name() != "gcs") return StoreError(store.fs->DeleteDir(store.path()), uri);
  const arrow::Status emptied = store.fs->DeleteDirContents(store.path(), /*missing_dir_ok=*/true);
  if (!emptied.ok()) return StoreError(emptied, uri);
  // Google's folders need no object of their own: there may be none to delete.
  static_cast<void>(store.fs->DeleteDir(store.path()));
  return OkStatus();
}

StatusOr<bool> CopyWithinStore(const std::string& from, const std::string& to) {
  BESSEMER_ASSIGN_OR_RETURN(const ObjectStore source, OpenObjectStore(from));
  BESSEMER_ASSIGN_OR_RETURN(const ObjectStore target, OpenObjectStore(to));
  if (source.fs != target.fs) return false;
  const arrow::Status status = source.fs->CopyFile(source.path(), target.path());
  if (!status.ok()) return StoreError(status, from);
  return true;
}

StatusOr<std::vector<std::string>> MatchingFiles(arrow::fs::FileSystem& fs,
                                                 const std::string& pattern,
                                                 const std::string& uri) {
  const bool wild = pattern.find_first_of("*?[") != std::string::npos;
  std::vector<std::string> paths;
  if (!wild) {
    const auto info = fs.GetFileInfo(pattern);
    if (!info.ok()) return StoreError(info.status(), uri);
    if (info->IsFile()) return std::vector<std::string>{pattern};
    if (!info->IsDirectory()) return paths;
  }
  arrow::fs::FileSelector selector;
  selector.base_dir = wild ? FixedPrefix(pattern) : pattern;
  if (selector.base_dir.empty()) selector.base_dir = pattern.starts_with('/') ? "/" : ".";
  selector.allow_not_found = true;
  const auto depth = std::count(pattern.begin(), pattern.end(), '/');
  const auto base_depth = std::count(selector.base_dir.begin(), selector.base_dir.end(), '/');
  selector.recursive = wild && depth > base_depth + 1;
  const auto infos = fs.GetFileInfo(selector);
  if (!infos.ok()) return StoreError(infos.status(), uri);
  for (const arrow::fs::FileInfo& info : *infos) {
    if (!info.IsFile()) continue;
    std::string path = info.path();
    if (path.starts_with("./") && !pattern.starts_with("./")) path = path.substr(2);
    if (wild ? fnmatch(pattern.c_str(), path.c_str(), FNM_PATHNAME | FNM_PERIOD) == 0
             : !info.base_name().starts_with('.') && !info.base_name().starts_with('_')) {
      paths.push_back(std::move(path));
    }
  }
  return paths;
}

}  // namespace bessemer::io
