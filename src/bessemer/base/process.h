#ifndef BESSEMER_BASE_PROCESS_H_
#define BESSEMER_BASE_PROCESS_H_

#include <sys/types.h>

#include <string>

namespace bessemer {

// Ticks from the machine's start to that of a process: with the pid it names one process of a boot.
// "" if there is no such process, or /proc cannot be read.
std::string ProcessStart(pid_t pid);

// True if a process of this machine has ended for certain: it is not there, or a zombie.
bool ProcessHasEnded(pid_t pid);

}  // namespace bessemer

#endif  // BESSEMER_BASE_PROCESS_H_
