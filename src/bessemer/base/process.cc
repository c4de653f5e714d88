#include "bessemer/base/process.h"

#include <fmt/format.h>
#include <signal.h>

#include <cerrno>
#include <fstream>
#include <sstream>

namespace bessemer {
namespace {

struct ProcessStat {
  std::string state;
  std::string start;
};

// Fields 3 and 22 of /proc/<pid>/stat.
ProcessStat StatOf(pid_t pid) {
  ProcessStat stat;
  std::ifstream in(fmt::format("/proc/{}/stat", pid));
  std::string line;
  std::getline(in, line);
  const size_t name_end = line.rfind(')');  // the name may hold spaces
  if (name_end == std::string::npos) return stat;
  std::istringstream fields(line.substr(name_end + 1));
  fields >> stat.state;
  for (int i = 4; i <= 22; ++i) fields >> stat.start;
  return stat;
}

}  // namespace

std::string ProcessStart(pid_t pid) { return StatOf(pid).start; }

bool ProcessHasEnded(pid_t pid) {
  if (kill(pid, 0) != 0 && errno == ESRCH) return true;
  const std::string state = StatOf(pid).state;
  return state == "Z" || state == "X";  // dead, and nobody has asked after it
}

}  // namespace bessemer
