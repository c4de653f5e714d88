#ifndef BESSEMER_TRAINING_DATASET_H_
#define BESSEMER_TRAINING_DATASET_H_

#include <arrow/record_batch.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bessemer/base/params.h"
#include "bessemer/base/status.h"
#include "bessemer/training/input_plan.h"

namespace tensorflow::metadata::v0 {
class Schema;
}

namespace bessemer::training {

using Batches = std::vector<std::shared_ptr<arrow::RecordBatch>>;
using Schema = ::tensorflow::metadata::v0::Schema;

// Which features a model uses and for what. Declared once for every learner.
struct DataOptions {
  std::string label;
  std::string weight;
  std::vector<std::string> features;  // empty: all that are not excluded
  std::vector<std::string> exclude;
  std::string task;  // "auto" or a TaskName
  int64_t hash_buckets = 1000;
  // Single numbers also enter as kBucket, cut at so many quantiles of the training rows; 0: not.
  int64_t number_buckets = 0;
};
std::vector<Param> DataParams(int64_t number_buckets);
DataOptions DataOptionsOf(const ParamValues& params);

// Rows as a learner wants them: matrices in row-major order.
struct Dataset {
  int64_t num_rows = 0;
  std::vector<float> numbers;  // num_rows × num_number_columns, standardised
  std::vector<int32_t> ids;    // num_rows × num_id_columns
  std::vector<float> labels;   // 0/1, class number, or the standardised label
  std::vector<float> weights;  // num_rows; 1 without a weight feature
};
// All rows are in memory while a learner trains: 4 bytes a column and row, and while they are read
// their Arrow columns besides.

// Decides from the schema (may be null: from the columns alone) and the training rows how each
// feature enters the model, and what the task is:
//   strings → kHashed; ints with int_domain{is_categorical} → kCategory; other numbers → kNumber.
//   Labels: strings, or at most two distinct values 0 and 1 → classification; ints of a categorical
//   domain or with at most 100 distinct values from 0 on → multi-class; others → regression.
// Deprecated features of the schema are left out, as are features without any value. NOT_FOUND
// names a label, weight or feature that is not there; INVALID_ARGUMENT a label that is missing in
// a row, or has one value only.
StatusOr<InputPlan> PlanInputs(const Batches& train, const Schema* schema,
                               const DataOptions& options);

// INVALID_ARGUMENT names a feature of another type than planned, a missing label with its row, a
// class the training rows did not have, a negative or missing weight. `split` is for messages.
StatusOr<Dataset> MakeDataset(const Batches& batches, const InputPlan& plan,
                              std::string_view split);

}  // namespace bessemer::training

#endif  // BESSEMER_TRAINING_DATASET_H_
