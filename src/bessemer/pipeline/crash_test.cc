#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <set>

#include "bessemer/io/fault.h"
#include "bessemer/io/file.h"
#include "bessemer/metadata/store.h"
#include "bessemer/pipeline/builder.h"
#include "bessemer/pipeline/process_owner.h"
#include "bessemer/pipeline/test_components.h"

// Runs that are killed, or meet a full disk, at every single change of storage; and runs that meet
// each other.

namespace bessemer::pipeline {
namespace {

namespace stdfs = std::filesystem;
using io::WriteOp;
using Contents = std::map<std::string, std::string>;

constexpr char kSteps[] =
    "  - Gen: {text: hello}\n  - Stats\n  - Shout: {times: 2}\n  - Train\n";

class CrashTest : public ::testing::Test {
 protected:
  void TearDown() override {
    for (const std::string& root : roots_) stdfs::remove_all(root);
  }
  std::string NewRoot() { return roots_.emplace_back(MakeTestRoot()); }

  StatusOr<RunRecord> Run(const std::string& root) {
    BESSEMER_ASSIGN_OR_RETURN(
        const Pipeline pipeline,
        ParsePipeline(fmt::format("pipeline: p\nroot: {}\nsteps:\n{}", root, kSteps), "p.yaml",
                      registry_));
    return RunPipeline(pipeline, {.max_running = 1, .retry_delay_ms = 0});
  }

  // What a run has made, by step and output.
  static Contents ContentsOf(const RunRecord& run) {
    Contents contents;
    for (const StepRecord& step : run.steps) {
      EXPECT_TRUE(step.state == StepState::kRan || step.state == StepState::kCached)
          << step.id << " " << StepStateName(step.state) << " " << step.error;
      for (const auto& [port, artifacts] : step.outputs) {
        for (const auto& artifact : artifacts) {
          const auto text = io::ReadFile(artifact.uri + "/text");
          contents[step.id + "/" + port] = text.ok() ? *text : std::string(Message(text.status()));
        }
      }
    }
    return contents;
  }

  // Nothing but published outputs that are recorded.
  static void ExpectClean(const std::string& root) {
    auto store = metadata::Store::Open(root + "/metadata.db");
    ASSERT_TRUE(store.ok()) << Message(store.status());
    std::set<std::string> uris;
    const auto artifacts = (*store)->GetArtifacts();
    const auto executions = (*store)->GetExecutions();
    ASSERT_TRUE(artifacts.ok() && executions.ok());
    for (const auto& artifact : *artifacts) uris.insert(artifact.uri());
    for (const auto& execution : *executions) {
      EXPECT_NE(execution.last_known_state(), ::ml_metadata::Execution::RUNNING);
    }
    for (const auto& entry : stdfs::recursive_directory_iterator(root)) {
      const std::string name = entry.path().filename().string();
      EXPECT_FALSE(name.starts_with(".")) << entry.path();
      if (name != "text") continue;
      EXPECT_TRUE(uris.contains(entry.path().parent_path().string())) << entry.path();
    }
  }

  int CountChanges(const std::string& root) {
    std::atomic<int> count{0};
    const io::ScopedFaultHandler handler([&](WriteOp, const std::string&) {
      ++count;
      return OkStatus();
    });
    EXPECT_TRUE(Run(root).ok());
    return count;
  }

  components::ComponentRegistry registry_ = TestComponents();
  std::vector<std::string> roots_;
};

TEST_F(CrashTest, KilledAnywhereTheNextRunEndsAlike) {
  const std::string whole = NewRoot();
  const int changes = CountChanges(whole);
  ASSERT_GT(changes, 20);
  const Contents wanted = ContentsOf(*Run(whole));
  ASSERT_EQ(wanted.size(), 4);
  for (int at = 1; at <= changes; ++at) {
    SCOPED_TRACE(at);
    const std::string root = NewRoot();
    const pid_t child = fork();
    if (child == 0) {
      std::atomic<int> count{0};
      const io::ScopedFaultHandler handler([&](WriteOp, const std::string&) {
        if (++count == at) kill(getpid(), SIGKILL);
        return OkStatus();
      });
      _exit(Run(root).ok() ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << status;
    const StatusOr<RunRecord> again = Run(root);
    ASSERT_TRUE(again.ok()) << Message(again.status());
    EXPECT_EQ(ContentsOf(*again), wanted);
    ExpectClean(root);
    stdfs::remove_all(root);
  }
}

TEST_F(CrashTest, AFullDiskAnywhereIsAnErrorAndTheNextRunEndsAlike) {
  const std::string whole = NewRoot();
  const int changes = CountChanges(whole);
  const Contents wanted = ContentsOf(*Run(whole));
  for (int at = 1; at <= changes; ++at) {
    SCOPED_TRACE(at);
    const std::string root = NewRoot();
    {
      std::atomic<int> count{0};
      const io::ScopedFaultHandler handler([&](WriteOp, const std::string& path) -> Status {
        if (++count < at) return OkStatus();
        return ResourceExhaustedError("{}: no space left on device", path);
      });
      const StatusOr<RunRecord> run = Run(root);
      EXPECT_FALSE(run.ok() && !run->failed());
    }
    const StatusOr<RunRecord> again = Run(root);
    ASSERT_TRUE(again.ok()) << Message(again.status());
    EXPECT_EQ(ContentsOf(*again), wanted);
    ExpectClean(root);
    stdfs::remove_all(root);
  }
}

TEST_F(CrashTest, ProcessesMayRunTheSamePipelineAtOnce) {
  const std::string root = NewRoot();
  std::vector<pid_t> children;
  for (int i = 0; i < 4; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      const StatusOr<RunRecord> run = Run(root);
      _exit(run.ok() && !run->failed() ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 1;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  const StatusOr<RunRecord> last = Run(root);
  ASSERT_TRUE(last.ok());
  EXPECT_EQ(last->Count(StepState::kCached), 4);
  ExpectClean(root);
  auto store = metadata::Store::Open(root + "/metadata.db");
  EXPECT_EQ(ListRuns(**store)->size(), 5);
  EXPECT_EQ((*store)->GetContexts({.type = "pipeline"})->size(), 1);
}

TEST(ProcessOwner, TellsTheLivingFromTheDead) {
  std::string token;
  {
    const ProcessOwner owner;
    token = owner.token();
    EXPECT_FALSE(ProcessOwner::IsGone(token));
  }
  EXPECT_TRUE(ProcessOwner::IsGone(token));  // this process goes on, that run has ended
  EXPECT_TRUE(ProcessOwner::IsGone(""));
  EXPECT_TRUE(ProcessOwner::IsGone("nonsense"));
  EXPECT_FALSE(ProcessOwner::IsGone("another-host/boot/1/1/0"));

  int channel[2];
  ASSERT_EQ(pipe(channel), 0);
  const pid_t child = fork();
  if (child == 0) {
    const ProcessOwner owner;
    const bool written = write(channel[1], owner.token().data(), owner.token().size()) > 0;
    kill(getpid(), SIGKILL);
    _exit(written ? 0 : 1);
  }
  char buffer[512];
  const ssize_t got = read(channel[0], buffer, sizeof(buffer));
  close(channel[0]);
  close(channel[1]);
  ASSERT_GT(got, 0);
  const std::string_view dead(buffer, static_cast<size_t>(got));
  siginfo_t info;
  ASSERT_EQ(waitid(P_PID, child, &info, WEXITED | WNOWAIT), 0);
  EXPECT_TRUE(ProcessOwner::IsGone(dead));  // killed, but its parent has not taken notice yet
  waitpid(child, nullptr, 0);
  EXPECT_TRUE(ProcessOwner::IsGone(dead));
}

}  // namespace
}  // namespace bessemer::pipeline
