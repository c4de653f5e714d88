#ifndef BESSEMER_STATISTICS_MUTUAL_INFORMATION_PARTITIONED_H_
#define BESSEMER_STATISTICS_MUTUAL_INFORMATION_PARTITIONED_H_

#include <map>
#include <string>
#include <vector>

namespace tensorflow::metadata::v0 {
class FeatureNameStatistics;
}

namespace bessemer::statistics::mutual_information {

// What partitions of the rows gave for a statistic of a feature, by name of the statistic.
using PartitionValues = std::map<std::string, std::vector<double>>;

// Adds max_, mean_, median_, min_, num_partitions_ and std_dev_<name> to the custom statistics, for
// each statistic that at least `min_partitions` partitions gave. The deviation is that of the
// partitions as a population.
void AddSummaries(const PartitionValues& values, size_t min_partitions,
                  ::tensorflow::metadata::v0::FeatureNameStatistics* out);

}  // namespace bessemer::statistics::mutual_information

#endif  // BESSEMER_STATISTICS_MUTUAL_INFORMATION_PARTITIONED_H_
