#include <algorithm>

#include "bessemer/base/parallel.h"
#include "bessemer/example_gen/text_lines_internal.h"

namespace bessemer::example_gen {
namespace {

constexpr int64_t kMaxLine = int64_t{1} << 30;

// What one piece of a file holds.
struct Piece {
  int64_t num_lines = 0;       // line ends
  int64_t first_boundary = -1;  // behind the first line end, or -1
};

Piece ScanPiece(std::string_view text) {
  Piece piece;
  size_t at = 0;
  while ((at = text.find('\n', at)) != std::string_view::npos) {
    ++at;
    if (piece.num_lines++ == 0) piece.first_boundary = static_cast<int64_t>(at);
  }
  return piece;
}

}  // namespace

StatusOr<std::vector<LineBlock>> CutIntoLines(const RandomAccessText& text, size_t file,
                                              int64_t block_bytes, int num_threads) {
  if (text.size() == 0) return std::vector<LineBlock>{};
  const int64_t num_pieces = (text.size() + block_bytes - 1) / block_bytes;
  std::vector<Piece> pieces(static_cast<size_t>(num_pieces));
  BESSEMER_RETURN_IF_ERROR(ParallelFor(num_pieces, num_threads, [&](int64_t i) -> Status {
    thread_local std::string buffer;
    BESSEMER_RETURN_IF_ERROR(
        text.Read(i * block_bytes, std::min((i + 1) * block_bytes, text.size()), &buffer));
    pieces[static_cast<size_t>(i)] = ScanPiece(buffer);
    return OkStatus();
  }));
  std::string mark;
  BESSEMER_RETURN_IF_ERROR(text.Read(0, std::min<int64_t>(3, text.size()), &mark));
  std::vector<LineBlock> blocks = {{.file = file, .begin = mark == "\xef\xbb\xbf" ? 3 : 0}};
  int64_t line = 1;  // that the piece begins in
  for (int64_t i = 0; i < num_pieces; ++i) {
    const Piece& piece = pieces[static_cast<size_t>(i)];
    const int64_t position = i * block_bytes + piece.first_boundary;
    if (i > 0 && piece.num_lines > 0 && position < text.size() &&
        position > blocks.back().begin) {
      blocks.back().end = position;
      blocks.back().num_lines = line + 1 - blocks.back().first_line;
      blocks.push_back({.file = file, .begin = position, .first_line = line + 1});
    }
    line += piece.num_lines;
  }
  blocks.back().end = text.size();
  blocks.back().num_lines = line + 1 - blocks.back().first_line;
  for (const LineBlock& block : blocks) {
    if (block.end - block.begin > kMaxLine) {
      return InvalidArgumentError("{}:{}: a line of more than 1 GiB", text.path(),
                                  block.first_line);
    }
  }
  return blocks;
}

}  // namespace bessemer::example_gen
