#ifndef BESSEMER_CLI_COMMANDS_RUN_RUN_PAGE_H_
#define BESSEMER_CLI_COMMANDS_RUN_RUN_PAGE_H_

#include <string>

#include "bessemer/pipeline/run_record.h"

namespace bessemer::cli::run {

// Writes the HTML report of a run below its root and returns the path. A page that cannot be
// written is a warning on stderr and "": the run itself is what it is.
std::string WritePage(const pipeline::RunRecord& run);

}  // namespace bessemer::cli::run

#endif  // BESSEMER_CLI_COMMANDS_RUN_RUN_PAGE_H_
