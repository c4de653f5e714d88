#include "bessemer/statistics/value_table.h"

#include <algorithm>

#include "bessemer/base/random.h"
#include "bessemer/columnar/short_form.h"
#include "bessemer/columnar/utf8.h"
#include "bessemer/statistics/scattered_internal.h"

namespace bessemer::statistics {
namespace {

constexpr size_t kInitialSlots = 64;
constexpr size_t kBlockBytes = 64 << 10;

uint64_t Load64(const char* p) {
  uint64_t word;
  std::memcpy(&word, p, sizeof word);
  return word;
}

uint64_t Fold(uint64_t a, uint64_t b) {
  const unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

// A multiply-and-fold hash of 8-byte words; the last word overlaps the one before.
uint64_t HashBytes(std::string_view value) {
  constexpr uint64_t kA = 0x9e3779b97f4a7c15;
  constexpr uint64_t kB = 0xd6e8feb86659fd93;
  const char* p = value.data();
  size_t n = value.size();
  uint64_t hash = kA ^ n;
  if (n >= 8) {
    for (; n > 8; n -= 8, p += 8) hash = Fold(hash ^ Load64(p), kB);
    return Fold(hash ^ Load64(value.data() + value.size() - 8), kA);
  }
  uint64_t word = 0;
  if (n >= 4) {
    uint32_t low;
    uint32_t high;
    std::memcpy(&low, p, 4);
    std::memcpy(&high, p + n - 4, 4);
    word = (static_cast<uint64_t>(high) << 32) | low;
  } else if (n > 0) {
    word = static_cast<uint8_t>(p[0]) | (static_cast<uint64_t>(static_cast<uint8_t>(p[n / 2]))
                                         << 8) |
           (static_cast<uint64_t>(static_cast<uint8_t>(p[n - 1])) << 16);
  }
  return Fold(hash ^ word, kA);
}

template <typename Entry>
std::vector<Entry> TopOf(std::vector<Entry> entries, size_t k, bool by_weight) {
  const auto before = [by_weight](const Entry& a, const Entry& b) {
    if (by_weight) {
      if (a.weight != b.weight) return a.weight > b.weight;
    } else if (a.count != b.count) {
      return a.count > b.count;
    }
    return a.value > b.value;
  };
  if (entries.size() > k) {
    std::nth_element(entries.begin(), entries.begin() + static_cast<int64_t>(k), entries.end(),
                     before);
    entries.resize(k);
  }
  std::sort(entries.begin(), entries.end(), before);
  return entries;
}

}  // namespace

void ValueTable::Grow() {
  std::vector<Slot> old_slots = std::move(slots_);
  std::vector<FixedWeight> old_weights = std::move(weights_);
  const size_t num_slots = std::max(kInitialSlots, 2 * old_slots.size());
  slots_.assign(num_slots, Slot());
  if (weighted_) weights_.assign(num_slots, 0);
  const size_t mask = num_slots - 1;
  for (size_t i = 0; i < old_slots.size(); ++i) {
    if (old_slots[i].count == 0) continue;
    size_t slot = old_slots[i].hash & mask;
    while (slots_[slot].count != 0) slot = (slot + 1) & mask;
    slots_[slot] = old_slots[i];
    if (weighted_) weights_[slot] = old_weights[i];
  }
}

const char* ValueTable::Store(std::string_view value) {
  if (value.size() > block_left_) {
    const size_t size = std::max(kBlockBytes, value.size());
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(size));
    block_next_ = blocks_.back().get();
    block_left_ = size;
    arena_bytes_ += static_cast<int64_t>(size);
  }
  char* stored = block_next_;
  std::memcpy(stored, value.data(), value.size());
  block_next_ += value.size();
  block_left_ -= value.size();
  return stored;
}

void ValueTable::Add(std::string_view value, uint64_t count, FixedWeight weight) {
  if (count == 0) return;
  const bool whole = value.size() <= columnar::kLargeValueBytes ||
                     large_values_ == LargeValues::kWhole ||
                     (large_values_ == LargeValues::kTextWhole && columnar::IsUtf8(value));
  if (whole) return AddKept(value, count, weight);
  AddKept(columnar::ShortForm(value), count, weight);
}

void ValueTable::AddKept(std::string_view value, uint64_t count, FixedWeight weight) {
  if (4 * (size_ + 1) > 3 * slots_.size()) Grow();
  const size_t mask = slots_.size() - 1;
  const uint32_t hash = static_cast<uint32_t>(HashBytes(value) >> 20);
  const uint32_t length = static_cast<uint32_t>(value.size());
  size_t i = hash & mask;
  for (;; i = (i + 1) & mask) {
    Slot& slot = slots_[i];
    if (slot.count == 0) {
      slot.hash = hash;
      slot.length = length;
      if (length <= kInlineBytes) {
        if (length > 0) std::memcpy(slot.bytes, value.data(), length);
      } else {
        slot.pointer = Store(value);
      }
      ++size_;
      break;
    }
    if (slot.hash == hash && slot.length == length &&
        (length == 0 || std::memcmp(slot.value().data(), value.data(), length) == 0)) {
      break;
    }
  }
  slots_[i].count += count;
  if (weighted_) weights_[i] += weight;
}

int64_t ValueTable::memory_bytes() const {
  return arena_bytes_ + static_cast<int64_t>(slots_.size() * sizeof(Slot) +
                                             weights_.size() * sizeof(FixedWeight));
}

void ValueTable::ForEach(const std::function<void(const Entry&)>& visit) const {
  for (size_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i].count == 0) continue;
    visit(EntryAt(i));
  }
}

std::vector<ValueTable::Entry> ValueTable::Top(size_t k, bool by_weight) const {
  std::vector<Entry> entries;
  entries.reserve(size_);
  ForEach([&entries](const Entry& entry) { entries.push_back(entry); });
  return TopOf(std::move(entries), k, by_weight);
}

void IntegerTable::Grow() {
  std::vector<Slot> old_slots = std::move(slots_);
  std::vector<FixedWeight> old_weights = std::move(weights_);
  slots_.assign(std::max(kInitialSlots, 2 * old_slots.size()), Slot{0, 0});
  if (weighted_) weights_.assign(slots_.size(), 0);
  size_ = 0;
  for (size_t i = 0; i < old_slots.size(); ++i) {
    if (old_slots[i].count != 0) {
      Add(old_slots[i].value, old_slots[i].count, weighted_ ? old_weights[i] : 0);
    }
  }
}

void IntegerTable::Add(int64_t value, uint64_t count, FixedWeight weight) {
  if (count == 0) return;
  if (4 * (size_ + 1) > 3 * slots_.size()) Grow();
  const size_t mask = slots_.size() - 1;
  size_t i = Random::Mix(static_cast<uint64_t>(value)) & mask;
  while (slots_[i].count != 0 && slots_[i].value != value) i = (i + 1) & mask;
  if (slots_[i].count == 0) {
    slots_[i].value = value;
    ++size_;
  }
  slots_[i].count += count;
  if (weighted_) weights_[i] += weight;
}

void IntegerTable::Merge(const IntegerTable& other) {
  ForEachSlotScattered(other.slots_.size(), [&](size_t i) {
    const Slot& slot = other.slots_[i];
    if (slot.count != 0) Add(slot.value, slot.count, other.weighted_ ? other.weights_[i] : 0);
  });
}

void IntegerTable::ForEach(const std::function<void(const Entry&)>& visit) const {
  for (size_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i].count != 0) visit({slots_[i].value, slots_[i].count, weighted_ ? weights_[i]
        : 0});
  }
}

std::vector<IntegerTable::Entry> IntegerTable::Top(size_t k, bool by_weight) const {
  std::vector<Entry> entries;
  ForEach([&entries](const Entry& entry) { entries.push_back(entry); });
  return TopOf(std::move(entries), k, by_weight);
}

void IntegerTable::Save(StateWriter* out) const {
  std::vector<Entry> entries;
  ForEach([&entries](const Entry& entry) { entries.push_back(entry); });
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.value < b.value; });
  out->Varint(entries.size());
  for (const Entry& entry : entries) {
    out->Signed(entry.value);
    out->Varint(entry.count);
    if (weighted_) out->Int128(entry.weight);
  }
}

void IntegerTable::Load(StateReader* in) {
  *this = IntegerTable(weighted_);
  for (uint64_t i = in->Count(2); i > 0 && in->status().ok(); --i) {
    const int64_t value = in->Signed();
    const uint64_t count = in->Varint();
    Add(value, count, weighted_ ? in->Int128() : 0);
  }
}

}  // namespace bessemer::statistics
