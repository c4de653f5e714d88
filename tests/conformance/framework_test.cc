#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "conformance/results.h"
#include "conformance/runner.h"

// The program itself: whatever a case does, it is one failure and the others are run.

namespace bessemer::conformance {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Framework : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "conformance_XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
    registry_.Add({.file = "suite",
                   .kind = "plain",
                   .doc = "cases that do what they say",
                   .takes = [](const Case& one) { return one.json.value("kind", "") == "plain"; },
                   .run = [](const Case& one) { return Run(one.json.at("do")); }});
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  static Verdict Run(const std::string& what) {
    if (what == "abort") std::abort();
    if (what == "exit") _exit(3);
    if (what == "hang") pause();
    if (what == "throw") throw std::runtime_error("thrown");
    if (what == "differ") return Same(1, 2);
    return what == "skip" ? NotApplicable("a reason") : Passed();
  }

  void Write(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << text;
  }
  std::vector<FileResult> RunAll(int timeout_s = 60) {
    const auto files =
        conformance::Run(registry_, {.folder = folder_.string(), .timeout_s = timeout_s});
    EXPECT_TRUE(files.ok()) << files.status();
    return files.ok() ? *files : std::vector<FileResult>();
  }

  std::filesystem::path folder_;
  SuiteRegistry registry_;
};

std::string Line(const std::string& id, const std::string& what) {
  return fmt::format(R"({{"id": "{}", "kind": "plain", "do": "{}"}})", id, what) + "\n";
}

TEST_F(Framework, EveryCaseIsOnePassOrOneFailure) {
  Write("suite.jsonl", Line("a", "pass") + Line("b", "abort") + Line("d", "throw") +
                           Line("e", "differ") + Line("f", "exit") + Line("g", "skip") +
                           "not json\n" + R"({"kind": "other"})" + "\n" + Line("a", "pass"));
  Write("more/unknown.jsonl", "{}\n\n[]\n");
  const std::string text = ToText(RunAll(), Level::kKind, true);
  EXPECT_THAT(text, HasSubstr("more/unknown                                                    0"
                              "      2\n"));
  EXPECT_THAT(text, HasSubstr("suite                                                           2"
                              "      9\n"));
  EXPECT_THAT(text, HasSubstr("  suite/plain                                                   2"
                              "      7\n"));
  EXPECT_THAT(text, HasSubstr("  suite/other                                                   0"
                              "      2\n"));
  EXPECT_THAT(text, HasSubstr("b: the process ended by signal 6\n"));
  EXPECT_THAT(text, HasSubstr("d: exception: thrown\n"));
  EXPECT_THAT(text, HasSubstr("e: expected 1, got 2\n"));
  EXPECT_THAT(text, HasSubstr("f: the process ended with exit code 3\n"));
  EXPECT_THAT(text, HasSubstr("g: not applicable: a reason\n"));
  EXPECT_THAT(text, HasSubstr("line 7: not implemented: no suite takes cases of this kind\n"));
  EXPECT_THAT(text, HasSubstr("all                                                             2"
                              "     11\n"));
}

// Alone: beside it nothing is asked to end within a second.
TEST_F(Framework, ACaseThatHangsIsEnded) {
  Write("suite.jsonl", Line("c", "hang"));
  EXPECT_THAT(ToText(RunAll(/*timeout_s=*/1), Level::kKind, true),
              HasSubstr("c: the process did not answer within 1 s\n"));
}

TEST_F(Framework, ListsAndFoldersOfCases) {
  registry_.Add({.file = "list", .doc = "a list", .run = [](const Case&) { return Passed(); }});
  registry_.Add({.file = "runs", .doc = "folders", .run = [](const Case& one) {
    return Same(true, std::filesystem::exists(one.json.at("folder").get<std::string>()));
  }});
  Write("list.json", R"({"source": "s", "cases": [{"id": "x"}, {"y": 1}]})");
  Write("other.json", R"({"no": "cases"})");
  Write("runs/one/config.pbtxt", "");
  Write("runs/one/expected.json", R"({"cases": [{}]})");
  const auto files = RunAll();
  ASSERT_EQ(files.size(), 2u);
  EXPECT_EQ(files[0].file, "list");
  EXPECT_EQ(files[0].lines[0].cases[1].id, "2");
  EXPECT_EQ(files[1].file, "runs");
  EXPECT_EQ(files[1].num_passed, 1);
  EXPECT_EQ(files[1].lines[0].cases[0].id, "one");
}

TEST_F(Framework, KnownResultsAreCompared) {
  Write("suite.jsonl", Line("a", "pass") + Line("b", "differ") + Line("c", "skip"));
  const auto before = RunAll();
  Json known = Json::parse(Update(before, Json::object()));
  EXPECT_EQ(known["suite/plain"]["passed"], 1);
  EXPECT_EQ(known["suite/plain"]["misses"]["not applicable: a reason"][0], "c");
  EXPECT_THAT(Compare(before, known).regressions, HasSubstr("b fails, and nobody has said why"));
  Json& misses = known["suite/plain"]["misses"];
  misses["on purpose"] = misses["to be explained"];
  misses.erase("to be explained");
  EXPECT_THAT(Compare(before, known).regressions, IsEmpty());
  EXPECT_EQ(Json::parse(Update(before, known))["suite/plain"]["misses"]["on purpose"][0], "b");

  Write("suite.jsonl", Line("a", "differ") + Line("b", "pass") + Line("c", "skip") +
                           Line("d", "pass"));
  const Comparison after = Compare(RunAll(), known);
  EXPECT_EQ(after.regressions, "suite/plain: a no longer passes: expected 1, got 2\n");
  EXPECT_EQ(after.news,
            "suite/plain: b passes now\nsuite/plain: 4 cases, 3 were known\n");
}

TEST_F(Framework, Errors) {
  EXPECT_EQ(conformance::Run(registry_, {.folder = "/nowhere"}).status().code(),
            StatusCode::kNotFound);
  Write("suite.jsonl", Line("a", "pass"));
  EXPECT_THAT(std::string(Message(conformance::Run(registry_, {.folder = folder_.string(),
                                                               .suites = {"none"}}).status())),
              HasSubstr("has no suite 'none'"));
  registry_.Add({.file = "suite", .kind = "plain", .doc = "again"});
  EXPECT_THAT(std::string(Message(registry_.status())), HasSubstr("registered twice"));
}

}  // namespace
}  // namespace bessemer::conformance
