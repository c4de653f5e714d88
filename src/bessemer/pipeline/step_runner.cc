#include "bessemer/pipeline/step_runner.h"

#include <chrono>

namespace bessemer::pipeline {

ThreadRunner::~ThreadRunner() {
  for (auto& [step, thread] : threads_) thread.join();
}

void ThreadRunner::Start(int step, std::function<void()> work) {
  threads_.emplace(step, std::thread([this, step, work = std::move(work)] {
                     work();
                     const std::lock_guard lock(mutex_);
                     finished_.push_back(step);
                     ended_.notify_one();
                   }));
}

std::optional<int> ThreadRunner::Wait(int timeout_ms) {
  std::unique_lock lock(mutex_);
  if (!ended_.wait_for(lock, std::chrono::milliseconds(timeout_ms),
                       [this] { return !finished_.empty(); })) {
    return std::nullopt;
  }
  const int step = finished_.front();
  finished_.pop_front();
  lock.unlock();
  threads_.at(step).join();
  threads_.erase(step);
  return step;
}

}  // namespace bessemer::pipeline
