#include "bessemer/statistics/uniques_sketch.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "bessemer/base/hash.h"
#include "bessemer/columnar/utf8.h"

namespace bessemer::statistics {
namespace {

// Counts are sums of floats: what is left of a counter after it was used up.
constexpr double kSpent = 1e-8;

}  // namespace

void KmvSketch::Add(std::string_view value) { AddHash(Fingerprint64(value)); }

void KmvSketch::AddHash(uint64_t hash) {
  if (hash >= limit_) return;
  hashes_.insert(hash);
  if (hashes_.size() < num_buckets_) return;
  if (hashes_.size() > num_buckets_) hashes_.erase(std::prev(hashes_.end()));
  limit_ = *hashes_.rbegin();
}

Status KmvSketch::Merge(const KmvSketch& other) {
  if (num_buckets_ != other.num_buckets_) {
    return FailedPreconditionError("sketches of {} and {} buckets cannot be merged", num_buckets_,
                                   other.num_buckets_);
  }
  for (const uint64_t hash : other.hashes_) AddHash(hash);
  return OkStatus();
}

uint64_t KmvSketch::Estimate() const {
  if (hashes_.size() < num_buckets_) return hashes_.size();
  return static_cast<uint64_t>(std::round(static_cast<double>(num_buckets_ - 1) * 0x1p64 /
                                          static_cast<double>(limit_)));
}

void KmvSketch::Save(StateWriter* out) const {
  out->Varint(num_buckets_);
  out->Varint(hashes_.size());
  for (const uint64_t hash : hashes_) out->Fixed64(hash);
}

void KmvSketch::Load(StateReader* in) {
  num_buckets_ = std::max<uint64_t>(2, in->Varint());
  limit_ = std::numeric_limits<uint64_t>::max();
  hashes_.clear();
  for (uint64_t i = in->Count(8); i > 0 && in->status().ok(); --i) AddHash(in->Fixed64());
}

void MisraGriesSketch::Add(std::string_view value, double count) {
  if (options_.large_string_threshold > 0 && value.size() > options_.large_string_threshold) {
    value = options_.large_string_placeholder;
  } else if (!options_.invalid_utf8_placeholder.empty() && !columnar::IsUtf8(value)) {
    value = options_.invalid_utf8_placeholder;
  }
  const auto it = counts_.find(value);
  if (it != counts_.end()) {
    it->second += count;
    return;
  }
  counts_.emplace(value, count);
  if (counts_.size() <= options_.num_buckets) return;
  double smallest = count;
  for (const auto& [known, weight] : counts_) smallest = std::min(smallest, weight);
  Decrement(smallest);
}

void MisraGriesSketch::Decrement(double amount) {
  for (auto it = counts_.begin(); it != counts_.end();) {
    it->second -= amount;
    it = it->second < kSpent ? counts_.erase(it) : std::next(it);
  }
  delta_ += amount;
}

Status MisraGriesSketch::Merge(const MisraGriesSketch& other) {
  if (options_.num_buckets != other.options_.num_buckets) {
    return FailedPreconditionError("sketches of {} and {} buckets cannot be merged",
                                   options_.num_buckets, other.options_.num_buckets);
  }
  for (const auto& [value, count] : other.counts_) counts_[value] += count;
  delta_ += other.delta_;
  if (counts_.size() <= options_.num_buckets) return OkStatus();
  std::vector<double> weights;
  for (const auto& [value, count] : counts_) weights.push_back(count);
  std::nth_element(weights.begin(),
                   weights.begin() + static_cast<int64_t>(options_.num_buckets), weights.end(),
                   std::greater<>());
  Decrement(weights[options_.num_buckets]);
  return OkStatus();
}

std::vector<std::pair<std::string, double>> MisraGriesSketch::Estimate() const {
  std::vector<std::pair<std::string, double>> result;
  for (const auto& [value, count] : counts_) result.emplace_back(value, count + delta_);
  std::sort(result.begin(), result.end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first > b.first;
  });
  return result;
}

void MisraGriesSketch::Save(StateWriter* out) const {
  out->Varint(options_.num_buckets);
  out->Double(delta_);
  out->Varint(counts_.size());
  for (const auto& [value, count] : counts_) {
    out->Bytes(value);
    out->Double(count);
  }
}

void MisraGriesSketch::Load(StateReader* in) {
  counts_.clear();
  if (in->Varint() != options_.num_buckets) {
    in->Fail("a sketch was made with another number of buckets");
    return;
  }
  delta_ = in->Double();
  for (uint64_t i = in->Count(9); i > 0 && in->status().ok(); --i) {
    const std::string value(in->Bytes());
    counts_[value] = in->Double();
  }
}

}  // namespace bessemer::statistics
