#ifndef BESSEMER_EXAMPLE_GEN_SHAPING_WORD_LIST_H_
#define BESSEMER_EXAMPLE_GEN_SHAPING_WORD_LIST_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "bessemer/base/status.h"

// Short facts about many rows: in memory while they are few, on disk when they are many.

namespace bessemer::example_gen::shaping {

// One file without a name, to which many lists are spilled in chunks; it goes when it is closed,
// also when the process is killed. Thread-safe.
class ScratchSpace {
 public:
  // The file is made at the first write, in this folder.
  explicit ScratchSpace(std::string folder) : folder_(std::move(folder)) {}
  ~ScratchSpace();
  ScratchSpace(const ScratchSpace&) = delete;

  // Returns where the words were put. UNAVAILABLE if the file cannot be made or is full.
  StatusOr<int64_t> Write(std::span<const uint64_t> words);
  Status Read(int64_t offset, std::span<uint64_t> words) const;

 private:
  StatusOr<int> Open();

  std::string folder_;
  std::atomic<int> fd_ = -1;
  std::atomic<int64_t> end_ = 0;
};

// Records of a fixed number of 64-bit words, in the order they were appended. Keeps up to
// `buffer_records` of them in memory. Not thread-safe; different lists are independent.
class WordList {
 public:
  // `width`: words of a record, at least 1. The space must outlive the list.
  WordList(ScratchSpace* space, size_t width, size_t buffer_records = 8192)
      : space_(space), width_(width), buffer_words_(width * buffer_records) {}

  int64_t num_records() const { return num_records_; }
  // `record` has `width` words.
  Status Append(const uint64_t* record);
  // Nothing more will be appended: gives memory back.
  Status Seal();
  // Visits all records in order, until an error.
  Status Visit(const std::function<Status(const uint64_t* record)>& visit) const;
  // All records, one behind the other.
  StatusOr<std::vector<uint64_t>> ReadAll() const;

 private:
  ScratchSpace* space_;
  size_t width_;
  size_t buffer_words_;
  int64_t num_records_ = 0;
  struct Chunk {
    int64_t offset;
    size_t num_words;
  };
  Status Spill();

  std::vector<uint64_t> buffer_;  // what is not in the file
  std::vector<Chunk> chunks_;
};

}  // namespace bessemer::example_gen::shaping

#endif  // BESSEMER_EXAMPLE_GEN_SHAPING_WORD_LIST_H_
