#ifndef BESSEMER_TRAINING_INPUT_PLAN_H_
#define BESSEMER_TRAINING_INPUT_PLAN_H_

#include <cstdint>
#include <string>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/tensorflow/attr.h"

namespace bessemer::training {

enum class Task { kBinary, kMulticlass, kRegression };
std::string_view TaskName(Task task);  // "binary", "multiclass", "regression"

// How one feature enters a model: as columns of a matrix of numbers or of a matrix of ids. A number
// may enter both ways, as kNumber and as kBucket.
struct FeatureInput {
  enum class Kind {
    kNumber,    // standardised: (x - mean) / stddev; missing, NaN and infinite values become 0
    kCategory,  // int64 in [min, max] → id x - min; missing and other values → the last id
    kHashed,    // string → farmhash fingerprint mod buckets; missing and "" → the last id
    kBucket,    // number → how many boundaries are ≤ x; missing, NaN, infinite → the last id
  };
  std::string name;
  Kind kind = Kind::kNumber;
  tf::DataType dtype = ::tensorflow::DT_FLOAT;  // DT_FLOAT, DT_INT64 or DT_STRING
  int width = 1;       // values per example; shorter lists are filled up, longer ones cut
  int first_column = 0;  // of the matrix of numbers or ids; the feature has `width` columns

  std::vector<float> mean, inverse_stddev;  // kNumber: one per column
  int64_t min = 0, max = -1;                // kCategory
  std::vector<float> boundaries;            // kBucket: ascending
  int64_t num_ids = 0;                      // all but kNumber; the last one is "unknown"

  bool is_number() const { return kind == Kind::kNumber; }
};

// What a missing int64 is in a dense tensor of raw values.
inline constexpr int64_t kMissingInt = INT64_MIN;
// The id that fills up lists of ids shorter than the width.
inline constexpr int32_t kNoId = -1;

struct LabelInput {
  std::string name;
  Task task = Task::kRegression;
  // Text of each class, in the order of the outputs; empty for regression.
  std::vector<std::string> classes;
  // Regression: the model learns (label - mean) / stddev.
  double mean = 0;
  double stddev = 1;
};

// The inputs of a model. Features with one id each come before those with several, and by ascending
// number of ids, so that tables of equal width are neighbours.
struct InputPlan {
  std::vector<FeatureInput> features;
  LabelInput label;
  std::string weight;  // feature of example weights, or ""
  int num_number_columns = 0;
  int num_id_columns = 0;

  int num_outputs() const {
    return label.task == Task::kMulticlass ? static_cast<int>(label.classes.size()) : 1;
  }
};

}  // namespace bessemer::training

#endif  // BESSEMER_TRAINING_INPUT_PLAN_H_
