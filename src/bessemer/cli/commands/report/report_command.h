#ifndef BESSEMER_CLI_COMMANDS_REPORT_REPORT_COMMAND_H_
#define BESSEMER_CLI_COMMANDS_REPORT_REPORT_COMMAND_H_

#include <string>

#include "bessemer/cli/command.h"

namespace bessemer::cli::report {

// The verbs of `bessemer report`.
void SetUpStats(CLI::App& app, Session& session);
void SetUpRun(CLI::App& app, Session& session);

// Tells the path of a page on stdout.
void PrintWritten(const Session& session, const std::string& path);

}  // namespace bessemer::cli::report

#endif  // BESSEMER_CLI_COMMANDS_REPORT_REPORT_COMMAND_H_
