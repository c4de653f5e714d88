#ifndef BESSEMER_STATISTICS_MUTUAL_INFORMATION_ROW_SAMPLE_H_
#define BESSEMER_STATISTICS_MUTUAL_INFORMATION_ROW_SAMPLE_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "bessemer/statistics/state_codec.h"

namespace bessemer::statistics::mutual_information {

// A random sample of rows, given as bytes, that does not depend on their order or on how they are
// cut: the `capacity` different rows of smallest hash, each with the number of times it occurs.
// All rows, if no more than `capacity` differ.
class RowSample {
 public:
  explicit RowSample(size_t capacity) : capacity_(capacity) {}
  void Add(std::string_view row, uint64_t count = 1);
  void Merge(const RowSample& other);
  void Save(StateWriter* out) const;
  void Load(StateReader* in);

  // Deals the copies of the rows to `num_partitions` partitions at random, and keeps at most
  // `max_rows` random ones of each; rows of a partition in random order. The same content always
  // gives the same partitions. Views are valid until the next change. Linear in the copies.
  std::vector<std::vector<std::string_view>> Partitions(int64_t num_partitions,
                                                        int64_t max_rows) const;

 private:
  using Key = std::pair<uint64_t, std::string>;

  size_t capacity_;
  std::map<Key, uint64_t> rows_;
};

}  // namespace bessemer::statistics::mutual_information

#endif  // BESSEMER_STATISTICS_MUTUAL_INFORMATION_ROW_SAMPLE_H_
