#ifndef BESSEMER_EXAMPLE_GEN_SOURCES_CSV_CSV_RECORDS_INTERNAL_H_
#define BESSEMER_EXAMPLE_GEN_SOURCES_CSV_CSV_RECORDS_INTERNAL_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bessemer/example_gen/sources/csv/csv_reader.h"

namespace bessemer::example_gen::csv {

// Walks the records of a piece of CSV text that begins where a record begins.
//
// A line whose number of quotes is even is a record; any other ends where RecordEnd finds its end,
// and if its quote is never closed, it is a faulty record of one line. The cells of a record are
// those of Python's csv.reader: a quote opens a quoted cell only as the first byte of the cell, two
// quotes in one are one, text behind the closing quote is appended. A final "\r" of the record is
// dropped. The time is linear, whatever the number of open quotes.
class CsvRecords {
 public:
  CsvRecords(const CsvDialect& dialect, std::string_view text);

  // False at the end. Records that are comments are passed over; blank ones are given, with no
  // cells.
  bool Next();

  const std::vector<std::string_view>& cells() const { return cells_; }  // until the next call
  std::string_view text() const { return text_.substr(begin_, end_ - begin_); }
  int64_t begin() const { return static_cast<int64_t>(begin_); }
  size_t end() const { return end_; }  // of its text; a newline may follow
  // What is wrong with the record as CSV, or "".
  std::string_view fault() const { return fault_; }

 private:
  void SkipLine();
  bool TakeQuotedCell(size_t* cell_begin, bool* ended);
  bool FindEnd(size_t line_end, size_t* end);
  void TakeQuotedRecord();
  void SplitQuoted(std::string_view record);
  std::string_view WithoutCr(size_t begin, size_t end) const;

  CsvDialect dialect_;
  char quote_;
  std::string_view text_;
  std::vector<uint32_t> positions_;
  size_t next_ = 0;   // in positions_
  size_t start_ = 0;  // of the next record
  size_t begin_ = 0;
  size_t end_ = 0;
  std::vector<std::string_view> cells_;
  std::string unquoted_;  // bytes of cells that are not a view of the text
  std::string_view fault_;
  size_t open_until_ = 0;  // a quoted cell that is open at a line end before is never closed
};

}  // namespace bessemer::example_gen::csv

#endif  // BESSEMER_EXAMPLE_GEN_SOURCES_CSV_CSV_RECORDS_INTERNAL_H_
