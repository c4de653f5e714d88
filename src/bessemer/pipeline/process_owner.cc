#include "bessemer/pipeline/process_owner.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <fstream>
#include <mutex>
#include <set>
#include <sstream>
#include <vector>

namespace bessemer::pipeline {
namespace {

std::mutex g_mutex;
std::set<std::string>& Alive() {
  static auto* const alive = new std::set<std::string>;
  return *alive;
}

std::string ReadLine(const std::string& path) {
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  return line;
}

// Host and boot: pids are compared only within one.
std::string Machine() {
  char host[256] = "";
  gethostname(host, sizeof(host) - 1);
  return fmt::format("{}/{}", host, ReadLine("/proc/sys/kernel/random/boot_id"));
}

struct ProcessStat {
  std::string state;  // "" if there is no such process, or it cannot be seen
  std::string start;  // ticks since boot
};

// Fields 3 and 22 of /proc/<pid>/stat.
ProcessStat StatOf(pid_t pid) {
  ProcessStat stat;
  const std::string line = ReadLine(fmt::format("/proc/{}/stat", pid));
  const size_t name_end = line.rfind(')');  // the name may hold spaces
  if (name_end == std::string::npos) return stat;
  std::istringstream fields(line.substr(name_end + 1));
  fields >> stat.state;
  for (int i = 4; i <= 22; ++i) fields >> stat.start;
  return stat;
}

std::vector<std::string> Split(std::string_view text) {
  std::vector<std::string> parts;
  while (true) {
    const size_t slash = text.find('/');
    parts.emplace_back(text.substr(0, slash));
    if (slash == std::string_view::npos) return parts;
    text.remove_prefix(slash + 1);
  }
}

}  // namespace

ProcessOwner::ProcessOwner() {
  static int count = 0;
  const std::lock_guard lock(g_mutex);
  token_ = fmt::format("{}/{}/{}/{}", Machine(), getpid(), StatOf(getpid()).start, count++);
  Alive().insert(token_);
}

ProcessOwner::~ProcessOwner() {
  const std::lock_guard lock(g_mutex);
  Alive().erase(token_);
}

bool ProcessOwner::IsGone(std::string_view token) {
  const std::vector<std::string> parts = Split(token);
  pid_t pid = 0;
  if (parts.size() != 5) return true;
  const auto [end, error] =
      std::from_chars(parts[2].data(), parts[2].data() + parts[2].size(), pid);
  if (error != std::errc() || pid <= 0) return true;
  const std::vector<std::string> here = Split(Machine());
  if (parts[0] != here[0]) return false;  // another host: cannot know
  if (parts[1] != here[1]) return true;   // the machine has been restarted
  if (pid == getpid() && parts[3] == StatOf(pid).start) {
    const std::lock_guard lock(g_mutex);
    return !Alive().contains(std::string(token));
  }
  if (kill(pid, 0) != 0 && errno == ESRCH) return true;
  const ProcessStat stat = StatOf(pid);
  if (stat.state == "Z" || stat.state == "X") return true;  // dead, and nobody has asked after it
  return !stat.state.empty() && stat.start != parts[3];     // the number has a new owner
}

}  // namespace bessemer::pipeline
