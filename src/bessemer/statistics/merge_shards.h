#ifndef BESSEMER_STATISTICS_MERGE_SHARDS_H_
#define BESSEMER_STATISTICS_MERGE_SHARDS_H_

#include <vector>

#include "bessemer/base/status.h"

namespace tensorflow::metadata::v0 {
class DatasetFeatureStatistics;
class DatasetFeatureStatisticsList;
}  // namespace tensorflow::metadata::v0

namespace bessemer::statistics {

// Puts finished statistics together that were written in parts: parts of one data set (by name)
// that hold different features, crosses, or fields of one feature. It does not add up statistics of
// different rows: that is DatasetStatisticsState::Merge.
//
// Data sets, features (by path or name) and crosses (by their pair) stand in the order in which
// they are first met; lists are joined. INVALID_ARGUMENT names what contradicts: numbers of
// examples, types, kinds of statistics, sources of derived features that differ between parts. No
// parts: an empty list, or, for readers that want a data set, one that is empty.
StatusOr<::tensorflow::metadata::v0::DatasetFeatureStatisticsList> MergeShards(
    const std::vector<::tensorflow::metadata::v0::DatasetFeatureStatistics>& shards,
    bool empty_dataset_if_none = false);

}  // namespace bessemer::statistics

#endif  // BESSEMER_STATISTICS_MERGE_SHARDS_H_
