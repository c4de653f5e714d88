#ifndef BESSEMER_IO_TREE_H_
#define BESSEMER_IO_TREE_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "bessemer/base/status.h"

namespace bessemer::io {

// A file below a directory.
struct TreeFile {
  std::string name;  // relative to the directory
  int64_t size = 0;
  int64_t modified_ns = 0;  // since 1970, as far as the file system knows it
};

// What ListTree lists, with sizes and times, by one listing. The marks of published directories on
// object stores are left out.
StatusOr<std::vector<TreeFile>> ListTreeFiles(const std::string& directory);

// Publishing a directory (StagedDirectory) on an object store, which cannot rename one: it is
// filled on the local disk and uploaded in an order that lets nobody take a part for the whole:
//   1. "_PUBLISHING" by a conditional put: of several publishers of one directory one goes on, the
//      others get ALREADY_EXISTS before they have written anything;
//   2. all other files, several at a time;
//   3. files named saved_model.pb, which model servers wait for;
//   4. "_SUCCESS", the mark of a whole directory, unless a saved_model.pb stands at its top;
//   5. "_PUBLISHING" is removed.
// After an error what was uploaded is removed. A publisher that dies leaves a directory without the
// mark. Neither mark is listed here or by ListTree.
//
// Whether a directory holds all it was published with. Local ones appear whole, so any does. Errors
// as of Exists.
StatusOr<bool> IsPublished(const std::string& directory);

// Copies all files below a directory, several at a time, those named saved_model.pb last: who
// watches the target for a model sees it when the rest is there.
Status CopyTree(const std::string& from, const std::string& to);

// A local copy of a file or directory, for libraries that read local paths only. What is local
// already is not copied.
class LocalCopy {
 public:
  // Copies into a new folder below `scratch_dir` ("": the system's temporary folder).
  static StatusOr<LocalCopy> Make(const std::string& path, const std::string& scratch_dir = "");
  LocalCopy(LocalCopy&& other) noexcept;
  LocalCopy& operator=(LocalCopy&& other) noexcept;
  ~LocalCopy();  // removes the copy

  const std::string& path() const { return path_; }

 private:
  LocalCopy(std::string path, std::string folder)
      : path_(std::move(path)), folder_(std::move(folder)) {}
  std::string path_;
  std::string folder_;  // "": nothing was copied
};

}  // namespace bessemer::io

#endif  // BESSEMER_IO_TREE_H_
