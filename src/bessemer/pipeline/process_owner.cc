#include "bessemer/pipeline/process_owner.h"

#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <fstream>
#include <mutex>
#include <set>
#include <vector>

#include "bessemer/base/process.h"

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
  token_ = fmt::format("{}/{}/{}/{}", Machine(), getpid(), ProcessStart(getpid()), count++);
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
  if (pid == getpid() && parts[3] == ProcessStart(pid)) {
    const std::lock_guard lock(g_mutex);
    return !Alive().contains(std::string(token));
  }
  if (ProcessHasEnded(pid)) return true;
  const std::string start = ProcessStart(pid);
  return !start.empty() && start != parts[3];  // the number has a new owner
}

}  // namespace bessemer::pipeline
