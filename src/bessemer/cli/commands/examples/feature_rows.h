#ifndef BESSEMER_CLI_COMMANDS_EXAMPLES_FEATURE_ROWS_H_
#define BESSEMER_CLI_COMMANDS_EXAMPLES_FEATURE_ROWS_H_

#include <memory>

#include "bessemer/columnar/feature_column.h"
#include "bessemer/example_gen/arrow_features.h"
#include "bessemer/example_gen/row_input.h"

namespace bessemer::cli::examples {

// All rows of an input as the features they would be written as, every batch in one schema. `input`
// must live longer. INVALID_ARGUMENT for a row that examples cannot hold, naming its feature.
class FeatureRows : public columnar::BatchSource {
 public:
  static StatusOr<FeatureRows> Open(const example_gen::RowInput& input, int num_threads);
  StatusOr<std::shared_ptr<arrow::RecordBatch>> Next() override;

 private:
  FeatureRows(example_gen::FeatureConverter converter,
              std::unique_ptr<columnar::BatchSource> source)
      : converter_(std::move(converter)), source_(std::move(source)) {}

  example_gen::FeatureConverter converter_;
  std::unique_ptr<columnar::BatchSource> source_;
  int64_t num_rows_ = 0;
};

}  // namespace bessemer::cli::examples

#endif  // BESSEMER_CLI_COMMANDS_EXAMPLES_FEATURE_ROWS_H_
