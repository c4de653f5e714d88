#ifndef BESSEMER_CLI_COMMANDS_SCHEMA_EDIT_H_
#define BESSEMER_CLI_COMMANDS_SCHEMA_EDIT_H_

#include <string>

#include "bessemer/cli/command.h"

namespace tensorflow::metadata::v0 {
class Schema;
}

namespace bessemer::cli::schema {

// Into the file, or to stdout: as text, with --json as PrintFeatures does.
StatusOr<int> Deliver(const Session& session, const ::tensorflow::metadata::v0::Schema& schema,
                      const std::string& out);
// {"features": [{feature, type, presence, values, domain, notes}]}
void PrintFeatures(const ::tensorflow::metadata::v0::Schema& schema);

// The verbs `apply` and `rules`.
void AddApply(CLI::App& app, Session& session);
void AddRules(CLI::App& app, Session& session);

}  // namespace bessemer::cli::schema

#endif  // BESSEMER_CLI_COMMANDS_SCHEMA_EDIT_H_
