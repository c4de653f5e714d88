#ifndef BESSEMER_STATISTICS_STATISTICS_FILE_H_
#define BESSEMER_STATISTICS_STATISTICS_FILE_H_

#include <memory>
#include <string>

#include "bessemer/base/status.h"

namespace tensorflow::metadata::v0 {
class DatasetFeatureStatisticsList;
class Schema;
}

namespace bessemer::statistics {

// Names inside a split's folder of an ExampleStatistics artifact.
inline constexpr char kStatisticsFile[] = "FeatureStats.pb";
inline constexpr char kStateFile[] = "statistics.state";

// Statistics as TFX and TFDV write them: a binary or text DatasetFeatureStatisticsList, or
// TFRecords of such lists (`stats_tfrecord`), whose datasets are joined; a folder that holds
// kStatisticsFile; a pattern with `*` or `?` of sharded files (ReadShardedStatistics); or a saved
// state (kStateFile), which is finished. DATA_LOSS, naming the file, if it is none of these.
StatusOr<::tensorflow::metadata::v0::DatasetFeatureStatisticsList> ReadStatistics(
    const std::string& path);

// Parts of statistics as StatisticsPartsMerger joins them, from TFRecords of lists: `prefix` and
// "-00000-of-00003" and so on, or every file that `pattern` (with `*` or `?`) matches. NOT_FOUND if
// there is none; INVALID_ARGUMENT if parts contradict each other.
StatusOr<::tensorflow::metadata::v0::DatasetFeatureStatisticsList> ReadShardedStatistics(
    const std::string& prefix_or_pattern);
// Writes such files: SplitStatistics in `num_shards` ≥ 1 of them.
Status WriteShardedStatistics(
    const std::string& prefix,
    const ::tensorflow::metadata::v0::DatasetFeatureStatisticsList& statistics,
    int64_t num_shards);

// Atomically: in text form if the name ends in .pbtxt, .textproto or .txt, else in binary form;
// equal statistics give equal bytes.
Status WriteStatistics(const std::string& path,
                       const ::tensorflow::metadata::v0::DatasetFeatureStatisticsList& statistics);

// A schema in text or binary form.
StatusOr<std::shared_ptr<const ::tensorflow::metadata::v0::Schema>> ReadSchema(
    const std::string& path);

// A table for people: a row for each feature with type, count, missing %, mean, deviation, zeros %,
// min, median, max, unique and the most frequent value.
std::string StatisticsTable(
    const ::tensorflow::metadata::v0::DatasetFeatureStatisticsList& statistics);

}  // namespace bessemer::statistics

#endif  // BESSEMER_STATISTICS_STATISTICS_FILE_H_
