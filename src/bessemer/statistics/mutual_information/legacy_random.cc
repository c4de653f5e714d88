#include "bessemer/statistics/mutual_information/legacy_random.h"

#include <bit>
#include <cmath>
#include <utility>

namespace bessemer::statistics::mutual_information {

void LegacyRandom::Seed(uint32_t seed) {
  for (int i = 0; i < kStateWords; ++i) {
    state_[i] = seed;
    seed = 1812433253u * (seed ^ (seed >> 30)) + static_cast<uint32_t>(i) + 1;
  }
  next_ = kStateWords;
  has_normal_ = false;
}

void LegacyRandom::Refill() {
  constexpr int kShift = 397;
  for (int i = 0; i < kStateWords; ++i) {
    const uint32_t y =
        (state_[i] & 0x80000000u) | (state_[(i + 1) % kStateWords] & 0x7fffffffu);
    state_[i] = state_[(i + kShift) % kStateWords] ^ (y >> 1) ^ ((y & 1) ? 0x9908b0dfu : 0);
  }
  next_ = 0;
}

uint32_t LegacyRandom::Next32() {
  if (next_ == kStateWords) Refill();
  uint32_t y = state_[next_++];
  y ^= y >> 11;
  y ^= (y << 7) & 0x9d2c5680u;
  y ^= (y << 15) & 0xefc60000u;
  return y ^ (y >> 18);
}

double LegacyRandom::Uniform() {
  const double high = Next32() >> 5;
  const double low = Next32() >> 6;
  return (high * 67108864.0 + low) / 9007199254740992.0;
}

double LegacyRandom::Normal() {
  if (has_normal_) {
    has_normal_ = false;
    return normal_;
  }
  double x;
  double y;
  double square;
  do {
    x = 2.0 * Uniform() - 1.0;
    y = 2.0 * Uniform() - 1.0;
    square = x * x + y * y;
  } while (square >= 1.0 || square == 0.0);
  const double factor = std::sqrt(-2.0 * std::log(square) / square);
  normal_ = factor * x;
  has_normal_ = true;
  return factor * y;
}

uint32_t LegacyRandom::AtMost(uint32_t max) {
  if (max == 0) return 0;
  const uint32_t mask = ~uint32_t{0} >> std::countl_zero(max);
  uint32_t value;
  do {
    value = Next32() & mask;
  } while (value > max);
  return value;
}

std::vector<int64_t> LegacyRandom::Permutation(int64_t size) {
  std::vector<int64_t> order(static_cast<size_t>(size));
  for (int64_t i = 0; i < size; ++i) order[static_cast<size_t>(i)] = i;
  for (int64_t i = size - 1; i > 0; --i) {
    std::swap(order[static_cast<size_t>(i)], order[AtMost(static_cast<uint32_t>(i))]);
  }
  return order;
}

}  // namespace bessemer::statistics::mutual_information
