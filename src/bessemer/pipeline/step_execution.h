#ifndef BESSEMER_PIPELINE_STEP_EXECUTION_H_
#define BESSEMER_PIPELINE_STEP_EXECUTION_H_

#include <cstdint>
#include <string>

#include "bessemer/base/clock.h"
#include "bessemer/base/progress.h"
#include "bessemer/base/status.h"
#include "bessemer/pipeline/definition.h"
#include "bessemer/pipeline/run_record.h"

namespace bessemer::pipeline {

struct StepExecution {
  const Step* step = nullptr;
  std::string root;
  int64_t execution_id = 0;
  ArtifactMap inputs;
  Json resolved;
  int num_threads = 0;
  int64_t memory_bytes = 0;
  int retry_delay_ms = 0;  // before the first retry; doubled for each further one
  Progress* progress = &Progress::None();
  const Clock* clock = &Clock::System();
};

struct StepResult {
  Status status;
  ArtifactMap outputs;  // published
  std::string summary;
  int attempts = 0;
  double seconds = 0;
  double cpu_seconds = 0;
  int64_t peak_rss_bytes = 0;
};

// Runs a component: outputs go to staging folders, are hashed and published under
// "<root>/<step>/<output>/<execution id>". After an error nothing is left there. Retries errors
// that may pass (UNAVAILABLE, ABORTED, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, INTERNAL, UNKNOWN).
// CANCELLED if `progress` asked for it, DEADLINE_EXCEEDED after the step's timeout.
StepResult ExecuteStep(const StepExecution& execution);

// "<root>/<step>/<output>/<execution id>".
std::string OutputPath(const std::string& root, const std::string& step, const std::string& output,
                       int64_t execution_id);

// Removes whatever an execution that never ended has left below "<root>/<step>".
Status RemoveLeftovers(const std::string& root, const std::string& step, int64_t execution_id);

}  // namespace bessemer::pipeline

#endif  // BESSEMER_PIPELINE_STEP_EXECUTION_H_
