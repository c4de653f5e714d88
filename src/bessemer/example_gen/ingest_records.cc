#include <algorithm>
#include <map>

#include "bessemer/example_gen/ingest_shard_internal.h"
#include "bessemer/example_gen/row_files.h"
#include "bessemer/example_gen/schema_union.h"

namespace bessemer::example_gen {
namespace {

constexpr size_t kBatchRecords = 4096;
constexpr size_t kBatchBytes = 8 << 20;

// The records of a run of blocks on their way into a sink. Nothing is decoded unless something
// looks at features.
class RecordShard {
 public:
  RecordShard(const ShardContext& context, RowSink& sink)
      : context_(context),
        rows_(*context.input->rows),
        options_(*context.options),
        rename_(options_.rename.begin(), options_.rename.end()),
        selects_(!options_.columns.empty() || !rename_.empty()),
        decodes_(context.stages->filter != nullptr || context.stages->shaper->needs_columns()),
        sink_(sink) {}

  Status ReadBlock(int64_t block) {
    block_ = block;
    BESSEMER_ASSIGN_OR_RETURN(const std::unique_ptr<RecordSource> source,
                              rows_.records()->OpenRecords(block));
    std::string_view record;
    for (record_ = 0;; ++record_) {
      BESSEMER_ASSIGN_OR_RETURN(const bool more, source->Next(&record));
      if (!more) return Flush();
      BESSEMER_RETURN_IF_ERROR(Add(record));
      if (record_ % kBatchRecords == 0 && options_.progress->cancelled()) {
        return CancelledError("stopped while reading rows");
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
    pending_.append(*canonical);
    ends_.push_back(pending_.size());
    numbers_.push_back(record_);
    return ends_.size() == kBatchRecords || pending_.size() >= kBatchBytes ? Flush() : OkStatus();
  }

  // Gives the pending records to the sink.
  Status Flush() {
    if (ends_.empty()) return OkStatus();
    RowChunk chunk{.num_rows = static_cast<int64_t>(ends_.size())};
    size_t begin = 0;
    for (const size_t end : ends_) {
      chunk.records.push_back(std::string_view(pending_).substr(begin, end - begin));
      begin = end;
    }
    chunk.place = [&](int64_t row) {
      return rows_.PlaceOf(block_, numbers_[static_cast<size_t>(row)]);
    };
    if (decodes_) {
      auto batch = rows_.records()->Decode(chunk.records);
      if (!batch.ok()) {
        return WithContext(Place(batch.status(), numbers_[0]), "in the records from here on");
      }
      chunk.columns = *std::move(batch);
    }
    if (RowFilter* filter = context_.stages->filter.get()) {
      BESSEMER_ASSIGN_OR_RETURN(chunk.keep, filter->Keep(*chunk.columns));
      num_excluded_ += std::count(chunk.keep.begin(), chunk.keep.end(), 0);
    }
    if (selects_) BESSEMER_RETURN_IF_ERROR(Select(&chunk));
    BESSEMER_RETURN_IF_ERROR(sink_.Take(chunk));
    options_.progress->Advance(chunk.num_rows);
    pending_.clear();
    ends_.clear();
    numbers_.clear();
    return OkStatus();
  }

  Status Select(RowChunk* chunk) {
    selected_.resize(chunk->records.size());
    for (size_t i = 0; i < chunk->records.size(); ++i) {
      if (!chunk->Keeps(static_cast<int64_t>(i))) continue;
      const auto selected =
          SelectFeatures(chunk->records[i], options_.columns, rename_, &selected_[i]);
      if (!selected.ok()) return Place(selected.status(), numbers_[i]);
      chunk->records[i] = *selected;
    }
    return OkStatus();
  }

  const ShardContext& context_;
  const RowInput& rows_;
  const IngestOptions& options_;
  const std::map<std::string, std::string, std::less<>> rename_;
  const bool selects_;
  const bool decodes_;
  RowSink& sink_;
  int64_t block_ = 0;
  int64_t record_ = 0;  // of the block
  std::string storage_;
  std::string pending_;  // records one behind the other,
  std::vector<size_t> ends_;
  std::vector<int64_t> numbers_;  // of the pending records in the block
  std::vector<std::string> selected_;
  int64_t num_excluded_ = 0;
};

// Blocks of records as batches of one schema.
class DecodedRecords : public RowInput {
 public:
  DecodedRecords(const RowInput& rows, std::shared_ptr<arrow::Schema> schema)
      : rows_(rows), schema_(std::move(schema)) {}

  const std::shared_ptr<arrow::Schema>& schema() const override { return schema_; }
  int64_t num_blocks() const override { return rows_.num_blocks(); }
  int64_t first_block(size_t file) const override { return rows_.first_block(file); }
  int64_t block_bytes(int64_t block) const override { return rows_.block_bytes(block); }
  int64_t open_bytes(int64_t block) const override { return rows_.open_bytes(block); }
  int64_t num_rows() const override { return rows_.num_rows(); }
  RowPlace PlaceOf(int64_t block, int64_t row) const override { return rows_.PlaceOf(block, row); }
  MissingCell missing_cell() const override { return rows_.missing_cell(); }
  const BadRows* bad_rows() const override { return rows_.bad_rows(); }
  std::string note() const override { return rows_.note(); }

  StatusOr<std::unique_ptr<columnar::BatchSource>> OpenBlock(int64_t block) const override {
    BESSEMER_ASSIGN_OR_RETURN(std::unique_ptr<columnar::BatchSource> source,
                              rows_.OpenBlock(block));
    return std::make_unique<Conformed>(std::move(source), schema_);
  }

 private:
  class Conformed : public columnar::BatchSource {
   public:
    Conformed(std::unique_ptr<columnar::BatchSource> source, std::shared_ptr<arrow::Schema> schema)
        : source_(std::move(source)), schema_(std::move(schema)) {}
    StatusOr<std::shared_ptr<arrow::RecordBatch>> Next() override {
      BESSEMER_ASSIGN_OR_RETURN(const auto batch, source_->Next());
      return batch == nullptr ? batch : ConformBatch(batch, schema_);
    }

   private:
    std::unique_ptr<columnar::BatchSource> source_;
    std::shared_ptr<arrow::Schema> schema_;
  };

  const RowInput& rows_;
  std::shared_ptr<arrow::Schema> schema_;
};

}  // namespace

StatusOr<int64_t> ReadRecords(const ShardContext& context, int64_t begin, int64_t end,
                              RowSink& sink) {
  RecordShard shard(context, sink);
  for (int64_t block = begin; block < end; ++block) {
    BESSEMER_RETURN_IF_ERROR(shard.ReadBlock(block));
  }
  return shard.num_excluded();
}

StatusOr<std::unique_ptr<RowInput>> RecordsAsColumns(const RowInput& rows, int num_threads) {
  BESSEMER_ASSIGN_OR_RETURN(std::shared_ptr<arrow::Schema> schema, FindSchema(rows, num_threads));
  return std::make_unique<DecodedRecords>(rows, std::move(schema));
}

}  // namespace bessemer::example_gen
