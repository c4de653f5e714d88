#ifndef BESSEMER_CLI_COMMANDS_VALIDATE_VALIDATE_ARGS_H_
#define BESSEMER_CLI_COMMANDS_VALIDATE_VALIDATE_ARGS_H_

#include <string>
#include <vector>

#include "bessemer/cli/command.h"
#include "bessemer/cli/source_flags.h"
#include "bessemer/validation/rules.h"

// What `bessemer validate` was asked for, and its two halves.

namespace bessemer::cli::validate {

struct Args {
  std::string statistics, schema, environment, previous, serving, previous_version, out, fix;
  std::string rules, custom_validation, validation_config, bad_rows, fail_on = "WARNING";
  std::vector<std::string> examples, severities, only;
  SourceFlags source;
  int64_t limit = 10;
  bool edits = false, slices = false, tfdv_compat = false, new_features_are_warnings = false;

  bool has_rows() const { return !examples.empty() || !source.query.empty(); }
};

// Rules of the schema, beside it and of --rules; severities of all flags on top.
StatusOr<validation::RuleSet> RulesOf(const Args& args,
                                      const ::tensorflow::metadata::v0::Schema& schema);

// Each prints what it found (as JSON into `json` instead if that is not null) and returns the
// greatest severity found; UNKNOWN: nothing.
StatusOr<validation::Severity> ValidateStatistics(const Session& session, const Args& args,
                                                  const ::tensorflow::metadata::v0::Schema& schema,
                                                  const validation::RuleSet& rules, Json* json);
StatusOr<validation::Severity> ValidateExamples(Session& session, const Args& args,
                                                const ::tensorflow::metadata::v0::Schema& schema,
                                                const validation::RuleSet& rules, Json* json);

}  // namespace bessemer::cli::validate

#endif  // BESSEMER_CLI_COMMANDS_VALIDATE_VALIDATE_ARGS_H_
