#ifndef BESSEMER_IO_FILE_HASHES_H_
#define BESSEMER_IO_FILE_HASHES_H_

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "bessemer/base/clock.h"
#include "bessemer/base/progress.h"
#include "bessemer/base/status.h"

namespace bessemer::io {

// Hashes of files' contents, kept in a small file between processes, so that unchanged files are
// not read again.
//
// A file counts as unchanged while its device, inode, size and times of modification and of change
// (nanoseconds; the latter cannot be set by programs) are those noted before it was read, and both
// times lay more than two seconds before that moment: within the grain of a file system's clock a
// second write could leave the times as they are. Of a file on an object store the hash is made of
// what the store says of the content (an MD5 or entity tag, and the size), and not a byte is read;
// if the store says nothing, the file is read every time. Thread-safe; of processes that share a
// file the last to save wins, which costs time, never truth.
class FileHashes {
 public:
  // A `path` that is missing, damaged or of another version is an empty store; "": none is kept.
  // `progress` is asked while files are read whether that should end.
  explicit FileHashes(std::string path = "", const Clock& clock = Clock::System(),
                      const Progress& progress = Progress::None());

  // In hex, SHA-256 of the content of a local file. Equal hashes mean equal content; a remote file
  // that is uploaded again in other parts may get another. NOT_FOUND and others as of OpenInput,
  // CANCELLED once `progress` says so.
  StatusOr<std::string> Hash(const std::string& file);

  // Writes atomically what is known of files that still exist; does nothing if nothing is new.
  Status Save();

  int64_t num_read() const;  // files that Hash has had to read

 private:
  struct Stamp {
    uint64_t device = 0;
    uint64_t inode = 0;
    int64_t size = 0;
    int64_t modified_ns = 0;
    int64_t changed_ns = 0;
    bool operator==(const Stamp&) const = default;
  };
  struct Entry {
    Stamp stamp;
    int64_t noted_ns = 0;  // before reading
    std::string hash;
  };

  static bool Read(const std::string& file, Stamp* stamp);  // false: remote or gone
  static bool IsSettled(const Entry& entry);
  void Load();

  const std::string path_;
  const Clock& clock_;
  const Progress& progress_;
  mutable std::mutex mutex_;
  std::map<std::string, Entry> entries_;
  bool changed_ = false;
  int64_t num_read_ = 0;
};

}  // namespace bessemer::io

#endif  // BESSEMER_IO_FILE_HASHES_H_
