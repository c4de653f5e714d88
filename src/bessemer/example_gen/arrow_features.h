#ifndef BESSEMER_EXAMPLE_GEN_ARROW_FEATURES_H_
#define BESSEMER_EXAMPLE_GEN_ARROW_FEATURES_H_

#include <arrow/record_batch.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/example_gen/example_codec.h"

namespace bessemer::example_gen {

// What Arrow's types become in examples:
//
//   bool, integers           int64; an unsigned one above 2^63 - 1 is a fault of its row
//   half, float, double      float (the nearest)
//   decimal                  int64 if it has no digits behind the point (a fault if it does not
//                            fit), else float
//   string, binary           bytes, whether large, view or of fixed size
//   date                     int64: days since 1970-01-01
//   timestamp,               int64, counted in `timestamp_unit` and rounded down, by the rule of
//   time, duration           columnar/temporal.h, which statistics keep, too; one that does not fit
//                            is a fault of its row
//   dictionary               its values
//   null                     a feature without kind
//   list (any kind)          a feature of several values; a null inside is a fault of its row
//   struct                   a feature "parent.child" per child
//   list of struct           a feature "parent.child" per child, of one value an element
//   map                      "parent.key" and "parent.value", of one value an entry
//   list of lists            only with `nested_lists`: steps, each with a list of values
//
// Others (unions, intervals, three levels of lists) are errors that name the feature.
struct FeatureOptions {
  arrow::TimeUnit::type timestamp_unit = arrow::TimeUnit::MICRO;
  // Leave nulls inside lists out instead of calling the row bad.
  bool drop_nulls_in_lists = false;
  // As TFX's executors for Avro and Parquet have it: 0, 0.0, false, "" and [] are missing values.
  bool tfx_compat = false;
  bool nested_lists = false;  // for writers of tf.SequenceExample
};

struct ArrowFeature {
  std::string name;
  int column = 0;                     // of the input
  ValueKind kind = ValueKind::kNone;  // kNone: a column of nulls
  int list_levels = 0;                // 0: at most one value a row; 1: a list; 2: a list of lists
  Status status;                      // why it cannot be a feature, naming it and what to do
};

// A value that examples cannot hold. It is null in the batch.
struct RowFault {
  int64_t row = 0;  // of the batch
  std::string feature;
  std::string reason;
};

// Turns the columns of batches of one schema into features. Immutable; thread-safe. Columns that
// are features already are passed on, not copied.
class FeatureConverter {
 public:
  explicit FeatureConverter(std::shared_ptr<arrow::Schema> schema, FeatureOptions options = {});

  // In the order of the columns and of their children. Names may repeat: who writes examples says
  // so (ExampleEncoder::Make).
  const std::vector<ArrowFeature>& features() const { return features_; }

  // The features of these indices as columns (plain, list, or list of lists) of int64 or another
  // integer type, float or double, or string or binary, large or not. Rows are those of the batch.
  // Faults are added in the order of features, a row at most once a feature. The error of the first
  // feature that has one.
  StatusOr<std::shared_ptr<arrow::RecordBatch>> Convert(const arrow::RecordBatch& batch,
                                                        const std::vector<int>& wanted,
                                                        std::vector<RowFault>* faults) const;
  // All features.
  StatusOr<std::shared_ptr<arrow::RecordBatch>> Convert(const arrow::RecordBatch& batch,
                                                        std::vector<RowFault>* faults) const;

 private:
  std::shared_ptr<arrow::Schema> schema_;
  FeatureOptions options_;
  std::vector<ArrowFeature> features_;
  std::vector<int> all_;
};

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_ARROW_FEATURES_H_
