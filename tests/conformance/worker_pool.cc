#include "conformance/worker_pool.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <deque>
#include <map>
#include <memory>

namespace bessemer::conformance {
namespace {

double Now() {
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

bool WriteAll(int fd, const void* data, size_t size) {
  const char* at = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t written = write(fd, at, size);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    at += written;
    size -= static_cast<size_t>(written);
  }
  return true;
}

bool ReadAll(int fd, void* data, size_t size) {
  char* at = static_cast<char*>(data);
  while (size > 0) {
    const ssize_t got = read(fd, at, size);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    at += got;
    size -= static_cast<size_t>(got);
  }
  return true;
}

// The life of a worker: task numbers in, results (length and bytes) out, until the pipe closes.
[[noreturn]] void ServeTasks(int in, int out, const std::function<std::string(size_t)>& run) {
  const int null = open("/dev/null", O_RDWR);
  dup2(null, STDIN_FILENO);
  dup2(null, STDOUT_FILENO);
  dup2(null, STDERR_FILENO);
  for (uint64_t task = 0; ReadAll(in, &task, sizeof(task));) {
    const std::string result = run(task);
    const uint64_t size = result.size();
    if (!WriteAll(out, &size, sizeof(size)) || !WriteAll(out, result.data(), size)) break;
  }
  _exit(0);
}

class Worker {
 public:
  ~Worker() { Stop(); }

  // False if no process can be made.
  bool Start(const std::function<std::string(size_t)>& run,
             const std::vector<std::unique_ptr<Worker>>& others) {
    int to[2], from[2];
    if (pipe2(to, O_CLOEXEC) != 0 || pipe2(from, O_CLOEXEC) != 0) return false;
    pid_ = fork();
    if (pid_ < 0) return false;
    if (pid_ == 0) {
      // Ends of other workers' pipes held here would keep those from seeing the end of input.
      for (const auto& other : others) {
        if (other.get() != this) other->CloseEnds();
      }
      close(to[1]);
      close(from[0]);
      ServeTasks(to[0], from[1], run);
    }
    close(to[0]);
    close(from[1]);
    in_ = from[0];
    out_ = to[1];
    return true;
  }

  bool Give(size_t task, int timeout_s) {
    task_ = task;
    busy_ = true;
    deadline_ = Now() + timeout_s;
    const uint64_t number = task;
    return WriteAll(out_, &number, sizeof(number));
  }

  // Reads the result of the task; false if the worker ended.
  bool Take(std::string* result) {
    uint64_t size = 0;
    if (!ReadAll(in_, &size, sizeof(size))) return false;
    result->resize(size);
    busy_ = false;
    return ReadAll(in_, result->data(), size);
  }

  // "ended by signal 6", "ended with exit code 1"; the process is gone afterwards.
  std::string Stop() {
    if (pid_ <= 0) return "";
    CloseEnds();
    if (busy_) kill(pid_, SIGKILL);
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    busy_ = false;
    return WIFSIGNALED(status) ? fmt::format("ended by signal {}", WTERMSIG(status))
                               : fmt::format("ended with exit code {}", WEXITSTATUS(status));
  }

  // As Stop, for a worker whose pipe is closed: it is not killed, so that its own end is reported.
  std::string Ended() {
    busy_ = false;
    return Stop();
  }

  bool busy() const { return busy_; }
  size_t task() const { return task_; }
  int in() const { return in_; }
  double deadline() const { return deadline_; }

 private:
  void CloseEnds() {
    if (in_ >= 0) close(in_);
    if (out_ >= 0) close(out_);
    in_ = out_ = -1;
  }

  pid_t pid_ = -1;
  int in_ = -1;
  int out_ = -1;
  bool busy_ = false;
  size_t task_ = 0;
  double deadline_ = 0;
};

class Pool {
 public:
  Pool(size_t num_tasks, const WorkerOptions& options,
       const std::function<std::string(size_t)>& run,
       const std::function<std::string(std::string)>& lost)
      : options_(options), run_(run), lost_(lost), results_(num_tasks) {
    for (size_t task = 0; task < num_tasks; ++task) waiting_.push_back(task);
  }

  StatusOr<std::vector<std::string>> Run() {
    for (int i = 0; i < options_.num_workers; ++i) {
      workers_.push_back(std::make_unique<Worker>());
      BESSEMER_RETURN_IF_ERROR(Replace(i));
    }
    while (Feed()) BESSEMER_RETURN_IF_ERROR(Wait());
    return std::move(results_);
  }

 private:
  Status Replace(size_t i) {
    workers_[i]->Stop();
    if (!workers_[i]->Start(run_, workers_)) {
      return ResourceExhaustedError("a worker process cannot be started: {}", strerror(errno));
    }
    return OkStatus();
  }

  // Gives tasks to idle workers; false when nothing is running any more.
  bool Feed() {
    bool running = false;
    for (auto& worker : workers_) {
      if (!worker->busy() && !waiting_.empty()) {
        const size_t task = waiting_.front();
        waiting_.pop_front();
        worker->Give(task, options_.timeout_s);  // a worker that is gone is noticed when read
      }
      running = running || worker->busy();
    }
    return running;
  }

  Status Wait() {
    std::vector<pollfd> fds;
    std::vector<size_t> who;
    double earliest = Now() + options_.timeout_s;
    for (size_t i = 0; i < workers_.size(); ++i) {
      if (!workers_[i]->busy()) continue;
      fds.push_back({workers_[i]->in(), POLLIN, 0});
      who.push_back(i);
      earliest = std::min(earliest, workers_[i]->deadline());
    }
    const double pause = std::max(0.0, earliest - Now());
    poll(fds.data(), fds.size(), static_cast<int>(pause * 1000) + 1);
    for (size_t k = 0; k < fds.size(); ++k) {
      const size_t i = who[k];
      Worker& worker = *workers_[i];
      if (fds[k].revents != 0) {
        if (worker.Take(&results_[worker.task()])) continue;
        const size_t task = worker.task();
        const std::string how = worker.Ended();
        if (++ends_[task] == 1) {
          waiting_.push_front(task);
        } else {
          results_[task] = lost_(how);
        }
      } else if (Now() >= worker.deadline()) {
        results_[worker.task()] = lost_(fmt::format("did not answer within {} s",
                                                    options_.timeout_s));
      } else {
        continue;
      }
      BESSEMER_RETURN_IF_ERROR(Replace(i));
    }
    return OkStatus();
  }

  const WorkerOptions& options_;
  const std::function<std::string(size_t)>& run_;
  const std::function<std::string(std::string)>& lost_;
  std::deque<size_t> waiting_;
  std::map<size_t, int> ends_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<std::string> results_;
};

}  // namespace

StatusOr<std::vector<std::string>> RunInWorkers(
    size_t num_tasks, const WorkerOptions& options, const std::function<std::string(size_t)>& run,
    const std::function<std::string(std::string)>& lost) {
  struct sigaction ignore = {};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &ignore, nullptr);
  return Pool(num_tasks, options, run, lost).Run();
}

}  // namespace bessemer::conformance
