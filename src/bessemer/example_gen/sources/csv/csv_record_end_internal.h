#ifndef BESSEMER_EXAMPLE_GEN_SOURCES_CSV_CSV_RECORD_END_INTERNAL_H_
#define BESSEMER_EXAMPLE_GEN_SOURCES_CSV_CSV_RECORD_END_INTERNAL_H_

#include <cstdint>
#include <string_view>

#include "bessemer/example_gen/sources/csv/csv_reader.h"

namespace bessemer::example_gen::csv {

// Finds where a record ends, as Python's csv.reader reads it, with one difference: a cell over
// several lines must be followed by a delimiter or a line end. Else its quote was meant for nothing
// (in most cases the quote found is the first of another row's cell), and the record is open.
//
// Two readers that are inside a quoted cell at the same line end find the same from there on: what
// one found need not be looked for again.
class RecordEnd {
 public:
  enum class Found { kMore, kEnd, kOpen };

  explicit RecordEnd(const CsvDialect& dialect) : dialect_(dialect) {}

  // Reads on. kEnd: behind the newline; kOpen: behind the quote that ends no cell.
  Found Read(std::string_view text);
  // The same when nothing follows.
  Found Finish() const { return state_ == State::kQuoted ? Found::kOpen : Found::kEnd; }

  int64_t num_bytes() const { return num_bytes_; }  // read, up to what was found
  int64_t num_lines() const { return num_lines_; }  // newlines in them
  // Bytes up to the end of the first line if that is inside a quoted cell, else -1.
  int64_t first_line_end() const { return first_line_end_; }

 private:
  enum class State : uint8_t { kStart, kPlain, kQuoted, kQuoteInQuoted, kReturn };

  size_t PassQuoted(std::string_view text, size_t begin);
  bool Closes(char c);

  CsvDialect dialect_;
  State state_ = State::kStart;
  bool spans_ = false;  // the quoted cell holds a newline
  int64_t num_bytes_ = 0;
  int64_t num_lines_ = 0;
  int64_t first_line_end_ = -1;
};

}  // namespace bessemer::example_gen::csv

#endif  // BESSEMER_EXAMPLE_GEN_SOURCES_CSV_CSV_RECORD_END_INTERNAL_H_
