#include "bessemer/statistics/quantile_summary.h"

#include <algorithm>
#include <cmath>

namespace bessemer::statistics {

Quantiles QuantilesOf(std::span<const SummaryEntry> summary, int64_t num_quantiles) {
  Quantiles result;
  if (summary.empty()) return result;
  num_quantiles = std::max<int64_t>(num_quantiles, 2);
  const double total = summary.back().max_rank;
  size_t current = 0;
  for (int64_t i = 0; i <= num_quantiles; ++i) {
    // Twice the rank wanted, so that it compares with min_rank + max_rank without a division.
    const double doubled =
        2 * (static_cast<double>(i) * total / static_cast<double>(num_quantiles));
    size_t next = current + 1;
    while (next < summary.size() && doubled >= summary[next].min_rank + summary[next].max_rank) {
      ++next;
    }
    current = next - 1;
    const bool take_current =
        next == summary.size() ||
        doubled < summary[current].next_min_rank() + summary[next].prev_max_rank();
    const SummaryEntry& entry = summary[take_current ? current : next];
    result.values.push_back(entry.value);
    result.cumulative.push_back(entry.max_rank);
  }
  return result;
}

QuantilesSketch::QuantilesSketch(double epsilon, int64_t max_num_elements)
    : epsilon_(epsilon / 3), max_num_elements_(max_num_elements), block_size_(2) {
  // The smallest number of levels whose blocks hold every element; a block must shrink the error of
  // all levels below it to epsilon.
  if (epsilon_ <= std::numeric_limits<double>::epsilon()) {
    block_size_ = std::max<int64_t>(max_num_elements, 2);
  } else {
    for (int64_t level = 1; level < 62 && (int64_t{1} << level) * block_size_ < max_num_elements;
         ++level) {
      block_size_ = static_cast<int64_t>(std::ceil(static_cast<double>(level) / epsilon_)) + 1;
    }
  }
  buffer_limit_ = static_cast<size_t>(std::max<int64_t>(
      1, std::min<int64_t>(2 * block_size_, max_num_elements)));
}

void QuantilesSketch::Add(double value, double weight) {
  if (std::isnan(value) || std::isnan(weight) || weight <= 0) return;
  buffer_.emplace_back(value, weight);
  if (buffer_.size() >= buffer_limit_) FlushBuffer();
}

void QuantilesSketch::Add(std::span<const double> values) {
  for (const double value : values) Add(value, 1.0);
}

void QuantilesSketch::FlushBuffer() {
  if (buffer_.empty()) return;
  std::sort(buffer_.begin(), buffer_.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  Summary summary;
  for (const auto& [value, weight] : buffer_) {
    if (!summary.empty() && summary.back().value == value) {
      summary.back().weight += weight;
    } else {
      summary.push_back({value, weight, 0, 0});
    }
  }
  buffer_.clear();
  double rank = 0;
  for (SummaryEntry& entry : summary) {
    entry.min_rank = rank;
    rank += entry.weight;
    entry.max_rank = rank;
  }
  Compress(&summary);
  Propagate(std::move(summary));
}

void QuantilesSketch::Propagate(Summary summary) {
  if (summary.empty()) return;
  for (size_t level = 0;; ++level) {
    if (levels_.size() <= level) levels_.emplace_back();
    const bool was_empty = levels_[level].empty();
    if (!was_empty) summary = MergeSummaries(summary, levels_[level]);
    if (was_empty || static_cast<int64_t>(summary.size()) <= block_size_ + 1) {
      levels_[level] = std::move(summary);
      return;
    }
    Compress(&summary);
    levels_[level].clear();
  }
}

QuantilesSketch::Summary QuantilesSketch::MergeSummaries(const Summary& a, const Summary& b) {
  if (a.empty()) return b;
  if (b.empty()) return a;
  Summary merged;
  merged.reserve(a.size() + b.size());
  size_t i = 0;
  size_t j = 0;
  // What is known to lie below the next entry of each side.
  double below_a = 0;
  double below_b = 0;
  while (i < a.size() || j < b.size()) {
    if (j == b.size() || (i < a.size() && a[i].value < b[j].value)) {
      const double above = j == b.size() ? b.back().max_rank : b[j].prev_max_rank();
      merged.push_back({a[i].value, a[i].weight, a[i].min_rank + below_b, a[i].max_rank + above});
      below_a = a[i++].next_min_rank();
    } else if (i == a.size() || b[j].value < a[i].value) {
      const double above = i == a.size() ? a.back().max_rank : a[i].prev_max_rank();
      merged.push_back({b[j].value, b[j].weight, b[j].min_rank + below_a, b[j].max_rank + above});
      below_b = b[j++].next_min_rank();
    } else {
      merged.push_back({a[i].value, a[i].weight + b[j].weight, a[i].min_rank + b[j].min_rank,
                        a[i].max_rank + b[j].max_rank});
      below_a = a[i++].next_min_rank();
      below_b = b[j++].next_min_rank();
    }
  }
  return merged;
}

void QuantilesSketch::Compress(Summary* summary) const {
  const int64_t size = static_cast<int64_t>(summary->size());
  const int64_t target = std::max<int64_t>(block_size_, 2);
  if (size <= target) return;
  const double gap_limit =
      summary->back().max_rank * std::max(1.0 / static_cast<double>(target), epsilon_);
  // Entries are dropped while the gap stays within the limit, at a pace (target kept of size) that
  // spreads the kept ones evenly.
  std::vector<SummaryEntry>& entries = *summary;
  int64_t credit = 0;
  size_t write = 1;
  size_t last = 1;
  for (size_t read = 0; read + 1 < entries.size();) {
    size_t next = read + 1;
    while (next < entries.size() && credit < size &&
           entries[next].prev_max_rank() - entries[read].next_min_rank() <= gap_limit) {
      credit += target;
      ++next;
    }
    read = next - 1 == read ? read + 1 : next - 1;
    entries[write++] = entries[read];
    last = read;
    credit -= size;
  }
  if (last + 1 != entries.size()) entries[write++] = entries.back();
  entries.resize(write);
}

QuantilesSketch::Summary QuantilesSketch::FinalSummary() const {
  QuantilesSketch copy = *this;
  copy.FlushBuffer();
  Summary final_summary;
  for (const Summary& level : copy.levels_) final_summary = MergeSummaries(final_summary, level);
  return final_summary;
}

void QuantilesSketch::Merge(const QuantilesSketch& other) {
  for (const auto& [value, weight] : other.buffer_) Add(value, weight);
  for (const Summary& level : other.levels_) {
    Summary summary = level;
    Compress(&summary);
    Propagate(std::move(summary));
  }
  compacted_ = compacted_ || other.compacted_;
}

void QuantilesSketch::Compact() {
  if (compacted_) return;
  Summary summary = FinalSummary();
  buffer_.clear();
  levels_.clear();
  Compress(&summary);
  Propagate(std::move(summary));
  compacted_ = true;
}

Quantiles QuantilesSketch::Finish(int64_t num_quantiles) const {
  return QuantilesOf(FinalSummary(), num_quantiles);
}

void QuantilesSketch::Save(StateWriter* out) const {
  out->Double(epsilon_);
  out->Varint(static_cast<uint64_t>(max_num_elements_));
  out->Bool(compacted_);
  out->Varint(buffer_.size());
  for (const auto& [value, weight] : buffer_) {
    out->Double(value);
    out->Double(weight);
  }
  out->Varint(levels_.size());
  for (const Summary& level : levels_) {
    out->Varint(level.size());
    for (const SummaryEntry& entry : level) {
      out->Double(entry.value);
      out->Double(entry.weight);
      out->Double(entry.min_rank);
      out->Double(entry.max_rank);
    }
  }
}

void QuantilesSketch::Load(StateReader* in) {
  const double epsilon = in->Double();
  const int64_t max_num_elements = static_cast<int64_t>(in->Varint());
  if (epsilon != epsilon_ || max_num_elements != max_num_elements_) {
    in->Fail("a quantile sketch was made with other options");
    return;
  }
  compacted_ = in->Bool();
  buffer_.clear();
  levels_.clear();
  for (uint64_t i = in->Count(16); i > 0; --i) {
    const double value = in->Double();
    buffer_.emplace_back(value, in->Double());
  }
  for (uint64_t i = in->Count(); i > 0; --i) {
    Summary& level = levels_.emplace_back(in->Count(32));
    for (SummaryEntry& entry : level) {
      entry.value = in->Double();
      entry.weight = in->Double();
      entry.min_rank = in->Double();
      entry.max_rank = in->Double();
    }
  }
}

}  // namespace bessemer::statistics
