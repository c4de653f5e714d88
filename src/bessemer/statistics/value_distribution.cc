#include "bessemer/statistics/value_distribution.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace bessemer::statistics {
namespace {

constexpr int64_t kSketchMaxElements = int64_t{1} << 32;
constexpr size_t kInitialSlots = 64;
// With all but the sign and exponent bits dropped, at most 4096 cells are left.
constexpr int kMaxShift = 52;

// An order-preserving map of doubles to integers.
uint64_t ToOrdered(double value) {
  const uint64_t bits = std::bit_cast<uint64_t>(value + 0.0);  // -0.0 becomes 0.0
  const uint64_t mask = static_cast<uint64_t>(static_cast<int64_t>(bits) >> 63);
  return bits ^ (mask | (uint64_t{1} << 63));
}

double FromOrdered(uint64_t ordered) {
  const uint64_t negative = (ordered >> 63) - 1;  // all ones if the sign bit is clear
  return std::bit_cast<double>(ordered ^ (negative | (uint64_t{1} << 63)));
}

double MassToDouble(uint64_t mass) { return static_cast<double>(mass); }
double MassToDouble(FixedWeight mass) { return FromFixedWeight(mass); }
void SaveMass(uint64_t mass, StateWriter* out) { out->Varint(mass); }
void SaveMass(FixedWeight mass, StateWriter* out) { out->Int128(mass); }
void LoadMass(StateReader* in, uint64_t* mass) { *mass = in->Varint(); }
void LoadMass(StateReader* in, FixedWeight* mass) { *mass = in->Int128(); }

}  // namespace

template <typename Mass>
void ValueDistribution<Mass>::Rehash(size_t num_slots, int shift) {
  std::vector<Cell> old = std::move(cells_);
  cells_.assign(num_slots, Cell{0, 0});
  slot_shift_ = 64 - std::countr_zero(num_slots);
  const int more = shift - shift_;
  shift_ = shift;
  size_ = 0;
  const size_t mask = num_slots - 1;
  for (const Cell& cell : old) {
    if (cell.mass == 0) continue;
    const uint64_t key = cell.key >> more;
    size_t slot = SlotOf(key);
    while (cells_[slot].mass != 0 && cells_[slot].key != key) slot = (slot + 1) & mask;
    if (cells_[slot].mass == 0) {
      cells_[slot].key = key;
      ++size_;
    }
    cells_[slot].mass += cell.mass;
  }
}

template <typename Mass>
void ValueDistribution<Mass>::Insert(uint64_t ordered, Mass mass) {
  if (cells_.empty()) Rehash(kInitialSlots, shift_);
  if (2 * (size_ + 1) > cells_.size()) Rehash(2 * cells_.size(), shift_);
  const size_t mask = cells_.size() - 1;
  const uint64_t key = ordered >> shift_;
  size_t slot = SlotOf(key);
  while (cells_[slot].mass != 0 && cells_[slot].key != key) slot = (slot + 1) & mask;
  if (cells_[slot].mass == 0) {
    cells_[slot].key = key;
    ++size_;
  }
  cells_[slot].mass += mass;
  while (size_ > kCapacity && shift_ < kMaxShift) Rehash(cells_.size(), shift_ + 1);
}

template <typename Mass>
void ValueDistribution<Mass>::AddKey(uint64_t ordered, Mass mass) {
  if (!cells_.empty()) {
    const size_t mask = cells_.size() - 1;
    const uint64_t key = ordered >> shift_;
    size_t slot = SlotOf(key);
    while (cells_[slot].mass != 0) {
      if (cells_[slot].key == key) {
        cells_[slot].mass += mass;
        return;
      }
      slot = (slot + 1) & mask;
    }
  }
  Insert(ordered, mass);
}

template <typename Mass>
void ValueDistribution<Mass>::Add(double value, Mass mass) {
  min_ = std::min(min_, value);
  max_ = std::max(max_, value);
  AddKey(ToOrdered(value), mass);
}

template <typename Mass>
void ValueDistribution<Mass>::AddAll(std::span<const double> values, double min, double max) {
  if (values.empty()) return;
  min_ = std::min(min_, min);
  max_ = std::max(max_, max);
  for (const double value : values) AddKey(ToOrdered(value), 1);
}

template <typename Mass>
void ValueDistribution<Mass>::Merge(const ValueDistribution& other) {
  if (other.size_ == 0) return;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
  if (other.shift_ > shift_) {
    Rehash(std::max(cells_.size(), kInitialSlots), other.shift_);
  }
  for (const Cell& cell : other.cells_) {
    if (cell.mass != 0) AddKey(cell.key << other.shift_, cell.mass);
  }
}

template <typename Mass>
std::vector<SummaryEntry> ValueDistribution<Mass>::Summary(bool integral) const {
  std::vector<Cell> sorted;
  sorted.reserve(size_);
  for (const Cell& cell : cells_) {
    if (cell.mass != 0) sorted.push_back(cell);
  }
  std::sort(sorted.begin(), sorted.end(),
            [](const Cell& a, const Cell& b) { return a.key < b.key; });
  std::vector<SummaryEntry> result;
  result.reserve(sorted.size());
  double rank = 0;
  for (const Cell& cell : sorted) {
    const uint64_t low_key = cell.key << shift_;
    double value = FromOrdered(low_key);
    if (shift_ > 0 && std::isfinite(value)) {
      const double high = FromOrdered(low_key | ((uint64_t{1} << shift_) - 1));
      value = value / 2 + high / 2;
      if (integral) value = std::floor(value);
      value = std::clamp(value, min_, max_);
    }
    const double weight = MassToDouble(cell.mass);
    result.push_back({value, weight, rank, rank + weight});
    rank += weight;
  }
  if (shift_ > 0 && !result.empty()) {
    result.front().value = min_;
    result.back().value = max_;
  }
  return result;
}

template <typename Mass>
void ValueDistribution<Mass>::Save(StateWriter* out) const {
  std::vector<Cell> sorted;
  for (const Cell& cell : cells_) {
    if (cell.mass != 0) sorted.push_back(cell);
  }
  std::sort(sorted.begin(), sorted.end(),
            [](const Cell& a, const Cell& b) { return a.key < b.key; });
  out->Varint(shift_);
  out->Double(min_);
  out->Double(max_);
  out->Varint(sorted.size());
  uint64_t previous = 0;
  for (const Cell& cell : sorted) {
    out->Varint(cell.key - previous);
    previous = cell.key;
    SaveMass(cell.mass, out);
  }
}

template <typename Mass>
void ValueDistribution<Mass>::Load(StateReader* in) {
  *this = ValueDistribution();
  const uint64_t shift = in->Varint();
  min_ = in->Double();
  max_ = in->Double();
  const uint64_t count = in->Count(2);
  if (shift > kMaxShift || count > kCapacity) {
    in->Fail("a distribution is out of range");
    return;
  }
  shift_ = static_cast<int>(shift);
  uint64_t key = 0;
  for (uint64_t i = 0; i < count && in->status().ok(); ++i) {
    key += in->Varint();
    Mass mass = 0;
    LoadMass(in, &mass);
    if (mass <= 0 || (shift > 0 && key >> (64 - shift) != 0)) {
      in->Fail("a distribution is out of range");
      return;
    }
    AddKey(key << shift, mass);
  }
}

template class ValueDistribution<uint64_t>;
template class ValueDistribution<FixedWeight>;

QuantileAccumulator::QuantileAccumulator(std::optional<double> sketch_epsilon, bool weighted)
    : epsilon_(sketch_epsilon), weighted_(weighted) {
  if (epsilon_) {
    sketch_ = std::make_unique<QuantilesSketch>(*epsilon_, kSketchMaxElements);
  } else if (weighted) {
    weights_ = std::make_unique<ValueDistribution<FixedWeight>>();
  } else {
    counts_ = std::make_unique<ValueDistribution<uint64_t>>();
  }
}

QuantileAccumulator::~QuantileAccumulator() = default;
QuantileAccumulator::QuantileAccumulator(QuantileAccumulator&&) noexcept = default;
QuantileAccumulator& QuantileAccumulator::operator=(QuantileAccumulator&&) noexcept = default;

void QuantileAccumulator::Add(std::span<const double> values, double min, double max) {
  if (sketch_) {
    sketch_->Add(values);
  } else if (counts_) {
    counts_->AddAll(values, min, max);
  }
}

void QuantileAccumulator::AddCounted(double value, uint64_t count) {
  if (sketch_) {
    sketch_->Add(value, static_cast<double>(count));
  } else if (counts_) {
    counts_->Add(value, count);
  }
}

void QuantileAccumulator::AddWeighted(double value, double weight) {
  if (!(weight > 0)) return;
  if (sketch_) {
    sketch_->Add(value, weight);
  } else if (weights_) {
    const FixedWeight fixed = ToFixedWeight(weight);
    if (fixed > 0) weights_->Add(value, fixed);
  }
}

void QuantileAccumulator::Merge(const QuantileAccumulator& other) {
  if (sketch_ && other.sketch_) sketch_->Merge(*other.sketch_);
  if (counts_ && other.counts_) counts_->Merge(*other.counts_);
  if (weights_ && other.weights_) weights_->Merge(*other.weights_);
}

Quantiles QuantileAccumulator::Finish(int64_t num_quantiles, bool integral) const {
  if (sketch_) {
    // As the reference does before it extracts anything.
    QuantilesSketch compacted = *sketch_;
    compacted.Compact();
    return compacted.Finish(num_quantiles);
  }
  return QuantilesOf(*Summary(integral), num_quantiles);
}

std::optional<std::vector<SummaryEntry>> QuantileAccumulator::Summary(bool integral) const {
  if (sketch_) return std::nullopt;
  return counts_ ? counts_->Summary(integral) : weights_->Summary(integral);
}

void QuantileAccumulator::Save(StateWriter* out) const {
  if (sketch_) sketch_->Save(out);
  if (counts_) counts_->Save(out);
  if (weights_) weights_->Save(out);
}

void QuantileAccumulator::Load(StateReader* in) {
  if (sketch_) sketch_->Load(in);
  if (counts_) counts_->Load(in);
  if (weights_) weights_->Load(in);
}

}  // namespace bessemer::statistics
