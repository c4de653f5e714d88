#ifndef BESSEMER_PIPELINE_PLAN_H_
#define BESSEMER_PIPELINE_PLAN_H_

#include <cstdint>
#include <optional>
#include <vector>

namespace bessemer::pipeline {

struct PlanStep {
  std::vector<int> after;  // indexes of the steps that must succeed first
  int64_t memory_bytes = 0;
};

struct PlanBudget {
  int max_running = 1;
  int64_t memory_bytes = 0;  // 0: no limit
};

// What can run now. Knows nothing of components, files or threads: it is told what happened. Steps
// are numbered in an order in which each comes after those it waits for.
class Plan {
 public:
  Plan(std::vector<PlanStep> steps, PlanBudget budget);

  // The first step that is ready and fits into what the running ones leave of the budget; it counts
  // as running then. A step that asks for more than there is runs alone.
  std::optional<int> Next();

  void Succeed(int step);
  // Returns the steps that can no longer run, directly or not, in order.
  std::vector<int> Fail(int step);
  // Gives up everything that has not been started; returns it.
  std::vector<int> Stop();

  int num_running() const { return num_running_; }
  bool done() const { return num_left_ == 0; }

 private:
  enum class State { kWaiting, kRunning, kSucceeded, kFailed, kSkipped };

  bool Ready(int step) const;
  void End(int step, State state);

  std::vector<PlanStep> steps_;
  std::vector<State> states_;
  PlanBudget budget_;
  int num_running_ = 0;
  int num_left_ = 0;
  int64_t memory_in_use_ = 0;
};

}  // namespace bessemer::pipeline

#endif  // BESSEMER_PIPELINE_PLAN_H_
