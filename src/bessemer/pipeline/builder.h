#ifndef BESSEMER_PIPELINE_BUILDER_H_
#define BESSEMER_PIPELINE_BUILDER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bessemer/base/clock.h"
#include "bessemer/base/progress.h"
#include "bessemer/base/status.h"
#include "bessemer/pipeline/definition.h"
#include "bessemer/pipeline/run_record.h"
#include "bessemer/pipeline/selection.h"
#include "bessemer/pipeline/step_runner.h"

namespace bessemer::metadata {
class Store;
}

namespace bessemer::pipeline {

// Told what happens, while it happens; by the thread that called Run.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  virtual void StepStarted(const Step& step) {}
  virtual void StepEnded(const StepRecord& record) {}
  // For the work of one step; used from its threads until StepEnded.
  virtual Progress& ProgressOf(const Step& step) { return Progress::None(); }
};

struct RunOptions {
  PartialRun part;
  bool use_cache = true;  // false: every selected step runs
  int num_threads = 0;    // per step; 0: all processors
  // Steps that run at the same time; each may use all threads. 0: as many as processors, at most 8.
  int max_running = 0;
  int64_t memory_bytes = 0;  // for all running steps; 0: three quarters of the machine's
  int retry_delay_ms = 1000;  // before a first retry; doubled for further ones
  RunObserver* observer = nullptr;
  const Progress* cancel = &Progress::None();  // asked for cancelled() ten times a second
  const Clock* clock = &Clock::System();
  StepRunner* runner = nullptr;  // null: threads
};

// Runs a pipeline: each step as soon as what it depends on is there, the budget permitting. A step
// whose fingerprint (component version, parameters, what it reads from outside, contents of its
// inputs) an earlier execution has, with outputs that are still whole, is not run: it gets those
// outputs. A step that fails stops those that depend on it and no others.
//
// Killed or interrupted at any moment, the next run continues and ends as an undisturbed one would:
// outputs appear under their final name whole, and are recorded after that.
//
// Returns the record of the run, failed steps included; an error only if there could be no run:
// unknown steps in `part` (INVALID_ARGUMENT), a metadata store that cannot be written.
StatusOr<RunRecord> RunPipeline(const Pipeline& pipeline, metadata::Store& store,
                                const RunOptions& options = {});
// The same with the store of the pipeline, which is made if it does not exist.
StatusOr<RunRecord> RunPipeline(const Pipeline& pipeline, const RunOptions& options = {});

}  // namespace bessemer::pipeline

#endif  // BESSEMER_PIPELINE_BUILDER_H_
