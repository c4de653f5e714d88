#ifndef BESSEMER_CLI_COMMANDS_RUN_RUN_DISPLAY_H_
#define BESSEMER_CLI_COMMANDS_RUN_RUN_DISPLAY_H_

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "bessemer/cli/command.h"
#include "bessemer/pipeline/builder.h"

namespace bessemer::cli::run {

// One line of stdout for each step that has ended and, on a terminal, one of stderr that says what
// the running ones are doing.
class RunDisplay : public pipeline::RunObserver {
 public:
  // `width`: of the longest step id. `explain`: print all reasons, of steps that ran too.
  RunDisplay(Session& session, int width, bool explain);
  ~RunDisplay() override;

  void StepStarted(const pipeline::Step& step) override;
  void StepEnded(const pipeline::StepRecord& record) override;
  Progress& ProgressOf(const pipeline::Step& step) override;

 private:
  class StepProgress;

  void Draw(bool force);  // under the lock
  void Clear();           // under the lock

  Session& session_;
  const int width_;
  const bool explain_;
  const bool draws_;
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<StepProgress>> running_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point last_;
};

// What is said after the last step: summaries, findings, and one line of figures.
void PrintEnd(const Session& session, const pipeline::RunRecord& run);
// Where to look now: the model if one was pushed, the report page ("" if none was written), the
// metadata store.
void PrintPlaces(const pipeline::RunRecord& run, const std::string& metadata_path,
                 const std::string& page);

}  // namespace bessemer::cli::run

#endif  // BESSEMER_CLI_COMMANDS_RUN_RUN_DISPLAY_H_
