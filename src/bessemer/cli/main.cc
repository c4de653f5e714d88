#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "bessemer/cli/command.h"
#include "bessemer/io/fault.h"

namespace bessemer::cli {
namespace {

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

}  // namespace

int Main(int argc, char** argv) {
  io::InstallFaultFromEnvironment();
  CommandRegistry commands("command");
  RegisterPlugins(commands);
  if (!commands.status().ok()) {
    fmt::print(stderr, "bessemer: {}\n", Message(commands.status()));
    return kExitFailure;
  }

  Session session;
  CLI::App app("Production machine-learning pipelines, natively.", "bessemer");
  app.set_version_flag("--version", "bessemer " BESSEMER_VERSION);
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

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? kExitOk : kExitUsage;
  }
  if (!session.action()) {
    fmt::print(stderr, "{}", app.help());
    return kExitUsage;
  }
  const StatusOr<int> result = session.action()();
  std::fflush(stdout);
  if (result.ok()) return *result;
  fmt::print(stderr, "bessemer: {}\n", Message(result.status()));
  return ExitCodeOf(result.status());
}

}  // namespace bessemer::cli
