#include "bessemer/serving/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <utility>

extern char** environ;

namespace bessemer::serving {
namespace {

constexpr size_t kErrorBytesKept = 2000;

// Appends what can be read without waiting; false at the end of the stream.
bool Drain(int fd, std::string* to) {
  char bytes[4096];
  while (true) {
    const ssize_t n = read(fd, bytes, sizeof(bytes));
    if (n > 0) {
      to->append(bytes, static_cast<size_t>(n));
    } else if (n == 0) {
      return false;
    } else if (errno != EINTR) {
      return errno == EAGAIN;
    }
  }
}

std::string HowItEnded(int status) {
  if (WIFSIGNALED(status)) {
    return fmt::format("died of signal {} ({})", WTERMSIG(status), strsignal(WTERMSIG(status)));
  }
  return fmt::format("ended with code {}", WEXITSTATUS(status));
}

}  // namespace

std::string ThisProgram() {
  if (const char* path = std::getenv("BESSEMER_BINARY")) return path;
  char path[4096];
  const ssize_t size = readlink("/proc/self/exe", path, sizeof(path));
  return size > 0 ? std::string(path, static_cast<size_t>(size)) : "bessemer";
}

StatusOr<ChildProcess> ChildProcess::Start(const std::vector<std::string>& arguments) {
  int out[2], err[2];
  if (pipe2(out, O_CLOEXEC) != 0) return UnavailableError("pipe: {}", std::strerror(errno));
  if (pipe2(err, O_CLOEXEC) != 0) {
    close(out[0]);
    close(out[1]);
    return UnavailableError("pipe: {}", std::strerror(errno));
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err[1], STDERR_FILENO);
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  // A group of its own: Ctrl-C in a terminal must not look like a crash of the model.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  ChildProcess child;
  const int error =
      posix_spawn(&child.pid_, argv[0], &actions, &attributes, argv.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  close(out[1]);
  close(err[1]);
  child.out_ = out[0];
  child.err_ = err[0];
  if (error != 0) {
    child.pid_ = -1;
    return UnavailableError("cannot start {}: {}", arguments[0], std::strerror(error));
  }
  for (const int fd : {child.out_, child.err_}) fcntl(fd, F_SETFL, O_NONBLOCK);
  return child;
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      out_(std::exchange(other.out_, -1)),
      err_(std::exchange(other.err_, -1)),
      out_ended_(other.out_ended_),
      buffer_(std::move(other.buffer_)),
      errors_(std::move(other.errors_)) {}

ChildProcess::~ChildProcess() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  if (out_ >= 0) close(out_);
  if (err_ >= 0) close(err_);
}

bool ChildProcess::TakeLine(std::string* line) {
  const size_t end = buffer_.find('\n');
  if (end == std::string::npos) return false;
  *line = buffer_.substr(0, end);
  buffer_.erase(0, end + 1);
  return true;
}

void ChildProcess::ReadErrors() {
  Drain(err_, &errors_);
  if (errors_.size() > kErrorBytesKept) errors_.erase(0, errors_.size() - kErrorBytesKept);
}

StatusOr<ChildProcess::Event> ChildProcess::Wait(int timeout_ms) {
  Event event{.kind = Event::kLine};
  if (TakeLine(&event.text)) return event;
  event.kind = Event::kNothing;
  if (pid_ < 0) return FailedPreconditionError("the process has ended");
  pollfd fds[2] = {{out_ended_ ? -1 : out_, POLLIN, 0}, {err_, POLLIN, 0}};
  // A stream at its end is always ready, so the time is only waited for while both are open.
  poll(fds, out_ended_ ? 0 : 2, timeout_ms);
  ReadErrors();
  if (!out_ended_ && !Drain(out_, &buffer_)) out_ended_ = true;
  if (TakeLine(&event.text)) {
    event.kind = Event::kLine;
    return event;
  }
  if (!out_ended_) return event;
  int status = 0;
  const pid_t ended = waitpid(pid_, &status, WNOHANG);
  if (ended == 0) return event;  // closed its output but lives
  pid_ = -1;
  ReadErrors();
  event.kind = Event::kEnded;
  event.text = ended < 0 ? "is gone" : HowItEnded(status);
  return event;
}

int64_t ChildProcess::AnonymousMemoryBytes() const {
  if (pid_ < 0) return 0;
  std::ifstream file(fmt::format("/proc/{}/status", pid_));
  std::string line;
  while (std::getline(file, line)) {
    if (line.starts_with("RssAnon:")) return std::strtoll(line.c_str() + 8, nullptr, 10) * 1024;
  }
  return 0;
}

std::string ChildProcess::errors() {
  std::string text = errors_;
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

}  // namespace bessemer::serving
