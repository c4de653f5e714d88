#ifndef BESSEMER_TRANSFORM_VALUE_COUNTS_H_
#define BESSEMER_TRANSFORM_VALUE_COUNTS_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "bessemer/base/config.h"
#include "bessemer/base/status.h"

namespace bessemer::transform {

// How often each value occurs: quantiles from it are exact. NaN is left out. Memory is 16 bytes for
// each value that differs.
class ValueCounts {
 public:
  void Add(float value);
  void Merge(const ValueCounts& other);

  // The num_buckets - 1 values between num_buckets parts of equal weight, by the rule of
  // TensorFlow's weighted quantile summaries: for rank r = i/num_buckets of the total, the value
  // whose range of ranks has its middle nearest to r, the upper one of two equally near. Values
  // repeat where one holds more than a part; none without data.
  std::vector<float> Boundaries(int64_t num_buckets) const;

  Json Save() const;
  Status Load(const Json& state);
  bool empty() const { return counts_.empty() && buffer_.empty(); }

 private:
  using Counts = std::vector<std::pair<float, int64_t>>;  // ascending
  static Counts Join(const Counts& a, const Counts& b);
  void Flush();
  Counts Flushed() const;

  Counts counts_;
  std::vector<float> buffer_;
};

}  // namespace bessemer::transform

#endif  // BESSEMER_TRANSFORM_VALUE_COUNTS_H_
