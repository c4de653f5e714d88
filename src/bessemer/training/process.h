#ifndef BESSEMER_TRAINING_PROCESS_H_
#define BESSEMER_TRAINING_PROCESS_H_

#include <map>
#include <string>
#include <vector>

#include "bessemer/base/progress.h"
#include "bessemer/base/status.h"

namespace bessemer::training {

// Runs a program in a process group of its own and waits for it. Its standard output and error go
// to the file `log` (made anew). `environment` is added to this process's. CANCELLED, with the
// whole group killed, as progress says. NOT_FOUND if it cannot be started; ABORTED if it ends with
// another code than 0 or by a signal: the message has the last lines of the log. UNAVAILABLE if how
// it ended cannot be known, because SIGCHLD is ignored.
Status RunProcess(const std::vector<std::string>& command,
                  const std::map<std::string, std::string>& environment, const std::string& log,
                  Progress& progress);

}  // namespace bessemer::training

#endif  // BESSEMER_TRAINING_PROCESS_H_
