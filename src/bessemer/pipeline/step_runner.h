#ifndef BESSEMER_PIPELINE_STEP_RUNNER_H_
#define BESSEMER_PIPELINE_STEP_RUNNER_H_

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

namespace bessemer::pipeline {

// Where steps do their work. The Builder starts and waits from one thread.
class StepRunner {
 public:
  virtual ~StepRunner() = default;
  // Has `work` done, now or later, on any thread.
  virtual void Start(int step, std::function<void()> work) = 0;
  // Waits until some started step has ended and returns it; nothing if that takes too long.
  virtual std::optional<int> Wait(int timeout_ms) = 0;
};

// A thread for each step.
class ThreadRunner : public StepRunner {
 public:
  ~ThreadRunner() override;  // waits for all
  void Start(int step, std::function<void()> work) override;
  std::optional<int> Wait(int timeout_ms) override;

 private:
  std::mutex mutex_;
  std::condition_variable ended_;
  std::deque<int> finished_;
  std::map<int, std::thread> threads_;
};

}  // namespace bessemer::pipeline

#endif  // BESSEMER_PIPELINE_STEP_RUNNER_H_
