#ifndef BESSEMER_CLI_COMMANDS_VALIDATE_SKEW_H_
#define BESSEMER_CLI_COMMANDS_VALIDATE_SKEW_H_

#include "bessemer/cli/command.h"

namespace bessemer::cli::validate {

// Adds the verb `skew`.
void AddSkew(CLI::App& app, Session& session);

}  // namespace bessemer::cli::validate

#endif  // BESSEMER_CLI_COMMANDS_VALIDATE_SKEW_H_
