#ifndef BESSEMER_STATISTICS_VALUE_TABLE_H_
#define BESSEMER_STATISTICS_VALUE_TABLE_H_

#include <cstdint>
#include <cstring>
#include <functional>
#include <limits>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/statistics/spill_file.h"
#include "bessemer/statistics/value_distribution.h"

namespace bessemer::statistics {

// The part of an object in the memory of all of its kind. Thread-safe between objects.
class MemoryShare {
 public:
  MemoryShare() = default;
  MemoryShare(MemoryShare&& other) noexcept : bytes_(std::exchange(other.bytes_, 0)) {}
  MemoryShare& operator=(MemoryShare&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~MemoryShare() { Set(0); }
  void Set(int64_t bytes);
  static int64_t total_bytes();
  static int64_t num_shares();  // that are not 0

 private:
  int64_t bytes_ = 0;
};

// Counts different byte strings, exactly: an open-addressing table whose 32-byte slots hold strings
// of up to 16 bytes themselves and point into an arena for longer ones, so that most look-ups touch
// one cache line. With weights, a fixed-point sum of them beside each count. About 15 ns an
// addition for few different values, a cache miss for many. Memory: 64 to 128 bytes a value, and
// long bytes; beyond a limit for all tables of the process together, values go to temporary files
// in sorted runs, which are merged whenever the values are asked for.
class ValueTable {
 public:
  static constexpr int64_t kNoLimit = std::numeric_limits<int64_t>::max();

  // What is kept of large values (see columnar/short_form.h).
  enum class LargeValues {
    kWhole,
    kTextWhole,  // short forms of those that are not UTF-8
    kShort,
  };

  // `memory_limit_bytes` is what all tables together may use before this one, if it is not small
  // (a MiB, or smaller than the others are on average), moves its values to a temporary file; a
  // quarter of it is the limit of this table alone. Results do not depend on it.
  explicit ValueTable(bool weighted, int64_t memory_limit_bytes = kNoLimit,
                      LargeValues large_values = LargeValues::kWhole)
      : weighted_(weighted), memory_limit_bytes_(memory_limit_bytes), large_values_(large_values) {}
  ValueTable(ValueTable&&) = default;
  ValueTable& operator=(ValueTable&&) = default;

  void Add(std::string_view value, uint64_t count = 1, FixedWeight weight = 0);
  // Keeps within the limit: to be called now and then.
  Status Settle();
  Status Merge(const ValueTable& other);

  // Only what is in memory: all, unless spilled().
  size_t size() const { return size_; }
  int64_t memory_bytes() const;
  bool weighted() const { return weighted_; }
  bool spilled() const { return !runs_.empty(); }

  // A value; the view is valid until the next change of the table.
  using Entry = SpilledValue;
  // In memory.
  void ForEach(const std::function<void(const Entry&)>& visit) const;
  // The k first by count (or weight) descending, of equal ones by value descending. In memory.
  std::vector<Entry> Top(size_t k, bool by_weight) const;
  // All, in the order of values; entries are valid during the call only. An error of `visit` ends
  // it, as does one of reading a temporary file.
  Status ForEachSorted(const std::function<Status(const Entry&)>& visit) const;

  // Sorted by value: equal contents give equal bytes. Errors of temporary files are left in `out`.
  void Save(StateWriter* out) const;
  void Load(StateReader* in);

 private:
  static constexpr uint32_t kInlineBytes = 16;
  struct Slot {
    uint64_t count = 0;  // 0: free
    uint32_t hash = 0;
    uint32_t length = 0;
    union {
      char bytes[kInlineBytes];
      const char* pointer;
    };
    Slot() : bytes{} {}
    std::string_view value() const {
      return {length <= kInlineBytes ? bytes : pointer, length};
    }
  };

  void AddKept(std::string_view value, uint64_t count, FixedWeight weight);
  void Grow();
  const char* Store(std::string_view value);
  Entry EntryAt(size_t slot) const {
    return {slots_[slot].value(), slots_[slot].count, weighted_ ? weights_[slot] : 0};
  }
  std::vector<uint32_t> SortedSlots() const;
  Status Spill();
  Status JoinRuns();
  void Clear();

  bool weighted_;
  int64_t memory_limit_bytes_;
  LargeValues large_values_;
  MemoryShare share_;
  std::shared_ptr<SpillFile> file_;  // that this table writes to
  std::vector<SpilledRun> runs_;     // of this file, and of tables merged into this one
  std::vector<Slot> slots_;
  std::vector<FixedWeight> weights_;  // beside slots_, if weighted
  size_t size_ = 0;
  // Arena: blocks that are never moved.
  std::vector<std::unique_ptr<char[]>> blocks_;
  size_t block_left_ = 0;
  char* block_next_ = nullptr;
  int64_t arena_bytes_ = 0;
};

// Counts different 64-bit integers by the same means. Signed order.
class IntegerTable {
 public:
  explicit IntegerTable(bool weighted) : weighted_(weighted) {}
  void Add(int64_t value, uint64_t count = 1, FixedWeight weight = 0);
  void Merge(const IntegerTable& other);
  size_t size() const { return size_; }

  struct Entry {
    int64_t value;
    uint64_t count;
    FixedWeight weight;
  };
  void ForEach(const std::function<void(const Entry&)>& visit) const;
  std::vector<Entry> Top(size_t k, bool by_weight) const;
  void Save(StateWriter* out) const;
  void Load(StateReader* in);

 private:
  struct Slot {
    int64_t value;
    uint64_t count;  // 0: free
  };
  void Grow();

  bool weighted_;
  std::vector<Slot> slots_;
  std::vector<FixedWeight> weights_;
  size_t size_ = 0;
};

}  // namespace bessemer::statistics

#endif  // BESSEMER_STATISTICS_VALUE_TABLE_H_
