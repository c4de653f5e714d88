#include "bessemer/pipeline/builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "bessemer/io/file.h"
#include "bessemer/metadata/store.h"
#include "bessemer/pipeline/test_components.h"

namespace bessemer::pipeline {
namespace {

namespace stdfs = std::filesystem;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Does the work of a step when waited for, the newest first: what is started before the first wait
// runs "in parallel".
class InlineRunner : public StepRunner {
 public:
  void Start(int step, std::function<void()> work) override {
    waiting_.emplace_back(step, std::move(work));
    max_waiting_ = std::max(max_waiting_, static_cast<int>(waiting_.size()));
  }
  std::optional<int> Wait(int) override {
    auto [step, work] = std::move(waiting_.back());
    waiting_.pop_back();
    work();
    return step;
  }
  int max_waiting() const { return max_waiting_; }

 private:
  std::vector<std::pair<int, std::function<void()>>> waiting_;
  int max_waiting_ = 0;
};

class BuilderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ResetTestRuns();
    root_ = MakeTestRoot();
  }
  void TearDown() override { stdfs::remove_all(root_); }

  Pipeline Parse(const std::string& steps) {
    const auto pipeline = ParsePipeline(
        fmt::format("pipeline: p\nroot: {}\nsteps:\n{}", root_, steps), "p.yaml", registry_);
    EXPECT_TRUE(pipeline.ok()) << Message(pipeline.status());
    return pipeline.ok() ? *pipeline : Pipeline{};
  }

  RunRecord Run(const std::string& steps, RunOptions options = {}) {
    options.retry_delay_ms = 0;
    const auto run = RunPipeline(Parse(steps), options);
    EXPECT_TRUE(run.ok()) << Message(run.status());
    return run.ok() ? *run : RunRecord{};
  }

  static std::vector<std::string> States(const RunRecord& run) {
    std::vector<std::string> states;
    for (const StepRecord& step : run.steps) {
      states.push_back(fmt::format("{} {}", step.id, StepStateName(step.state)));
    }
    return states;
  }

  static std::string OutputText(const RunRecord& run, const char* step, const char* port) {
    const auto text = io::ReadFile(run.Find(step)->outputs.at(port).at(0).uri + "/text");
    return text.ok() ? *text : std::string(Message(text.status()));
  }

  std::string root_;
  components::ComponentRegistry registry_ = TestComponents();
};

constexpr char kChain[] = R"y(
  - Gen: {text: hello}
  - Stats
  - Shout: {times: 2}
  - Train
  - Judge
)y";

std::string Changed(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

TEST_F(BuilderTest, RunsThenReusesEverything) {
  const RunRecord first = Run(kChain);
  EXPECT_THAT(States(first), ElementsAre("Gen ran", "Stats ran", "Shout ran", "Train ran",
                                         "Judge ran"));
  EXPECT_EQ(OutputText(first, "Train", "model"), "model of hellohello");
  EXPECT_THAT(first.Find("Gen")->reasons, ElementsAre("it has not succeeded before"));
  EXPECT_TRUE(first.Find("Train")->outputs.at("model")[0].uri.starts_with(root_ + "/Train/model/"));

  const RunRecord second = Run(kChain);
  EXPECT_THAT(States(second), ElementsAre("Gen cached", "Stats cached", "Shout cached",
                                          "Train cached", "Judge cached"));
  EXPECT_THAT(second.Find("Train")->reasons,
              ElementsAre("nothing changed since run " + first.run_id));
  EXPECT_EQ(second.Find("Train")->outputs.at("model")[0].id,
            first.Find("Train")->outputs.at("model")[0].id);
  EXPECT_EQ(TestRuns("Train"), 1);
  EXPECT_NE(second.run_id, first.run_id);
  // Nothing but outputs and the store is left.
  for (const auto& entry : stdfs::recursive_directory_iterator(root_)) {
    EXPECT_FALSE(entry.path().filename().string().starts_with(".")) << entry.path();
  }
}

TEST_F(BuilderTest, ExplainsWhatChanged) {
  Run(kChain);
  const RunRecord run = Run(Changed(kChain, "times: 2", "times: 3"));
  EXPECT_THAT(States(run), ElementsAre("Gen cached", "Stats cached", "Shout ran", "Train ran",
                                       "Judge ran"));
  EXPECT_THAT(run.Find("Shout")->reasons, ElementsAre("parameter 'times' changed from 2 to 3"));
  EXPECT_THAT(run.Find("Train")->reasons, ElementsAre("input 'examples' has other content"));
  EXPECT_THAT(run.Find("Judge")->reasons, Contains("input 'baseline' has 1 artifact, before 0"));
  // Back again: what the first run made still serves; the baseline is another one now.
  const RunRecord back = Run(kChain);
  EXPECT_EQ(back.Find("Shout")->state, StepState::kCached);
}

TEST_F(BuilderTest, StopsEarlyWhereContentIsTheSame) {
  Run("  - Gen: {text: abc}\n  - Stats\n  - Shout: {times: 0}\n  - Train\n");
  const RunRecord run = Run("  - Gen: {text: xyz}\n  - Stats\n  - Shout: {times: 0}\n  - Train\n");
  EXPECT_THAT(States(run), ElementsAre("Gen ran", "Stats ran", "Shout ran", "Train cached"));
}

TEST_F(BuilderTest, NoCacheRunsAgain) {
  Run(kChain);
  const RunRecord all = Run(kChain, {.use_cache = false});
  EXPECT_EQ(all.Count(StepState::kRan), 5);
  EXPECT_THAT(all.Find("Gen")->reasons, ElementsAre("--no-cache was given"));
  const RunRecord one = Run("  - Gen: {text: hello}\n    cache: false\n  - Stats\n");
  EXPECT_THAT(States(one), ElementsAre("Gen ran", "Stats cached"));
}

TEST_F(BuilderTest, DamagedOutputsAreMadeAgain) {
  const RunRecord first = Run(kChain);
  const std::string examples = first.Find("Gen")->outputs.at("examples")[0].uri;
  const std::string statistics = first.Find("Stats")->outputs.at("statistics")[0].uri;
  stdfs::remove_all(examples);
  std::ofstream(statistics + "/text", std::ios::app) << "!";
  const RunRecord run = Run(kChain);
  EXPECT_THAT(States(run), ElementsAre("Gen ran", "Stats ran", "Shout cached", "Train cached",
                                       "Judge cached"));
  EXPECT_THAT(run.Find("Gen")->reasons[0], HasSubstr("the folder is gone"));
  EXPECT_THAT(run.Find("Stats")->reasons[0], HasSubstr("was changed after it was made"));
  // A touched file with the same bytes is as good as before.
  stdfs::last_write_time(run.Find("Gen")->outputs.at("examples")[0].uri + "/text",
                         stdfs::file_time_type::clock::now() + std::chrono::hours(1));
  EXPECT_EQ(Run(kChain).Count(StepState::kCached), 5);
}

TEST_F(BuilderTest, WhatWasDoneOutsideIsDoneAgainWhenItNoLongerStands) {
  const std::string file = root_ + "/outside";
  const auto ship = [&](const char* text) {
    return Run(fmt::format("  - Gen: {{text: {}}}\n  - Ship: {{to: {}}}\n", text, file));
  };
  const RunRecord first = ship("old");
  EXPECT_EQ(ship("old").Find("Ship")->state, StepState::kCached);
  stdfs::remove(file);
  const RunRecord gone = ship("old");
  EXPECT_EQ(gone.Find("Ship")->state, StepState::kRan);
  EXPECT_THAT(gone.Find("Ship")->reasons, ElementsAre(file + " is gone"));
  EXPECT_EQ(ship("old").Find("Ship")->state, StepState::kCached);
  // Back to what was shipped before something else was.
  ship("new");
  EXPECT_EQ(*io::ReadFile(file), "new");
  const RunRecord back = ship("old");
  EXPECT_EQ(back.Find("Gen")->state, StepState::kCached);
  EXPECT_THAT(back.Find("Ship")->reasons[0], HasSubstr("it has done something else since run"));
  EXPECT_EQ(*io::ReadFile(file), "old");
  EXPECT_EQ(ship("old").Find("Ship")->state, StepState::kCached);
}

TEST_F(BuilderTest, WhatWasOfTheMomentIsNotReused) {
  const std::string moody = Changed(kChain, "- Judge", "- Judge: {moody: true}");
  Run(moody);
  const RunRecord again = Run(moody);
  EXPECT_EQ(again.Find("Train")->state, StepState::kCached);
  EXPECT_EQ(again.Find("Judge")->state, StepState::kRan);
  EXPECT_THAT(again.Find("Judge")->reasons,
              ElementsAre("output 'blessing' was of the moment: in a bad mood"));
}

TEST_F(BuilderTest, AFailureStopsDependentsOnly) {
  const std::string steps = R"y(
  - Gen: {text: hello}
  - Fail: {times: 9, code: 3}
    retries: 5
  - Stats: {}
    after: Fail
  - Train
)y";
  const RunRecord run = Run(steps);
  EXPECT_THAT(States(run), ElementsAre("Gen ran", "Fail failed", "Stats skipped", "Train ran"));
  EXPECT_EQ(run.Find("Fail")->attempts, 1);  // INVALID_ARGUMENT does not pass
  EXPECT_THAT(run.Find("Fail")->error, HasSubstr("row 7: it broke"));
  EXPECT_THAT(run.Find("Stats")->reasons, ElementsAre("it depends on 'Fail', which failed"));
  EXPECT_TRUE(run.failed());
  EXPECT_TRUE(stdfs::is_empty(root_ + "/Fail/schema"));

  const RunRecord again = Run(Changed(steps, "times: 9", "times: 0"));
  EXPECT_THAT(States(again), ElementsAre("Gen cached", "Fail ran", "Stats ran", "Train cached"));
}

TEST_F(BuilderTest, RetriesErrorsThatMayPass) {
  const RunRecord run = Run("  - Fail: {times: 2}\n    retries: 2\n");
  EXPECT_THAT(States(run), ElementsAre("Fail ran"));
  EXPECT_EQ(run.Find("Fail")->attempts, 3);
  ResetTestRuns();
  const RunRecord short_of = Run("  - Fail: {times: 3}\n    retries: 2\n");
  EXPECT_THAT(States(short_of), ElementsAre("Fail failed"));
  EXPECT_EQ(short_of.Find("Fail")->attempts, 3);
}

TEST_F(BuilderTest, IndependentStepsRunTogetherWithinTheBudget) {
  const std::string steps =
      "  - Gen: {text: x}\n  - Stats: {}\n    memory: 3GiB\n  - Shout: {}\n    memory: 2GiB\n"
      "  - Join: {}\n    memory: 1GiB\n    inputs: {examples: Gen}\n";
  struct Case {
    int max_running;
    int64_t memory;
    int want;
  };
  const Case cases[] = {{8, 8, 3}, {2, 8, 2}, {8, 4, 2}, {8, 2, 1}, {1, 8, 1}};
  for (const Case& c : cases) {
    InlineRunner runner;
    const RunRecord run = Run(steps, {.use_cache = false, .max_running = c.max_running,
                                      .memory_bytes = c.memory << 30, .runner = &runner});
    EXPECT_EQ(run.Count(StepState::kRan), 4);
    EXPECT_EQ(runner.max_waiting(), c.want) << c.max_running << " " << c.memory;
  }
}

TEST_F(BuilderTest, PartialRuns) {
  const auto nothing = RunPipeline(Parse(kChain), {.part = {.from = {"Trian"}}});
  EXPECT_THAT(std::string(Message(nothing.status())), HasSubstr("did you mean 'Train'"));

  const RunRecord never = Run(kChain, {.part = {.from = {"Train"}}});
  EXPECT_THAT(States(never), ElementsAre("Gen failed", "Stats skipped", "Shout skipped",
                                         "Train skipped", "Judge skipped"));
  EXPECT_THAT(never.Find("Gen")->error, HasSubstr("has never run"));

  const RunRecord to = Run(kChain, {.part = {.to = {"Shout"}}});
  EXPECT_THAT(States(to), ElementsAre("Gen ran", "Stats skipped", "Shout ran", "Train skipped",
                                      "Judge skipped"));
  // The text changes, but only Train and what follows are to run: with the old examples.
  const RunRecord from = Run(Changed(kChain, "hello", "changed"), {.part = {.from = {"Train"}}});
  EXPECT_THAT(States(from), ElementsAre("Gen cached", "Stats skipped", "Shout cached", "Train ran",
                                        "Judge ran"));
  EXPECT_THAT(from.Find("Shout")->reasons[0], HasSubstr("outputs of run " + to.run_id));
  EXPECT_EQ(OutputText(from, "Train", "model"), "model of hellohello");
  const RunRecord only = Run(kChain, {.part = {.only = {"Stats"}}});
  EXPECT_THAT(States(only), ElementsAre("Gen cached", "Stats ran", "Shout skipped",
                                        "Train skipped", "Judge skipped"));
}

TEST_F(BuilderTest, BaselinesAndWindows) {
  Run(kChain);
  const RunRecord second = Run(Changed(kChain, "hello", "more"));
  EXPECT_EQ(OutputText(second, "Judge", "blessing"),
            std::to_string(Run(kChain).Find("Train")->outputs.at("model")[0].id));

  const std::string window =
      "  - Gen: {text: a, span: 1}\n  - Join: {}\n    inputs: {examples: \"rolling_window(2)\"}\n";
  Run(window);
  Run(Changed(window, "text: a, span: 1", "text: b, span: 2"));
  const RunRecord third = Run(Changed(window, "text: a, span: 1", "text: c, span: 3"));
  EXPECT_EQ(OutputText(third, "Join", "joined_examples"), "bc");
}

TEST_F(BuilderTest, AModelThatWasRemovedIsNoBaseline) {
  const RunRecord first = Run(kChain);
  const RunRecord second = Run(Changed(kChain, "hello", "more"));
  stdfs::remove_all(second.Find("Train")->outputs.at("model")[0].uri);
  const RunRecord third = Run(Changed(kChain, "hello", "most"));
  EXPECT_EQ(OutputText(third, "Judge", "blessing"),
            std::to_string(first.Find("Train")->outputs.at("model")[0].id));
  stdfs::remove_all(root_ + "/Train/model");
  EXPECT_EQ(OutputText(Run(Changed(kChain, "hello", "last")), "Judge", "blessing"), "no baseline");

  const std::string window =
      "  - Gen: {text: a, span: 1}\n  - Join: {}\n    inputs: {examples: \"rolling_window(2)\"}\n";
  stdfs::remove_all(Run(window).Find("Gen")->outputs.at("examples")[0].uri);
  const RunRecord gap = Run(Changed(window, "text: a, span: 1", "text: b, span: 2"));
  EXPECT_THAT(gap.Find("Join")->error,
              HasSubstr("the folder is gone; to do without it write 'inputs: {examples: none}'"));
}

TEST_F(BuilderTest, MissingInputsOfResolversAreErrors) {
  const RunRecord run =
      Run("  - Gen: {text: x}\n  - Judge: {}\n    inputs: {model: latest_artifact}\n");
  EXPECT_THAT(States(run), ElementsAre("Gen ran", "Judge failed"));
  EXPECT_THAT(run.Find("Judge")->error, HasSubstr("'latest_artifact' found nothing"));
}

TEST_F(BuilderTest, FindingsAreNotFailures) {
  const RunRecord run = Run(Changed(kChain, "- Judge", "- Judge: {strict: true}"));
  EXPECT_FALSE(run.failed());
  EXPECT_THAT(run.Findings(), ElementsAre("Judge: the model is not blessed"));
}

// Wants the run to stop once a step has ended.
class StopAfter : public RunObserver, public Progress {
 public:
  explicit StopAfter(std::string step) : step_(std::move(step)) {}
  void StepEnded(const StepRecord& record) override { stop_ = stop_ || record.id == step_; }
  bool cancelled() const override { return stop_; }

 private:
  std::string step_;
  bool stop_ = false;
};

TEST_F(BuilderTest, AnInterruptedRunIsContinued) {
  StopAfter stop("Stats");
  InlineRunner runner;
  const RunRecord run =
      Run(kChain, {.max_running = 1, .observer = &stop, .cancel = &stop, .runner = &runner});
  EXPECT_TRUE(run.interrupted);
  EXPECT_THAT(States(run), ElementsAre("Gen ran", "Stats ran", "Shout skipped", "Train skipped",
                                       "Judge skipped"));
  EXPECT_THAT(run.Find("Train")->reasons, ElementsAre("the run was interrupted"));
  const RunRecord rest = Run(kChain);
  EXPECT_THAT(States(rest), ElementsAre("Gen cached", "Stats cached", "Shout ran", "Train ran",
                                        "Judge ran"));
}

// Wants the run to stop while its step runs.
class StopIn : public RunObserver, public Progress {
 public:
  void StepStarted(const Step&) override { stop_ = true; }
  bool cancelled() const override { return stop_; }

 private:
  bool stop_ = false;
};

TEST_F(BuilderTest, ARunWhoseLastStepIsInterruptedIsInterrupted) {
  StopIn stop;
  InlineRunner runner;
  const RunRecord run = Run("  - Fail: {times: 9, code: 1}\n",  // 1: cancelled
                            {.observer = &stop, .cancel = &stop, .runner = &runner});
  EXPECT_TRUE(run.interrupted);
  EXPECT_THAT(States(run), ElementsAre("Fail skipped"));
}

TEST_F(BuilderTest, PastRunsAreReadBack) {
  const RunRecord failed = Run("  - Gen: {text: x}\n  - Fail: {times: 9, code: 3}\n  - Stats: {}\n"
                               "    after: Fail\n");
  const RunRecord run = Run(kChain);
  auto store = metadata::Store::Open(root_ + "/metadata.db", metadata::Store::Mode::kReadOnly);
  ASSERT_TRUE(store.ok()) << Message(store.status());
  const auto latest = LoadRun(**store, "latest");
  ASSERT_TRUE(latest.ok()) << Message(latest.status());
  EXPECT_EQ(latest->ToJson().dump(1), run.ToJson().dump(1));
  const auto before = LoadRun(**store, failed.run_id, "p");
  ASSERT_TRUE(before.ok());
  EXPECT_EQ(States(*before), States(failed));
  EXPECT_EQ(before->Find("Fail")->error, failed.Find("Fail")->error);
  EXPECT_EQ(before->Find("Stats")->reasons, failed.Find("Stats")->reasons);
  EXPECT_THAT(std::string(Message(LoadRun(**store, "2020").status())), HasSubstr("no run '2020'"));
  EXPECT_THAT(std::string(Message(LoadRun(**store, "", "q").status())),
              HasSubstr("no pipeline 'q'"));

  const auto runs = ListRuns(**store);
  ASSERT_TRUE(runs.ok());
  ASSERT_EQ(runs->size(), 2);
  EXPECT_EQ((*runs)[0].run_id, run.run_id);
  EXPECT_EQ((*runs)[0].num_ran, 5);
  EXPECT_EQ((*runs)[1].num_failed, 1);
  EXPECT_TRUE((*runs)[1].finished);
}

TEST_F(BuilderTest, AForeignFolderIsNotTouched) {
  Run("  - Gen: {text: x}\n");
  for (const char* file : {"metadata.db", "metadata.db-wal", "metadata.db-shm"}) {
    stdfs::remove(root_ + "/" + file);
  }
  const RunRecord run = Run("  - Gen: {text: y}\n");
  EXPECT_THAT(run.Find("Gen")->error, HasSubstr("the metadata store does not know it"));
  EXPECT_EQ(*io::ReadFile(root_ + "/Gen/examples/1/text"), "x");
}

}  // namespace
}  // namespace bessemer::pipeline
