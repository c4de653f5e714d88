#include "bessemer/transform/value_counts.h"

#include <algorithm>
#include <cmath>

namespace bessemer::transform {
namespace {

constexpr size_t kBufferSize = 1 << 16;

}  // namespace

ValueCounts::Counts ValueCounts::Join(const Counts& a, const Counts& b) {
  Counts out;
  out.reserve(a.size() + b.size());
  size_t i = 0, j = 0;
  while (i < a.size() || j < b.size()) {
    if (j == b.size() || (i < a.size() && a[i].first < b[j].first)) {
      out.push_back(a[i++]);
    } else if (i == a.size() || b[j].first < a[i].first) {
      out.push_back(b[j++]);
    } else {
      out.emplace_back(a[i].first, a[i].second + b[j].second);
      ++i;
      ++j;
    }
  }
  return out;
}

ValueCounts::Counts ValueCounts::Flushed() const {
  std::vector<float> sorted = buffer_;
  std::sort(sorted.begin(), sorted.end());
  Counts fresh;
  for (const float value : sorted) {
    if (!fresh.empty() && fresh.back().first == value) {
      ++fresh.back().second;
    } else {
      fresh.emplace_back(value, 1);
    }
  }
  return Join(counts_, fresh);
}

void ValueCounts::Flush() {
  counts_ = Flushed();
  buffer_.clear();
}

void ValueCounts::Add(float value) {
  if (std::isnan(value)) return;
  buffer_.push_back(value);
  if (buffer_.size() >= std::max(kBufferSize, counts_.size())) Flush();
}

void ValueCounts::Merge(const ValueCounts& other) {
  Flush();
  counts_ = Join(counts_, other.Flushed());
}

std::vector<float> ValueCounts::Boundaries(int64_t num_buckets) const {
  const Counts counts = Flushed();
  std::vector<float> boundaries;
  if (counts.empty()) return boundaries;
  double total = 0;
  for (const auto& entry : counts) total += static_cast<double>(entry.second);
  size_t current = 0;
  double before = 0;  // the weight of values below `current`
  for (int64_t i = 1; i < num_buckets; ++i) {
    const double twice_rank =
        2.0 * static_cast<double>(i) * total / static_cast<double>(num_buckets);
    while (current + 1 < counts.size()) {
      const double below_next = before + static_cast<double>(counts[current].second);
      const double next = static_cast<double>(counts[current + 1].second);
      if (twice_rank < 2 * below_next + next) break;
      before = below_next;
      ++current;
    }
    const double edge = before + static_cast<double>(counts[current].second);
    const bool upper = current + 1 < counts.size() && twice_rank >= 2 * edge;
    boundaries.push_back(counts[current + upper].first);
  }
  return boundaries;
}

Json ValueCounts::Save() const {
  Json state = Json::array();
  for (const auto& [value, count] : Flushed()) {
    state.push_back(value);
    state.push_back(count);
  }
  return state;
}

Status ValueCounts::Load(const Json& state) {
  if (!state.is_array() || state.size() % 2 != 0) return DataLossError("no saved value counts");
  buffer_.clear();
  counts_.clear();
  for (size_t i = 0; i < state.size(); i += 2) {
    counts_.emplace_back(state[i].get<float>(), state[i + 1].get<int64_t>());
  }
  return OkStatus();
}

}  // namespace bessemer::transform
