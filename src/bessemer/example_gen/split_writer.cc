#include "bessemer/base/parallel.h"
#include "bessemer/example_gen/split_writer_internal.h"
#include "bessemer/io/file.h"

namespace bessemer::example_gen {

StatusOr<OutputPlan> OutputPlan::Make(const std::vector<InputRows>& input,
                                      const std::vector<int64_t>& num_shards,
                                      const std::string& output_uri, const IngestOptions& options) {
  OutputPlan plan;
  plan.options_ = &options;
  plan.output_uri_ = output_uri;
  plan.num_shards_ = num_shards;
  if (!options.where.empty()) {
    StatusOr<std::unique_ptr<RowFilter>> filter = RowFilter::Parse(options.where);
    if (!filter.ok()) return WithContext(filter.status(), "where");
    plan.filter_ = *std::move(filter);
  }
  if (!options.splits.empty()) {
    if (input.size() != 1) {
      return InvalidArgumentError(
          "the input has {} splits already, so it cannot be split by hash as well", input.size());
    }
    BESSEMER_ASSIGN_OR_RETURN(plan.splitter_, HashSplitter::Make(options.splits));
    for (const SplitBuckets& split : options.splits) plan.names_.push_back(split.name);
  } else {
    if (!options.partition_feature.empty()) {
      return InvalidArgumentError("a partition feature needs splits with hash buckets");
    }
    for (const InputRows& rows : input) {
      BESSEMER_RETURN_IF_ERROR(CheckSplitName(rows.split));
      plan.names_.push_back(rows.split);
    }
  }
  for (size_t split = 0; split < input.size(); ++split) {
    for (int64_t shard = 0; shard < num_shards[split]; ++shard) {
      plan.tasks_.emplace_back(split, shard);
    }
  }
  return plan;
}

int64_t OutputPlan::num_tasks() const { return static_cast<int64_t>(tasks_.size()); }

std::vector<size_t> OutputPlan::OutputSplits(int64_t task) const {
  if (!splitter_) return {InputSplit(task)};
  std::vector<size_t> splits(names_.size());
  for (size_t i = 0; i < splits.size(); ++i) splits[i] = i;
  return splits;
}

StatusOr<ExamplesWriter> OutputPlan::OpenWriter(int64_t task, size_t output_split) const {
  return ExamplesWriter::Open(io::JoinPath(output_uri_, "Split-" + names_[output_split]),
                              Shard(task), num_shards_[InputSplit(task)], options_->compression);
}

IngestResult OutputPlan::EmptyResult() const {
  IngestResult result;
  for (size_t i = 0; i < names_.size(); ++i) {
    result.splits.push_back({.name = names_[i], .num_shards = num_shards_[splitter_ ? 0 : i]});
  }
  return result;
}

StatusOr<SplitWriter> SplitWriter::Open(const OutputPlan& plan, int64_t task) {
  SplitWriter writer;
  writer.plan_ = &plan;
  writer.splits_ = plan.OutputSplits(task);
  for (const size_t split : writer.splits_) {
    BESSEMER_ASSIGN_OR_RETURN(ExamplesWriter file, plan.OpenWriter(task, split));
    writer.writers_.push_back(std::move(file));
  }
  return writer;
}

Status SplitWriter::Write(std::string_view record, std::optional<std::string_view> partition) {
  size_t split = 0;
  if (plan_->splitter()) {
    std::string_view key = record;
    if (!plan_->options().partition_feature.empty()) {
      BESSEMER_ASSIGN_OR_RETURN(key, PartitionKey(plan_->options().partition_feature, partition));
    }
    split = plan_->splitter()->SplitOf(key);
  }
  return writers_[split].WriteRecord(record);
}

Status SplitWriter::Close() {
  for (ExamplesWriter& writer : writers_) BESSEMER_RETURN_IF_ERROR(writer.Close());
  return OkStatus();
}

void SplitWriter::Count(IngestResult* result) const {
  for (size_t i = 0; i < splits_.size(); ++i) {
    result->splits[splits_[i]].num_rows += writers_[i].num_records();
  }
}

StatusOr<IngestResult> RunTasks(
    const OutputPlan& plan,
    const std::function<StatusOr<int64_t>(int64_t task, SplitWriter& writer)>& run) {
  IngestResult result = plan.EmptyResult();
  std::vector<IngestResult> parts(static_cast<size_t>(plan.num_tasks()), result);
  BESSEMER_RETURN_IF_ERROR(
      ParallelFor(plan.num_tasks(), plan.options().num_threads, [&](int64_t task) -> Status {
        BESSEMER_ASSIGN_OR_RETURN(SplitWriter writer, SplitWriter::Open(plan, task));
        IngestResult& part = parts[static_cast<size_t>(task)];
        BESSEMER_ASSIGN_OR_RETURN(part.num_excluded_rows, run(task, writer));
        BESSEMER_RETURN_IF_ERROR(writer.Close());
        writer.Count(&part);
        return OkStatus();
      }));
  if (plan.filter() != nullptr) BESSEMER_RETURN_IF_ERROR(plan.filter()->CheckNames());
  result.filtered = plan.filter() != nullptr;
  for (const IngestResult& part : parts) {
    result.num_excluded_rows += part.num_excluded_rows;
    for (size_t i = 0; i < result.splits.size(); ++i) {
      result.splits[i].num_rows += part.splits[i].num_rows;
    }
  }
  return result;
}

}  // namespace bessemer::example_gen
