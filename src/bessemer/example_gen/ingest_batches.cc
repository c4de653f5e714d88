#include <algorithm>

#include "bessemer/base/json_text.h"
#include "bessemer/example_gen/ingest_shard_internal.h"
#include "bessemer/example_gen/row_json.h"

namespace bessemer::example_gen {
namespace {

std::string RowText(const arrow::RecordBatch& batch, int64_t row) {
  Json json = Json::object();
  for (int i = 0; i < batch.num_columns(); ++i) {
    const auto column = columnar::FeatureColumn::Make(batch.column(i));
    if (column.ok()) json[batch.column_name(i)] = CellToJson(*column, row);
  }
  return JsonText(json);
}

// The batches of a run of blocks on their way into a sink.
class BatchShard {
 public:
  BatchShard(const ShardContext& context, RowSink& sink)
      : context_(context),
        rows_(*context.input->rows),
        options_(*context.options),
        sink_(sink) {}

  Status ReadBlock(int64_t block) {
    block_ = block;
    first_row_ = 0;
    const auto held = context_.open_blocks->Take(rows_.open_bytes(block));
    BESSEMER_ASSIGN_OR_RETURN(const std::unique_ptr<columnar::BatchSource> source,
                              rows_.OpenBlock(block));
    while (true) {
      BESSEMER_ASSIGN_OR_RETURN(const std::shared_ptr<arrow::RecordBatch> batch, source->Next());
      if (batch == nullptr) return OkStatus();
      BESSEMER_RETURN_IF_ERROR(TakeBatch(*batch));
      first_row_ += batch->num_rows();
      options_.progress->Advance(batch->num_rows());
      if (options_.progress->cancelled()) return CancelledError("stopped while reading rows");
    }
  }

  int64_t num_excluded() const { return num_excluded_; }

 private:
  Status TakeBatch(const arrow::RecordBatch& batch) {
    std::vector<RowFault> faults;
    RowChunk chunk{.num_rows = batch.num_rows()};
    BESSEMER_ASSIGN_OR_RETURN(chunk.columns, context_.features->Convert(batch, &faults));
    if (RowFilter* filter = context_.stages->filter.get()) {
      BESSEMER_ASSIGN_OR_RETURN(chunk.keep, filter->Keep(*chunk.columns));
    }
    num_excluded_ += std::count(chunk.keep.begin(), chunk.keep.end(), 0);
    if (!faults.empty()) {
      BESSEMER_RETURN_IF_ERROR(SetAside(*chunk.columns, faults, &chunk.keep));
    }
    chunk.written = context_.features->Written(*chunk.columns);
    chunk.place = [&](int64_t row) { return rows_.PlaceOf(block_, first_row_ + row); };
    return sink_.Take(chunk);
  }

  // Rows that the filter excludes need not be good.
  Status SetAside(const arrow::RecordBatch& converted, std::vector<RowFault>& faults,
                  std::vector<uint8_t>* keep) {
    keep->resize(static_cast<size_t>(converted.num_rows()), 1);
    std::stable_sort(faults.begin(), faults.end(),
                     [](const RowFault& a, const RowFault& b) { return a.row < b.row; });
    std::vector<BadRow> bad;
    for (const RowFault& fault : faults) {
      uint8_t& kept = (*keep)[static_cast<size_t>(fault.row)];
      if (!kept) continue;
      kept = 0;
      RowPlace place = rows_.PlaceOf(block_, first_row_ + fault.row);
      std::string reason = fmt::format("feature '{}': {}", fault.feature, fault.reason);
      if (options_.on_bad_row == OnBadRow::kFail) {
        return InvalidArgumentError("{}: row {}: {}; {}", place.file, place.line, reason,
                                    kBadRowAdvice);
      }
      bad.push_back({std::move(place), std::move(reason), RowText(converted, fault.row)});
    }
    return context_.bad_rows->Add(block_, bad);
  }

  const ShardContext& context_;
  const RowInput& rows_;
  const IngestOptions& options_;
  RowSink& sink_;
  int64_t block_ = 0;
  int64_t first_row_ = 0;  // of the next batch in its block
  int64_t num_excluded_ = 0;
};

}  // namespace

StatusOr<int64_t> ReadBatches(const ShardContext& context, int64_t begin, int64_t end,
                              RowSink& sink) {
  BatchShard shard(context, sink);
  for (int64_t block = begin; block < end; ++block) {
    BESSEMER_RETURN_IF_ERROR(shard.ReadBlock(block));
  }
  return shard.num_excluded();
}

}  // namespace bessemer::example_gen
