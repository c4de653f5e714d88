#ifndef BESSEMER_IO_STAGED_FILE_H_
#define BESSEMER_IO_STAGED_FILE_H_

#include <string>

#include "bessemer/base/status.h"

namespace bessemer::io {

// Whether a path leads to a pipe or a device, whose bytes pass once, or is one by which a process
// finds its own streams (/dev/stdout, /proc/self/fd/1), whatever is behind. Not what lies in
// /dev/shm, a folder like any other.
bool IsStream(const std::string& path);

// A file being written aside, next to where it will be, until published. What `final_path` links to
// is replaced, the link stays; so does the mode of what is replaced. A new file gets 0666 without
// what the umask takes. A stream and a file of an object store, which appears when it is closed,
// are written in place.
class StagedFile {
 public:
  static StagedFile Create(const std::string& final_path);

  StagedFile(StagedFile&& other) noexcept;
  StagedFile& operator=(StagedFile&&) = delete;
  ~StagedFile();  // removes what was staged unless published

  // To be written; ends as the final path does.
  const std::string& path() const { return path_; }
  // Syncs and renames into place.
  Status Publish();
  // The message with the final path, which is what a reader knows, in place of path().
  Status Explain(const Status& status) const;

 private:
  StagedFile(std::string given, std::string path, std::string target);
  std::string given_;
  std::string path_;
  std::string target_;  // empty: written in place, published or moved from
};

}  // namespace bessemer::io

#endif  // BESSEMER_IO_STAGED_FILE_H_
