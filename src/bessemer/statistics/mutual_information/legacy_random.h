#ifndef BESSEMER_STATISTICS_MUTUAL_INFORMATION_LEGACY_RANDOM_H_
#define BESSEMER_STATISTICS_MUTUAL_INFORMATION_LEGACY_RANDOM_H_

#include <array>
#include <cstdint>
#include <vector>

namespace bessemer::statistics::mutual_information {

// The numbers of NumPy's RandomState, which the reference draws noise and permutations from:
// MT19937 (Matsumoto and Nishimura, 1998), seeded by its init_genrand; normal numbers by the polar
// method of Marsaglia. One thread at a time.
class LegacyRandom {
 public:
  explicit LegacyRandom(uint32_t seed) { Seed(seed); }
  void Seed(uint32_t seed);

  uint32_t Next32();
  double Uniform();  // [0, 1), 53 bits
  double Normal();
  // Uniform in [0, max].
  uint32_t AtMost(uint32_t max);
  // 0 … size - 1 in random order (Fisher and Yates, from the end).
  std::vector<int64_t> Permutation(int64_t size);

 private:
  static constexpr int kStateWords = 624;

  void Refill();

  std::array<uint32_t, kStateWords> state_;
  int next_ = kStateWords;
  bool has_normal_ = false;
  double normal_ = 0;
};

}  // namespace bessemer::statistics::mutual_information

#endif  // BESSEMER_STATISTICS_MUTUAL_INFORMATION_LEGACY_RANDOM_H_
