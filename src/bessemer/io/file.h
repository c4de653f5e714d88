#ifndef BESSEMER_IO_FILE_H_
#define BESSEMER_IO_FILE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bessemer/base/status.h"

namespace bessemer::io {

// Paths are local ("/data/x", "data/x", "file:///data/x") or URIs ("s3://bucket/key", "gs://…", see
// object_uri.h), where a file appears when its writing is closed. Functions are thread-safe.

// A stream of bytes read from the start.
class InputStream {
 public:
  virtual ~InputStream() = default;
  // Reads up to `size` bytes; 0 only at the end.
  virtual StatusOr<size_t> Read(char* buffer, size_t size) = 0;
  const std::string& path() const { return path_; }

 protected:
  std::string path_;
};

// A stream over bytes in memory; `name` stands in for the path in messages.
std::unique_ptr<InputStream> MemoryInput(std::string name, std::string bytes);

// NOT_FOUND for a missing file, INVALID_ARGUMENT for a directory; every message begins with the
// path.
StatusOr<std::unique_ptr<InputStream>> OpenInput(const std::string& path);
StatusOr<std::string> ReadFile(const std::string& path);
StatusOr<int64_t> FileSize(const std::string& path);
// Errors are those of a disk or store that cannot tell: UNAVAILABLE for one out of reach,
// PERMISSION_DENIED for one that refuses. What is not there is false, a missing bucket too.
StatusOr<bool> Exists(const std::string& path);
StatusOr<bool> IsDirectory(const std::string& path);

// The files that match a pattern, sorted bytewise. `*` and `?` do not cross `/`. A pattern without
// wildcards that names a directory gives the files in it, not below it; hidden files (.x) and those
// that begin with `_` are left out unless named. NOT_FOUND if nothing matches.
StatusOr<std::vector<std::string>> ListFiles(const std::string& pattern);

// All files below a directory, as paths relative to it, sorted.
StatusOr<std::vector<std::string>> ListTree(const std::string& directory);

// Writes a stream; nothing is promised about the file until Close has returned OK. Local files are
// buffered (1 MiB) and, if `durable`, synced at Close.
class OutputStream {
 public:
  virtual ~OutputStream() = default;  // without Close: the file is left as it is
  virtual Status Write(std::string_view bytes) = 0;
  virtual Status Close() = 0;
  const std::string& path() const { return path_; }

 protected:
  std::string path_;
};

// Creates or truncates. Missing parent directories are made.
StatusOr<std::unique_ptr<OutputStream>> OpenOutput(const std::string& path, bool durable = false);

Status MakeDirectories(const std::string& path);
// Removing what does not exist is OK.
Status RemoveTree(const std::string& path);
Status CopyFile(const std::string& from, const std::string& to);

// a/b from "a" and "b"; an absolute or URI `name` stays as it is.
std::string JoinPath(std::string_view directory, std::string_view name);
std::string BaseName(std::string_view path);
std::string DirName(std::string_view path);

}  // namespace bessemer::io

#endif  // BESSEMER_IO_FILE_H_
