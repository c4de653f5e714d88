#ifndef BESSEMER_CLI_COMMANDS_EXAMPLES_FEATURE_ROWS_H_
#define BESSEMER_CLI_COMMANDS_EXAMPLES_FEATURE_ROWS_H_

#include <memory>

#include "bessemer/columnar/feature_column.h"
#include "bessemer/example_gen/arrow_features.h"
#include "bessemer/example_gen/row_input.h"

namespace bessemer::cli::examples {

// All rows of an input as the features they would be written as, every batch in one schema. `input`
// must live longer. INVALID_ARGUMENT for a row that examples cannot hold, with file, row, feature.
class FeatureRows : public columnar::BatchSource {
 public:
  static StatusOr<FeatureRows> Open(const example_gen::RowInput& input, int num_threads);
  StatusOr<std::shared_ptr<arrow::RecordBatch>> Next() override;

 private:
  FeatureRows(const example_gen::RowInput& input, std::shared_ptr<arrow::Schema> schema)
      : input_(&input), schema_(schema), converter_(std::move(schema)) {}

  const example_gen::RowInput* input_;
  std::shared_ptr<arrow::Schema> schema_;
  example_gen::FeatureConverter converter_;
  int64_t next_block_ = 0;
  std::unique_ptr<columnar::BatchSource> block_;  // null: the next one is to be opened
  int64_t row_ = 0;                               // of the block
};

}  // namespace bessemer::cli::examples

#endif  // BESSEMER_CLI_COMMANDS_EXAMPLES_FEATURE_ROWS_H_
