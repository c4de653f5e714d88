#ifndef BESSEMER_CLI_COMMAND_H_
#define BESSEMER_CLI_COMMAND_H_

#include <functional>
#include <memory>
#include <string>

#include "bessemer/base/progress.h"
#include "bessemer/base/registry.h"
#include "bessemer/base/status.h"

namespace CLI {
class App;
}

// The command line: `bessemer <noun> [<verb>] …`. Data on stdout, talk on stderr.

namespace bessemer::cli {

// Exit codes.
inline constexpr int kExitOk = 0;
inline constexpr int kExitFindings = 1;  // anomalies, not blessed
inline constexpr int kExitUsage = 2;
inline constexpr int kExitFailure = 3;
inline constexpr int kExitInterrupted = 130;

// One invocation. Commands read its flags after parsing.
class Session {
 public:
  bool json = false;     // --json: machine-readable output on stdout
  bool verbose = false;  // --verbose
  int num_threads = 0;   // --threads; 0: all processors

  // What to do once the arguments are parsed; called by a (sub-)command's CLI11 callback. The
  // action returns an exit code, or an error that is printed and becomes kExitFailure (kExitUsage
  // for INVALID_ARGUMENT, kExitInterrupted for CANCELLED).
  void Run(std::function<StatusOr<int>()> action) { action_ = std::move(action); }
  const std::function<StatusOr<int>()>& action() const { return action_; }

  bool stdout_is_terminal() const;
  bool stderr_is_terminal() const;
  // Wraps text in an ANSI style ("1" bold, "31" red, …) when stdout is a terminal and NO_COLOR
  // unset.
  std::string Styled(const std::string& text, const char* style) const;
  // Progress bars on stderr when it is a terminal; nothing otherwise. Ctrl-C makes cancelled()
  // true.
  Progress& progress();

 private:
  std::function<StatusOr<int>()> action_;
  std::shared_ptr<Progress> progress_;
};

// The registry entry of a command: a folder of commands/ with a register.cc.
struct Command {
  std::string name;  // the noun, e.g. "stats"
  std::string doc;   // one line
  // Adds flags, verbs and an examples footer to the app of this noun. `session` outlives parsing.
  std::function<void(CLI::App& app, Session& session)> setup;
};

using CommandRegistry = Registry<Command>;
void RegisterPlugins(CommandRegistry& registry);

// The whole program: parses, runs, prints errors; returns the exit code.
int Main(int argc, char** argv);

}  // namespace bessemer::cli

#endif  // BESSEMER_CLI_COMMAND_H_
