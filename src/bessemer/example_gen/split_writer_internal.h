#ifndef BESSEMER_EXAMPLE_GEN_SPLIT_WRITER_INTERNAL_H_
#define BESSEMER_EXAMPLE_GEN_SPLIT_WRITER_INTERNAL_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bessemer/example_gen/examples.h"
#include "bessemer/example_gen/ingest.h"
#include "bessemer/example_gen/ingest_shard_internal.h"
#include "bessemer/example_gen/parquet_examples.h"

namespace bessemer::example_gen {

// Where the rows of an input go: the splits of the output and how many shards each has. Shards of
// all input splits are numbered through as tasks.
class OutputPlan {
 public:
  // `num_shards` per input split. INVALID_ARGUMENT if the splits do not fit together.
  static StatusOr<OutputPlan> Make(const std::vector<InputRows>& input,
                                   const std::vector<int64_t>& num_shards,
                                   const std::string& output_uri, const IngestOptions& options);

  int64_t num_tasks() const { return static_cast<int64_t>(tasks_.size()); }
  size_t InputSplit(int64_t task) const { return tasks_[static_cast<size_t>(task)].first; }
  int64_t Shard(int64_t task) const { return tasks_[static_cast<size_t>(task)].second; }
  int64_t NumShards(int64_t task) const { return num_shards_[InputSplit(task)]; }
  // By task.
  std::vector<size_t> InputSplits() const;

  const std::vector<std::string>& splits() const { return names_; }  // of the output
  std::string SplitUri(size_t output_split) const;
  // The output splits a task writes to.
  std::vector<size_t> OutputSplits(int64_t task) const;
  const IngestOptions& options() const { return *options_; }

  IngestResult EmptyResult() const;

 private:
  const IngestOptions* options_ = nullptr;
  std::string output_uri_;
  bool splits_again_ = false;
  std::vector<std::string> names_;
  std::vector<int64_t> num_shards_;                // per input split
  std::vector<std::pair<size_t, int64_t>> tasks_;  // input split, shard
};

// Shows the rows of a task to the shaper, in the first of its passes.
class SurveySink : public RowSink {
 public:
  SurveySink(const ShardContext& context, int64_t task)
      : context_(context), shaper_(*context.stages->shaper), task_(shaper_, task) {}

  Status Take(const RowChunk& chunk) override;
  Status Close() { return task_.EndSurvey(); }

 private:
  const ShardContext& context_;
  shaping::RowShaper& shaper_;
  shaping::TaskShaper task_;
};

// Writes the rows of a task to its files, one for each output split.
class SplitWriter : public RowSink {
 public:
  static StatusOr<std::unique_ptr<SplitWriter>> Open(const OutputPlan& plan,
                                                     const ShardContext& context, int64_t task);

  Status Take(const RowChunk& chunk) override;
  Status Close();
  // Adds this task's counts to the result.
  void Count(IngestResult* result) const;

 private:
  SplitWriter(const OutputPlan& plan, const ShardContext& context, int64_t task)
      : plan_(plan),
        context_(context),
        shaper_(*context.stages->shaper),
        task_(shaper_, task),
        place_of_split_(plan.splits().size(), -1) {}

  Status OpenFiles(int64_t task);
  Status Route(const RowChunk& chunk, ChunkRecords* records);
  Status AddWeights(const RowChunk& chunk, RowChunk* weighted);
  Status WriteRecords(const RowChunk& chunk, ChunkRecords& records);
  Status WriteColumns(const RowChunk& chunk);

  const OutputPlan& plan_;
  const ShardContext& context_;
  shaping::RowShaper& shaper_;
  shaping::TaskShaper task_;
  std::vector<size_t> splits_;        // the output split of each file
  std::vector<int> place_of_split_;   // the file of each output split
  std::vector<ExamplesWriter> records_;
  std::vector<ParquetExamplesWriter> columns_;
  std::vector<int> routes_;  // of the rows of a chunk: their split, or TaskShaper::kDropped
};

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_SPLIT_WRITER_INTERNAL_H_
