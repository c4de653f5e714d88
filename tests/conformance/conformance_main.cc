// Runs recorded cases of the real libraries against ours; see README.md.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <thread>

#include "conformance/results.h"
#include "conformance/runner.h"
#include "conformance/suite.h"

namespace bessemer::conformance {
namespace {

constexpr int kRegressed = 1;
constexpr int kUsage = 2;
constexpr int kFailure = 3;
constexpr int kSkipped = 77;  // what CTest is told to take for "skipped"

struct Arguments {
  RunOptions run;
  std::string level = "kind";
  std::string check;
  bool json = false;
  bool list = false;
  bool update = false;
};

int CompareWithKnown(const Arguments& arguments, const std::vector<FileResult>& files) {
  std::ifstream in(arguments.check);
  const Json known = in ? Json::parse(in, nullptr, false) : Json::object();
  if (known.is_discarded()) {
    fmt::print(stderr, "{} is not JSON\n", arguments.check);
    return kFailure;
  }
  if (arguments.update) {
    std::ofstream(arguments.check) << Update(files, known);
    return 0;
  }
  const Comparison comparison = Compare(files, known);
  if (!comparison.news.empty()) {
    fmt::print("\nbetter or new; bring {} up to date with --update:\n{}", arguments.check,
               comparison.news);
  }
  if (comparison.regressions.empty()) return 0;
  fmt::print(stderr, "\nworse than {} says:\n{}", arguments.check, comparison.regressions);
  return kRegressed;
}

int RunMain(const Arguments& arguments) {
  if (!arguments.check.empty() && !std::filesystem::is_directory(arguments.run.folder)) {
    fmt::print("{} is not there: skipped\n", arguments.run.folder);
    return kSkipped;
  }
  SuiteRegistry registry;
  RegisterPlugins(registry);
  const auto files = Run(registry, arguments.run);
  if (!files.ok()) {
    fmt::print(stderr, "conformance: {}\n", Message(files.status()));
    return kFailure;
  }
  const Level level = arguments.level == "file" ? Level::kFile : Level::kKind;
  if (arguments.json) {
    fmt::print("{}\n", ToJson(*files, level).dump(1, ' ', false, Json::error_handler_t::replace));
  } else {
    fmt::print("{}", ToText(*files, level, arguments.list));
  }
  std::fflush(stdout);
  if (!registry.status().ok()) fmt::print(stderr, "{}\n", Message(registry.status()));
  if (arguments.check.empty()) return 0;
  const int code = CompareWithKnown(arguments, *files);
  return code == 0 && !registry.status().ok() ? kFailure : code;
}

int Main(int argc, char** argv) {
  CLI::App app("Runs recorded cases of TFX's libraries against Bessemer's.");
  Arguments arguments;
  RunOptions& run = arguments.run;
  run.num_workers = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  app.add_option("cases", run.folder, "folder of the cases")->capture_default_str();
  app.add_flag("--list", arguments.list, "name the cases that do not pass, expected and got");
  app.add_flag("--json", arguments.json, "print JSON, misses included");
  app.add_option("--suite", run.suites, "only this file or line of the table; may be repeated");
  app.add_option("--case", run.ids, "only the case of this id; may be repeated");
  app.add_option("--level", arguments.level, "lines: a 'file', or also each 'kind' in it")
      ->check(CLI::IsMember({"file", "kind"}))
      ->capture_default_str();
  app.add_option("--jobs", run.num_workers, "processes; 0: this one, for a debugger")
      ->capture_default_str();
  app.add_option("--timeout", run.timeout_s, "seconds a case may take")->capture_default_str();
  app.add_option("--check", arguments.check,
                 "compare with a file of known results: exit code 1 if fewer cases pass, 77 "
                 "without the folder");
  app.add_flag("--update", arguments.update, "with --check: write the file instead");
  app.footer(
      "Examples:\n"
      "  conformance ../shared/conformance\n"
      "  conformance --suite golden_csv --list\n"
      "  conformance --case golden/66 --list --jobs 0");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsage;
  }
  return RunMain(arguments);
}

}  // namespace
}  // namespace bessemer::conformance

int main(int argc, char** argv) { return bessemer::conformance::Main(argc, argv); }
