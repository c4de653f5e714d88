#include "bessemer/example_gen/split.h"

#include <algorithm>

#include "bessemer/base/hash.h"
#include "bessemer/example_gen/wire_internal.h"

namespace bessemer::example_gen {
namespace {

bool IsAlphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

uint64_t Modulo(const Sha256Digest& digest, uint64_t divisor) {
  unsigned __int128 rest = 0;
  for (size_t i = 0; i < digest.size(); i += 4) {
    const uint32_t word = static_cast<uint32_t>(digest[i]) << 24 | digest[i + 1] << 16 |
                          digest[i + 2] << 8 | digest[i + 3];
    rest = (rest << 32 | word) % divisor;
  }
  return static_cast<uint64_t>(rest);
}

uint64_t SmallModulo(const Sha256Digest& digest, uint64_t divisor) {
  uint64_t rest = 0;
  for (size_t i = 0; i < digest.size(); i += 4) {
    const uint32_t word = static_cast<uint32_t>(digest[i]) << 24 | digest[i + 1] << 16 |
                          digest[i + 2] << 8 | digest[i + 3];
    rest = (rest << 32 | word) % divisor;
  }
  return rest;
}

}  // namespace

Status CheckSplitName(std::string_view name) {
  const bool ok = !name.empty() && IsAlphanumeric(name[0]) &&
                  std::all_of(name.begin(), name.end(),
                              [](char c) { return IsAlphanumeric(c) || c == '_' || c == '-'; });
  if (ok) return OkStatus();
  return InvalidArgumentError(
      "'{}' is not a split name: use letters, digits, '_' and '-', beginning with a letter or "
      "digit",
      name);
}

StatusOr<HashSplitter> HashSplitter::Make(std::vector<SplitBuckets> splits) {
  if (splits.empty()) return InvalidArgumentError("no splits are given");
  HashSplitter splitter;
  uint64_t end = 0;
  for (size_t i = 0; i < splits.size(); ++i) {
    BESSEMER_RETURN_IF_ERROR(CheckSplitName(splits[i].name));
    for (size_t j = 0; j < i; ++j) {
      if (splits[j].name == splits[i].name) {
        return InvalidArgumentError("split '{}' is given twice", splits[i].name);
      }
    }
    if (splits[i].hash_buckets == 0) {
      return InvalidArgumentError("split '{}' has no hash buckets; give at least 1",
                                  splits[i].name);
    }
    end += splits[i].hash_buckets;
    splitter.ends_.push_back(end);
  }
  splitter.splits_ = std::move(splits);
  return splitter;
}

size_t HashSplitter::SplitOf(std::string_view key) const {
  if (ends_.size() == 1) return 0;
  const Sha256Digest digest = Sha256(key);
  const uint64_t total = ends_.back();
  const uint64_t bucket = total <= UINT32_MAX ? SmallModulo(digest, total) : Modulo(digest, total);
  return static_cast<size_t>(std::upper_bound(ends_.begin(), ends_.end(), bucket) - ends_.begin());
}

StatusOr<std::string_view> PartitionKey(std::string_view name,
                                        std::optional<std::string_view> feature) {
  if (!feature) {
    return InvalidArgumentError("partition feature '{}' is missing in a record", name);
  }
  wire::Cursor in(*feature);
  uint32_t tag = 0;
  if (in.AtEnd() || !in.ReadTag(&tag)) {
    return InvalidArgumentError("partition feature '{}' has no value kind in a record", name);
  }
  if (tag != wire::kFeatureBytes && tag != wire::kFeatureInt64) {
    return InvalidArgumentError(
        "partition feature '{}' holds floats; split by one that holds bytes or integers", name);
  }
  return *feature;
}

}  // namespace bessemer::example_gen
