#ifndef BESSEMER_STATISTICS_CELL_TABLE_H_
#define BESSEMER_STATISTICS_CELL_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace bessemer::statistics {

// A key and the mass on it; 8 bytes where both are of 32 bits, at most 24.
template <typename Key, typename Mass>
struct [[gnu::packed, gnu::aligned(alignof(Key))]] Cell {
  Key key;
  Mass mass;  // 0: a free slot
};

// Sums of mass by key: open addressing, linear probing, in any number of slots, so that a full
// table of a known size need not be half empty. Not a std::unordered_map: a cell is its own slot.
template <typename Key, typename Mass>
class CellTable {
 public:
  using CellType = Cell<Key, Mass>;

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  size_t num_slots() const { return slots_.size(); }
  int64_t memory_bytes() const { return static_cast<int64_t>(slots_.size() * sizeof(CellType)); }

  // Whether one more cell fits at a load of at most 0.8.
  bool has_room() const { return 5 * (size_ + 1) <= 4 * slots_.size(); }

  // The slot of the key, or the free one where it belongs. There must be a free one.
  CellType& Slot(Key key) {
    size_t i = IndexOf(key);
    while (slots_[i].mass != 0 && slots_[i].key != key) i = i + 1 == slots_.size() ? 0 : i + 1;
    return slots_[i];
  }

  // Adds to the key's cell, which is taken if it is new. There must be room.
  void Add(Key key, Mass mass) {
    CellType& cell = Slot(key);
    if (cell.mass == 0) Take(&cell, key);
    cell.mass += mass;
  }
  // A free slot becomes the key's; its mass must be set.
  void Take(CellType* slot, Key key) {
    slot->key = key;
    ++size_;
  }

  template <typename F>
  void ForEach(F&& visit) const {
    for (const CellType& cell : slots_) {
      if (cell.mass != 0) visit(cell);
    }
  }

  // All cells into a table of so many slots, which must do.
  void Resize(size_t num_slots) {
    CellTable resized(num_slots);
    ForEach([&resized](const CellType& cell) { resized.Add(cell.key, cell.mass); });
    *this = std::move(resized);
  }

  CellTable() = default;
  explicit CellTable(size_t num_slots) : slots_(num_slots, CellType{0, 0}) {}

 private:
  // The high half of a multiplicative hash, scaled to the number of slots.
  size_t IndexOf(Key key) const {
    const uint64_t hash = (key * 0x9e3779b97f4a7c15ull) >> 32;
    return (hash * slots_.size()) >> 32;
  }

  std::vector<CellType> slots_;
  size_t size_ = 0;
};

}  // namespace bessemer::statistics

#endif  // BESSEMER_STATISTICS_CELL_TABLE_H_
