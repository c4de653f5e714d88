#include "bessemer/cli/commands/examples/feature_rows.h"

#include "bessemer/example_gen/row_files.h"

namespace bessemer::cli::examples {

StatusOr<FeatureRows> FeatureRows::Open(const example_gen::RowInput& input, int num_threads) {
  BESSEMER_ASSIGN_OR_RETURN(const std::shared_ptr<arrow::Schema> schema,
                            example_gen::FindSchema(input, num_threads));
  return FeatureRows(example_gen::FeatureConverter(schema), example_gen::ReadRows(input, schema));
}

StatusOr<std::shared_ptr<arrow::RecordBatch>> FeatureRows::Next() {
  BESSEMER_ASSIGN_OR_RETURN(const std::shared_ptr<arrow::RecordBatch> batch, source_->Next());
  if (batch == nullptr) return batch;
  std::vector<example_gen::RowFault> faults;
  BESSEMER_ASSIGN_OR_RETURN(std::shared_ptr<arrow::RecordBatch> converted,
                            converter_.Convert(*batch, &faults));
  if (!faults.empty()) {
    return InvalidArgumentError("row {}: feature '{}': {}", num_rows_ + faults[0].row,
                                faults[0].feature, faults[0].reason);
  }
  num_rows_ += batch->num_rows();
  return converted;
}

}  // namespace bessemer::cli::examples
