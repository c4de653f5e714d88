#ifndef BESSEMER_EXAMPLE_GEN_CSV_FILE_INTERNAL_H_
#define BESSEMER_EXAMPLE_GEN_CSV_FILE_INTERNAL_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/example_gen/csv_reader.h"

namespace bessemer::example_gen {

// A file that can be read at any offset. gzip and remote files are copied to a temporary file
// first. Thread-safe.
class RandomAccessText {
 public:
  static StatusOr<std::unique_ptr<RandomAccessText>> Open(const std::string& path,
                                                          const std::string& scratch_dir);
  ~RandomAccessText();

  int64_t size() const { return size_; }
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

// A run of whole records.
struct CsvBlock {
  size_t file = 0;
  int64_t begin = 0;
  int64_t end = 0;
  int64_t first_line = 1;  // of the file, from 1
  int64_t num_rows = 0;
};

// Cuts a file at record boundaries near multiples of `block_bytes`: counts quotes and line ends of
// all pieces in parallel, then walks the counts. `num_threads` as in ParallelFor.
StatusOr<std::vector<CsvBlock>> CutIntoBlocks(const RandomAccessText& text, size_t file,
                                              const CsvDialect& dialect, int64_t block_bytes,
                                              int num_threads);

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_CSV_FILE_INTERNAL_H_
