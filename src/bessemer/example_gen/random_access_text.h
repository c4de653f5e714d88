#ifndef BESSEMER_EXAMPLE_GEN_RANDOM_ACCESS_TEXT_H_
#define BESSEMER_EXAMPLE_GEN_RANDOM_ACCESS_TEXT_H_

#include <cstdint>
#include <memory>
#include <string>

#include "bessemer/base/status.h"

namespace bessemer::example_gen {

// A file that can be read at any offset. Compressed and remote files are copied to a temporary file
// first, inflated. Thread-safe.
class RandomAccessText {
 public:
  static StatusOr<std::unique_ptr<RandomAccessText>> Open(const std::string& path,
                                                          const std::string& scratch_dir);
  ~RandomAccessText();
  RandomAccessText(const RandomAccessText&) = delete;
  RandomAccessText& operator=(const RandomAccessText&) = delete;

  int64_t size() const { return size_; }  // inflated
  const std::string& path() const { return path_; }
  // UNAVAILABLE if the file has become shorter.
  Status Read(int64_t begin, int64_t end, std::string* out) const;

 private:
  RandomAccessText(std::string path, int fd, int64_t size)
      : path_(std::move(path)), fd_(fd), size_(size) {}
  std::string path_;
  int fd_;
  int64_t size_;
};

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_RANDOM_ACCESS_TEXT_H_
