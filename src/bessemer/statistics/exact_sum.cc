#include "bessemer/statistics/exact_sum.h"

#include <cmath>
#include <limits>

namespace bessemer::statistics {
namespace {

constexpr int kChunkBits = 32;
// The weight of bit 0 of chunk 0: a double with stored exponent e and mantissa m is m · 2^(e -
// 1075), and m is shifted left by e & 31 into chunk e >> 5.
constexpr int kUnitExponent = -1075;

__float128 ScaleByPowerOfTwo(__float128 value, int exponent) {
  // Two steps of ldexp: 2^-1075 is not a double.
  while (exponent != 0) {
    const int step = std::max(-1000, std::min(1000, exponent));
    value *= static_cast<__float128>(std::ldexp(1.0, step));
    exponent -= step;
  }
  return value;
}

}  // namespace

void ExactSum::Add(std::span<const double> values) {
  for (const double value : values) Add(value);
}

void ExactSum::AddSquare(double value) {
  const double high = value * value;
  Add(high);
  if (std::isfinite(high)) Add(std::fma(value, value, -high));
}

void ExactSum::AddProduct(double a, double b) {
  const double high = a * b;
  Add(high);
  if (std::isfinite(high)) Add(std::fma(a, b, -high));
}

void ExactSum::AddInt128(__int128 value) {
  const bool negative = value < 0;
  unsigned __int128 magnitude = negative ? -static_cast<unsigned __int128>(value) : value;
  for (int shift = 0; magnitude != 0; shift += kChunkBits, magnitude >>= kChunkBits) {
    const double part = std::ldexp(static_cast<double>(static_cast<uint32_t>(magnitude)), shift);
    Add(negative ? -part : part);
  }
}

void ExactSum::AddSpecial(double value) {
  if (std::isnan(value)) {
    ++num_nan_;
  } else if (value > 0) {
    ++num_pos_inf_;
  } else {
    ++num_neg_inf_;
  }
}

void ExactSum::Carry() {
  for (int i = 0; i + 1 < kNumChunks; ++i) {
    const int64_t carry = chunks_[i] >> kChunkBits;
    chunks_[i] -= carry * (int64_t{1} << kChunkBits);
    chunks_[i + 1] += carry;
  }
  pending_ = 0;
}

void ExactSum::Merge(const ExactSum& other) {
  ExactSum right = other;
  right.Carry();
  Carry();
  for (int i = 0; i < kNumChunks; ++i) chunks_[i] += right.chunks_[i];
  pending_ = 1;
  num_pos_inf_ += other.num_pos_inf_;
  num_neg_inf_ += other.num_neg_inf_;
  num_nan_ += other.num_nan_;
}

__float128 ExactSum::Quad() const {
  if (num_nan_ > 0 || (num_pos_inf_ > 0 && num_neg_inf_ > 0)) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  if (num_pos_inf_ > 0) return std::numeric_limits<double>::infinity();
  if (num_neg_inf_ > 0) return -std::numeric_limits<double>::infinity();
  ExactSum canonical = *this;
  canonical.Carry();
  // A negative sum is negated first, so that no leading chunks cancel in the conversion.
  const bool negative = canonical.chunks_[kNumChunks - 1] < 0;
  if (negative) {
    for (int64_t& chunk : canonical.chunks_) chunk = -chunk;
    canonical.Carry();
  }
  int top = kNumChunks - 1;
  while (top > 0 && canonical.chunks_[top] == 0) --top;
  __float128 result = 0;
  for (int i = top; i >= 0 && i > top - 6; --i) {
    result = result * static_cast<__float128>(4294967296.0) +
             static_cast<__float128>(canonical.chunks_[i]);
    if (i == 0 || i == top - 5) {
      result = ScaleByPowerOfTwo(result, kUnitExponent + kChunkBits * i);
      break;
    }
  }
  return negative ? -result : result;
}

void ExactSum::Save(StateWriter* out) const {
  ExactSum canonical = *this;
  canonical.Carry();
  int first = 0;
  int end = kNumChunks;
  while (end > 0 && canonical.chunks_[end - 1] == 0) --end;
  while (first < end && canonical.chunks_[first] == 0) ++first;
  out->Varint(first);
  out->Varint(end - first);
  for (int i = first; i < end; ++i) out->Signed(canonical.chunks_[i]);
  out->Varint(num_pos_inf_);
  out->Varint(num_neg_inf_);
  out->Varint(num_nan_);
}

void ExactSum::Load(StateReader* in) {
  *this = ExactSum();
  const uint64_t first = in->Varint();
  const uint64_t count = in->Count();
  if (first > kNumChunks || count > kNumChunks - first) {
    in->Fail("a sum is out of range");
    return;
  }
  for (uint64_t i = first; i < first + count; ++i) {
    const int64_t chunk = in->Signed();
    if (i + 1 < kNumChunks && (chunk < 0 || chunk >= (int64_t{1} << kChunkBits))) {
      in->Fail("a sum is out of range");
      return;
    }
    chunks_[i] = chunk;
  }
  num_pos_inf_ = static_cast<int64_t>(in->Varint());
  num_neg_inf_ = static_cast<int64_t>(in->Varint());
  num_nan_ = static_cast<int64_t>(in->Varint());
}

void Moments::Add(std::span<const double> values) {
  count += static_cast<int64_t>(values.size());
  for (const double value : values) {
    sum.Add(value);
    squares.AddSquare(value);
  }
}

void Moments::AddSmallIntegers(std::span<const double> values, double max_magnitude) {
  if (max_magnitude > 2147483648.0) {
    Add(values);
    return;
  }
  count += static_cast<int64_t>(values.size());
  int64_t total = 0;
  __int128 total_squares = 0;
  // Blocks whose squares fit 64 bits keep the inner loop narrow enough for the vectoriser.
  const size_t block = max_magnitude <= 32768.0 ? 4096 : max_magnitude <= 16777216.0 ? 4096 : 1;
  for (size_t begin = 0; begin < values.size(); begin += block) {
    const size_t end = std::min(values.size(), begin + block);
    int64_t part = 0;
    uint64_t part_squares = 0;
    for (size_t i = begin; i < end; ++i) {
      const int64_t x = static_cast<int64_t>(values[i]);
      part += x;
      part_squares += static_cast<uint64_t>(x * x);
    }
    total += part;
    total_squares += part_squares;
  }
  sum.AddInt128(total);
  squares.AddInt128(total_squares);
}

void Moments::Merge(const Moments& other) {
  count += other.count;
  sum.Merge(other.sum);
  squares.Merge(other.squares);
}

double Moments::Mean() const {
  if (count == 0) return 0;
  return static_cast<double>(sum.Quad() / static_cast<__float128>(count));
}

double Moments::StdDev() const {
  if (count == 0 || !sum.finite() || !squares.finite()) return 0;
  const __float128 n = static_cast<__float128>(count);
  const __float128 mean = sum.Quad() / n;
  const __float128 variance = squares.Quad() / n - mean * mean;
  return variance > 0 ? std::sqrt(static_cast<double>(variance)) : 0;
}

void Moments::Save(StateWriter* out) const {
  out->Varint(count);
  sum.Save(out);
  squares.Save(out);
}

void Moments::Load(StateReader* in) {
  count = static_cast<int64_t>(in->Varint());
  sum.Load(in);
  squares.Load(in);
}

void WeightedMoments::Add(double value, double w) {
  weight.Add(w);
  sum.AddProduct(value, w);
  const double high = value * value;
  squares.AddProduct(high, w);
  if (std::isfinite(high)) squares.Add(std::fma(value, value, -high) * w);
}

void WeightedMoments::Merge(const WeightedMoments& other) {
  weight.Merge(other.weight);
  sum.Merge(other.sum);
  squares.Merge(other.squares);
}

double WeightedMoments::Mean() const {
  const __float128 total = weight.Quad();
  if (total == 0) return 0;
  return static_cast<double>(sum.Quad() / total);
}

double WeightedMoments::StdDev() const {
  const __float128 total = weight.Quad();
  if (total == 0 || !sum.finite() || !squares.finite()) return 0;
  const __float128 mean = sum.Quad() / total;
  const __float128 variance = squares.Quad() / total - mean * mean;
  return variance > 0 ? std::sqrt(static_cast<double>(variance)) : 0;
}

void WeightedMoments::Save(StateWriter* out) const {
  weight.Save(out);
  sum.Save(out);
  squares.Save(out);
}

void WeightedMoments::Load(StateReader* in) {
  weight.Load(in);
  sum.Load(in);
  squares.Load(in);
}

}  // namespace bessemer::statistics
