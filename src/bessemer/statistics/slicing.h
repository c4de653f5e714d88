#ifndef BESSEMER_STATISTICS_SLICING_H_
#define BESSEMER_STATISTICS_SLICING_H_

#include <arrow/record_batch.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/statistics/options.h"

namespace bessemer::statistics {

using NamedSlice = std::pair<std::string, std::shared_ptr<arrow::RecordBatch>>;

// The slices of a batch that have rows, by name. A name joins "feature_value" of each feature of
// the spec by "_", features in order of name; a row with several values of a feature is in several
// slices, one without is in none. Null values name no slices; with `tfdv_compat` they are "None".
// Values are those that examples would have: of a truth value 0 or 1, of a dictionary its values;
// a field of a struct goes by its path, "order.country". INVALID_ARGUMENT for whole structs and
// nested lists, for values that are not UTF-8, and for values asked of an integer feature that are
// no integers.
// A feature the batch lacks gives no slices; with `tfdv_compat` it is left out of the spec, as the
// reference does, so that names depend on the batch.
//
// INVALID_ARGUMENT for a query (SliceSpec::sql) that cannot be applied to the batch. With
// `tfdv_compat` it gives the whole batch the slice kInvalidSlice, and so does text that is no query
// or names features the batch lacks.
StatusOr<std::vector<NamedSlice>> SliceRows(const arrow::RecordBatch& batch, const SliceSpec& spec,
                                            bool tfdv_compat = false);

inline constexpr char kInvalidSlice[] = "Invalid Slice";
// Stands for SliceSpec::function in text: no feature is named so.
inline constexpr char kFunctionSlice[] = "=function";

}  // namespace bessemer::statistics

#endif  // BESSEMER_STATISTICS_SLICING_H_
