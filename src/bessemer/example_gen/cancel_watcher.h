#ifndef BESSEMER_EXAMPLE_GEN_CANCEL_WATCHER_H_
#define BESSEMER_EXAMPLE_GEN_CANCEL_WATCHER_H_

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "bessemer/base/progress.h"

namespace bessemer::example_gen {

// Asks a Progress every tenth of a second, on a thread of its own, whether the work is to stop, and
// from then on calls `cancel` every tenth of a second: for calls that block in an engine until it
// is told to give up. Once would not do: engines forget a cancel that comes between two commands.
class CancelWatcher {
 public:
  // `cancel` runs on the watcher's thread and must be safe beside what the others do. `progress`
  // must live as long as this.
  CancelWatcher(const Progress& progress, std::function<void()> cancel);
  ~CancelWatcher();  // waits for a `cancel` that is running
  CancelWatcher(const CancelWatcher&) = delete;
  CancelWatcher& operator=(const CancelWatcher&) = delete;

  // True once `cancel` has been or is being called: an engine's error after that is no error of its
  // own.
  bool cancelled() const { return cancelled_.load(); }

 private:
  void Watch();

  const Progress& progress_;
  const std::function<void()> cancel_;
  std::atomic<bool> cancelled_{false};
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_CANCEL_WATCHER_H_
