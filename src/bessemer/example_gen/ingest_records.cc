#include <map>

#include "bessemer/example_gen/ingest_shard_internal.h"

namespace bessemer::example_gen {
namespace {

constexpr size_t kBatchRecords = 4096;

// The records of a run of blocks on their way into the files of a shard. Nothing is decoded unless
// there is a filter.
class RecordShard {
 public:
  RecordShard(const ShardContext& context, SplitWriter& writer)
      : context_(context),
        rows_(*context.input->rows),
        options_(context.plan->options()),
        rename_(options_.rename.begin(), options_.rename.end()),
        writer_(writer) {}

  Status WriteBlock(int64_t block) {
    block_ = block;
    BESSEMER_ASSIGN_OR_RETURN(const std::unique_ptr<RecordSource> source,
                              rows_.records()->OpenRecords(block));
    std::string_view record;
    for (record_ = 0;; ++record_) {
      BESSEMER_ASSIGN_OR_RETURN(const bool more, source->Next(&record));
      if (!more) return Flush();
      BESSEMER_RETURN_IF_ERROR(Add(record));
      if (record_ % kBatchRecords == 0 && options_.progress->cancelled()) {
        return CancelledError("stopped while writing examples");
      }
    }
  }

  int64_t num_excluded() const { return num_excluded_; }

 private:
  StatusOr<std::string_view> Canonical(std::string_view record) {
    switch (rows_.records()->kind()) {
      case RecordKind::kExample:
        return CanonicalExample(record, &storage_);
      case RecordKind::kSequenceExample:
        return CanonicalSequenceExample(record, &storage_);
      case RecordKind::kOther:
        break;
    }
    return record;
  }

  Status Place(const Status& status, int64_t record) const {
    if (status.ok()) return status;
    const RowPlace place = rows_.PlaceOf(block_, record);
    return WithContext(status, fmt::format("{}: record {}", place.file, place.line));
  }

  Status Add(std::string_view record) {
    const StatusOr<std::string_view> canonical = Canonical(record);
    if (!canonical.ok()) {
      if (options_.on_bad_row == OnBadRow::kFail) return Place(canonical.status(), record_);
      return context_.bad_rows->Add(block_, {{rows_.PlaceOf(block_, record_),
                                              std::string(Message(canonical.status())),
                                              std::string(record)}});
    }
    if (context_.plan->filter() == nullptr) return Place(Write(*canonical), record_);
    if (pending_.empty()) first_pending_ = record_;
    pending_.emplace_back(*canonical);
    return pending_.size() < kBatchRecords ? OkStatus() : Flush();
  }

  // Writes those of the pending records that the filter keeps.
  Status Flush() {
    if (pending_.empty()) return OkStatus();
    const std::vector<std::string_view> records(pending_.begin(), pending_.end());
    const auto batch = rows_.records()->Decode(records);
    if (!batch.ok()) {
      return WithContext(Place(batch.status(), first_pending_), "in the records from here on");
    }
    BESSEMER_ASSIGN_OR_RETURN(const std::vector<uint8_t> keep,
                              context_.plan->filter()->Keep(**batch));
    for (size_t i = 0; i < records.size(); ++i) {
      if (keep[i]) {
        BESSEMER_RETURN_IF_ERROR(
            Place(Write(records[i]), first_pending_ + static_cast<int64_t>(i)));
      } else {
        ++num_excluded_;
      }
    }
    pending_.clear();
    return OkStatus();
  }

  Status Write(std::string_view record) {
    std::optional<std::string_view> partition;
    if (!options_.partition_feature.empty()) {
      partition = FindFeature(record, options_.partition_feature);
    }
    if (!options_.columns.empty() || !rename_.empty()) {
      BESSEMER_ASSIGN_OR_RETURN(
          record, SelectFeatures(record, options_.columns, rename_, &selected_storage_));
    }
    options_.progress->Advance(1);
    return writer_.Write(record, partition);
  }

  const ShardContext& context_;
  const RowInput& rows_;
  const IngestOptions& options_;
  const std::map<std::string, std::string, std::less<>> rename_;
  SplitWriter& writer_;
  int64_t block_ = 0;
  int64_t record_ = 0;         // of the block
  int64_t first_pending_ = 0;  // its record of the block
  std::string storage_;
  std::string selected_storage_;
  std::vector<std::string> pending_;
  int64_t num_excluded_ = 0;
};

}  // namespace

StatusOr<int64_t> WriteRecords(const ShardContext& context, int64_t begin, int64_t end,
                               SplitWriter& writer) {
  RecordShard shard(context, writer);
  for (int64_t block = begin; block < end; ++block) {
    BESSEMER_RETURN_IF_ERROR(shard.WriteBlock(block));
  }
  return shard.num_excluded();
}

}  // namespace bessemer::example_gen
