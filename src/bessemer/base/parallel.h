#ifndef BESSEMER_BASE_PARALLEL_H_
#define BESSEMER_BASE_PARALLEL_H_

#include <cstdint>
#include <functional>

#include "bessemer/base/status.h"

namespace bessemer {

// The number of threads that work by default: the processors this process may use, at least 1.
int DefaultNumThreads();

// Runs task(0) … task(num_tasks - 1) on up to `num_threads` threads (0: the default), the caller's
// among them, handing tasks out in order. Returns when all that were started have ended. After an
// error no new task starts; of several errors the one of the lowest index is returned. Tasks must
// not depend on each other: which thread runs which is not defined, so a caller that needs results
// equal for any number of threads writes each task's to a place of its own and merges in order.
Status ParallelFor(int64_t num_tasks, int num_threads, const std::function<Status(int64_t)>& task);

}  // namespace bessemer

#endif  // BESSEMER_BASE_PARALLEL_H_
