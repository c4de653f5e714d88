#ifndef BESSEMER_COLUMNAR_TEMPORAL_H_
#define BESSEMER_COLUMNAR_TEMPORAL_H_

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bessemer/base/status.h"

namespace bessemer::columnar {

// The one rule for Arrow's types of time, whose values are integers wherever they are looked at, in
// examples and in statistics of columns alike:
//
//   date             days since 1970-01-01
//   timestamp        since 1970-01-01 00:00 UTC (without zone: of the clock shown),
//   time, duration   since midnight, or of length; all three counted in `unit`, rounded down
//
// whatever unit the column has of its own. kTimeUnit is the unit unless somebody asks for another.
inline constexpr arrow::TimeUnit::type kTimeUnit = arrow::TimeUnit::MICRO;

bool IsTemporal(const arrow::DataType& type);

// Index and reason of values that do not fit, ascending.
using TimeFaults = std::vector<std::pair<int64_t, std::string>>;

// Values of one of these types as int64, or int32 for 32-bit dates, of the same length. Values that
// do not fit int64 are null and listed. Columns that count in `unit` already are not copied.
// INVALID_ARGUMENT for other types.
StatusOr<std::shared_ptr<arrow::Array>> TimesAsIntegers(const std::shared_ptr<arrow::Array>& array,
                                                        arrow::TimeUnit::type unit,
                                                        TimeFaults* faults);

}  // namespace bessemer::columnar

#endif  // BESSEMER_COLUMNAR_TEMPORAL_H_
