#ifndef BESSEMER_COLUMNAR_LARGE_BUFFERS_H_
#define BESSEMER_COLUMNAR_LARGE_BUFFERS_H_

#include <arrow/memory_pool.h>

namespace bessemer::columnar {

// A pool for readers of large values. Buffers of kLargeBufferBytes and more are the process's own
// only where they are written: what is reserved and never used takes no memory, one that grows is
// not copied, so that old and new would be held, and what is freed goes back to the system at once.
// Smaller buffers are of Arrow's default pool. Thread-safe; lives as long as the process.
arrow::MemoryPool* LargeBufferPool();

inline constexpr int64_t kLargeBufferBytes = 4 << 20;

}  // namespace bessemer::columnar

#endif  // BESSEMER_COLUMNAR_LARGE_BUFFERS_H_
