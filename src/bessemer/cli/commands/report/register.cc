#include <CLI/CLI.hpp>

#include "bessemer/base/config.h"
#include "bessemer/base/json_text.h"
#include "bessemer/cli/commands/report/report_command.h"

namespace bessemer::cli::report {

void PrintWritten(const Session& session, const std::string& path) {
  if (session.json) {
    fmt::print("{}\n", JsonText(Json{{"written", path}}));
  } else {
    fmt::print("{}\n", path);
  }
}

void Register(CommandRegistry& registry) {
  registry.Add({.name = "report",
                .doc = "Writes HTML pages: statistics of data, or a whole pipeline run",
                .setup = [](CLI::App& app, Session& session) {
                  app.require_subcommand(1);
                  SetUpStats(app, session);
                  SetUpRun(app, session);
                  app.footer(
                      "Examples:\n"
                      "  bessemer report stats Split-train Split-eval -o statistics.html\n"
                      "  bessemer report run --db runs/flights/metadata.db -o run.html");
                }});
}

}  // namespace bessemer::cli::report
