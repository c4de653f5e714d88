#include "bessemer/cli/commands/examples/feature_rows.h"

#include <arrow/api.h>

#include <algorithm>
#include <cstdio>
#include <set>

#include "bessemer/cli/source_flags.h"
#include "bessemer/columnar/arrow_status.h"
#include "bessemer/example_gen/row_files.h"
#include "bessemer/example_gen/schema_union.h"

namespace bessemer::cli::examples {
namespace {

// The rows of a batch that are not among some, in runs.
StatusOr<std::shared_ptr<arrow::RecordBatch>> Without(const std::set<int64_t>& rows,
                                                      const arrow::RecordBatch& batch) {
  arrow::RecordBatchVector runs;
  int64_t begin = 0;
  for (const int64_t row : rows) {
    if (row > begin) runs.push_back(batch.Slice(begin, row - begin));
    begin = row + 1;
  }
  if (begin < batch.num_rows()) runs.push_back(batch.Slice(begin));
  if (runs.empty()) return batch.Slice(0, 0);
  std::shared_ptr<arrow::Table> table;
  BESSEMER_ASSIGN_OR_RETURN_ARROW(table, arrow::Table::FromRecordBatches(batch.schema(), runs));
  std::shared_ptr<arrow::RecordBatch> joined;
  BESSEMER_ASSIGN_OR_RETURN_ARROW(joined, table->CombineChunksToBatch());
  return joined;
}

}  // namespace

StatusOr<FeatureRows> FeatureRows::Open(const example_gen::RowInput& input,
                                        const FeatureRowsOptions& options) {
  BESSEMER_ASSIGN_OR_RETURN(std::shared_ptr<arrow::Schema> schema,
                            example_gen::FindSchema(input, options.num_threads));
  return FeatureRows(input, options, std::move(schema));
}

StatusOr<std::shared_ptr<arrow::RecordBatch>> FeatureRows::NextBatch() {
  while (true) {
    if (block_ == nullptr) {
      if (next_block_ == input_->num_blocks()) return nullptr;
      BESSEMER_ASSIGN_OR_RETURN(block_, input_->OpenBlock(next_block_++));
      row_ = 0;
    }
    BESSEMER_ASSIGN_OR_RETURN(const std::shared_ptr<arrow::RecordBatch> batch, block_->Next());
    if (batch != nullptr) return example_gen::ConformBatch(batch, schema_);
    block_ = nullptr;
  }
}

StatusOr<std::shared_ptr<arrow::RecordBatch>> FeatureRows::Next() {
  while (true) {
    BESSEMER_ASSIGN_OR_RETURN(const std::shared_ptr<arrow::RecordBatch> batch, NextBatch());
    if (batch == nullptr) return batch;
    std::vector<example_gen::RowFault> faults;
    BESSEMER_ASSIGN_OR_RETURN(std::shared_ptr<arrow::RecordBatch> converted,
                              converter_.Convert(*batch, &faults));
    const int64_t begin = row_;
    row_ += batch->num_rows();
    if (faults.empty()) return converted;
    const auto first =
        std::min_element(faults.begin(), faults.end(),
                         [](const auto& a, const auto& b) { return a.row < b.row; });
    const example_gen::RowPlace place = input_->PlaceOf(next_block_ - 1, begin + first->row);
    const std::string text = fmt::format("{}: row {}: feature '{}': {}", place.file, place.line,
                                         first->feature, first->reason);
    if (!skip_bad_rows_) return InvalidArgumentError("{}", text);
    std::set<int64_t> bad;
    for (const example_gen::RowFault& fault : faults) bad.insert(fault.row);
    if (num_skipped_ == 0) first_skipped_ = text;
    num_skipped_ += static_cast<int64_t>(bad.size());
    BESSEMER_ASSIGN_OR_RETURN(converted, Without(bad, *converted));
    if (converted->num_rows() > 0) return converted;
  }
}

StatusOr<int64_t> FeatureRows::SaySkipped() const {
  BESSEMER_ASSIGN_OR_RETURN(const int64_t num_bad_rows, SaySkippedRows({input_}));
  if (num_skipped_ > 0) {
    std::fflush(stdout);
    fmt::print(stderr, "skipped {} row{} that examples cannot hold; the first: {}\n", num_skipped_,
               num_skipped_ == 1 ? "" : "s", NameStreams(first_skipped_));
  }
  return num_bad_rows + num_skipped_;
}

}  // namespace bessemer::cli::examples
