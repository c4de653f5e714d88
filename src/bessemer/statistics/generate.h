#ifndef BESSEMER_STATISTICS_GENERATE_H_
#define BESSEMER_STATISTICS_GENERATE_H_

#include <functional>
#include <memory>
#include <vector>

#include "bessemer/base/progress.h"
#include "bessemer/columnar/feature_column.h"
#include "bessemer/statistics/dataset_state.h"

namespace bessemer::statistics {

// A batch still to be decoded. Called once, by any thread, while others read on.
using LazyBatch = std::function<StatusOr<std::shared_ptr<arrow::RecordBatch>>()>;

// One shard of the data. Next is called by one thread at a time and does only what must be done in
// order, e.g. inflating; the rest is left to the batches, so that several threads can work on one
// file. A null function marks the end. After an error the source is done.
class LazySource {
 public:
  virtual ~LazySource() = default;
  virtual StatusOr<LazyBatch> Next() = 0;
};

// Opens a shard when its turn comes. Called once, by any thread.
class SourceOpener {
 public:
  using Open = std::function<StatusOr<std::unique_ptr<LazySource>>()>;

  // `open_bytes`: what the shard holds in memory while it is open, about, if that is much (a row
  // group of hundreds of columns). Of such shards few are open at a time. `part`: which columns of
  // its rows the shard gives; other shards give the others of the same rows.
  template <typename F>
  SourceOpener(F open, int64_t open_bytes = 0, ColumnPart part = {})  // NOLINT: any callable
      : open_(std::move(open)), open_bytes_(open_bytes), part_(part) {}

  StatusOr<std::unique_ptr<LazySource>> operator()() const { return open_(); }
  int64_t open_bytes() const { return open_bytes_; }
  ColumnPart part() const { return part_; }

 private:
  Open open_;
  int64_t open_bytes_;
  ColumnPart part_;
};

// Reads every source once and returns the state over all of them: Finish() is the result.
//
// In the default mode threads share sources: whoever is free takes the next batch of an open one
// that nobody reads at the moment, else opens the next, so that a single file keeps two threads
// busy, one decoding while the other counts. Memory is one state for each thread: with hundreds of
// features fewer, which threads take turns with, and of sources in parts of their columns (only for
// options with TakesColumnParts) one for each part. Under tfdv_compat or with sketches of uniques,
// each source is read in order into a state of its own and these are merged in order. Either way
// the result is the same for any number of threads (0: the processors). The first error of a source
// ends the work; INVALID_ARGUMENT for sources in parts that the options do not take (opened with
// other options); CANCELLED when `progress` says so. Progress counts rows.
StatusOr<DatasetStatisticsState> GenerateStatistics(const std::vector<SourceOpener>& sources,
                                                    const StatisticsOptions& options,
                                                    int num_threads = 0,
                                                    Progress* progress = &Progress::None());

// A source of batches in memory, for tests and for callers that have Arrow data.
SourceOpener SourceOf(std::vector<std::shared_ptr<arrow::RecordBatch>> batches);

// A source whose batches come decoded.
std::unique_ptr<LazySource> LazySourceOf(std::unique_ptr<columnar::BatchSource> source);

}  // namespace bessemer::statistics

#endif  // BESSEMER_STATISTICS_GENERATE_H_
