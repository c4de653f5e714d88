#include "bessemer/validation/record_partitions.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "bessemer/base/hash.h"

namespace bessemer::validation {

namespace {

constexpr size_t kMaxSize = std::numeric_limits<uint32_t>::max();

void AppendSize(size_t size, std::string* bytes) {
  const auto narrow = static_cast<uint32_t>(size);
  bytes->append(reinterpret_cast<const char*>(&narrow), sizeof(narrow));
}

uint32_t SizeAt(const std::string& bytes, size_t at) {
  uint32_t size;
  std::memcpy(&size, bytes.data() + at, sizeof(size));
  return size;
}

}  // namespace

RecordPartitions::RecordPartitions(int num_partitions, int64_t memory_bytes, std::string prefix)
    : slot_bytes_(static_cast<size_t>(std::max<int64_t>(memory_bytes / num_partitions, 1 << 12))),
      prefix_(std::move(prefix)) {
  for (int i = 0; i < num_partitions; ++i) slots_.push_back(std::make_unique<Slot>());
}

std::string RecordPartitions::FileOf(int partition) const {
  return fmt::format("{}-{:05d}", prefix_, partition);
}

Status RecordPartitions::Add(std::string_view key, std::string_view record) {
  if (key.size() > kMaxSize || record.size() > kMaxSize) {
    return ResourceExhaustedError("a record of {} bytes is too large to compare", record.size());
  }
  const auto partition = static_cast<size_t>(Fingerprint64(key) % slots_.size());
  Slot& slot = *slots_[partition];
  const std::lock_guard<std::mutex> lock(slot.mutex);
  if (!slot.bytes.empty() &&
      slot.bytes.size() + key.size() + record.size() + 8 > slot_bytes_) {
    if (slot.spilled == nullptr) {
      BESSEMER_ASSIGN_OR_RETURN(slot.spilled, io::OpenOutput(FileOf(static_cast<int>(partition))));
    }
    BESSEMER_RETURN_IF_ERROR(slot.spilled->Write(slot.bytes));
    slot.bytes.clear();
  }
  AppendSize(key.size(), &slot.bytes);
  AppendSize(record.size(), &slot.bytes);
  slot.bytes.append(key);
  slot.bytes.append(record);
  return OkStatus();
}

StatusOr<std::unique_ptr<RecordPartitions::Partition>> RecordPartitions::Take(int partition) {
  Slot& slot = *slots_[static_cast<size_t>(partition)];
  auto taken = std::make_unique<Partition>();
  if (slot.spilled != nullptr) {
    BESSEMER_RETURN_IF_ERROR(slot.spilled->Close());
    slot.spilled.reset();
    BESSEMER_ASSIGN_OR_RETURN(taken->bytes, io::ReadFile(FileOf(partition)));
    BESSEMER_RETURN_IF_ERROR(io::RemoveTree(FileOf(partition)));
  }
  taken->bytes += slot.bytes;
  slot.bytes = std::string();
  const std::string& bytes = taken->bytes;
  for (size_t at = 0; at < bytes.size();) {
    const uint32_t key_size = SizeAt(bytes, at);
    const uint32_t record_size = SizeAt(bytes, at + 4);
    const char* key = bytes.data() + at + 8;
    taken->entries.push_back({{key, key_size}, {key + key_size, record_size}});
    at += 8 + size_t{key_size} + record_size;
  }
  return taken;
}

}  // namespace bessemer::validation
