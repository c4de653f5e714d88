#ifndef BESSEMER_STATISTICS_FEATURE_ROWS_H_
#define BESSEMER_STATISTICS_FEATURE_ROWS_H_

#include <arrow/record_batch.h>

#include <functional>
#include <memory>
#include <string>

#include "bessemer/base/status.h"
#include "bessemer/columnar/feature_column.h"

// Columns of any Arrow type as the features that examples would have of them (FeatureConverter):
// what looks at rows while statistics are made then sees what it would see in the examples.

namespace bessemer::statistics {

// The features of the columns whose names are wanted. A value that examples cannot hold is missing.
// INVALID_ARGUMENT, naming the column, for a type that is no feature.
StatusOr<std::shared_ptr<arrow::RecordBatch>> FeaturesOfColumns(
    const arrow::RecordBatch& batch, const std::function<bool(const std::string&)>& wanted);

// One feature: a column, or a field of a struct by its path ("order.country", as examples name it);
// absent in every row if the batch has neither. INVALID_ARGUMENT, naming it and what it holds, for
// structs and nested lists, which are not one feature.
StatusOr<columnar::FeatureColumn> FeatureOfColumn(const arrow::RecordBatch& batch,
                                                  const std::string& name);

}  // namespace bessemer::statistics

#endif  // BESSEMER_STATISTICS_FEATURE_ROWS_H_
