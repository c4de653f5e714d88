#ifndef BESSEMER_PIPELINE_RUN_RECORD_H_
#define BESSEMER_PIPELINE_RUN_RECORD_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bessemer/base/config.h"
#include "bessemer/base/status.h"
#include "bessemer/components/component.h"

namespace bessemer::metadata {
class Store;
}

namespace bessemer::pipeline {

enum class StepState {
  kRunning,  // in records of past runs: not ended, not reached yet, or ended without a word
  kRan,
  kCached,   // an earlier execution's outputs were reused
  kFailed,
  kSkipped,  // a step before it failed, it was not selected, or the run was interrupted
};

// "running", "ran", "cached", "failed", "skipped".
std::string_view StepStateName(StepState state);

using ArtifactMap = std::map<std::string, std::vector<components::Artifact>>;

struct StepRecord {
  std::string id;
  std::string component;
  StepState state = StepState::kSkipped;
  // Why it ran, was reused or skipped, one reason a line: "parameter 'steps' changed from 100 to
  // 200". Never empty after a run.
  std::vector<std::string> reasons;
  int64_t execution_id = 0;  // 0: none recorded
  int attempts = 0;          // 1 unless retried; 0 if it did not run
  double seconds = 0;        // wall time of all attempts, publishing included
  double cpu_seconds = 0;    // of the thread that ran the step and those it started, if known
  int64_t peak_rss_bytes = 0;  // of the whole process by the end of the step; 0: not known
  std::string error;           // "" unless failed
  std::string summary;         // what the component left for the end of the run, some lines
  Json params = Json::object();
  ArtifactMap inputs;   // by port
  ArtifactMap outputs;  // by port; empty unless ran or cached
};

struct RunEdge {
  std::string from_step;
  std::string output;  // "" for an edge of `after`
  std::string to_step;
  std::string input;
};

// What happened in one run of a pipeline.
struct RunRecord {
  std::string pipeline;
  std::string run_id;
  std::string root;
  int64_t started_micros = 0;  // since 1970-01-01 UTC
  double seconds = 0;
  bool interrupted = false;
  std::vector<StepRecord> steps;  // in the order of the pipeline
  std::vector<RunEdge> edges;

  const StepRecord* Find(std::string_view step) const;  // or null
  int Count(StepState state) const;
  bool failed() const { return Count(StepState::kFailed) > 0; }
  // What a reader should hear of though nothing failed: "Evaluator: model is not blessed",
  // "ExampleValidator: anomalies found in split eval". From `blessed` and `pushed` properties.
  std::vector<std::string> Findings() const;
  Json ToJson() const;
};

// A past run as the store has it; steps and edges are those of the pipeline at that time. NOT_FOUND
// with the nearest known run. `run_id` "" or "latest": the newest of `pipeline` ("": of any).
StatusOr<RunRecord> LoadRun(const metadata::Store& store, std::string_view run_id,
                            std::string_view pipeline = "");

struct RunSummary {
  std::string pipeline;
  std::string run_id;
  int64_t started_micros = 0;
  double seconds = 0;
  int num_ran = 0, num_cached = 0, num_failed = 0, num_skipped = 0;
  bool finished = false;  // false: still running, or its process was killed
};

// All runs of a pipeline ("": of any), newest first.
StatusOr<std::vector<RunSummary>> ListRuns(const metadata::Store& store,
                                           std::string_view pipeline = "");

}  // namespace bessemer::pipeline

#endif  // BESSEMER_PIPELINE_RUN_RECORD_H_
