#include "bessemer/cli/commands/run/run_display.h"

#include <fmt/format.h>

#include <algorithm>

namespace bessemer::cli::run {

using pipeline::RunRecord;
using pipeline::StepRecord;
using pipeline::StepState;

namespace {

void PrintIndented(const std::string& text) {
  size_t begin = 0;
  while (begin < text.size()) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    fmt::print("    {}\n", text.substr(begin, end - begin));
    begin = end + 1;
  }
}

}  // namespace

// What one step says about its progress; drawn by the display.
class RunDisplay::StepProgress : public Progress {
 public:
  explicit StepProgress(RunDisplay* display) : display_(display) {}

  void Start(std::string_view phase, int64_t total, std::string_view unit) override {
    const std::lock_guard lock(display_->mutex_);
    phase_ = phase;
    unit_ = unit;
    note_.clear();
    total_ = total;
    done_ = 0;
    display_->Draw(/*force=*/true);
  }
  void Advance(int64_t amount) override {
    const std::lock_guard lock(display_->mutex_);
    done_ += amount;
    display_->Draw(/*force=*/false);
  }
  void Note(std::string_view text) override {
    const std::lock_guard lock(display_->mutex_);
    note_ = text;
    display_->Draw(/*force=*/false);
  }
  bool cancelled() const override { return display_->session_.progress().cancelled(); }

  std::string Text() const {
    std::string text = phase_;
    if (total_ > 0) {
      text += fmt::format(" {:.0f} %", std::min(100.0, 100.0 * done_ / total_));
    } else if (done_ > 0) {
      text += fmt::format(" {} {}", done_, unit_);
    }
    if (!note_.empty()) text += " " + note_;
    return text;
  }

 private:
  RunDisplay* display_;
  std::string phase_, unit_, note_;
  int64_t total_ = 0, done_ = 0;
};

RunDisplay::RunDisplay(Session& session, int width, bool explain)
    : session_(session),
      width_(width),
      explain_(explain),
      draws_(session.stderr_is_terminal() && !session.json) {
  session.progress();  // made now: it catches Ctrl-C
}

RunDisplay::~RunDisplay() {
  const std::lock_guard lock(mutex_);
  Clear();
}

void RunDisplay::StepStarted(const pipeline::Step& step) {
  const std::lock_guard lock(mutex_);
  running_[step.id] = std::make_unique<StepProgress>(this);
  Draw(/*force=*/true);
}

Progress& RunDisplay::ProgressOf(const pipeline::Step& step) {
  const std::lock_guard lock(mutex_);
  return *running_.at(step.id);
}

void RunDisplay::StepEnded(const StepRecord& record) {
  const std::lock_guard lock(mutex_);
  running_.erase(record.id);
  if (session_.json) return;
  Clear();
  std::string mark = "-";
  std::string text;
  std::string reason = record.reasons.empty() ? "" : record.reasons[0];
  switch (record.state) {
    case StepState::kRan:
      mark = session_.Styled("✓", "32");
      text = fmt::format("ran {:.1f} s", record.seconds);
      break;
    case StepState::kCached:
      mark = session_.Styled("=", "36");
      text = "cached";
      break;
    case StepState::kFailed:
      mark = session_.Styled("✗", "31");
      text = fmt::format("failed {:.1f} s", record.seconds);
      break;
    default:
      text = "skipped";
  }
  const bool skipped = record.state == StepState::kSkipped;
  fmt::print("{} {:<{}}  {}{}\n", mark, record.id, width_, text,
             skipped && !reason.empty() ? ": " + reason : "");
  if (record.attempts > 1) fmt::print("    {} attempts\n", record.attempts);
  if (!record.error.empty()) PrintIndented(record.error);
  if (explain_ && !skipped) {
    for (const std::string& line : record.reasons) PrintIndented(line);
  }
  std::fflush(stdout);
  Draw(/*force=*/true);
}

void RunDisplay::Draw(bool force) {
  const auto now = std::chrono::steady_clock::now();
  if (!draws_ || (!force && now - last_ < std::chrono::milliseconds(100))) return;
  last_ = now;
  std::string line;
  for (const auto& [id, progress] : running_) {
    line += fmt::format("{}{}: {}", line.empty() ? "" : "  ·  ", id, progress->Text());
  }
  Clear();
  if (line.empty()) return;
  fmt::print(stderr, "\r\033[K… {}", line);
  std::fflush(stderr);
  drawn_ = true;
}

void RunDisplay::Clear() {
  if (!drawn_) return;
  fmt::print(stderr, "\r\033[K");
  std::fflush(stderr);
  drawn_ = false;
}

void PrintEnd(const Session& session, const RunRecord& run) {
  for (const StepRecord& step : run.steps) {
    if (step.summary.empty()) continue;
    fmt::print("\n{}\n", session.Styled(step.id, "1"));
    PrintIndented(step.summary);
  }
  const std::vector<std::string> findings = run.Findings();
  if (!findings.empty()) fmt::print("\n");
  for (const std::string& finding : findings) {
    fmt::print("{} {}\n", session.Styled("!", "33"), finding);
  }
  std::string counts;
  for (const StepState state :
       {StepState::kRan, StepState::kCached, StepState::kFailed, StepState::kSkipped}) {
    if (const int count = run.Count(state); count > 0) {
      counts += fmt::format("{}{} {}", counts.empty() ? "" : ", ", count, StepStateName(state));
    }
  }
  fmt::print("\n{}: {} in {:.2f} s{} (run {})\n", run.pipeline, counts, run.seconds,
             run.interrupted ? ", interrupted" : "", run.run_id);
}

void PrintPlaces(const RunRecord& run, const std::string& metadata_path, const std::string& page) {
  for (const StepRecord& step : run.steps) {
    const auto output = step.outputs.find("pushed_model");
    if (output == step.outputs.end()) continue;
    for (const components::Artifact& model : output->second) {
      const std::string place = model.StringProperty("pushed_destination");
      if (!place.empty()) fmt::print("model:    {}\n", place);
    }
  }
  if (!page.empty()) fmt::print("report:   {}\n", page);
  fmt::print("metadata: {}\n", metadata_path);
}

}  // namespace bessemer::cli::run
