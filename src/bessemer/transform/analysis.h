#ifndef BESSEMER_TRANSFORM_ANALYSIS_H_
#define BESSEMER_TRANSFORM_ANALYSIS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bessemer/base/progress.h"
#include "bessemer/base/status.h"
#include "bessemer/columnar/feature_column.h"
#include "bessemer/transform/transform_graph.h"

namespace bessemer::transform {

// The accumulators of one pass over the data: what a worker keeps for a shard. Not thread-safe.
// The graph must outlive it and not change.
class PhaseState {
 public:
  static StatusOr<PhaseState> Make(const TransformGraph& graph);

  Status Update(const arrow::RecordBatch& batch);
  Status Merge(const PhaseState& other);  // of the same graph
  // Bytes to give to another process, and back. DATA_LOSS for bytes of another transform.
  std::string Save() const;
  Status Load(const std::string& bytes);
  // For TransformGraph::SetResults.
  StatusOr<std::vector<std::pair<int, expression::Column>>> Finish() const;

  int64_t num_rows() const { return num_rows_; }
  size_t num_accumulators() const { return accumulators_.size(); }

 private:
  struct Shared {
    std::string analyzer;
    std::vector<int> args;
    std::unique_ptr<Accumulator> state;
  };

  explicit PhaseState(const TransformGraph* graph) : graph_(graph) {}
  const TransformGraph* graph_;
  std::vector<Shared> accumulators_;
  std::vector<std::pair<int, size_t>> nodes_;  // analyzer node, accumulator
  std::vector<int> values_;                    // nodes to evaluate
  std::vector<std::vector<size_t>> arg_slots_;  // per accumulator: positions in values_
  int64_t num_rows_ = 0;
};

// A dataset in shards. open(i) may be called by several threads, more than once a shard.
struct Dataset {
  int64_t num_shards = 0;
  std::function<StatusOr<std::unique_ptr<columnar::BatchSource>>(int64_t shard)> open;
};

struct AnalyzeOptions {
  int num_threads = 0;  // 0: all processors
  Progress* progress = &Progress::None();
};

struct AnalyzeReport {
  int num_passes = 0;
  int64_t num_rows = 0;  // of one pass
};

// Runs every analyzer with as few passes over the data as their dependencies allow. The result is
// the same for any number of threads. A dataset without rows is analysed too: see each analyzer's
// doc for what it gives then.
StatusOr<AnalyzeReport> Analyze(TransformGraph& graph, const Dataset& dataset,
                                const AnalyzeOptions& options = {});

// One shard of batches in memory, as a dataset; for tests and small data.
Dataset InMemory(std::vector<std::shared_ptr<arrow::RecordBatch>> batches);

}  // namespace bessemer::transform

#endif  // BESSEMER_TRANSFORM_ANALYSIS_H_
