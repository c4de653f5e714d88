#include <algorithm>

#include "bessemer/example_gen/sources/csv/csv_record_end_internal.h"
#include "bessemer/example_gen/sources/csv/csv_scan_internal.h"

namespace bessemer::example_gen::csv {

// The offset of the next quote, or the size of the text.
size_t RecordEnd::PassQuoted(std::string_view text, size_t begin) {
  const size_t quote = std::min(text.find(dialect_.quote, begin), text.size());
  const std::string_view passed = text.substr(begin, quote - begin);
  const size_t newline = passed.find('\n');
  if (newline == std::string_view::npos) return quote;
  if (num_lines_ == 0) first_line_end_ = num_bytes_ + static_cast<int64_t>(begin + newline + 1);
  num_lines_ += CountByte(passed.substr(newline), '\n');
  spans_ = true;
  return quote;
}

// Behind a quote in a quoted cell: whether the byte may stand there. Else the cell goes on as a
// plain one, if it has not begun on another line.
bool RecordEnd::Closes(char c) {
  if (state_ == State::kQuoteInQuoted) {
    if (c == dialect_.quote) {
      state_ = State::kQuoted;
      return true;
    }
    if (c == '\r') {
      state_ = State::kReturn;
      return true;
    }
    if (c == dialect_.delimiter) {
      state_ = State::kStart;
      return true;
    }
  }
  if (spans_ && c != '\n') return false;
  state_ = State::kPlain;
  return true;
}

RecordEnd::Found RecordEnd::Read(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (state_ == State::kQuoted) {
      i = PassQuoted(text, i);
      if (i < text.size()) state_ = State::kQuoteInQuoted;
      continue;
    }
    const char c = text[i];
    if (state_ == State::kQuoteInQuoted || state_ == State::kReturn) {
      if (!Closes(c)) {
        num_bytes_ += static_cast<int64_t>(i);
        return Found::kOpen;
      }
      if (state_ != State::kPlain) continue;
    }
    if (c == '\n') {
      num_bytes_ += static_cast<int64_t>(i) + 1;
      ++num_lines_;
      return Found::kEnd;
    }
    if (c == dialect_.delimiter) {
      state_ = State::kStart;
    } else if (c == dialect_.quote && state_ == State::kStart) {
      state_ = State::kQuoted;
      spans_ = false;
    } else {
      state_ = State::kPlain;
    }
  }
  num_bytes_ += static_cast<int64_t>(text.size());
  return Found::kMore;
}

}  // namespace bessemer::example_gen::csv
