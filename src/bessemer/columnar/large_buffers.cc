#include "bessemer/columnar/large_buffers.h"

#include <arrow/status.h>
#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <cstring>

namespace bessemer::columnar {
namespace {

constexpr int64_t kPageBytes = 4096;  // alignment of what mmap gives, at least

class Pool : public arrow::MemoryPool {
 public:
  using arrow::MemoryPool::Allocate;
  using arrow::MemoryPool::Free;
  using arrow::MemoryPool::Reallocate;

  arrow::Status Allocate(int64_t size, int64_t alignment, uint8_t** out) override {
    if (!IsMapped(size, alignment)) return small_->Allocate(size, alignment, out);
    void* const made = mmap(nullptr, Mapped(size), PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (made == MAP_FAILED) return OutOfMemory(size);
    madvise(made, Mapped(size), MADV_HUGEPAGE);  // fewer faults; without it, it is slower
    *out = static_cast<uint8_t*>(made);
    Count(size);
    return arrow::Status::OK();
  }

  arrow::Status Reallocate(int64_t old_size, int64_t new_size, int64_t alignment,
                           uint8_t** buffer) override {
    const bool was_mapped = IsMapped(old_size, alignment);
    const bool is_mapped = IsMapped(new_size, alignment);
    if (was_mapped && is_mapped) {
      void* const moved = mremap(*buffer, Mapped(old_size), Mapped(new_size), MREMAP_MAYMOVE);
      if (moved == MAP_FAILED) return OutOfMemory(new_size);
      *buffer = static_cast<uint8_t*>(moved);
      Count(new_size - old_size);
      return arrow::Status::OK();
    }
    if (!was_mapped && !is_mapped) {
      return small_->Reallocate(old_size, new_size, alignment, buffer);
    }
    uint8_t* made = nullptr;
    ARROW_RETURN_NOT_OK(Allocate(new_size, alignment, &made));
    std::memcpy(made, *buffer, static_cast<size_t>(std::min(old_size, new_size)));
    Free(*buffer, old_size, alignment);
    *buffer = made;
    return arrow::Status::OK();
  }

  void Free(uint8_t* buffer, int64_t size, int64_t alignment) override {
    if (!IsMapped(size, alignment)) return small_->Free(buffer, size, alignment);
    munmap(buffer, Mapped(size));
    mapped_bytes_ -= size;
  }

  void ReleaseUnused() override { small_->ReleaseUnused(); }
  int64_t bytes_allocated() const override { return mapped_bytes_ + small_->bytes_allocated(); }
  int64_t max_memory() const override { return max_mapped_bytes_ + small_->max_memory(); }
  int64_t total_bytes_allocated() const override {
    return total_mapped_bytes_ + small_->total_bytes_allocated();
  }
  int64_t num_allocations() const override {
    return num_mappings_ + small_->num_allocations();
  }
  std::string backend_name() const override { return small_->backend_name(); }

 private:
  static bool IsMapped(int64_t size, int64_t alignment) {
    return size >= kLargeBufferBytes && alignment <= kPageBytes;
  }
  static size_t Mapped(int64_t size) {
    return static_cast<size_t>((size + kPageBytes - 1) / kPageBytes * kPageBytes);
  }
  static arrow::Status OutOfMemory(int64_t size) {
    return arrow::Status::OutOfMemory("no memory for a buffer of ", size, " bytes");
  }
  void Count(int64_t bytes) {
    const int64_t held = mapped_bytes_ += bytes;
    int64_t most = max_mapped_bytes_;
    while (held > most && !max_mapped_bytes_.compare_exchange_weak(most, held)) {
    }
    total_mapped_bytes_ += std::max<int64_t>(bytes, 0);
    ++num_mappings_;
  }

  arrow::MemoryPool* const small_ = arrow::default_memory_pool();
  std::atomic<int64_t> mapped_bytes_{0};
  std::atomic<int64_t> max_mapped_bytes_{0};
  std::atomic<int64_t> total_mapped_bytes_{0};
  std::atomic<int64_t> num_mappings_{0};
};

}  // namespace

arrow::MemoryPool* LargeBufferPool() {
  static Pool* const pool = new Pool();  // outlives what static objects hold
  return pool;
}

}  // namespace bessemer::columnar
