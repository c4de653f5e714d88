#include "bessemer/base/parallel.h"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

#include "bessemer/base/no_throw.h"

namespace bessemer {

int DefaultNumThreads() {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof(allowed), &allowed) == 0) {
    return std::max(1, CPU_COUNT(&allowed));
  }
  return std::max(1u, std::thread::hardware_concurrency());
}

Status ParallelFor(int64_t num_tasks, int num_threads, const std::function<Status(int64_t)>& task) {
  if (num_threads <= 0) num_threads = DefaultNumThreads();
  num_threads = static_cast<int>(std::min<int64_t>(num_threads, num_tasks));

  std::atomic<int64_t> next{0};
  std::atomic<bool> failed{false};
  std::mutex mutex;
  int64_t error_index = num_tasks;
  Status error;
  auto work = [&] {
    while (!failed.load(std::memory_order_relaxed)) {
      const int64_t index = next.fetch_add(1, std::memory_order_relaxed);
      if (index >= num_tasks) return;
      if (Status status = NoThrow([&] { return task(index); }); !status.ok()) {
        const std::lock_guard lock(mutex);
        failed = true;
        if (index < error_index) {
          error_index = index;
          error = std::move(status);
        }
      }
    }
  };
  std::vector<std::jthread> threads;
  for (int i = 1; i < num_threads; ++i) threads.emplace_back(work);
  work();
  threads.clear();  // joins
  return error;
}

}  // namespace bessemer
