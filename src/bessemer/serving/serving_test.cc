#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "bessemer/io/fault.h"
#include "bessemer/io/file.h"
#include "bessemer/io/publish.h"
#include "bessemer/serving/model_probe.h"
#include "bessemer/serving/push.h"

namespace bessemer::serving {
namespace {

namespace stdfs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ServingTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (stdfs::temp_directory_path() / "bessemer-serving-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    root_ = name;
    Write("model/saved_model.pb", "graph");
    Write("model/variables/variables.index", "index");
    Write("model/assets/words", "a\nb\n");
    if (const char* binary = getenv("BESSEMER_BINARY")) binary_ = binary;
  }
  void TearDown() override {
    stdfs::remove_all(root_);
    if (binary_.empty()) {
      unsetenv("BESSEMER_BINARY");
    } else {
      setenv("BESSEMER_BINARY", binary_.c_str(), 1);
    }
  }
  std::string Path(std::string_view name) const { return io::JoinPath(root_, name); }
  void Write(std::string_view name, std::string_view content) {
    ASSERT_TRUE(io::MakeDirectories(io::DirName(Path(name))).ok());
    ASSERT_TRUE(io::WriteFileAtomically(Path(name), content).ok());
  }
  std::vector<std::string> Versions() const {
    std::vector<std::string> names;
    if (!stdfs::exists(Path("base"))) return names;
    for (const auto& entry : stdfs::directory_iterator(Path("base"))) {
      const std::string name = entry.path().filename().string();
      if (name[0] != '.') names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    return names;
  }
  // Makes the probe start a shell script in place of the real program.
  void UseScript(const std::string& body) {
    std::ofstream(Path("script")) << "#!/bin/sh\n" << body << "\n";
    stdfs::permissions(Path("script"), stdfs::perms::owner_all);
    setenv("BESSEMER_BINARY", Path("script").c_str(), 1);
  }

  std::string root_, binary_;
};

TEST_F(ServingTest, VersionsAreSecondsAndOnlyGrow) {
  FakeClock clock(1'700'000'000'000'000);
  auto push = [&] {
    const auto pushed = PushModel(Path("model"), Path("base"), clock);
    EXPECT_TRUE(pushed.ok()) << pushed.status();
    return pushed.ok() ? pushed->version : 0;
  };
  EXPECT_EQ(push(), 1'700'000'000);
  EXPECT_EQ(push(), 1'700'000'001);  // the clock stands still
  clock.Advance(-50'000'000);
  EXPECT_EQ(push(), 1'700'000'002);  // or goes back
  clock.Advance(500'000'000);
  EXPECT_EQ(push(), 1'700'000'450);
  EXPECT_THAT(*io::ListTree(Path("base/1700000450")),
              ElementsAre("assets/words", "saved_model.pb", "variables/variables.index"));
}

TEST_F(ServingTest, WhatIsNoModelIsNotPushed) {
  const Status status = PushModel(Path("model/assets"), Path("base"), FakeClock(0)).status();
  EXPECT_EQ(status.code(), StatusCode::kNotFound);
  EXPECT_THAT(std::string(Message(status)), HasSubstr("no saved_model.pb"));
}

TEST_F(ServingTest, AWatcherNeverSeesHalfAModel) {
  const FakeClock clock(1'000'000'000);
  int fail_at = 1;
  for (;; ++fail_at) {
    stdfs::remove_all(Path("base"));
    int calls = 0;
    Status status;
    {
      const io::ScopedFaultHandler handler([&](io::WriteOp, const std::string&) {
        // At every change of the disk, and also right after the one that failed.
        for (const std::string& version : Versions()) {
          EXPECT_EQ(io::ListTree(Path("base/" + version))->size(), 3u) << "change " << calls;
        }
        return ++calls == fail_at ? ResourceExhaustedError("disk full") : OkStatus();
      });
      status = PushModel(Path("model"), Path("base"), clock).status();
    }
    for (const std::string& version : Versions()) {
      EXPECT_EQ(io::ListTree(Path("base/" + version))->size(), 3u) << "failed at " << fail_at;
    }
    if (calls < fail_at) break;
    EXPECT_FALSE(status.ok()) << "failed at " << fail_at;
  }
  EXPECT_GT(fail_at, 5);
  EXPECT_THAT(Versions(), ElementsAre("1000"));
}

TEST_F(ServingTest, PushesAtTheSameTimeGetVersionsOfTheirOwn) {
  constexpr int kPushes = 8;
  FakeClock clock(1'000'000'000);
  std::vector<Status> results(kPushes);
  std::vector<std::thread> threads;
  for (Status& result : results) {
    threads.emplace_back(
        [&] { result = PushModel(Path("model"), Path("base"), clock).status(); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const Status& result : results) EXPECT_TRUE(result.ok()) << result;
  EXPECT_EQ(Versions().size(), kPushes);
}

TEST_F(ServingTest, AModelThatHangsIsEnded) {
  UseScript("exec sleep 60");
  const Status status =
      ProbeModel({.model = Path("model")}, {.max_loading_seconds = 0.2}).status();
  EXPECT_EQ(status.code(), StatusCode::kDeadlineExceeded);
  EXPECT_THAT(std::string(Message(status)), HasSubstr("still loading after 0.2 s"));
}

TEST_F(ServingTest, AModelThatHangsInARequestIsEnded) {
  UseScript("echo '{\"loading_ms\": 3.5}'; exec sleep 60");
  const Status status =
      ProbeModel({.model = Path("model")}, {.max_request_seconds = 0.2}).status();
  EXPECT_EQ(status.code(), StatusCode::kDeadlineExceeded);
  EXPECT_THAT(std::string(Message(status)), HasSubstr("still answering requests"));
}

TEST_F(ServingTest, AnInterruptEndsTheProcessAtOnce) {
  struct Interrupted : Progress {
    bool cancelled() const override { return true; }
  } interrupted;
  UseScript("exec sleep 60");
  EXPECT_EQ(ProbeModel({.model = Path("model")}, {}, interrupted).status().code(),
            StatusCode::kCancelled);
}

TEST_F(ServingTest, AModelThatCrashesIsTriedAgainAndReported) {
  UseScript("echo tried >> " + Path("log") + "; echo no such op >&2; kill -SEGV $$");
  const Status status = ProbeModel({.model = Path("model")}, {.num_tries = 3}).status();
  EXPECT_EQ(status.code(), StatusCode::kAborted);
  EXPECT_THAT(std::string(Message(status)), HasSubstr("died of signal 11"));
  EXPECT_THAT(std::string(Message(status)), HasSubstr("no such op"));
  EXPECT_EQ(*io::ReadFile(Path("log")), "tried\ntried\ntried\n");
}

TEST_F(ServingTest, AModelThatEatsMemoryIsEnded) {
  UseScript("x=$(head -c 120000000 /dev/zero | tr '\\0' x); kill -STOP $$");  // keeps it
  const Status status =
      ProbeModel({.model = Path("model")}, {.max_memory_bytes = 50 << 20}).status();
  EXPECT_EQ(status.code(), StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(Message(status)), HasSubstr("50 MiB are allowed"));
}

TEST_F(ServingTest, WhatTheModelReportsIsPassedOn) {
  UseScript("echo '{\"error\": \"no signature serving_default\"}'");
  EXPECT_THAT(std::string(Message(ProbeModel({.model = Path("model")}, {}).status())),
              HasSubstr("no signature"));
  UseScript(
      "echo noise; echo '{\"loading_ms\": 3.5}'; echo '{\"num_requests\": 2, "
      "\"median_request_ms\": 0.5, \"slowest_request_ms\": 1.5}'");
  const auto report = ProbeModel({.model = Path("model")}, {});
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->loading_ms, 3.5);
  EXPECT_EQ(report->num_requests, 2);
}

TEST_F(ServingTest, AProgramThatIsNotThereSaysNothingAboutTheModel) {
  setenv("BESSEMER_BINARY", Path("nothing").c_str(), 1);
  EXPECT_EQ(ProbeModel({.model = Path("model")}, {}).status().code(), StatusCode::kUnavailable);
}

TEST_F(ServingTest, GarbageIsNoModel) {
  if (binary_.empty() || !*io::Exists(binary_)) GTEST_SKIP() << "needs $BESSEMER_BINARY";
  const Status status = ProbeModel({.model = Path("model")}, {.num_tries = 1}).status();
  EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition) << status;
}

}  // namespace
}  // namespace bessemer::serving
