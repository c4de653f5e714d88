#include "bessemer/statistics/mutual_information/row_sample.h"

#include <algorithm>

#include "bessemer/base/hash.h"
#include "bessemer/base/random.h"

namespace bessemer::statistics::mutual_information {

void RowSample::Add(std::string_view row, uint64_t count) {
  const uint64_t hash = Fingerprint64(row);
  const bool full = rows_.size() >= capacity_;
  if (full && hash > std::prev(rows_.end())->first.first) return;
  rows_[{hash, std::string(row)}] += count;
  if (rows_.size() > capacity_) rows_.erase(std::prev(rows_.end()));
}

void RowSample::Merge(const RowSample& other) {
  for (const auto& [key, count] : other.rows_) Add(key.second, count);
}

void RowSample::Save(StateWriter* out) const {
  out->Varint(rows_.size());
  for (const auto& [key, count] : rows_) {
    out->Bytes(key.second);
    out->Varint(count);
  }
}

void RowSample::Load(StateReader* in) {
  rows_.clear();
  for (uint64_t i = in->Count(2); i > 0 && in->status().ok(); --i) {
    const std::string_view row = in->Bytes();
    Add(row, in->Varint());
  }
}

std::vector<std::vector<std::string_view>> RowSample::Partitions(int64_t num_partitions,
                                                                 int64_t max_rows) const {
  constexpr uint64_t kGolden = 0x9e3779b97f4a7c15;
  using Ranked = std::pair<uint64_t, std::string_view>;
  std::vector<std::vector<Ranked>> heaps(static_cast<size_t>(num_partitions));
  for (const auto& [key, count] : rows_) {
    for (uint64_t copy = 0; copy < count; ++copy) {
      const uint64_t draw = Random::Mix(key.first + (copy + 1) * kGolden);
      std::vector<Ranked>& heap = heaps[draw % static_cast<uint64_t>(num_partitions)];
      const Ranked ranked(Random::Mix(draw), key.second);
      if (static_cast<int64_t>(heap.size()) == max_rows) {
        if (!(ranked < heap.front())) continue;
        std::pop_heap(heap.begin(), heap.end());
        heap.pop_back();
      }
      heap.push_back(ranked);
      std::push_heap(heap.begin(), heap.end());
    }
  }
  std::vector<std::vector<std::string_view>> partitions(heaps.size());
  for (size_t i = 0; i < heaps.size(); ++i) {
    std::sort_heap(heaps[i].begin(), heaps[i].end());
    for (const Ranked& ranked : heaps[i]) partitions[i].push_back(ranked.second);
  }
  return partitions;
}

}  // namespace bessemer::statistics::mutual_information
