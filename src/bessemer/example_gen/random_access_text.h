#ifndef BESSEMER_EXAMPLE_GEN_RANDOM_ACCESS_TEXT_H_
#define BESSEMER_EXAMPLE_GEN_RANDOM_ACCESS_TEXT_H_

#include <cstdint>
#include <memory>
#include <string>

#include "bessemer/base/status.h"

namespace bessemer::example_gen {

// A file that can be read at any offset. Compressed and remote files, and text in another encoding,
// are copied to a temporary file first, inflated and in UTF-8. Thread-safe.
class RandomAccessText {
 public:
  // `encoding`: as Utf8Converter takes it, INVALID_ARGUMENT at text that is none in it; "": the
  // bytes are read as they are.
  static StatusOr<std::unique_ptr<RandomAccessText>> Open(const std::string& path,
                                                          const std::string& scratch_dir,
                                                          const std::string& encoding = "");
  ~RandomAccessText();
  RandomAccessText(const RandomAccessText&) = delete;
  RandomAccessText& operator=(const RandomAccessText&) = delete;

  int64_t size() const { return size_; }  // inflated, converted
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
