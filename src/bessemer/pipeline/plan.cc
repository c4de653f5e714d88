#include "bessemer/pipeline/plan.h"

#include <algorithm>

namespace bessemer::pipeline {

Plan::Plan(std::vector<PlanStep> steps, PlanBudget budget)
    : steps_(std::move(steps)),
      states_(steps_.size(), State::kWaiting),
      budget_(budget),
      num_left_(static_cast<int>(steps_.size())) {}

bool Plan::Ready(int step) const {
  return states_[step] == State::kWaiting &&
         std::all_of(steps_[step].after.begin(), steps_[step].after.end(),
                     [&](int before) { return states_[before] == State::kSucceeded; });
}

std::optional<int> Plan::Next() {
  if (num_running_ >= std::max(1, budget_.max_running)) return std::nullopt;
  for (int step = 0; step < static_cast<int>(steps_.size()); ++step) {
    const bool fits = num_running_ == 0 || budget_.memory_bytes <= 0 ||
                      memory_in_use_ + steps_[step].memory_bytes <= budget_.memory_bytes;
    if (!fits || !Ready(step)) continue;
    states_[step] = State::kRunning;
    ++num_running_;
    memory_in_use_ += steps_[step].memory_bytes;
    return step;
  }
  return std::nullopt;
}

void Plan::End(int step, State state) {
  if (states_[step] == State::kRunning) {
    --num_running_;
    memory_in_use_ -= steps_[step].memory_bytes;
  }
  states_[step] = state;
  --num_left_;
}

void Plan::Succeed(int step) { End(step, State::kSucceeded); }

std::vector<int> Plan::Fail(int step) {
  End(step, State::kFailed);
  std::vector<int> skipped;
  for (int later = step + 1; later < static_cast<int>(steps_.size()); ++later) {
    const bool hopeless = std::any_of(
        steps_[later].after.begin(), steps_[later].after.end(), [&](int before) {
          return states_[before] == State::kFailed || states_[before] == State::kSkipped;
        });
    if (states_[later] != State::kWaiting || !hopeless) continue;
    End(later, State::kSkipped);
    skipped.push_back(later);
  }
  return skipped;
}

std::vector<int> Plan::Stop() {
  std::vector<int> skipped;
  for (int step = 0; step < static_cast<int>(steps_.size()); ++step) {
    if (states_[step] != State::kWaiting) continue;
    End(step, State::kSkipped);
    skipped.push_back(step);
  }
  return skipped;
}

}  // namespace bessemer::pipeline
