#include "bessemer/io/file.h"

#include <arrow/filesystem/localfs.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "bessemer/base/errno_code.h"
#include "bessemer/io/fault.h"
#include "bessemer/io/object_uri.h"
#include "bessemer/io/remote_file_internal.h"

namespace bessemer::io {
namespace {

namespace stdfs = std::filesystem;

std::string LocalPath(std::string_view path) {
  if (path.starts_with("file://")) path.remove_prefix(7);
  return std::string(path);
}

Status ErrnoError(std::string_view action, const std::string& path, int error) {
  return MakeStatus(CodeOfErrno(error),
                    fmt::format("{}: cannot {}: {}", path, action, std::strerror(error)));
}

class LocalInput : public InputStream {
 public:
  LocalInput(std::string path, int fd) : fd_(fd) { path_ = std::move(path); }
  ~LocalInput() override { close(fd_); }
  StatusOr<size_t> Read(char* buffer, size_t size) override {
    while (true) {
      const ssize_t got = read(fd_, buffer, size);
      if (got >= 0) return static_cast<size_t>(got);
      if (errno != EINTR) return ErrnoError("read", path_, errno);
    }
  }

 private:
  int fd_;
};

class BytesInput : public InputStream {
 public:
  BytesInput(std::string name, std::string bytes) : bytes_(std::move(bytes)) {
    path_ = std::move(name);
  }
  StatusOr<size_t> Read(char* buffer, size_t size) override {
    const size_t count = std::min(size, bytes_.size() - position_);
    std::memcpy(buffer, bytes_.data() + position_, count);
    position_ += count;
    return count;
  }

 private:
  std::string bytes_;
  size_t position_ = 0;
};

class LocalOutput : public OutputStream {
 public:
  LocalOutput(std::string path, int fd, bool durable) : fd_(fd), durable_(durable) {
    path_ = std::move(path);
  }
  ~LocalOutput() override {
    if (fd_ >= 0) close(fd_);
  }

  Status Write(std::string_view bytes) override {
    if (buffer_.size() + bytes.size() > kBufferSize) {
      BESSEMER_RETURN_IF_ERROR(Flush());
      if (bytes.size() > kBufferSize) return WriteAll(bytes);
    }
    buffer_.append(bytes);
    return OkStatus();
  }

  Status Close() override {
    BESSEMER_RETURN_IF_ERROR(Flush());
    if (durable_) {
      BESSEMER_RETURN_IF_ERROR(FaultPoint(WriteOp::kSync, path_));
      if (fsync(fd_) != 0) return ErrnoError("sync", path_, errno);
    }
    const int closed = close(fd_);
    fd_ = -1;
    return closed == 0 ? OkStatus() : ErrnoError("close", path_, errno);
  }

 private:
  static constexpr size_t kBufferSize = 1 << 20;

  Status Flush() {
    if (buffer_.empty()) return OkStatus();
    BESSEMER_RETURN_IF_ERROR(WriteAll(buffer_));
    buffer_.clear();
    return OkStatus();
  }

  Status WriteAll(std::string_view bytes) {
    BESSEMER_RETURN_IF_ERROR(FaultPoint(WriteOp::kWrite, path_));
    while (!bytes.empty()) {
      const ssize_t put = write(fd_, bytes.data(), bytes.size());
      if (put < 0) {
        if (errno == EINTR) continue;
        return ErrnoError("write", path_, errno);
      }
      bytes.remove_prefix(static_cast<size_t>(put));
    }
    return OkStatus();
  }

  int fd_;
  bool durable_;
  std::string buffer_;
};

StatusOr<PathKind> KindOfPath(const std::string& path) {
  if (IsRemote(path)) {
    BESSEMER_ASSIGN_OR_RETURN(const RemoteInfo info, StatRemote(path));
    return info.kind;
  }
  struct stat info;
  if (stat(LocalPath(path).c_str(), &info) == 0) {
    return S_ISDIR(info.st_mode) ? PathKind::kDirectory : PathKind::kFile;
  }
  if (CodeOfErrno(errno) == StatusCode::kNotFound) return PathKind::kNone;
  return ErrnoError("look at it", path, errno);
}

}  // namespace

std::unique_ptr<InputStream> MemoryInput(std::string name, std::string bytes) {
  return std::make_unique<BytesInput>(std::move(name), std::move(bytes));
}

StatusOr<std::unique_ptr<InputStream>> OpenInput(const std::string& path) {
  if (IsRemote(path)) return OpenRemoteInput(path);
  const std::string local = LocalPath(path);
  const int fd = open(local.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return ErrnoError("open", path, errno);
  struct stat info;
  if (fstat(fd, &info) == 0 && S_ISDIR(info.st_mode)) {
    close(fd);
    return ErrnoError("read", path, EISDIR);
  }
  return std::make_unique<LocalInput>(path, fd);
}

StatusOr<std::string> ReadFile(const std::string& path) {
  BESSEMER_ASSIGN_OR_RETURN(const std::unique_ptr<InputStream> in, OpenInput(path));
  std::string content;
  constexpr size_t kChunk = 1 << 18;
  while (true) {
    const size_t size = content.size();
    content.resize(size + kChunk);
    BESSEMER_ASSIGN_OR_RETURN(const size_t got, in->Read(content.data() + size, kChunk));
    content.resize(size + got);
    if (got == 0) return content;
  }
}

StatusOr<int64_t> FileSize(const std::string& path) {
  if (IsRemote(path)) {
    BESSEMER_ASSIGN_OR_RETURN(const RemoteInfo info, StatRemote(path));
    if (info.kind != PathKind::kFile) return NotFoundError("{}: no such file", path);
    return info.size;
  }
  struct stat info;
  if (stat(LocalPath(path).c_str(), &info) != 0) return ErrnoError("stat", path, errno);
  return static_cast<int64_t>(info.st_size);
}

StatusOr<bool> Exists(const std::string& path) {
  BESSEMER_ASSIGN_OR_RETURN(const PathKind kind, KindOfPath(path));
  return kind != PathKind::kNone;
}

StatusOr<bool> IsDirectory(const std::string& path) {
  BESSEMER_ASSIGN_OR_RETURN(const PathKind kind, KindOfPath(path));
  return kind == PathKind::kDirectory;
}

StatusOr<std::vector<std::string>> ListFiles(const std::string& pattern) {
  std::vector<std::string> paths;
  if (IsRemote(pattern)) {
    BESSEMER_ASSIGN_OR_RETURN(paths, ListRemoteFiles(pattern));
  } else {
    arrow::fs::LocalFileSystem local;
    BESSEMER_ASSIGN_OR_RETURN(paths, MatchingFiles(local, LocalPath(pattern), pattern));
  }
  if (paths.empty()) return NotFoundError("{}: no file matches", pattern);
  std::sort(paths.begin(), paths.end());
  return paths;
}

StatusOr<std::unique_ptr<OutputStream>> OpenOutput(const std::string& path, bool durable) {
  BESSEMER_RETURN_IF_ERROR(FaultPoint(WriteOp::kCreate, path));
  if (IsRemote(path)) return OpenRemoteOutput(path);
  const std::string local = LocalPath(path);
  if (const std::string parent = DirName(local); !parent.empty()) {
    BESSEMER_ASSIGN_OR_RETURN(const bool there, Exists(parent));
    if (!there) BESSEMER_RETURN_IF_ERROR(MakeDirectories(parent));
  }
  const int fd = open(local.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0) return ErrnoError("create", path, errno);
  return std::make_unique<LocalOutput>(path, fd, durable);
}

Status MakeDirectories(const std::string& path) {
  if (IsRemote(path)) return OkStatus();
  BESSEMER_RETURN_IF_ERROR(FaultPoint(WriteOp::kCreate, path));
  // Whoever leaves a folder empty may remove it before the next one is made in it: again, then.
  constexpr int kMaxTries = 1000;
  std::error_code error;
  for (int tries = 0; tries < kMaxTries; ++tries) {
    stdfs::create_directories(LocalPath(path), error);
    if (error != std::errc::no_such_file_or_directory && error != std::errc::file_exists) break;
  }
  return error ? ErrnoError("make directory", path, error.value()) : OkStatus();
}

Status RemoveTree(const std::string& path) {
  BESSEMER_RETURN_IF_ERROR(FaultPoint(WriteOp::kRemove, path));
  if (IsRemote(path)) return RemoveRemoteTree(path);
  std::error_code error;
  stdfs::remove_all(LocalPath(path), error);
  return error ? ErrnoError("remove", path, error.value()) : OkStatus();
}

Status CopyFile(const std::string& from, const std::string& to) {
  if (IsRemote(from) && IsRemote(to)) {
    BESSEMER_RETURN_IF_ERROR(FaultPoint(WriteOp::kCreate, to));
    BESSEMER_ASSIGN_OR_RETURN(const bool copied, CopyWithinStore(from, to));
    if (copied) return OkStatus();
  }
  BESSEMER_ASSIGN_OR_RETURN(const std::unique_ptr<InputStream> in, OpenInput(from));
  BESSEMER_ASSIGN_OR_RETURN(const std::unique_ptr<OutputStream> out, OpenOutput(to));
  std::string buffer(1 << 18, '\0');
  while (true) {
    BESSEMER_ASSIGN_OR_RETURN(const size_t got, in->Read(buffer.data(), buffer.size()));
    if (got == 0) return out->Close();
    BESSEMER_RETURN_IF_ERROR(out->Write(std::string_view(buffer.data(), got)));
  }
}

std::string JoinPath(std::string_view directory, std::string_view name) {
  if (directory.empty() || name.starts_with('/') || name.find("://") != std::string_view::npos) {
    return std::string(name);
  }
  if (IsRemote(directory)) {
    const ObjectUri uri = ObjectUri::Parse(directory);
    return uri.With(fmt::format("{}/{}", uri.path, name));
  }
  return fmt::format("{}{}{}", directory, directory.ends_with('/') ? "" : "/", name);
}

std::string BaseName(std::string_view path) {
  if (IsRemote(path)) {
    const ObjectUri uri = ObjectUri::Parse(path);
    return uri.path.substr(uri.path.rfind('/') + 1);
  }
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  const size_t slash = path.rfind('/');
  return std::string(slash == std::string_view::npos ? path : path.substr(slash + 1));
}

std::string DirName(std::string_view path) {
  if (IsRemote(path)) {
    const ObjectUri uri = ObjectUri::Parse(path);
    const size_t slash = uri.path.rfind('/');
    return slash == std::string::npos ? std::string(path) : uri.With(uri.path.substr(0, slash));
  }
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  const size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return "";
  return std::string(slash == 0 ? "/" : path.substr(0, slash));
}

}  // namespace bessemer::io
