#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <mutex>

#include "bessemer/cli/command.h"

namespace bessemer::cli {
namespace {

std::atomic<bool> g_interrupted{false};

void OnInterrupt(int) {
  if (g_interrupted.exchange(true)) _exit(kExitInterrupted);  // the second Ctrl-C does not wait
}

// One line on stderr, redrawn at most ten times a second.
class TerminalProgress : public Progress {
 public:
  explicit TerminalProgress(bool draw) : draw_(draw) {
    struct sigaction action {};
    action.sa_handler = OnInterrupt;
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
  }
  ~TerminalProgress() override {
    const std::lock_guard lock(mutex_);
    Clear();
  }

  void Start(std::string_view phase, int64_t total, std::string_view unit) override {
    const std::lock_guard lock(mutex_);
    phase_ = phase;
    unit_ = unit;
    note_.clear();
    total_ = total;
    done_ = 0;
    Draw(/*force=*/true);
  }
  void Advance(int64_t amount) override {
    const std::lock_guard lock(mutex_);
    done_ += amount;
    Draw(/*force=*/false);
  }
  void Note(std::string_view text) override {
    const std::lock_guard lock(mutex_);
    note_ = text;
    Draw(/*force=*/false);
  }
  bool cancelled() const override { return g_interrupted.load(std::memory_order_relaxed); }

 private:
  static constexpr int kBarWidth = 24;

  void Draw(bool force) {
    if (!draw_) return;
    const auto now = std::chrono::steady_clock::now();
    if (!force && now - last_ < std::chrono::milliseconds(100)) return;
    last_ = now;
    std::string line = fmt::format("\r\033[K{} ", phase_);
    if (total_ > 0) {
      const double fraction = std::min(1.0, static_cast<double>(done_) / total_);
      const int filled = static_cast<int>(fraction * kBarWidth);
      for (int i = 0; i < kBarWidth; ++i) line += i < filled ? "█" : "░";
      line += fmt::format(" {:3.0f} %", 100 * fraction);
    } else if (done_ > 0) {
      line += fmt::format("{} {}", done_, unit_);
    }
    if (!note_.empty()) line += "  " + note_;
    fmt::print(stderr, "{}", line);
    std::fflush(stderr);
    drawn_ = true;
  }
  void Clear() {
    if (drawn_) fmt::print(stderr, "\r\033[K");
    drawn_ = false;
  }

  const bool draw_;
  std::mutex mutex_;
  std::string phase_, unit_, note_;
  int64_t total_ = 0, done_ = 0;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point last_;
};

}  // namespace

bool Session::stdout_is_terminal() const { return isatty(STDOUT_FILENO) != 0; }
bool Session::stderr_is_terminal() const { return isatty(STDERR_FILENO) != 0; }

std::string Session::Styled(const std::string& text, const char* style) const {
  if (!stdout_is_terminal() || std::getenv("NO_COLOR") != nullptr) return text;
  return fmt::format("\033[{}m{}\033[0m", style, text);
}

Progress& Session::progress() {
  if (!progress_) progress_ = std::make_shared<TerminalProgress>(stderr_is_terminal());
  return *progress_;
}

}  // namespace bessemer::cli
