#include "bessemer/cli/commands/examples/feature_rows.h"

#include "bessemer/example_gen/row_files.h"
#include "bessemer/example_gen/schema_union.h"

namespace bessemer::cli::examples {

StatusOr<FeatureRows> FeatureRows::Open(const example_gen::RowInput& input, int num_threads) {
  BESSEMER_ASSIGN_OR_RETURN(std::shared_ptr<arrow::Schema> schema,
                            example_gen::FindSchema(input, num_threads));
  return FeatureRows(input, std::move(schema));
}

StatusOr<std::shared_ptr<arrow::RecordBatch>> FeatureRows::Next() {
  std::shared_ptr<arrow::RecordBatch> batch;
  while (batch == nullptr) {
    if (block_ == nullptr) {
      if (next_block_ == input_->num_blocks()) return nullptr;
      BESSEMER_ASSIGN_OR_RETURN(block_, input_->OpenBlock(next_block_++));
      row_ = 0;
    }
    BESSEMER_ASSIGN_OR_RETURN(batch, block_->Next());
    if (batch == nullptr) block_ = nullptr;
  }
  BESSEMER_ASSIGN_OR_RETURN(batch, example_gen::ConformBatch(batch, schema_));
  std::vector<example_gen::RowFault> faults;
  BESSEMER_ASSIGN_OR_RETURN(std::shared_ptr<arrow::RecordBatch> converted,
                            converter_.Convert(*batch, &faults));
  if (!faults.empty()) {
    const example_gen::RowPlace place = input_->PlaceOf(next_block_ - 1, row_ + faults[0].row);
    return InvalidArgumentError("{}: row {}: feature '{}': {}", place.file, place.line,
                                faults[0].feature, faults[0].reason);
  }
  row_ += batch->num_rows();
  return converted;
}

}  // namespace bessemer::cli::examples
