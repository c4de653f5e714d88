#ifndef BESSEMER_EVALUATION_BATCH_H_
#define BESSEMER_EVALUATION_BATCH_H_

#include <arrow/record_batch.h>

#include <map>
#include <memory>
#include <string>

#include "bessemer/columnar/feature_column.h"
#include "bessemer/evaluation/examples.h"
#include "bessemer/evaluation/metric.h"
#include "tensorflow_model_analysis/proto/config.pb.h"

namespace bessemer::evaluation {

// Some examples to evaluate.
struct Batch {
  // Features by name, in any layout columnar::FeatureColumn reads.
  std::shared_ptr<arrow::RecordBatch> features;
  // What transform_features made of them, or null; its columns win over those of `features`, but
  // for slices only if `slice_by_transformed`.
  std::shared_ptr<arrow::RecordBatch> transformed;
  bool slice_by_transformed = true;
  // Outputs of the models by model name and output name ("" for the only one). A model that is not
  // here has its predictions among the features.
  std::map<std::string, std::map<std::string, std::shared_ptr<arrow::Array>>> predictions;
  // The classes that a model's predictions are of, as text and in their order, if it says so. Text
  // labels, and numbers if all classes are numbers, are looked up there.
  std::map<std::string, std::vector<std::string>> classes;
  int64_t first_row = 0;  // number of the first example in its file, for messages

  int64_t num_rows() const { return features->num_rows(); }
  // Transformed or raw; null if there is none.
  std::shared_ptr<arrow::Array> Find(const std::string& name) const;
  // The same for a column to slice by.
  std::shared_ptr<arrow::Array> FindSlice(const std::string& name) const;
};

// A view of a batch, ready to be cut into slices.
class View {
 public:
  // NOT_FOUND for a column that is not there, INVALID_ARGUMENT for an example without a label, a
  // prediction or a weight, or of a type that is not numeric: these end the evaluation.
  static StatusOr<View> Make(const ViewSpec& spec,
                             const ::tensorflow_model_analysis::EvalConfig& config,
                             const Batch& batch);

  // Why this view cannot be formed of these values (e.g. a class id beyond the prediction): an
  // error of the metrics that need it, not of the evaluation.
  const Status& status() const { return status_; }
  // Examples with a prediction that is NaN.
  int64_t num_nan_predictions() const { return num_nan_predictions_; }
  const Examples& all() const { return examples_; }
  // The rows of the given examples, in order; an example may be named more than once.
  Examples Gather(std::span<const int32_t> rows) const;

 private:
  Examples examples_;
  std::vector<int64_t> begin_;  // of each example in examples_; empty: one row an example
  Status status_;
  int64_t num_nan_predictions_ = 0;
};

// Numbers of a feature column as doubles. INVALID_ARGUMENT names column and example (`first_row` is
// the number of the first) for an absent or empty row (unless `allow_absent`: then an empty list),
// a null value, or text.
StatusOr<Ragged> ReadNumbers(const std::shared_ptr<arrow::Array>& array, const std::string& what,
                             bool allow_absent, int64_t first_row = 0);

}  // namespace bessemer::evaluation

#endif  // BESSEMER_EVALUATION_BATCH_H_
