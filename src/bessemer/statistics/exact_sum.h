#ifndef BESSEMER_STATISTICS_EXACT_SUM_H_
#define BESSEMER_STATISTICS_EXACT_SUM_H_

#include <array>
#include <bit>
#include <cstdint>
#include <span>

#include "bessemer/statistics/state_codec.h"

namespace bessemer::statistics {

// The sum of doubles without rounding: every order of additions and merges gives the same bits.
// A "small superaccumulator" (Radford Neal, Fast exact summation using small and large
// superaccumulators, 2015): 64-bit chunks that overlap by 32 bits, so that carries are due only
// every 1024 additions. About 2 ns an addition; 560 bytes.
//
// Infinities and NaN are counted beside the sum: the result is then what IEEE addition would give.
class ExactSum {
 public:
  void Add(double value) {
    const uint64_t bits = std::bit_cast<uint64_t>(value);
    const int exponent = static_cast<int>(bits >> 52) & 0x7ff;
    if (exponent == 0x7ff) [[unlikely]] {
      AddSpecial(value);
      return;
    }
    AddMantissa(bits, exponent);
    if (++pending_ >= kCarryInterval) Carry();
  }
  void Add(std::span<const double> values);
  // Adds x·x exactly.
  void AddSquare(double value);
  // Adds a·b exactly (unless the product is below 1e-290, where its last bits are lost).
  void AddProduct(double a, double b);
  void AddInt128(__int128 value);
  void Merge(const ExactSum& other);

  // The sum to 113 bits; ±inf or NaN where those were added or where it overflows.
  __float128 Quad() const;
  double Value() const { return static_cast<double>(Quad()); }
  bool finite() const { return num_pos_inf_ + num_neg_inf_ + num_nan_ == 0; }

  void Save(StateWriter* out) const;
  void Load(StateReader* in);

 private:
  static constexpr int kNumChunks = 68;  // 2^-1074 … 2^1024 and 64 bits of headroom
  static constexpr int kCarryInterval = 1024;

  void AddMantissa(uint64_t bits, int exponent) {
    uint64_t mantissa = bits & 0xfffffffffffffull;
    if (exponent == 0) {
      exponent = 1;
    } else {
      mantissa |= 1ull << 52;
    }
    const int chunk = exponent >> 5;
    const int shift = exponent & 31;
    const int64_t low = static_cast<int64_t>((mantissa << shift) & 0xffffffffull);
    const int64_t high = static_cast<int64_t>(mantissa >> (32 - shift));
    const int64_t sign = static_cast<int64_t>(bits) >> 63;  // 0 or -1
    chunks_[chunk] += (low ^ sign) - sign;
    chunks_[chunk + 1] += (high ^ sign) - sign;
  }
  void AddSpecial(double value);
  void Carry();  // brings every chunk but the top one into [0, 2^32)

  std::array<int64_t, kNumChunks> chunks_ = {};
  int pending_ = 0;
  int64_t num_pos_inf_ = 0;
  int64_t num_neg_inf_ = 0;
  int64_t num_nan_ = 0;
};

// Count, sum and sum of squares of finite doubles, exactly; what mean and deviation come from.
struct Moments {
  int64_t count = 0;
  ExactSum sum;
  ExactSum squares;

  void Add(std::span<const double> values);
  // Integers of at most 2^53: several times faster.
  void AddSmallIntegers(std::span<const double> values, double max_magnitude);
  void Merge(const Moments& other);
  double Mean() const;
  // Of the population; 0 for an empty one, and where a value is infinite or the square overflows.
  double StdDev() const;
  void Save(StateWriter* out) const;
  void Load(StateReader* in);
};

// The same with a weight for each value. A weight may be any finite number.
struct WeightedMoments {
  ExactSum weight;
  ExactSum sum;      // Σ w·x
  ExactSum squares;  // Σ w·x²

  void Add(double value, double w);
  void Merge(const WeightedMoments& other);
  double Mean() const;    // 0 where the weights sum to 0
  double StdDev() const;  // likewise
  void Save(StateWriter* out) const;
  void Load(StateReader* in);
};

}  // namespace bessemer::statistics

#endif  // BESSEMER_STATISTICS_EXACT_SUM_H_
