#include <arrow/memory_pool.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

#include "bessemer/base/nearest_name.h"
#include "bessemer/base/no_throw.h"
#include "bessemer/base/version.h"
#include "bessemer/cli/command.h"
#include "bessemer/cli/source_flags.h"
#include "bessemer/io/fault.h"

namespace bessemer::cli {
namespace {

constexpr char kFooter[] =
    "Examples:\n"
    "  bessemer run pipeline.yaml\n"
    "  bessemer stats generate data.csv -o stats.pb\n"
    "  bessemer schema infer stats.pb -o schema.pbtxt\n"
    "  bessemer validate --stats stats.pb --schema schema.pbtxt\n"
    "  bessemer report stats stats.pb -o stats.html\n"
    "Exit codes: 0 all is well, 1 something was found, 2 a mistake in the call or in a file, 3 it "
    "failed, 130 interrupted.";

// Of Arrow's allocators jemalloc gives what is freed back soonest: peaks are a tenth to a quarter
// lower than with its default. Whoever names one in the environment gets that.
void ChooseAllocator() {
  constexpr char kVariable[] = "ARROW_DEFAULT_MEMORY_POOL";
  constexpr char kAllocator[] = "jemalloc";
  const auto known = arrow::SupportedMemoryBackendNames();
  if (std::getenv(kVariable) != nullptr || std::ranges::count(known, kAllocator) == 0) return;
  setenv(kVariable, kAllocator, 0);
  arrow::default_memory_pool();  // is decided now
  unsetenv(kVariable);           // programs that are started decide for themselves
}

int ExitCodeOf(const Status& status) {
  switch (status.code()) {
    case StatusCode::kInvalidArgument:
      return kExitUsage;
    case StatusCode::kCancelled:
      return kExitInterrupted;
    default:
      return kExitFailure;
  }
}

std::vector<CLI::App*> SubcommandsOf(CLI::App& app) {
  return app.get_subcommands([](CLI::App* sub) { return !sub->get_name().empty(); });
}

// The nearest, or the one that begins so; "": none.
std::string NearestOption(const std::string& name, const std::vector<std::string>& options) {
  std::string nearest = NearestName(name, options);
  for (const std::string& option : options) {
    if (nearest.empty() && option.starts_with(name)) nearest = option;
  }
  return nearest;
}

// What is wrong with the words of a command line that CLI11 refused with `error`: the first unknown
// noun, verb or option with the nearest known one, else what CLI11 says.
std::string UsageError(CLI::App& app, int argc, char** argv, const CLI::ParseError& error) {
  CLI::App* at = &app;
  std::string path = "bessemer";
  std::vector<std::string> options;
  auto add_options = [&options](const CLI::App& of) {
    for (const CLI::Option* option : of.get_options()) {
      for (const std::string& name : option->get_lnames()) options.push_back("--" + name);
    }
  };
  add_options(app);
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--threads") ++i;  // its value is not a noun
    if (word.starts_with("-")) continue;
    std::vector<std::string> names;
    CLI::App* next = nullptr;
    for (CLI::App* sub : SubcommandsOf(*at)) {
      if (!sub->get_group().empty()) names.push_back(sub->get_name());
      if (sub->get_name() == word) next = sub;
    }
    if (next != nullptr) {
      at = next;
      path += " " + word;
      add_options(*at);
    } else if (!names.empty()) {
      return fmt::format("unknown command '{} {}'{}", path, word, SuggestName(word, names));
    }
  }
  auto known = [&](const std::string& name) {
    return std::find(options.begin(), options.end(), name) != options.end();
  };
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const std::string name = word.substr(0, word.find('='));
    if (!name.starts_with("--") || name == "--" || known(name)) continue;
    const std::string nearest = NearestOption(name, options);
    return fmt::format("'{}' has no option '{}'; {}", path, name,
                       nearest.empty() ? fmt::format("see `{} --help`", path)
                                       : fmt::format("did you mean '{}'?", nearest));
  }
  return fmt::format("{}; see `{} --help`", error.what(), path);
}

}  // namespace

int Main(int argc, char** argv) {
  ChooseAllocator();
  io::InstallFaultFromEnvironment();
  CommandRegistry commands("command");
  RegisterPlugins(commands);
  if (!commands.status().ok()) {
    fmt::print(stderr, "bessemer: {}\n", Message(commands.status()));
    return kExitFailure;
  }

  Session session;
  CLI::App app("Production machine-learning pipelines, natively.", "bessemer");
  app.set_version_flag("--version", fmt::format("bessemer {}", Version()));
  app.add_flag("--json", session.json, "Machine-readable output");
  app.add_flag("-v,--verbose", session.verbose, "Say more on stderr");
  app.add_option("--threads", session.num_threads, "Threads to use; 0: all processors")
      ->check(CLI::Range(0, 1 << 30));
  app.require_subcommand(0, 1);
  app.fallthrough();
  for (const Command& command : commands.entries()) {
    CLI::App* noun = app.add_subcommand(command.name, command.doc);
    noun->fallthrough();
    command.setup(*noun, session);
  }
  NameStandardStreams(app);
  app.footer(kFooter);
  // `bessemer help stats` is `bessemer stats --help`.
  std::vector<char*> words(argv, argv + argc);
  static char help_flag[] = "--help";
  if (argc > 1 && std::string_view(argv[1]) == "help") {
    words.erase(words.begin() + 1);
    words.push_back(help_flag);
  }

  try {
    app.parse(static_cast<int>(words.size()), words.data());
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
    fmt::print(stderr, "bessemer: {}\n",
               UsageError(app, static_cast<int>(words.size()), words.data(), error));
    return kExitUsage;
  }
  if (!session.action()) {
    fmt::print(stderr, "{}", app.help());
    return kExitUsage;
  }
  const StatusOr<int> result = NoThrow(session.action());
  std::fflush(stdout);
  if (result.ok()) return *result;
  fmt::print(stderr, "bessemer: {}\n", NameStreams(std::string(Message(result.status()))));
  return ExitCodeOf(result.status());
}

}  // namespace bessemer::cli
