#ifndef BESSEMER_EXAMPLE_GEN_BAD_ROWS_H_
#define BESSEMER_EXAMPLE_GEN_BAD_ROWS_H_

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/example_gen/row_input.h"

namespace bessemer::example_gen {

// What to do about a bad row, for messages: in a pipeline, or in a command.
inline constexpr std::string_view kBadRowAdvice =
    "correct the row, or set it aside (on_bad_row: quarantine, or --skip-bad-rows)";

// A row set aside, e.g. of CSV one with another number of cells than columns.
struct BadRow {
  RowPlace place;
  std::string reason;
  std::string text;  // of the row, as far as there is one; any bytes
  std::string column = {};  // that is to blame, if it is one
};

// Rows that were set aside, by block. They wait in a temporary file without a name, so that memory
// is a few bytes per call of Add whatever their number. Thread-safe.
class BadRows {
 public:
  explicit BadRows(std::string scratch_dir) : scratch_dir_(std::move(scratch_dir)) {}
  ~BadRows();
  BadRows(const BadRows&) = delete;
  BadRows& operator=(const BadRows&) = delete;

  // Adds rows of a block, in the order of their lines. A row whose line is not behind the last one
  // of its block counts as seen already, so that blocks may be read again. UNAVAILABLE or
  // RESOURCE_EXHAUSTED if the temporary file cannot be written.
  Status Add(int64_t block, const std::vector<BadRow>& rows);

  int64_t num_rows() const;

  // A line of JSON {"file", "line", "reason", "text"} for each row of a block, with "column" if one
  // is to blame; bytes that are not UTF-8 stand under "base64" instead of "text".
  StatusOr<std::string> Lines(int64_t block) const;

 private:
  struct Extent {
    int64_t begin = 0;
    int64_t size = 0;
  };
  struct Block {
    int64_t last_line = -1;
    std::vector<Extent> extents;
  };

  const std::string scratch_dir_;
  mutable std::mutex mutex_;
  int fd_ = -1;
  int64_t end_ = 0;
  int64_t num_rows_ = 0;
  std::map<int64_t, Block> blocks_;
};

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_BAD_ROWS_H_
