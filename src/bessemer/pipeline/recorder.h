#ifndef BESSEMER_PIPELINE_RECORDER_H_
#define BESSEMER_PIPELINE_RECORDER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bessemer/base/clock.h"
#include "bessemer/metadata/store.h"
#include "bessemer/pipeline/definition.h"
#include "bessemer/pipeline/process_owner.h"
#include "bessemer/pipeline/run_record.h"
#include "bessemer/pipeline/step_execution.h"

namespace bessemer::pipeline {

// What an earlier execution has made.
struct PastExecution {
  int64_t id = 0;
  std::string run_id;
  Json key;
  std::string summary;
  ArtifactMap outputs;  // all LIVE
};

// Writes one run into the metadata store, as TFX records runs, and finds what earlier runs have
// left there. One thread at a time.
class Recorder {
 public:
  // `store` and `pipeline` must outlive the recorder. What starts and completes executions is
  // synced to the disk: an id is never given twice, not even after a power cut. The rest could be
  // written again by the next run and is not worth the wait.
  Recorder(metadata::Store& store, const Pipeline& pipeline);
  ~Recorder();

  // Marks executions of this pipeline whose process was killed as FAILED and removes what they
  // left.
  Status Recover();

  // Declares types and makes the contexts of a new run, whose id is the local time, and fills in
  // run_id, started_micros and edges of the record.
  Status StartRun(const Clock& clock, RunRecord& run);
  Status EndRun(const RunRecord& run);

  // A RUNNING execution with its inputs; returns its id.
  StatusOr<int64_t> Start(const Step& step, const StepRecord& record, const Json& key);
  // COMPLETE with the outputs, whose ids are filled in. The folders have been published.
  Status Complete(const Step& step, StepRecord& record, const Json& key);
  // FAILED or CANCELED; an execution that was not started is recorded now (its id is filled in).
  Status Fail(const Step& step, StepRecord& record, const Json& key, bool cancelled);
  // A CACHED execution with the outputs of an earlier one.
  Status Reuse(const Step& step, StepRecord& record, const Json& key);

  // Successful executions under a fingerprint, newest first.
  StatusOr<std::vector<PastExecution>> FindCached(const std::string& fingerprint) const;
  // The newest successful execution of a step in this pipeline, with LIVE outputs.
  StatusOr<std::optional<PastExecution>> FindNewest(const Step& step) const;
  // The key of the newest execution of a step that has one; null if it never ran.
  StatusOr<Json> PreviousKey(const Step& step) const;

  const metadata::Store& store() const { return store_; }

 private:
  ::ml_metadata::Execution ExecutionOf(const Step& step, const StepRecord& record,
                                       const Json& key) const;
  std::vector<::ml_metadata::Context> ContextsOf(const Step& step, const Json& key) const;
  Status AddOutputs(const StepRecord& record, metadata::ExecutionRecord& put) const;
  Status Put(const metadata::ExecutionRecord& put, StepRecord& record);
  StatusOr<metadata::ExecutionRecordIds> PutSynced(const metadata::ExecutionRecord& put);
  StatusOr<std::vector<::ml_metadata::Execution>> Executions(const char* context_type,
                                                             const std::string& name) const;
  StatusOr<PastExecution> ReadPast(const ::ml_metadata::Execution& execution) const;

  metadata::Store& store_;
  const Pipeline& pipeline_;
  ProcessOwner owner_;
  std::map<std::string, int64_t> execution_types_;  // by component
  int64_t cache_type_ = 0;
  int64_t node_type_ = 0;
  ::ml_metadata::Context pipeline_context_;
  ::ml_metadata::Context run_context_;
};

}  // namespace bessemer::pipeline

#endif  // BESSEMER_PIPELINE_RECORDER_H_
