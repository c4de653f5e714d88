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
constexpr size_t kMostCoarseCells = 4096;

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

// The bits of a number below a short key, if they say nothing: 0 in a positive number, and in a
// negative one, whose bits ToOrdered inverts, all ones.
template <typename Mass>
bool ValueDistribution<Mass>::FitsShort(uint64_t ordered) const {
  const uint64_t negative = (ordered >> 63) - 1;  // all ones if the sign bit is clear
  return shift_ >= kShortBits || static_cast<uint32_t>(ordered ^ negative) == 0;
}

template <typename Mass>
uint64_t ValueDistribution<Mass>::OrderedOf(uint32_t short_key) const {
  if (shift_ >= kShortBits) return uint64_t{short_key} << shift_;
  const uint64_t high = uint64_t{short_key} << kShortBits;
  return high | static_cast<uint32_t>((high >> 63) - 1);
}

template <typename Mass>
size_t ValueDistribution<Mass>::MaxSlots() const {
  const size_t most = std::max(capacity_, kMostCoarseCells) + 1;
  return most + most / 4 + 1;
}

template <typename Mass>
template <typename Table>
void ValueDistribution<Mass>::MakeRoom(Table* table) {
  if (table->has_room()) return;
  table->Resize(std::min(std::max(kInitialSlots, 2 * table->num_slots()), MaxSlots()));
}

template <typename Mass>
void ValueDistribution<Mass>::Widen() {
  CellTable<uint64_t, Mass> wide(short_.num_slots());
  short_.ForEach(
      [&](const auto& cell) { wide.Add(OrderedOf(cell.key) >> shift_, Mass{cell.mass}); });
  long_ = std::move(wide);
  short_ = {};
  is_short_ = false;
}

// To short cells, if keys and masses allow it.
template <typename Mass>
void ValueDistribution<Mass>::Narrow() {
  if constexpr (kHasShort) {
    if (is_short_ || shift_ < kShortBits) return;
    bool fits = true;
    long_.ForEach([&fits](const LongCell& cell) { fits = fits && cell.mass >> 32 == 0; });
    if (!fits) return;
    CellTable<uint32_t, uint32_t> narrow(long_.num_slots());
    long_.ForEach([&narrow](const LongCell& cell) {
      narrow.Add(static_cast<uint32_t>(cell.key), static_cast<uint32_t>(cell.mass));
    });
    short_ = std::move(narrow);
    long_ = {};
    is_short_ = true;
  }
}

template <typename Mass>
void ValueDistribution<Mass>::AddShort(uint32_t key, Mass mass) {
  if (!short_.empty()) {
    auto& cell = short_.Slot(key);
    const Mass sum = cell.mass + mass;
    if (sum >> 32 != 0) {
      const uint64_t ordered = OrderedOf(key);
      Widen();
      AddKey(ordered, mass);
      return;
    }
    if (cell.mass != 0) {
      cell.mass = static_cast<uint32_t>(sum);
      return;
    }
  } else if (mass >> 32 != 0) {
    const uint64_t ordered = OrderedOf(key);
    Widen();
    AddKey(ordered, mass);
    return;
  }
  MakeRoom(&short_);
  short_.Add(key, static_cast<uint32_t>(mass));
  if (short_.size() > capacity_) Coarsen();
}

template <typename Mass>
void ValueDistribution<Mass>::AddLong(uint64_t key, Mass mass) {
  if (!long_.empty()) {
    auto& cell = long_.Slot(key);
    if (cell.mass != 0) {
      cell.mass += mass;
      return;
    }
  }
  MakeRoom(&long_);
  long_.Add(key, mass);
  if (long_.size() > capacity_) Coarsen();
}

template <typename Mass>
void ValueDistribution<Mass>::AddKey(uint64_t ordered, Mass mass) {
  if constexpr (kHasShort) {
    if (is_short_) {
      if (FitsShort(ordered)) {
        return AddShort(static_cast<uint32_t>(ordered >> std::max(shift_, kShortBits)), mass);
      }
      Widen();
    }
  }
  AddLong(ordered >> shift_, mass);
}

// The least number of bits whose loss leaves no more cells than the capacity, out of all that any
// two neighbours differ in.
template <typename Mass>
int ValueDistribution<Mass>::FirstShift() const {
  const std::vector<LongCell> sorted = Sorted();
  size_t num_apart[65] = {};  // neighbours whose highest different bit is this
  for (size_t i = 1; i < sorted.size(); ++i) {
    ++num_apart[std::bit_width(sorted[i].key ^ sorted[i - 1].key)];
  }
  int shift = 64;
  for (size_t num_cells = 1; shift > 1; --shift) {
    num_cells += num_apart[shift];
    if (num_cells > capacity_) break;
  }
  return std::min(shift, kMaxShift);
}

template <typename Mass>
void ValueDistribution<Mass>::DropBits(int shift) {
  const auto drop = [&](auto* table, int bits) {
    std::remove_pointer_t<decltype(table)> coarse(table->num_slots());
    table->ForEach([&](const auto& cell) { coarse.Add(cell.key >> bits, cell.mass); });
    *table = std::move(coarse);
  };
  if (is_short_) {
    // Sums may need more than 32 bits.
    uint64_t total = 0;
    short_.ForEach([&total](const auto& cell) { total += cell.mass; });
    if (total >> 32 != 0) Widen();
  }
  if (is_short_) {
    drop(&short_, std::max(shift, kShortBits) - std::max(shift_, kShortBits));
  } else {
    drop(&long_, shift - shift_);
  }
  shift_ = shift;
}

template <typename Mass>
void ValueDistribution<Mass>::Coarsen() {
  // From exact numbers many bits go at once, later one after the other.
  if (num_cells() > capacity_ && shift_ == 0) DropBits(FirstShift());
  while (num_cells() > capacity_ && shift_ < kMaxShift) DropBits(shift_ + 1);
  Narrow();
}

template <typename Mass>
void ValueDistribution<Mass>::LimitCapacity(size_t capacity) {
  if (capacity >= capacity_) return;
  capacity_ = capacity;
  Coarsen();
  const auto shrink = [this](auto* table) {
    if (table->num_slots() > MaxSlots()) table->Resize(MaxSlots());
  };
  shrink(&short_);
  shrink(&long_);
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
  if (other.empty()) return;
  LimitCapacity(other.capacity_);
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
  if (other.shift_ > shift_) {
    DropBits(other.shift_);
    Narrow();
  }
  // Room for all of them at once: cells come in the order of their hashes, and would else fill a
  // small table from one end, in ever longer runs.
  const size_t most = std::min(num_cells() + other.num_cells(), capacity_) + 1;
  const size_t num_slots = std::min(most + most / 4 + 1, MaxSlots());
  if (is_short_ && short_.num_slots() < num_slots) short_.Resize(num_slots);
  if (!is_short_ && long_.num_slots() < num_slots) long_.Resize(num_slots);
  other.short_.ForEach(
      [&](const auto& cell) { AddKey(other.OrderedOf(cell.key), Mass{cell.mass}); });
  other.long_.ForEach([&](const LongCell& cell) { AddKey(cell.key << other.shift_, cell.mass); });
}

template <typename Mass>
std::vector<typename ValueDistribution<Mass>::LongCell> ValueDistribution<Mass>::Sorted() const {
  std::vector<LongCell> sorted;
  sorted.reserve(num_cells());
  short_.ForEach([&](const auto& cell) {
    sorted.push_back({OrderedOf(cell.key) >> shift_, Mass{cell.mass}});
  });
  long_.ForEach([&sorted](const LongCell& cell) { sorted.push_back(cell); });
  std::sort(sorted.begin(), sorted.end(),
            [](const LongCell& a, const LongCell& b) { return a.key < b.key; });
  return sorted;
}

template <typename Mass>
std::vector<SummaryEntry> ValueDistribution<Mass>::Summary(bool integral) const {
  std::vector<SummaryEntry> result;
  result.reserve(num_cells());
  double rank = 0;
  for (const LongCell& cell : Sorted()) {
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
  out->Varint(shift_);
  out->Double(min_);
  out->Double(max_);
  out->Varint(num_cells());
  uint64_t previous = 0;
  for (const LongCell& cell : Sorted()) {
    out->Varint(cell.key - previous);
    previous = cell.key;
    SaveMass(cell.mass, out);
  }
}

template <typename Mass>
void ValueDistribution<Mass>::Load(StateReader* in) {
  const size_t capacity = capacity_;
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
  LimitCapacity(capacity);
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

void QuantileAccumulator::LimitCapacity(size_t capacity) {
  if (counts_) counts_->LimitCapacity(capacity);
  if (weights_) weights_->LimitCapacity(capacity);
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
