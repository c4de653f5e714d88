#ifndef BESSEMER_TESTS_CONFORMANCE_WORKER_POOL_H_
#define BESSEMER_TESTS_CONFORMANCE_WORKER_POOL_H_

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "bessemer/base/status.h"

namespace bessemer::conformance {

struct WorkerOptions {
  int num_workers = 2;
  int timeout_s = 60;  // for one task
};

// Runs tasks 0 … num_tasks - 1 in forked processes, several at a time, and returns what `run`
// returned for each, in order. A worker that ends or hangs is replaced; `lost(what)` then gives the
// result of its task: "ended by signal 6", "did not answer within 60 s". The first time a worker
// ends, its task is given to a fresh one, since it may have died of what an earlier task left.
//
// Call it before the process starts threads: workers begin as copies of it.
StatusOr<std::vector<std::string>> RunInWorkers(
    size_t num_tasks, const WorkerOptions& options, const std::function<std::string(size_t)>& run,
    const std::function<std::string(std::string)>& lost);

}  // namespace bessemer::conformance

#endif  // BESSEMER_TESTS_CONFORMANCE_WORKER_POOL_H_
