#ifndef BESSEMER_STATISTICS_VALUE_TABLE_H_
#define BESSEMER_STATISTICS_VALUE_TABLE_H_

#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "bessemer/statistics/value_distribution.h"

namespace bessemer::statistics {

// Counts different byte strings, exactly: an open-addressing table whose 32-byte slots hold strings
// of up to 16 bytes themselves and point into an arena for longer ones, so that most look-ups touch
// one cache line. With weights, a fixed-point sum of them beside each count. About 15 ns an
// addition for few different values, a cache miss for many. Memory: 64 to 128 bytes a value, and
// long bytes.
class ValueTable {
 public:
  explicit ValueTable(bool weighted) : weighted_(weighted) {}
  ValueTable(ValueTable&&) = default;
  ValueTable& operator=(ValueTable&&) = default;

  void Add(std::string_view value, uint64_t count = 1, FixedWeight weight = 0);
  void Merge(const ValueTable& other);

  size_t size() const { return size_; }
  int64_t memory_bytes() const;
  bool weighted() const { return weighted_; }

  // A value; the view is valid until the next change of the table.
  struct Entry {
    std::string_view value;
    uint64_t count;
    FixedWeight weight;
  };
  void ForEach(const std::function<void(const Entry&)>& visit) const;
  // The k first by count (or weight) descending, of equal ones by value descending.
  std::vector<Entry> Top(size_t k, bool by_weight) const;

  // Sorted by value: equal contents give equal bytes.
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

  void Grow();
  const char* Store(std::string_view value);

  bool weighted_;
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
