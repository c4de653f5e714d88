#include <algorithm>
#include <map>

#include "bessemer/example_gen/example_codec.h"
#include "bessemer/example_gen/ingest.h"
#include "bessemer/example_gen/split_writer_internal.h"

namespace bessemer::example_gen {
namespace {

constexpr size_t kBatchRows = 4096;

// One input file to one shard.
class ExamplesShard {
 public:
  explicit ExamplesShard(const OutputPlan& plan)
      : plan_(plan),
        options_(plan.options()),
        rename_(options_.rename.begin(), options_.rename.end()) {}

  Status Run(const std::string& file, SplitWriter* writer) {
    BESSEMER_ASSIGN_OR_RETURN(const std::unique_ptr<io::TFRecordReader> reader,
                              io::TFRecordReader::Open(file));
    std::string_view record;
    while (true) {
      BESSEMER_ASSIGN_OR_RETURN(const bool more, reader->Next(&record));
      Status status;
      if (more) {
        status = Add(record, writer);
      } else {
        status = Flush(writer);
      }
      if (!status.ok()) {
        return WithContext(status, fmt::format("{}: record {}", file, reader->num_records() - 1));
      }
      if (!more) return OkStatus();
    }
  }

  int64_t num_excluded() const { return num_excluded_; }

 private:
  Status Add(std::string_view record, SplitWriter* writer) {
    BESSEMER_ASSIGN_OR_RETURN(const std::string_view canonical,
                              CanonicalExample(record, &storage_));
    if (plan_.filter() == nullptr) return Write(canonical, writer);
    pending_.emplace_back(canonical);
    return pending_.size() < kBatchRows ? OkStatus() : Flush(writer);
  }

  // Writes those of the pending records that the filter keeps.
  Status Flush(SplitWriter* writer) {
    if (pending_.empty()) return OkStatus();
    const std::vector<std::string_view> records(pending_.begin(), pending_.end());
    BESSEMER_ASSIGN_OR_RETURN(const std::shared_ptr<arrow::RecordBatch> batch,
                              DecodeExamples(records));
    BESSEMER_ASSIGN_OR_RETURN(const std::vector<uint8_t> keep, plan_.filter()->Keep(*batch));
    for (size_t i = 0; i < records.size(); ++i) {
      if (keep[i]) {
        BESSEMER_RETURN_IF_ERROR(Write(records[i], writer));
      } else {
        ++num_excluded_;
      }
    }
    pending_.clear();
    return OkStatus();
  }

  Status Write(std::string_view record, SplitWriter* writer) {
    std::optional<std::string_view> partition;
    if (!options_.partition_feature.empty()) {
      partition = FindFeature(record, options_.partition_feature);
    }
    if (!options_.columns.empty() || !rename_.empty()) {
      BESSEMER_ASSIGN_OR_RETURN(
          record, SelectFeatures(record, options_.columns, rename_, &selected_storage_));
    }
    options_.progress->Advance(1);
    return writer->Write(record, partition);
  }

  const OutputPlan& plan_;
  const IngestOptions& options_;
  std::map<std::string, std::string, std::less<>> rename_;
  std::string storage_;
  std::string selected_storage_;
  std::vector<std::string> pending_;
  int64_t num_excluded_ = 0;
};

}  // namespace

StatusOr<IngestResult> IngestExamples(const std::vector<ResolvedSplit>& input,
                                      const std::string& output_uri, const IngestOptions& options) {
  std::vector<int64_t> num_shards;
  for (const ResolvedSplit& split : input) {
    num_shards.push_back(static_cast<int64_t>(split.files.size()));
  }
  BESSEMER_ASSIGN_OR_RETURN(const OutputPlan plan,
                            OutputPlan::Make(input, num_shards, output_uri, options));
  options.progress->Start("importing examples", 0, "rows");
  return RunTasks(plan, [&](int64_t task, SplitWriter& writer) -> StatusOr<int64_t> {
    ExamplesShard work(plan);
    const auto shard = static_cast<size_t>(plan.Shard(task));
    BESSEMER_RETURN_IF_ERROR(work.Run(input[plan.InputSplit(task)].files[shard], &writer));
    return work.num_excluded();
  });
}

}  // namespace bessemer::example_gen
