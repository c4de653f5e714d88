#ifndef BESSEMER_STATISTICS_SPILL_FILE_H_
#define BESSEMER_STATISTICS_SPILL_FILE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/statistics/value_distribution.h"

namespace bessemer::statistics {

// A file without a name in the folder for temporary files (TMPDIR, else /tmp), gone when the last
// user lets go of it or the process ends. Append: one thread at a time; Read: any.
class SpillFile {
 public:
  static StatusOr<std::shared_ptr<SpillFile>> Create();
  ~SpillFile();
  SpillFile(const SpillFile&) = delete;

  // RESOURCE_EXHAUSTED if the disk is full.
  Status Append(std::string_view bytes);
  int64_t size() const { return size_; }
  // Exactly `size` bytes.
  Status Read(int64_t offset, char* buffer, size_t size) const;

 private:
  explicit SpillFile(int fd, std::string folder) : fd_(fd), folder_(std::move(folder)) {}
  int fd_;
  std::string folder_;
  int64_t size_ = 0;
};

// A value with what is known of it.
struct SpilledValue {
  std::string_view value;
  uint64_t count;
  FixedWeight weight;
};

// A part of a file: values in ascending order, each once.
struct SpilledRun {
  std::shared_ptr<SpillFile> file;
  int64_t offset;
  int64_t size;
};

// Writes a run at the end of a file. Values must come in ascending order.
class RunWriter {
 public:
  explicit RunWriter(std::shared_ptr<SpillFile> file)
      : file_(std::move(file)), begin_(file_->size()) {}
  Status Add(const SpilledValue& value);
  StatusOr<SpilledRun> Finish();

 private:
  std::shared_ptr<SpillFile> file_;
  int64_t begin_;
  std::string buffer_;
};

// Reads a run through a buffer of 64 KiB.
class RunReader {
 public:
  explicit RunReader(SpilledRun run) : run_(std::move(run)) {}
  // False at the end. The value is valid until the next call.
  StatusOr<bool> Next(SpilledValue* value);

 private:
  Status Ensure(size_t size);  // bytes at position_, or all that are left

  SpilledRun run_;
  std::vector<char> buffer_;
  size_t position_ = 0;
  size_t end_ = 0;
  int64_t read_ = 0;
};

}  // namespace bessemer::statistics

#endif  // BESSEMER_STATISTICS_SPILL_FILE_H_
