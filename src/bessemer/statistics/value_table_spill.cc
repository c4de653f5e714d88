#include <algorithm>
#include <atomic>
#include <optional>

#include "bessemer/statistics/scattered_internal.h"
#include "bessemer/statistics/value_table.h"

// What a ValueTable does with values that do not fit memory.

namespace bessemer::statistics {
namespace {

// Tables below this size stay in memory: moving them would not help, unless there are hundreds.
constexpr int64_t kSmallBytes = 1 << 20;
constexpr size_t kMaxRuns = 64;
constexpr size_t kSettleInterval = 16384;  // about what is added between two calls of Settle

std::atomic<int64_t> memory_of_all{0};
std::atomic<int64_t> number_of_all{0};

// A sorted sequence being merged with others.
struct Cursor {
  std::optional<RunReader> run;        // else slots of the table
  std::vector<uint32_t> slots;
  size_t next = 0;
  SpilledValue value = {};
};

}  // namespace

void MemoryShare::Set(int64_t bytes) {
  memory_of_all += bytes - bytes_;
  number_of_all += (bytes != 0 ? 1 : 0) - (bytes_ != 0 ? 1 : 0);
  bytes_ = bytes;
}

int64_t MemoryShare::total_bytes() { return memory_of_all; }
int64_t MemoryShare::num_shares() { return number_of_all; }

Status ValueTable::Settle() {
  if (memory_limit_bytes_ == kNoLimit) return OkStatus();
  const int64_t own = memory_bytes();
  share_.Set(own);
  // A table that is about to grow needs twice its memory, and half as much again meanwhile: a
  // quarter of the limit is left for those.
  const bool will_grow = 4 * (size_ + kSettleInterval) > 3 * slots_.size();
  const int64_t needed = will_grow ? 2 * own : own;
  const int64_t total = MemoryShare::total_bytes();
  const bool too_large = needed > memory_limit_bytes_ / 4 || total > memory_limit_bytes_ / 4 * 3;
  const int64_t average = total / std::max<int64_t>(MemoryShare::num_shares(), 1);
  return too_large && own > std::min(kSmallBytes, average) ? Spill() : OkStatus();
}

std::vector<uint32_t> ValueTable::SortedSlots() const {
  std::vector<uint32_t> order;
  order.reserve(size_);
  for (size_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i].count != 0) order.push_back(static_cast<uint32_t>(i));
  }
  std::sort(order.begin(), order.end(), [this](uint32_t a, uint32_t b) {
    return slots_[a].value() < slots_[b].value();
  });
  return order;
}

void ValueTable::Clear() {
  slots_ = {};
  weights_ = {};
  size_ = 0;
  blocks_.clear();
  block_left_ = 0;
  block_next_ = nullptr;
  arena_bytes_ = 0;
  share_.Set(0);
}

Status ValueTable::Spill() {
  if (file_ == nullptr) {
    BESSEMER_ASSIGN_OR_RETURN(file_, SpillFile::Create());
  }
  RunWriter writer(file_);
  for (const uint32_t slot : SortedSlots()) {
    BESSEMER_RETURN_IF_ERROR(writer.Add(EntryAt(slot)));
  }
  BESSEMER_ASSIGN_OR_RETURN(SpilledRun run, writer.Finish());
  runs_.push_back(std::move(run));
  Clear();
  return runs_.size() > kMaxRuns ? JoinRuns() : OkStatus();
}

Status ValueTable::JoinRuns() {
  BESSEMER_ASSIGN_OR_RETURN(std::shared_ptr<SpillFile> file, SpillFile::Create());
  RunWriter writer(file);
  BESSEMER_RETURN_IF_ERROR(
      ForEachSorted([&writer](const Entry& entry) { return writer.Add(entry); }));
  BESSEMER_ASSIGN_OR_RETURN(SpilledRun run, writer.Finish());
  Clear();
  file_ = std::move(file);
  runs_ = {std::move(run)};
  return OkStatus();
}

Status ValueTable::ForEachSorted(const std::function<Status(const Entry&)>& visit) const {
  std::vector<Cursor> cursors(runs_.size() + 1);
  for (size_t i = 0; i < runs_.size(); ++i) cursors[i].run.emplace(runs_[i]);
  cursors.back().slots = SortedSlots();
  if (runs_.empty()) {
    for (const uint32_t slot : cursors.back().slots) BESSEMER_RETURN_IF_ERROR(visit(EntryAt(slot)));
    return OkStatus();
  }
  const auto advance = [this](Cursor* cursor) -> StatusOr<bool> {
    if (cursor->run) return cursor->run->Next(&cursor->value);
    if (cursor->next == cursor->slots.size()) return false;
    cursor->value = EntryAt(cursor->slots[cursor->next++]);
    return true;
  };
  const auto after = [](const Cursor* a, const Cursor* b) {
    return a->value.value > b->value.value;
  };
  std::vector<Cursor*> heap;
  for (Cursor& cursor : cursors) {
    BESSEMER_ASSIGN_OR_RETURN(const bool more, advance(&cursor));
    if (more) heap.push_back(&cursor);
  }
  std::make_heap(heap.begin(), heap.end(), after);
  std::string value;
  while (!heap.empty()) {
    value.assign(heap.front()->value.value);
    Entry entry{value, 0, 0};
    while (!heap.empty() && heap.front()->value.value == value) {
      std::pop_heap(heap.begin(), heap.end(), after);
      Cursor* const cursor = heap.back();
      entry.count += cursor->value.count;
      entry.weight += cursor->value.weight;
      BESSEMER_ASSIGN_OR_RETURN(const bool more, advance(cursor));
      if (more) {
        std::push_heap(heap.begin(), heap.end(), after);
      } else {
        heap.pop_back();
      }
    }
    BESSEMER_RETURN_IF_ERROR(visit(entry));
  }
  return OkStatus();
}

Status ValueTable::Merge(const ValueTable& other) {
  runs_.insert(runs_.end(), other.runs_.begin(), other.runs_.end());
  size_t unsettled = 0;
  Status status;
  ForEachSlotScattered(other.slots_.size(), [&](size_t i) {
    if (other.slots_[i].count == 0 || !status.ok()) return;
    const Entry entry = other.EntryAt(i);
    Add(entry.value, entry.count, entry.weight);
    if (++unsettled % kSettleInterval == 0) status = Settle();
  });
  BESSEMER_RETURN_IF_ERROR(status);
  BESSEMER_RETURN_IF_ERROR(Settle());
  return runs_.size() > kMaxRuns ? JoinRuns() : OkStatus();
}

void ValueTable::Save(StateWriter* out) const {
  uint64_t num_values = size_;
  if (spilled()) {
    num_values = 0;
    out->Check(ForEachSorted([&num_values](const Entry&) {
      ++num_values;
      return OkStatus();
    }));
  }
  out->Varint(num_values);
  out->Check(ForEachSorted([&](const Entry& entry) {
    out->Bytes(entry.value);
    out->Varint(entry.count);
    if (weighted_) out->Int128(entry.weight);
    return OkStatus();
  }));
}

void ValueTable::Load(StateReader* in) {
  *this = ValueTable(weighted_, memory_limit_bytes_, large_values_);
  for (uint64_t i = in->Count(2); i > 0 && in->status().ok(); --i) {
    const std::string_view value = in->Bytes();
    const uint64_t count = in->Varint();
    Add(value, count, weighted_ ? in->Int128() : 0);
    if (i % kSettleInterval == 0) {
      if (const Status status = Settle(); !status.ok()) in->Fail(Message(status));
    }
  }
}

}  // namespace bessemer::statistics
