#ifndef BESSEMER_CLI_COMMANDS_VALIDATE_FLAG_CHECKS_H_
#define BESSEMER_CLI_COMMANDS_VALIDATE_FLAG_CHECKS_H_

#include <set>
#include <string>

#include "bessemer/cli/commands/validate/validate_args.h"

// Flags of `bessemer validate` that would do nothing.

namespace bessemer::cli::validate {

// INVALID_ARGUMENT for a --severity of a feature that neither the schema nor the data has, with the
// nearest name. `features`: those of the data, by the text of their paths.
Status CheckSeverities(const Args& args, const ::tensorflow::metadata::v0::Schema& schema,
                       const std::set<std::string>& features);

// Says on stderr which of --previous, --previous-version and --serving nothing was compared with:
// neither the schema nor a rule asks for it.
void SayUnusedStatistics(const Args& args, const ::tensorflow::metadata::v0::Schema& schema,
                         const validation::RuleSet& rules);

// Says on stderr which rules over statistics were not judged, and by which flags they would be.
void SayWhatRulesLack(const std::vector<validation::Rule>& not_judged,
                      const validation::RuleData& data);

}  // namespace bessemer::cli::validate

#endif  // BESSEMER_CLI_COMMANDS_VALIDATE_FLAG_CHECKS_H_
