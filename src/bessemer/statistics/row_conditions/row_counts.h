#ifndef BESSEMER_STATISTICS_ROW_CONDITIONS_ROW_COUNTS_H_
#define BESSEMER_STATISTICS_ROW_CONDITIONS_ROW_COUNTS_H_

#include <cstdint>
#include <optional>
#include <string_view>

namespace tensorflow::metadata::v0 {
class DatasetFeatureStatistics;
}

namespace bessemer::statistics::row_conditions {

// How many rows of a dataset a condition holds in (StatisticsOptions::row_conditions).
struct RowCounts {
  int64_t holds = 0;
  int64_t broken = 0;
  int64_t unknown = 0;
  int64_t num_rows() const { return holds + broken + unknown; }
};

// What the statistics tell of a condition with exactly this text; none: they were made without it.
std::optional<RowCounts> FindRowCounts(
    const ::tensorflow::metadata::v0::DatasetFeatureStatistics& dataset, std::string_view text);

}  // namespace bessemer::statistics::row_conditions

#endif  // BESSEMER_STATISTICS_ROW_CONDITIONS_ROW_COUNTS_H_
