#include <algorithm>

#include "bessemer/example_gen/sources/csv/csv_record_end_internal.h"
#include "bessemer/example_gen/sources/csv/csv_records_internal.h"
#include "bessemer/example_gen/sources/csv/csv_scan_internal.h"

namespace bessemer::example_gen::csv {

CsvRecords::CsvRecords(const CsvDialect& dialect, std::string_view text)
    : dialect_(dialect), quote_(dialect.quote == '\0' ? '\n' : dialect.quote), text_(text) {
  FindStructure(text, dialect.delimiter, quote_, &positions_);
}

std::string_view CsvRecords::WithoutCr(size_t begin, size_t end) const {
  if (end > begin && text_[end - 1] == '\r') --end;
  return text_.substr(begin, end - begin);
}

void CsvRecords::SkipLine() {
  while (next_ < positions_.size() && text_[positions_[next_]] != '\n') ++next_;
  start_ = next_ < positions_.size() ? positions_[next_] + 1 : text_.size();
  next_ += next_ < positions_.size();
}

bool CsvRecords::Next() {
  while (dialect_.comment != '\0' && start_ < text_.size() && text_[start_] == dialect_.comment) {
    SkipLine();
  }
  cells_.clear();
  fault_ = {};
  if (start_ >= text_.size()) return false;
  begin_ = start_;
  end_ = text_.size();
  const size_t first = next_;
  size_t cell = start_;
  size_t next_start = text_.size();
  while (next_ < positions_.size()) {
    const size_t at = positions_[next_];
    const char c = text_[at];
    if (c == dialect_.delimiter) {
      cells_.push_back(text_.substr(cell, at - cell));
      cell = at + 1;
      ++next_;
      continue;
    }
    if (c == '\n') {
      end_ = at;
      next_start = at + 1;
      ++next_;
      break;
    }
    bool ended = false;
    if (at != cell || !TakeQuotedCell(&cell, &ended)) {
      next_ = first;
      cells_.clear();
      TakeQuotedRecord();
      return true;
    }
    if (ended) return true;
  }
  start_ = next_start;
  const std::string_view last = WithoutCr(cell, end_);
  if (cell == begin_ && last.empty()) return true;  // blank
  cells_.push_back(last);
  return true;
}

// A cell that begins with a quote, holds none inside, and ends where a cell ends: the usual form.
// Advances past its delimiter, or sets `ended` past the newline or the end of the text.
bool CsvRecords::TakeQuotedCell(size_t* cell_begin, bool* ended) {
  size_t close = next_ + 1;
  while (close < positions_.size() && text_[positions_[close]] != quote_) ++close;
  if (close == positions_.size()) return false;
  const size_t at = positions_[close];
  const std::string_view cell = text_.substr(*cell_begin + 1, at - *cell_begin - 1);
  size_t after = at + 1;
  if (after < text_.size() && text_[after] == dialect_.delimiter) {
    cells_.push_back(cell);
    *cell_begin = after + 1;
    next_ = close + 2;
    return true;
  }
  if (after < text_.size() && text_[after] == '\r') ++after;
  if (after < text_.size() && text_[after] != '\n') return false;
  cells_.push_back(cell);
  end_ = after;
  start_ = std::min(after + 1, text_.size());
  next_ = std::min(close + 2, positions_.size());
  *ended = true;
  return true;
}

// Where the record ends whose first line ends at `line_end` with an odd number of quotes before;
// false if a quote is open there that nothing closes.
bool CsvRecords::FindEnd(size_t line_end, size_t* end) {
  RecordEnd search(dialect_);
  RecordEnd::Found found = search.Read(text_.substr(begin_, line_end - begin_));
  if (found == RecordEnd::Found::kMore) {
    // Known from a line before: so many open quotes take no more time than one.
    if (line_end < open_until_) return false;
    found = search.Read(text_.substr(line_end));
    if (found == RecordEnd::Found::kMore) found = search.Finish();
  }
  *end = begin_ + static_cast<size_t>(search.num_bytes());
  if (found == RecordEnd::Found::kEnd) return true;
  open_until_ = *end;
  return false;
}

void CsvRecords::TakeQuotedRecord() {
  bool odd = false;
  size_t newline = next_;
  while (newline < positions_.size() && text_[positions_[newline]] != '\n') {
    odd ^= text_[positions_[newline++]] == quote_;
  }
  const size_t line_end = newline < positions_.size() ? positions_[newline] + 1 : text_.size();
  size_t end = line_end;
  if (odd && !FindEnd(line_end, &end)) {
    fault_ = "a quote is never closed";
    end = line_end;
  }
  while (next_ < positions_.size() && positions_[next_] < end) ++next_;
  start_ = end;
  end_ = text_[end - 1] == '\n' ? end - 1 : end;
  if (fault_.empty()) SplitQuoted(WithoutCr(begin_, end_));
}

// Python's state machine.
void CsvRecords::SplitQuoted(std::string_view record) {
  enum class State { kStart, kPlain, kQuoted, kQuoteInQuoted };
  State state = State::kStart;
  unquoted_.clear();
  unquoted_.reserve(record.size());  // so that views stay valid
  size_t cell = 0;
  const auto end_cell = [&] {
    cells_.push_back(std::string_view(unquoted_).substr(cell));
    cell = unquoted_.size();
    state = State::kStart;
  };
  for (const char c : record) {
    if (state == State::kQuoted) {
      if (c == quote_) {
        state = State::kQuoteInQuoted;
      } else {
        unquoted_ += c;
      }
    } else if (c == dialect_.delimiter) {
      end_cell();
    } else if (c == quote_ && state == State::kStart) {
      state = State::kQuoted;
    } else {
      unquoted_ += c;
      state = c == quote_ && state == State::kQuoteInQuoted ? State::kQuoted : State::kPlain;
    }
  }
  if (state == State::kQuoted) fault_ = "a quote is never closed";
  end_cell();
}

}  // namespace bessemer::example_gen::csv
