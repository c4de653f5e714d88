#ifndef BESSEMER_CLI_COMMANDS_EXAMPLES_FEATURE_ROWS_H_
#define BESSEMER_CLI_COMMANDS_EXAMPLES_FEATURE_ROWS_H_

#include <memory>
#include <string>

#include "bessemer/columnar/feature_column.h"
#include "bessemer/example_gen/arrow_features.h"
#include "bessemer/example_gen/row_input.h"

namespace bessemer::cli::examples {

struct FeatureRowsOptions {
  bool drop_nulls_in_lists = false;
  bool skip_bad_rows = false;  // that examples cannot hold
  int num_threads = 0;
};

// All rows of an input as the features they would be written as, every batch in one schema. `input`
// must live longer. INVALID_ARGUMENT for a row that examples cannot hold, naming its feature,
// unless such rows are skipped.
class FeatureRows : public columnar::BatchSource {
 public:
  static StatusOr<FeatureRows> Open(const example_gen::RowInput& input,
                                    const FeatureRowsOptions& options);
  StatusOr<std::shared_ptr<arrow::RecordBatch>> Next() override;

  // Says on stderr how many rows were left out so far, by the format or here, and why the first of
  // each was. Returns their number.
  StatusOr<int64_t> SaySkipped() const;

 private:
  FeatureRows(const example_gen::RowInput& input, const FeatureRowsOptions& options,
              std::shared_ptr<arrow::Schema> schema)
      : input_(&input),
        skip_bad_rows_(options.skip_bad_rows),
        schema_(schema),
        converter_(std::move(schema), {.drop_nulls_in_lists = options.drop_nulls_in_lists}) {}
  // The next batch of the blocks, null at the end.
  StatusOr<std::shared_ptr<arrow::RecordBatch>> NextBatch();

  const example_gen::RowInput* input_;
  bool skip_bad_rows_;
  std::shared_ptr<arrow::Schema> schema_;
  example_gen::FeatureConverter converter_;
  int64_t next_block_ = 0;
  std::unique_ptr<columnar::BatchSource> block_;  // null: the next one is to be opened
  int64_t row_ = 0;                               // of the block
  int64_t num_skipped_ = 0;
  std::string first_skipped_;
};

}  // namespace bessemer::cli::examples

#endif  // BESSEMER_CLI_COMMANDS_EXAMPLES_FEATURE_ROWS_H_
