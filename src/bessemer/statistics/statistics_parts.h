#ifndef BESSEMER_STATISTICS_STATISTICS_PARTS_H_
#define BESSEMER_STATISTICS_STATISTICS_PARTS_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "bessemer/base/status.h"

namespace tensorflow::metadata::v0 {
class DatasetFeatureStatistics;
class DatasetFeatureStatisticsList;
}

namespace bessemer::statistics {

// Joins parts of the statistics of the SAME rows, field by field: parts that hold other features,
// or other statistics of a feature, as generators of their own and sharded files write them. (The
// statistics of different rows are joined from their states: DatasetStatisticsState::Merge.)
//
// Datasets are joined by name, features by path or name, cross features by their two paths; each
// appears where it was first seen. A field that only one part sets is taken from it, of two the
// later one counts, repeated fields are concatenated. INVALID_ARGUMENT, naming the dataset and the
// feature, if parts contradict each other in: num_examples, weighted_num_examples, type (INT, which
// is 0, counts as not set), kind of statistics, validation_derived_source, count of a cross
// feature. Linear in the size of the parts.
class StatisticsPartsMerger {
 public:
  StatisticsPartsMerger();
  ~StatisticsPartsMerger();
  // After an error the merger must not be used.
  Status Add(const ::tensorflow::metadata::v0::DatasetFeatureStatistics& part);
  Status Add(const ::tensorflow::metadata::v0::DatasetFeatureStatisticsList& parts);
  // What was joined. Without any part one empty dataset, if `placeholder` says so; else none.
  ::tensorflow::metadata::v0::DatasetFeatureStatisticsList Get(bool placeholder = true) const;

 private:
  struct Dataset;
  std::vector<std::unique_ptr<Dataset>> datasets_;
};

// Which of `num_partitions` ≥ 1 parts a feature's statistics go to, so that the parts of a dataset
// have about as many features each: the sum of FarmHash Fingerprint32 of the dataset's name and of
// the steps of the path (of both paths of a cross feature), modulo `num_partitions`.
int64_t StatisticsPartition(std::span<const std::string_view> names, int64_t num_partitions);

// One part of the statistics of one dataset.
struct StatisticsPart {
  int64_t partition;
  std::unique_ptr<::tensorflow::metadata::v0::DatasetFeatureStatisticsList> statistics;
};

// Cuts statistics so that StatisticsPartsMerger joins them again: a part for each feature and cross
// feature, with the numbers of examples; a dataset without either, and a list without datasets, go
// whole to partition 0, as everything does if there is one partition.
std::vector<StatisticsPart> SplitStatistics(
    const ::tensorflow::metadata::v0::DatasetFeatureStatisticsList& statistics,
    int64_t num_partitions);

}  // namespace bessemer::statistics

#endif  // BESSEMER_STATISTICS_STATISTICS_PARTS_H_
