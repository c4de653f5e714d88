#ifndef BESSEMER_EXAMPLE_GEN_SPLIT_H_
#define BESSEMER_EXAMPLE_GEN_SPLIT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bessemer/base/status.h"

// TFX's split rule: the SHA-256 of a record's key, as a 256-bit big-endian integer, modulo the
// number of buckets, names the bucket; splits own consecutive buckets in their order.

namespace bessemer::example_gen {

struct SplitBuckets {
  std::string name;
  uint32_t hash_buckets = 0;
};

// Immutable; safe to share between threads.
class HashSplitter {
 public:
  // INVALID_ARGUMENT for no splits, a name twice or of other characters than TFX allows, or a split
  // without buckets.
  static StatusOr<HashSplitter> Make(std::vector<SplitBuckets> splits);

  // The index of the split of a key: the deterministic form of a record, or PartitionKey's result.
  size_t SplitOf(std::string_view key) const;

  const std::vector<SplitBuckets>& splits() const { return splits_; }

 private:
  std::vector<SplitBuckets> splits_;
  std::vector<uint64_t> ends_;  // cumulative buckets
};

// Checks that a feature given to split by may be one: the serialised tf.Feature of deterministic
// form `feature` (absent: no value) must hold bytes or int64. Returns it as the key. A kind without
// values is a key like any other. INVALID_ARGUMENT names the feature.
StatusOr<std::string_view> PartitionKey(std::string_view name,
                                        std::optional<std::string_view> feature);

// OK for letters, digits, '_' and '-', not beginning with '_' or '-', and not empty.
Status CheckSplitName(std::string_view name);

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_SPLIT_H_
