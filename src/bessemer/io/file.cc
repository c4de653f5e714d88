#include "bessemer/io/file.h"

#include <arrow/filesystem/api.h>
#include <arrow/io/interfaces.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "bessemer/columnar/arrow_status.h"
#include "bessemer/io/fault.h"

namespace bessemer::io {
namespace {

namespace stdfs = std::filesystem;

bool IsRemote(std::string_view path) {
  return path.find("://") != std::string_view::npos && !path.starts_with("file://");
}

std::string LocalPath(std::string_view path) {
  if (path.starts_with("file://")) path.remove_prefix(7);
  return std::string(path);
}

StatusCode CodeOfErrno(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return StatusCode::kNotFound;
    case ENOSPC:
    case EDQUOT:
      return StatusCode::kResourceExhausted;
    case EACCES:
    case EPERM:
    case EROFS:
      return StatusCode::kPermissionDenied;
    case EISDIR:
      return StatusCode::kInvalidArgument;
    default:
      return StatusCode::kUnavailable;
  }
}

Status ErrnoError(std::string_view action, const std::string& path, int error) {
  return MakeStatus(CodeOfErrno(error),
                    fmt::format("{}: cannot {}: {}", path, action, std::strerror(error)));
}

struct Remote {
  std::shared_ptr<arrow::fs::FileSystem> fs;
  std::string path;
};

StatusOr<Remote> OpenRemote(const std::string& uri) {
  Remote remote;
  auto fs = arrow::fs::FileSystemFromUri(uri, &remote.path);
  if (!fs.ok()) return WithContext(FromArrow(fs.status()), uri);
  remote.fs = *std::move(fs);
  return remote;
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

class RemoteInput : public InputStream {
 public:
  RemoteInput(std::string path, std::shared_ptr<arrow::io::InputStream> stream)
      : stream_(std::move(stream)) {
    path_ = std::move(path);
  }
  StatusOr<size_t> Read(char* buffer, size_t size) override {
    auto got = stream_->Read(static_cast<int64_t>(size), buffer);
    if (!got.ok()) return WithContext(FromArrow(got.status()), path_);
    return static_cast<size_t>(*got);
  }

 private:
  std::shared_ptr<arrow::io::InputStream> stream_;
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

class RemoteOutput : public OutputStream {
 public:
  RemoteOutput(std::string path, std::shared_ptr<arrow::io::OutputStream> stream)
      : stream_(std::move(stream)) {
    path_ = std::move(path);
  }
  Status Write(std::string_view bytes) override {
    return WithContext(FromArrow(stream_->Write(bytes.data(), bytes.size())), path_);
  }
  Status Close() override { return WithContext(FromArrow(stream_->Close()), path_); }

 private:
  std::shared_ptr<arrow::io::OutputStream> stream_;
};

// The part of a pattern before its first component with a wildcard.
std::string FixedPrefix(const std::string& pattern) {
  const size_t wildcard = pattern.find_first_of("*?[");
  const size_t slash = pattern.rfind('/', wildcard);
  return slash == std::string::npos ? "" : pattern.substr(0, slash);
}

bool IsHidden(const std::string& name) { return name.starts_with('.') || name.starts_with('_'); }

StatusOr<std::vector<std::string>> MatchingFiles(arrow::fs::FileSystem& fs,
                                                 const std::string& pattern) {
  const bool wild = pattern.find_first_of("*?[") != std::string::npos;
  std::vector<std::string> paths;
  if (!wild) {
    BESSEMER_ASSIGN_OR_RETURN_ARROW(const arrow::fs::FileInfo info, fs.GetFileInfo(pattern));
    if (info.IsFile()) return std::vector<std::string>{pattern};
    if (!info.IsDirectory()) return paths;
  }
  arrow::fs::FileSelector selector;
  selector.base_dir = wild ? FixedPrefix(pattern) : pattern;
  if (selector.base_dir.empty()) selector.base_dir = pattern.starts_with('/') ? "/" : ".";
  selector.allow_not_found = true;
  const auto depth = std::count(pattern.begin(), pattern.end(), '/');
  const auto base_depth = std::count(selector.base_dir.begin(), selector.base_dir.end(), '/');
  selector.recursive = wild && depth > base_depth + 1;
  BESSEMER_ASSIGN_OR_RETURN_ARROW(const auto infos, fs.GetFileInfo(selector));
  for (const arrow::fs::FileInfo& info : infos) {
    if (!info.IsFile()) continue;
    std::string path = info.path();
    if (path.starts_with("./") && !pattern.starts_with("./")) path = path.substr(2);
    if (wild ? fnmatch(pattern.c_str(), path.c_str(), FNM_PATHNAME | FNM_PERIOD) == 0
             : !IsHidden(info.base_name())) {
      paths.push_back(std::move(path));
    }
  }
  return paths;
}

}  // namespace

std::unique_ptr<InputStream> MemoryInput(std::string name, std::string bytes) {
  return std::make_unique<BytesInput>(std::move(name), std::move(bytes));
}

StatusOr<std::unique_ptr<InputStream>> OpenInput(const std::string& path) {
  if (IsRemote(path)) {
    BESSEMER_ASSIGN_OR_RETURN(Remote remote, OpenRemote(path));
    auto stream = remote.fs->OpenInputStream(remote.path);
    if (!stream.ok()) return WithContext(FromArrow(stream.status()), path);
    return std::make_unique<RemoteInput>(path, *std::move(stream));
  }
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
    BESSEMER_ASSIGN_OR_RETURN(Remote remote, OpenRemote(path));
    BESSEMER_ASSIGN_OR_RETURN_ARROW(const auto info, remote.fs->GetFileInfo(remote.path));
    if (!info.IsFile()) return NotFoundError("{}: no such file", path);
    return info.size();
  }
  struct stat info;
  if (stat(LocalPath(path).c_str(), &info) != 0) return ErrnoError("stat", path, errno);
  return static_cast<int64_t>(info.st_size);
}

bool Exists(const std::string& path) {
  if (IsRemote(path)) {
    const StatusOr<Remote> remote = OpenRemote(path);
    if (!remote.ok()) return false;
    const auto info = remote->fs->GetFileInfo(remote->path);
    return info.ok() && info->type() != arrow::fs::FileType::NotFound;
  }
  struct stat info;
  return stat(LocalPath(path).c_str(), &info) == 0;
}

bool IsDirectory(const std::string& path) {
  if (IsRemote(path)) {
    const StatusOr<Remote> remote = OpenRemote(path);
    if (!remote.ok()) return false;
    const auto info = remote->fs->GetFileInfo(remote->path);
    return info.ok() && info->IsDirectory();
  }
  struct stat info;
  return stat(LocalPath(path).c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

StatusOr<std::vector<std::string>> ListFiles(const std::string& pattern) {
  std::vector<std::string> paths;
  if (IsRemote(pattern)) {
    BESSEMER_ASSIGN_OR_RETURN(Remote remote, OpenRemote(pattern));
    const std::string root = pattern.substr(0, pattern.size() - remote.path.size());
    BESSEMER_ASSIGN_OR_RETURN(paths, MatchingFiles(*remote.fs, remote.path));
    for (std::string& path : paths) path = root + path;
  } else {
    arrow::fs::LocalFileSystem local;
    BESSEMER_ASSIGN_OR_RETURN(paths, MatchingFiles(local, LocalPath(pattern)));
  }
  if (paths.empty()) return NotFoundError("{}: no file matches", pattern);
  std::sort(paths.begin(), paths.end());
  return paths;
}

StatusOr<std::vector<std::string>> ListTree(const std::string& directory) {
  Remote target;
  if (IsRemote(directory)) {
    BESSEMER_ASSIGN_OR_RETURN(target, OpenRemote(directory));
  } else {
    target = {std::make_shared<arrow::fs::LocalFileSystem>(), LocalPath(directory)};
  }
  arrow::fs::FileSelector selector;
  selector.base_dir = target.path;
  selector.recursive = true;
  auto infos = target.fs->GetFileInfo(selector);
  if (!infos.ok()) return WithContext(FromArrow(infos.status()), directory);
  std::vector<std::string> names;
  const std::string prefix = target.path.ends_with('/') ? target.path : target.path + "/";
  for (const arrow::fs::FileInfo& info : *infos) {
    if (info.IsFile()) names.push_back(info.path().substr(prefix.size()));
  }
  std::sort(names.begin(), names.end());
  return names;
}

StatusOr<std::unique_ptr<OutputStream>> OpenOutput(const std::string& path, bool durable) {
  BESSEMER_RETURN_IF_ERROR(FaultPoint(WriteOp::kCreate, path));
  if (IsRemote(path)) {
    BESSEMER_ASSIGN_OR_RETURN(Remote remote, OpenRemote(path));
    auto stream = remote.fs->OpenOutputStream(remote.path);
    if (!stream.ok()) return WithContext(FromArrow(stream.status()), path);
    return std::make_unique<RemoteOutput>(path, *std::move(stream));
  }
  const std::string local = LocalPath(path);
  if (const std::string parent = DirName(local); !parent.empty() && !Exists(parent)) {
    BESSEMER_RETURN_IF_ERROR(MakeDirectories(parent));
  }
  const int fd = open(local.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0) return ErrnoError("create", path, errno);
  return std::make_unique<LocalOutput>(path, fd, durable);
}

Status MakeDirectories(const std::string& path) {
  BESSEMER_RETURN_IF_ERROR(FaultPoint(WriteOp::kCreate, path));
  if (IsRemote(path)) {
    BESSEMER_ASSIGN_OR_RETURN(Remote remote, OpenRemote(path));
    return WithContext(FromArrow(remote.fs->CreateDir(remote.path)), path);
  }
  std::error_code error;
  stdfs::create_directories(LocalPath(path), error);
  return error ? ErrnoError("make directory", path, error.value()) : OkStatus();
}

Status RemoveTree(const std::string& path) {
  BESSEMER_RETURN_IF_ERROR(FaultPoint(WriteOp::kRemove, path));
  if (IsRemote(path)) {
    BESSEMER_ASSIGN_OR_RETURN(Remote remote, OpenRemote(path));
    BESSEMER_ASSIGN_OR_RETURN_ARROW(const auto info, remote.fs->GetFileInfo(remote.path));
    if (info.IsFile()) return FromArrow(remote.fs->DeleteFile(remote.path));
    if (info.IsDirectory()) return FromArrow(remote.fs->DeleteDir(remote.path));
    return OkStatus();
  }
  std::error_code error;
  stdfs::remove_all(LocalPath(path), error);
  return error ? ErrnoError("remove", path, error.value()) : OkStatus();
}

Status CopyFile(const std::string& from, const std::string& to) {
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
  return fmt::format("{}{}{}", directory, directory.ends_with('/') ? "" : "/", name);
}

std::string BaseName(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  const size_t slash = path.rfind('/');
  return std::string(slash == std::string_view::npos ? path : path.substr(slash + 1));
}

std::string DirName(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  const size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return "";
  return std::string(slash == 0 ? "/" : path.substr(0, slash));
}

}  // namespace bessemer::io
