#include "bessemer/columnar/large_buffers.h"

#include <arrow/buffer.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <numeric>
#include <vector>

namespace bessemer::columnar {
namespace {

constexpr int64_t kMiB = 1 << 20;

// How many pages of a range are in memory.
int64_t PagesInMemory(const uint8_t* begin, int64_t size) {
  std::vector<unsigned char> there(static_cast<size_t>(size / 4096));
  EXPECT_EQ(mincore(const_cast<uint8_t*>(begin), static_cast<size_t>(size), there.data()), 0);
  return std::accumulate(there.begin(), there.end(), int64_t{0},
                         [](int64_t sum, unsigned char page) { return sum + (page & 1); });
}

TEST(LargeBufferPool, KeepsContentWhateverTheSizeBecomes) {
  arrow::MemoryPool* const pool = LargeBufferPool();
  const int64_t before = pool->bytes_allocated();
  {
    auto buffer = *arrow::AllocateResizableBuffer(1000, pool);
    for (int i = 0; i < 1000; ++i) buffer->mutable_data()[i] = static_cast<uint8_t>(i * 7);
    for (const int64_t size : {kMiB, kLargeBufferBytes, 3 * kLargeBufferBytes + 1,
                               90 * kLargeBufferBytes, kLargeBufferBytes + 5, int64_t{2000}}) {
      ASSERT_TRUE(buffer->Resize(size, /*shrink_to_fit=*/true).ok());
      for (int i = 0; i < 1000; ++i) {
        ASSERT_EQ(buffer->data()[i], static_cast<uint8_t>(i * 7)) << size;
      }
      buffer->mutable_data()[size - 1] = 1;  // all of it is ours
      EXPECT_GE(pool->bytes_allocated(), before + size);
    }
    EXPECT_GE(pool->max_memory(), before + 90 * kLargeBufferBytes);
  }
  EXPECT_EQ(pool->bytes_allocated(), before);
}

TEST(LargeBufferPool, TakesWhatIsWrittenOnly) {
  auto buffer = *arrow::AllocateResizableBuffer(256 * kMiB, LargeBufferPool());
  EXPECT_EQ(PagesInMemory(buffer->data(), buffer->size()), 0);
  for (int64_t at = 0; at < 8 * kMiB; at += 4096) buffer->mutable_data()[at] = 1;
  EXPECT_GE(PagesInMemory(buffer->data(), buffer->size()), 8 * kMiB / 4096);
  EXPECT_LE(PagesInMemory(buffer->data(), buffer->size()), 16 * kMiB / 4096);
}

TEST(LargeBufferPool, SaysWhenThereIsNoMemory) {
  const auto buffer = arrow::AllocateBuffer(int64_t{1} << 60, LargeBufferPool());
  EXPECT_TRUE(buffer.status().IsOutOfMemory()) << buffer.status().ToString();
}

}  // namespace
}  // namespace bessemer::columnar
