#ifndef BESSEMER_VALIDATION_RECORD_PARTITIONS_H_
#define BESSEMER_VALIDATION_RECORD_PARTITIONS_H_

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/io/file.h"

namespace bessemer::validation {

// Records by key, cut into partitions by a hash of the key: equal keys meet in one partition. What
// does not fit into memory waits in files.
class RecordPartitions {
 public:
  struct Entry {
    std::string_view key;
    std::string_view record;
  };
  // The entries of one partition, in no particular order.
  struct Partition {
    std::vector<Entry> entries;
    std::string bytes;  // what the entries point into
  };

  // Keeps about `memory_bytes` in memory; the rest goes to files "<prefix>-<partition>".
  RecordPartitions(int num_partitions, int64_t memory_bytes, std::string prefix);

  // Thread-safe. RESOURCE_EXHAUSTED for a record beyond 4 GiB; errors of the disk.
  Status Add(std::string_view key, std::string_view record);

  // Moves a partition out, once all has been added. Different partitions may be taken by different
  // threads.
  StatusOr<std::unique_ptr<Partition>> Take(int partition);

  int num_partitions() const { return static_cast<int>(slots_.size()); }

 private:
  struct Slot {
    std::mutex mutex;
    std::string bytes;
    std::unique_ptr<io::OutputStream> spilled;
  };

  std::string FileOf(int partition) const;

  std::vector<std::unique_ptr<Slot>> slots_;
  size_t slot_bytes_;
  std::string prefix_;
};

}  // namespace bessemer::validation

#endif  // BESSEMER_VALIDATION_RECORD_PARTITIONS_H_
