#include "bessemer/schema/text_diff.h"

#include <cstdint>

namespace bessemer::schema {
namespace {

constexpr size_t kMaxPairs = 4'000'000;

using Lines = std::vector<std::string_view>;

Lines Split(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

class Runs {
 public:
  void Both(std::string_view line) {
    if (runs_.empty() || runs_.back().both.empty()) Begin();
    runs_.back().both.emplace_back(line);
    ++left_;
    ++right_;
  }
  void Left(std::string_view line) {
    Differ();
    runs_.back().left.emplace_back(line);
    ++left_;
  }
  void Right(std::string_view line) {
    Differ();
    runs_.back().right.emplace_back(line);
    ++right_;
  }
  std::vector<DiffRun> Take() { return std::move(runs_); }

 private:
  void Begin() { runs_.push_back({.left_start = left_, .right_start = right_}); }
  void Differ() {
    if (runs_.empty() || !runs_.back().both.empty()) Begin();
  }
  std::vector<DiffRun> runs_;
  int left_ = 1;
  int right_ = 1;
};

// What lies between the common start and the common end.
void DiffMiddle(const Lines& a, const Lines& b, Runs* runs) {
  const size_t n = a.size();
  const size_t m = b.size();
  if (n * m > kMaxPairs) {
    for (const auto line : a) runs->Left(line);
    for (const auto line : b) runs->Right(line);
    return;
  }
  // length[i][j]: of the longest common subsequence of a[i..] and b[j..].
  std::vector<uint32_t> length((n + 1) * (m + 1), 0);
  const auto at = [&](size_t i, size_t j) -> uint32_t& { return length[i * (m + 1) + j]; };
  for (size_t i = n; i-- > 0;) {
    for (size_t j = m; j-- > 0;) {
      at(i, j) = a[i] == b[j] ? at(i + 1, j + 1) + 1 : std::max(at(i + 1, j), at(i, j + 1));
    }
  }
  size_t i = 0;
  size_t j = 0;
  while (i < n || j < m) {
    if (i < n && j < m && a[i] == b[j]) {
      runs->Both(a[i++]);
      ++j;
    } else if (j == m || (i < n && at(i + 1, j) >= at(i, j + 1))) {
      runs->Left(a[i++]);
    } else {
      runs->Right(b[j++]);
    }
  }
}

}  // namespace

std::vector<DiffRun> DiffLines(std::string_view left, std::string_view right) {
  Lines a = Split(left);
  Lines b = Split(right);
  Runs runs;
  size_t begin = 0;
  while (begin < a.size() && begin < b.size() && a[begin] == b[begin]) runs.Both(a[begin++]);
  size_t end = 0;
  while (end < a.size() - begin && end < b.size() - begin &&
         a[a.size() - 1 - end] == b[b.size() - 1 - end]) {
    ++end;
  }
  const Lines common(a.end() - end, a.end());
  DiffMiddle(Lines(a.begin() + begin, a.end() - end), Lines(b.begin() + begin, b.end() - end),
             &runs);
  for (const auto line : common) runs.Both(line);
  return runs.Take();
}

}  // namespace bessemer::schema
