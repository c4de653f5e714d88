#include "bessemer/example_gen/sources/csv/csv_file_internal.h"

#include <algorithm>

#include "bessemer/base/parallel.h"
#include "bessemer/example_gen/sources/csv/csv_record_end_internal.h"
#include "bessemer/example_gen/sources/csv/csv_scan_internal.h"

namespace bessemer::example_gen::csv {
namespace {

constexpr int64_t kMaxBlock = int64_t{1} << 30;
constexpr int64_t kPiecesAtOnce = 256;

// A line that ends inside a quoted cell, and what becomes of the record if one begins with it, as
// far as the piece tells. Offsets and lines from the start of the piece.
struct Opening {
  int64_t begin = 0;
  int64_t line = 0;
  RecordEnd::Found found = RecordEnd::Found::kMore;
  int64_t end = 0;  // of what was found
  int64_t end_line = 0;
};

// What one piece of a file holds, whatever stands before it.
struct Piece {
  int64_t num_lines = 0;   // newlines
  int64_t head_end = -1;   // behind the first newline; -1: none
  int64_t tail_begin = 0;  // behind the last newline
  bool head_odd = false;   // quotes before the first newline
  bool tail_odd = false;   // behind the last one
  std::vector<Opening> openings;
};

// The whole lines of a piece that hold an odd number of quotes.
class OpeningFinder {
 public:
  OpeningFinder(const CsvDialect& dialect, std::string_view text, Piece* piece)
      : dialect_(dialect), text_(text), piece_(piece) {}

  void Visit(size_t begin, size_t end, int64_t line) {
    if (dialect_.comment != '\0' && text_[begin] == dialect_.comment) return;
    RecordEnd search(dialect_);
    Opening opening{.begin = static_cast<int64_t>(begin), .line = line};
    if (search.Read(text_.substr(begin, end - begin)) == RecordEnd::Found::kEnd) return;
    if (end >= known_until_) {
      known_.found = search.Read(text_.substr(end));
      known_.end = opening.begin + search.num_bytes();
      known_.end_line = line + search.num_lines();
      known_until_ = static_cast<size_t>(known_.end);
    }
    opening.found = known_.found;
    opening.end = known_.end;
    opening.end_line = known_.end_line;
    piece_->openings.push_back(opening);
  }

 private:
  const CsvDialect& dialect_;
  std::string_view text_;
  Piece* piece_;
  Opening known_;  // for lines that end before
  size_t known_until_ = 0;
};

Piece ScanPiece(const CsvDialect& dialect, std::string_view text) {
  Piece piece;
  if (dialect.quote == '\0' || text.find(dialect.quote) == std::string_view::npos) {
    piece.num_lines = CountByte(text, '\n');
    if (piece.num_lines == 0) return piece;
    piece.head_end = static_cast<int64_t>(text.find('\n')) + 1;
    piece.tail_begin = static_cast<int64_t>(text.rfind('\n')) + 1;
    return piece;
  }
  thread_local std::vector<uint32_t> positions;
  FindStructure(text, '\n', dialect.quote, &positions);
  OpeningFinder finder(dialect, text, &piece);
  bool odd = false;
  for (const uint32_t position : positions) {
    if (text[position] != '\n') {
      odd = !odd;
      continue;
    }
    const size_t end = size_t{position} + 1;
    if (piece.head_end < 0) {
      piece.head_end = static_cast<int64_t>(end);
      piece.head_odd = odd;
    } else if (odd) {
      finder.Visit(static_cast<size_t>(piece.tail_begin), end, piece.num_lines);
    }
    piece.tail_begin = static_cast<int64_t>(end);
    ++piece.num_lines;
    odd = false;
  }
  (piece.head_end < 0 ? piece.head_odd : piece.tail_odd) = odd;
  return piece;
}

// Walks the pieces of a file in order and cuts it where records end.
class Cutter {
 public:
  Cutter(const RandomAccessText& text, size_t file, const CsvDialect& dialect)
      : text_(text), file_(file), dialect_(dialect), blocks_{{.file = file}} {}

  Status Add(int64_t begin, int64_t end, const Piece& piece) {
    if (piece.head_end < 0) {
      line_odd_ ^= piece.head_odd;
      return OkStatus();
    }
    if (line_odd_ != piece.head_odd) BESSEMER_RETURN_IF_ERROR(Search(line_begin_, line_));
    // The line that ends first in the piece is line_.
    const int64_t piece_line = line_;
    Place cut{begin + piece.head_end, line_ + 1};
    if (cut.position < whole_.position) cut = whole_;
    if (begin > 0 && cut.position <= end && cut.position < text_.size()) {
      blocks_.back().end = cut.position;
      blocks_.push_back({.file = file_, .begin = cut.position, .first_line = cut.line});
    }
    for (const Opening& opening : piece.openings) {
      const Place at{begin + opening.begin, piece_line + opening.line};
      if (at.position < whole_.position) continue;
      if (opening.found != RecordEnd::Found::kMore) {
        Decide(at, opening.found, {begin + opening.end, piece_line + opening.end_line});
      } else if (end < known_end_.position + (known_found_ == RecordEnd::Found::kOpen)) {
        Decide(at, known_found_, known_end_);
      } else {
        BESSEMER_RETURN_IF_ERROR(Search(at.position, at.line));
      }
    }
    line_begin_ = begin + piece.tail_begin;
    line_ += piece.num_lines;
    line_odd_ = piece.tail_odd;
    return OkStatus();
  }

  StatusOr<std::vector<CsvBlock>> Finish() {
    blocks_.back().end = text_.size();
    for (const CsvBlock& block : blocks_) {
      if (block.end - block.begin <= kMaxBlock) continue;
      return InvalidArgumentError("{}:{}: a record of more than 1 GiB", text_.path(),
                                  block.first_line);
    }
    return std::move(blocks_);
  }

 private:
  struct Place {
    int64_t position = 0;
    int64_t line = 1;
  };

  // A record that ends is not cut.
  void Decide(const Place& begin, RecordEnd::Found found, const Place& end) {
    if (found != RecordEnd::Found::kEnd || end.position - begin.position > kMaxBlock) return;
    whole_ = end;
  }

  // Reads on from a line that may begin a record over pieces. What it finds holds for all lines
  // that end in a quoted cell on the way, so that no part of the file is read here twice.
  Status Search(int64_t begin, int64_t line) {
    if (begin < whole_.position) return OkStatus();
    constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
    RecordEnd search(dialect_);
    RecordEnd::Found found = RecordEnd::Found::kMore;
    int64_t skipped = 0;
    int64_t size = 1 << 16;
    for (int64_t at = begin; found == RecordEnd::Found::kMore; at += size) {
      if (at > begin) size = 1 << 20;
      const int64_t end = std::min(at + size, text_.size());
      BESSEMER_RETURN_IF_ERROR(text_.Read(at, end, &buffer_));
      if (at == 0 && buffer_.starts_with(kByteOrderMark)) {
        skipped = static_cast<int64_t>(kByteOrderMark.size());
      }
      const auto read = std::string_view(buffer_).substr(
          at == begin ? static_cast<size_t>(skipped) : size_t{0});
      if (at == begin && dialect_.comment != '\0' && read.starts_with(dialect_.comment)) {
        return OkStatus();
      }
      found = search.Read(read);
      const int64_t line_end = begin + skipped + search.first_line_end();
      if (search.first_line_end() >= 0 && line_end < known_end_.position) {
        Decide({begin, line}, known_found_, known_end_);
        return OkStatus();
      }
      if (found == RecordEnd::Found::kMore && end == text_.size()) found = search.Finish();
    }
    known_found_ = found;
    known_end_ = {begin + skipped + search.num_bytes(), line + search.num_lines()};
    Decide({begin, line}, known_found_, known_end_);
    return OkStatus();
  }

  const RandomAccessText& text_;
  const size_t file_;
  const CsvDialect& dialect_;
  std::vector<CsvBlock> blocks_;
  Place whole_;  // no record that begins before goes on behind
  int64_t line_begin_ = 0;  // of the line that the next piece goes on with
  int64_t line_ = 1;
  bool line_odd_ = false;
  RecordEnd::Found known_found_ = RecordEnd::Found::kMore;  // of the last search
  Place known_end_;
  std::string buffer_;
};

}  // namespace

StatusOr<std::vector<CsvBlock>> CutIntoBlocks(const RandomAccessText& text, size_t file,
                                              const CsvDialect& dialect, int64_t block_bytes,
                                              int num_threads) {
  if (text.size() == 0) return std::vector<CsvBlock>{};
  const int64_t num_pieces = (text.size() + block_bytes - 1) / block_bytes;
  Cutter cutter(text, file, dialect);
  std::vector<Piece> pieces;
  const auto end_of = [&](int64_t i) { return std::min((i + 1) * block_bytes, text.size()); };
  for (int64_t first = 0; first < num_pieces; first += kPiecesAtOnce) {
    const int64_t count = std::min(kPiecesAtOnce, num_pieces - first);
    pieces.assign(static_cast<size_t>(count), {});
    BESSEMER_RETURN_IF_ERROR(ParallelFor(count, num_threads, [&](int64_t i) -> Status {
      thread_local std::string buffer;
      const int64_t begin = (first + i) * block_bytes;
      BESSEMER_RETURN_IF_ERROR(text.Read(begin, end_of(first + i), &buffer));
      pieces[static_cast<size_t>(i)] = ScanPiece(dialect, buffer);
      return OkStatus();
    }));
    for (int64_t i = 0; i < count; ++i) {
      BESSEMER_RETURN_IF_ERROR(cutter.Add((first + i) * block_bytes, end_of(first + i),
                                          pieces[static_cast<size_t>(i)]));
    }
  }
  return cutter.Finish();
}

}  // namespace bessemer::example_gen::csv
