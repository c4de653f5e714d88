#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <latch>
#include <mutex>
#include <set>
#include <thread>

#include "bessemer/io/file.h"
#include "bessemer/pipeline/builder.h"
#include "bessemer/pipeline/step_runner.h"
#include "bessemer/pipeline/test_components.h"

// Steps on threads of their own, at the same time.

namespace bessemer::pipeline {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;
using components::RunContext;

constexpr int kSteps = 3;

// Where steps wait for each other, once.
class Meeting {
 public:
  // False if the others do not come: the steps ran one after the other.
  bool Join() {
    std::unique_lock lock(mutex_);
    ++present_;
    complete_.notify_all();
    return complete_.wait_for(lock, std::chrono::minutes(2), [this] { return present_ >= kSteps; });
  }
  bool complete() const {
    const std::lock_guard lock(mutex_);
    return present_ >= kSteps;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable complete_;
  int present_ = 0;
};

// The run is to stop once the steps have met.
class StopAtMeeting : public RunObserver, public Progress {
 public:
  explicit StopAtMeeting(const Meeting& meeting) : meeting_(meeting) {}
  Progress& ProgressOf(const Step&) override { return *this; }
  bool cancelled() const override { return meeting_.complete(); }

 private:
  const Meeting& meeting_;
};

class ParallelStepsTest : public ::testing::Test {
 protected:
  void SetUp() override { root_ = MakeTestRoot(); }
  void TearDown() override { std::filesystem::remove_all(root_); }

  // Gen, then kSteps steps of a component that does `work` and writes the text it was given.
  StatusOr<RunRecord> Run(const std::function<Status(RunContext&)>& work, RunOptions options) {
    components::ComponentRegistry registry = TestComponents();
    registry.Add({.name = "Meet",
                  .doc = "Meets the others.",
                  .inputs = {{"examples", "Examples", "Passed on.", false, false, {"examples"}}},
                  .outputs = {{"met", "Examples", "The text."}},
                  .run = [&work](RunContext& context) -> Status {
                    BESSEMER_RETURN_IF_ERROR(work(context));
                    BESSEMER_ASSIGN_OR_RETURN(
                        const std::string text,
                        io::ReadFile(context.Input("examples")->uri + "/text"));
                    BESSEMER_ASSIGN_OR_RETURN(
                        const auto out, io::OpenOutput(context.Output("met").uri + "/text"));
                    BESSEMER_RETURN_IF_ERROR(out->Write(text));
                    return out->Close();
                  }});
    std::string steps = fmt::format("pipeline: p\nroot: {}\nsteps:\n  - Gen: {{text: t}}\n", root_);
    for (int i = 0; i < kSteps; ++i) {
      steps += fmt::format("  - Meet: {{}}\n    id: Meet{}\n    memory: 1MiB\n"
                           "    inputs: {{examples: Gen}}\n", i);
    }
    BESSEMER_ASSIGN_OR_RETURN(const Pipeline pipeline, ParsePipeline(steps, "p.yaml", registry));
    options.max_running = kSteps;
    options.retry_delay_ms = 0;
    return RunPipeline(pipeline, options);
  }

  static std::vector<std::string> States(const RunRecord& run) {
    std::vector<std::string> states;
    for (const StepRecord& step : run.steps) {
      if (step.component == "Meet") states.emplace_back(StepStateName(step.state));
    }
    return states;
  }

  std::string root_;
};

TEST_F(ParallelStepsTest, StepsMeet) {
  Meeting meeting;
  const auto run = Run(
      [&](RunContext&) {
        return meeting.Join() ? OkStatus() : FailedPreconditionError("nobody else came");
      },
      {});
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_THAT(States(*run), Each("ran"));
  for (int i = 0; i < kSteps; ++i) {
    const StepRecord* step = run->Find(fmt::format("Meet{}", i));
    EXPECT_EQ(*io::ReadFile(step->outputs.at("met")[0].uri + "/text"), "t");
  }
}

TEST_F(ParallelStepsTest, AllEndWhenTheRunIsInterrupted) {
  Meeting meeting;
  StopAtMeeting stop(meeting);
  const auto run = Run(
      [&](RunContext& context) -> Status {
        if (!meeting.Join()) return FailedPreconditionError("nobody else came");
        while (!context.progress->cancelled()) std::this_thread::yield();
        return CancelledError("interrupted");
      },
      {.observer = &stop, .cancel = &stop});
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_TRUE(run->interrupted);
  EXPECT_THAT(States(*run), Each("skipped"));
}

TEST_F(ParallelStepsTest, AFailureLeavesTheOthersAlone) {
  Meeting meeting;
  std::atomic<bool> failed{false};
  const auto run = Run(
      [&](RunContext&) -> Status {
        if (!meeting.Join()) return FailedPreconditionError("nobody else came");
        return failed.exchange(true) ? OkStatus() : InvalidArgumentError("row 7: it broke");
      },
      {});
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_EQ(run->Count(StepState::kFailed), 1);
  EXPECT_EQ(run->Count(StepState::kRan), kSteps);  // Gen among them
}

TEST(ThreadRunnerTest, GivesBackEachStepOnce) {
  ThreadRunner runner;
  constexpr int kCount = 6;
  std::latch all(kCount);
  std::atomic<int> done{0};
  EXPECT_EQ(runner.Wait(0), std::nullopt);
  for (int i = 0; i < kCount; ++i) {
    runner.Start(i, [&] {
      all.arrive_and_wait();
      ++done;
    });
  }
  std::set<int> ended;
  while (ended.size() < kCount) {
    if (const std::optional<int> step = runner.Wait(100)) {
      EXPECT_TRUE(ended.insert(*step).second) << *step;
    }
  }
  EXPECT_EQ(done, kCount);
  EXPECT_EQ(runner.Wait(0), std::nullopt);
  runner.Start(7, [&] { ++done; });  // whoever destroys the runner waits
}

}  // namespace
}  // namespace bessemer::pipeline
