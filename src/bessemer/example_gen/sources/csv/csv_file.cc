#include <algorithm>

#include "bessemer/base/parallel.h"
#include "bessemer/example_gen/sources/csv/csv_file_internal.h"
#include "bessemer/example_gen/sources/csv/csv_scan_internal.h"

namespace bessemer::example_gen::csv {
namespace {

// What one piece of a file holds, for both of the states it may begin in.
struct Piece {
  int64_t num_quotes = 0;
  int64_t num_lines = 0;
  // By the parity of quotes before it in the piece: just behind the first newline, and the lines
  // up to there; -1: none.
  int64_t boundary[2] = {-1, -1};
  int64_t lines[2] = {0, 0};
};

Piece ScanPiece(std::string_view text, char quote) {
  Piece piece;
  piece.num_quotes = quote == '\0' ? 0 : CountByte(text, quote);
  piece.num_lines = CountByte(text, '\n');
  int64_t quotes = 0;
  int64_t lines = 0;
  size_t position = 0;
  while (piece.boundary[0] < 0 || piece.boundary[1] < 0) {
    if (quotes == piece.num_quotes && piece.boundary[quotes & 1] >= 0) break;
    const size_t newline = text.find('\n', position);
    if (newline == std::string_view::npos) break;
    if (quotes < piece.num_quotes) {
      quotes += CountByte(text.substr(position, newline - position), quote);
    }
    position = newline + 1;
    ++lines;
    const int64_t parity = quotes & 1;
    if (piece.boundary[parity] < 0) {
      piece.boundary[parity] = static_cast<int64_t>(position);
      piece.lines[parity] = lines;
    }
  }
  return piece;
}

constexpr int64_t kMaxBlock = int64_t{1} << 30;

Status CheckSizes(const RandomAccessText& text, const std::vector<CsvBlock>& blocks) {
  for (const CsvBlock& block : blocks) {
    if (block.end - block.begin > kMaxBlock) {
      return InvalidArgumentError("{}:{}: a record of more than 1 GiB; is a quote never closed?",
                                  text.path(), block.first_line);
    }
  }
  return OkStatus();
}

// With comments a quote may mean nothing, so the file is read from its start, line by line.
StatusOr<std::vector<CsvBlock>> CutSerially(const RandomAccessText& text, size_t file,
                                            const CsvDialect& dialect, int64_t block_bytes) {
  std::vector<CsvBlock> blocks = {{.file = file}};
  std::string buffer;
  bool at_line_start = true;
  bool comment = false;
  bool open = false;    // inside a quoted cell
  bool header = false;  // a record has ended: the first block must hold one
  int64_t line = 1;
  for (int64_t begin = 0; begin < text.size(); begin += block_bytes) {
    BESSEMER_RETURN_IF_ERROR(text.Read(begin, std::min(begin + block_bytes, text.size()), &buffer));
    for (size_t i = 0; i < buffer.size(); ++i) {
      const char c = buffer[i];
      if (at_line_start && !open) comment = c == dialect.comment;
      at_line_start = c == '\n';
      if (c == dialect.quote && dialect.quote != '\0' && !comment) open = !open;
      if (!at_line_start) continue;
      ++line;
      header |= !comment && !open;
      const int64_t position = begin + static_cast<int64_t>(i) + 1;
      if (!open && header && position - blocks.back().begin >= block_bytes &&
          position < text.size()) {
        blocks.back().end = position;
        blocks.push_back({.file = file, .begin = position, .first_line = line});
      }
    }
  }
  blocks.back().end = text.size();
  BESSEMER_RETURN_IF_ERROR(CheckSizes(text, blocks));
  return blocks;
}

}  // namespace

StatusOr<std::vector<CsvBlock>> CutIntoBlocks(const RandomAccessText& text, size_t file,
                                              const CsvDialect& dialect, int64_t block_bytes,
                                              int num_threads) {
  if (text.size() == 0) return std::vector<CsvBlock>{};
  if (dialect.comment != '\0') return CutSerially(text, file, dialect, block_bytes);
  const int64_t num_pieces = (text.size() + block_bytes - 1) / block_bytes;
  std::vector<Piece> pieces(static_cast<size_t>(num_pieces));
  BESSEMER_RETURN_IF_ERROR(ParallelFor(num_pieces, num_threads, [&](int64_t i) -> Status {
    thread_local std::string buffer;
    BESSEMER_RETURN_IF_ERROR(
        text.Read(i * block_bytes, std::min((i + 1) * block_bytes, text.size()), &buffer));
    pieces[static_cast<size_t>(i)] = ScanPiece(buffer, dialect.quote);
    return OkStatus();
  }));
  std::vector<CsvBlock> blocks = {{.file = file}};
  int64_t quotes = 0;
  int64_t line = 1;
  for (int64_t i = 0; i < num_pieces; ++i) {
    const Piece& piece = pieces[static_cast<size_t>(i)];
    // A newline ends a record if the quotes before it in the whole file are even in number.
    const int64_t parity = quotes & 1;
    const int64_t position = i * block_bytes + piece.boundary[parity];
    if (i > 0 && piece.boundary[parity] >= 0 && position < text.size()) {
      blocks.back().end = position;
      blocks.push_back({.file = file, .begin = position, .first_line = line + piece.lines[parity]});
    }
    quotes += piece.num_quotes;
    line += piece.num_lines;
  }
  blocks.back().end = text.size();
  BESSEMER_RETURN_IF_ERROR(CheckSizes(text, blocks));
  return blocks;
}

}  // namespace bessemer::example_gen::csv
