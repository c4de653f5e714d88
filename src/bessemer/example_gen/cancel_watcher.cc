#include "bessemer/example_gen/cancel_watcher.h"

#include <chrono>

namespace bessemer::example_gen {

CancelWatcher::CancelWatcher(const Progress& progress, std::function<void()> cancel)
    : progress_(progress), cancel_(std::move(cancel)), thread_([this] { Watch(); }) {}

CancelWatcher::~CancelWatcher() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void CancelWatcher::Watch() {
  std::unique_lock lock(mutex_);
  while (!stop_) {
    if (progress_.cancelled()) {
      cancelled_ = true;
      lock.unlock();
      cancel_();
      lock.lock();
    }
    wake_.wait_for(lock, std::chrono::milliseconds(100), [this] { return stop_; });
  }
}

}  // namespace bessemer::example_gen
