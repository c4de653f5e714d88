#ifndef BESSEMER_EXAMPLE_GEN_SPLIT_WRITER_INTERNAL_H_
#define BESSEMER_EXAMPLE_GEN_SPLIT_WRITER_INTERNAL_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bessemer/example_gen/examples.h"
#include "bessemer/example_gen/ingest.h"
#include "bessemer/example_gen/row_filter.h"
#include "bessemer/example_gen/split.h"

namespace bessemer::example_gen {

// Where the records of an input go: the splits of the output and how many shards each has. Shards
// of all input splits are numbered through as tasks.
class OutputPlan {
 public:
  // `num_shards` per input split. INVALID_ARGUMENT if the splits do not fit together.
  static StatusOr<OutputPlan> Make(const std::vector<InputRows>& input,
                                   const std::vector<int64_t>& num_shards,
                                   const std::string& output_uri, const IngestOptions& options);

  int64_t num_tasks() const;
  size_t InputSplit(int64_t task) const { return tasks_[static_cast<size_t>(task)].first; }
  int64_t Shard(int64_t task) const { return tasks_[static_cast<size_t>(task)].second; }

  const std::optional<HashSplitter>& splitter() const { return splitter_; }
  const IngestOptions& options() const { return *options_; }
  RowFilter* filter() const { return filter_.get(); }  // null: every row is kept
  // The output splits a task writes to, and the file of each.
  std::vector<size_t> OutputSplits(int64_t task) const;
  StatusOr<ExamplesWriter> OpenWriter(int64_t task, size_t output_split) const;

  IngestResult EmptyResult() const;

 private:
  const IngestOptions* options_ = nullptr;
  std::string output_uri_;
  std::shared_ptr<RowFilter> filter_;
  std::optional<HashSplitter> splitter_;
  std::vector<std::string> names_;                 // of the output splits
  std::vector<int64_t> num_shards_;                // per input split
  std::vector<std::pair<size_t, int64_t>> tasks_;  // input split, shard
};

// The open files of one task.
class SplitWriter {
 public:
  static StatusOr<SplitWriter> Open(const OutputPlan& plan, int64_t task);

  // `partition` is the serialised feature that decides, when options.partition_feature is set.
  Status Write(std::string_view record, std::optional<std::string_view> partition);
  Status Close();
  // Adds this task's counts to the result.
  void Count(IngestResult* result) const;

 private:
  const OutputPlan* plan_ = nullptr;
  std::vector<size_t> splits_;  // output split of each writer
  std::vector<ExamplesWriter> writers_;
};

// Runs the tasks of a plan in parallel, each with its open files, which it closes; adds up the
// counts. A task returns the number of rows it excluded.
StatusOr<IngestResult> RunTasks(
    const OutputPlan& plan,
    const std::function<StatusOr<int64_t>(int64_t task, SplitWriter& writer)>& run);

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_SPLIT_WRITER_INTERNAL_H_
