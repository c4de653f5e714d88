#ifndef BESSEMER_CLI_COMMANDS_STATS_STATS_COMMAND_H_
#define BESSEMER_CLI_COMMANDS_STATS_STATS_COMMAND_H_

#include <string>

#include "bessemer/cli/command.h"
#include "bessemer/statistics/dataset_state.h"

// What the verbs of `bessemer stats` share.

namespace bessemer::cli::stats {

// Where results go; "": nowhere.
struct Outputs {
  std::string statistics;
  std::string state;
};
void AddOutputs(CLI::App* verb, Outputs* outputs);

// Writes what was asked for; with nothing asked for, or --json, prints.
StatusOr<int> Deliver(const Session& session, const Outputs& outputs,
                      const statistics::DatasetStatisticsState& state,
                      const ::tensorflow::metadata::v0::DatasetFeatureStatisticsList& result);

void AddGenerate(CLI::App& app, Session& session);
void AddCompare(CLI::App& app, Session& session);

}  // namespace bessemer::cli::stats

#endif  // BESSEMER_CLI_COMMANDS_STATS_STATS_COMMAND_H_
