#ifndef BESSEMER_EXAMPLE_GEN_TEXT_LINES_INTERNAL_H_
#define BESSEMER_EXAMPLE_GEN_TEXT_LINES_INTERNAL_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/example_gen/random_access_text.h"

namespace bessemer::example_gen {

// A run of whole lines of a file.
struct LineBlock {
  size_t file = 0;
  int64_t begin = 0;
  int64_t end = 0;
  int64_t first_line = 1;  // of the file, from 1
  int64_t num_lines = 0;
};

// Cuts a file at line ends near multiples of `block_bytes`, reading it once in parallel; a byte
// order mark at the start is left out. INVALID_ARGUMENT for a line of more than 1 GiB.
StatusOr<std::vector<LineBlock>> CutIntoLines(const RandomAccessText& text, size_t file,
                                              int64_t block_bytes, int num_threads);

// Walks the lines of a text; ends are "\n" or nothing.
class LineCursor {
 public:
  explicit LineCursor(std::string_view text) : rest_(text) {}
  bool Next(std::string_view* line) {
    if (rest_.empty()) return false;
    const size_t end = rest_.find('\n');
    *line = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    return true;
  }

 private:
  std::string_view rest_;
};

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_TEXT_LINES_INTERNAL_H_
