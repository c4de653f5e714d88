#ifndef BESSEMER_STATISTICS_VALUE_DISTRIBUTION_H_
#define BESSEMER_STATISTICS_VALUE_DISTRIBUTION_H_

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "bessemer/statistics/cell_table.h"
#include "bessemer/statistics/quantile_summary.h"
#include "bessemer/statistics/state_codec.h"

namespace bessemer::statistics {

// A weight of an example in fixed point: sums are exact, so their order does not matter.
using FixedWeight = __int128;
inline constexpr int kFixedWeightBits = 56;
inline constexpr double kMaxWeight = 1099511627776.0;  // 2^40
// |weight| ≤ kMaxWeight; rounded to 2^-56 (1.4e-17). A sum holds 2^31 of the largest weights.
inline FixedWeight ToFixedWeight(double weight) {
  const double whole = static_cast<double>(static_cast<int64_t>(weight));
  return (static_cast<FixedWeight>(static_cast<int64_t>(whole)) << kFixedWeightBits) +
         static_cast<int64_t>((weight - whole) * 72057594037927936.0);
}
inline double FromFixedWeight(FixedWeight weight) {
  return static_cast<double>(static_cast<__float128>(weight) /
                             static_cast<__float128>(72057594037927936.0));
}

// How often each number occurs: the multiset itself up to a capacity of different numbers, beyond
// that a histogram over prefixes of their binary form, as fine as fits the capacity.
//
// The prefix length is the greatest with at most `capacity` occupied cells, whatever order numbers
// came in, so that every order of additions and merges gives the same state: unlike the reference's
// sketch (QuantilesSketch), results do not depend on threads or on how data is cut into shards. Nor
// do they depend on when the capacity is lowered: coarse cells are sums of fine ones.
//
// Error: none up to `capacity` different numbers. Beyond, a number is known up to its cell, whose
// relative width is 2^(s-52) for s dropped bits, at most a factor of two; ranks between cells are
// exact. For a smooth distribution that is a rank error of about 2/capacity of the weight: 0.0001
// for kCapacity (measured: normal, uniform, log-normal and exponential, 10^6 rows: below 0.0005); a
// cell's weight bounds it from above.
//
// Memory of a full one: 160 KiB where 32 bits tell its cells apart, as they do once numbers are
// rounded to prefixes and for whole numbers below 2^21, else 320 KiB; weighted 480 KiB. Add about
// 5 ns.
//
// Mass is uint64_t (counts) or FixedWeight.
template <typename Mass>
class ValueDistribution {
 public:
  static constexpr size_t kCapacity = 16384;

  // mass > 0; value not NaN. -0.0 counts as 0.0.
  void Add(double value, Mass mass);
  // Each with mass 1; [min, max] is their range.
  void AddAll(std::span<const double> values, double min, double max);
  void Merge(const ValueDistribution& other);
  // Lowers the capacity to this, which is at least 64; never raises it. (With all but sign and
  // exponent dropped there may still be up to 4096 cells.)
  void LimitCapacity(size_t capacity);

  // Sorted by value, ranks exact. With `integral`, cells are represented by whole numbers.
  std::vector<SummaryEntry> Summary(bool integral) const;
  bool empty() const { return num_cells() == 0; }
  bool exact() const { return shift_ == 0; }
  size_t num_cells() const { return is_short_ ? short_.size() : long_.size(); }
  int64_t memory_bytes() const { return short_.memory_bytes() + long_.memory_bytes(); }

  void Save(StateWriter* out) const;
  void Load(StateReader* in);

 private:
  using LongCell = Cell<uint64_t, Mass>;
  // Weights of 128 bits leave nothing to gain from short keys.
  static constexpr bool kHasShort = sizeof(Mass) == sizeof(uint64_t);
  static constexpr int kShortBits = 32;

  bool FitsShort(uint64_t ordered) const;
  uint64_t OrderedOf(uint32_t short_key) const;
  void AddKey(uint64_t ordered, Mass mass);
  void AddShort(uint32_t key, Mass mass);
  void AddLong(uint64_t key, Mass mass);
  template <typename Table>
  void MakeRoom(Table* table);
  void Widen();
  void Narrow();
  void Coarsen();
  int FirstShift() const;
  void DropBits(int shift);
  size_t MaxSlots() const;
  std::vector<LongCell> Sorted() const;  // keys are prefixes: shift_ bits dropped

  // One of the tables is in use. The short one holds numbers with max(shift_, kShortBits) bits
  // dropped: those that are dropped although shift_ is less are the same in all of them, as
  // FitsShort says.
  CellTable<uint32_t, uint32_t> short_;
  CellTable<uint64_t, Mass> long_;
  bool is_short_ = kHasShort;
  int shift_ = 0;
  size_t capacity_ = kCapacity;
  double min_ = std::numeric_limits<double>::infinity();
  double max_ = -std::numeric_limits<double>::infinity();
};

extern template class ValueDistribution<uint64_t>;
extern template class ValueDistribution<FixedWeight>;

// Quantiles of numbers by either method.
class QuantileAccumulator {
 public:
  // With an epsilon: the reference's sketch (QuantilesSketch), else ValueDistribution.
  // `weighted`: AddWeighted is called, else Add and AddCounted.
  QuantileAccumulator(std::optional<double> sketch_epsilon, bool weighted);
  ~QuantileAccumulator();
  QuantileAccumulator(QuantileAccumulator&&) noexcept;
  QuantileAccumulator& operator=(QuantileAccumulator&&) noexcept;

  void Add(std::span<const double> values, double min, double max);  // no NaN
  void AddCounted(double value, uint64_t count);
  // Weights are finite, at most kMaxWeight; those that are not positive are ignored.
  void AddWeighted(double value, double weight);
  void Merge(const QuantileAccumulator& other);
  // Of a ValueDistribution; the reference's sketch stays as it is.
  void LimitCapacity(size_t capacity);
  Quantiles Finish(int64_t num_quantiles, bool integral) const;
  // What Finish takes them from: ValueDistribution's summary. Nothing of the reference's sketch.
  std::optional<std::vector<SummaryEntry>> Summary(bool integral) const;

  void Save(StateWriter* out) const;
  void Load(StateReader* in);

 private:
  std::optional<double> epsilon_;
  bool weighted_;
  std::unique_ptr<QuantilesSketch> sketch_;
  std::unique_ptr<ValueDistribution<uint64_t>> counts_;
  std::unique_ptr<ValueDistribution<FixedWeight>> weights_;
};

}  // namespace bessemer::statistics

#endif  // BESSEMER_STATISTICS_VALUE_DISTRIBUTION_H_
