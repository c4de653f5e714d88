#include "bessemer/training/process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <fstream>
#include <thread>

#include "bessemer/io/file.h"

extern char** environ;

namespace bessemer::training {
namespace {

constexpr int kTailLines = 25;
constexpr int64_t kTailBytes = 1 << 16;
constexpr auto kPoll = std::chrono::milliseconds(20);

// Reads no more than the end: logs may be large.
std::string LastLines(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  const auto size = static_cast<int64_t>(file.tellg());
  if (size <= 0) return "(it wrote nothing)";
  std::string text(static_cast<size_t>(std::min(size, kTailBytes)), '\0');
  file.seekg(size - static_cast<int64_t>(text.size()));
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  size_t begin = text.size();
  for (int lines = 0; begin > 0 && lines <= kTailLines; --begin) {
    if (text[begin - 1] == '\n' && begin != text.size() && ++lines == kTailLines) break;
  }
  std::string tail = text.substr(begin);
  while (!tail.empty() && tail.back() == '\n') tail.pop_back();
  return tail;
}

std::vector<std::string> Environment(const std::map<std::string, std::string>& extra) {
  std::vector<std::string> result;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    if (!extra.contains(text.substr(0, text.find('=')))) result.push_back(text);
  }
  for (const auto& [name, value] : extra) result.push_back(name + "=" + value);
  return result;
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

Status RunProcess(const std::vector<std::string>& command,
                  const std::map<std::string, std::string>& environment, const std::string& log,
                  Progress& progress) {
  BESSEMER_RETURN_IF_ERROR(io::MakeDirectories(io::DirName(log)));
  std::vector<std::string> arguments = command, variables = Environment(environment);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log.c_str(),
                                   O_WRONLY | O_CREAT | O_TRUNC, 0644);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  // A group of its own: Ctrl-C in a terminal is for this process to see, which then ends the group,
  // the workers that the program started among it.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  pid_t pid = 0;
  const int error = posix_spawnp(&pid, command[0].c_str(), &actions, &attributes,
                                 Pointers(arguments).data(), Pointers(variables).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    return NotFoundError("{} cannot be started: {}", command[0], strerror(error));
  }
  int state = 0;
  pid_t ended = 0;
  while ((ended = waitpid(pid, &state, WNOHANG)) == 0) {
    if (progress.cancelled()) {
      kill(-pid, SIGKILL);
      waitpid(pid, &state, 0);
      return CancelledError("{} was interrupted", command[0]);
    }
    std::this_thread::sleep_for(kPoll);
  }
  if (ended < 0) return UnavailableError("{} is gone: {}", command[0], strerror(errno));
  if (WIFEXITED(state) && WEXITSTATUS(state) == 0) return OkStatus();
  const std::string how = WIFSIGNALED(state)
                              ? fmt::format("was ended by signal {}", WTERMSIG(state))
                              : fmt::format("ended with code {}", WEXITSTATUS(state));
  return AbortedError("{} {}; its last lines:\n{}", fmt::join(command, " "), how, LastLines(log));
}

}  // namespace bessemer::training
