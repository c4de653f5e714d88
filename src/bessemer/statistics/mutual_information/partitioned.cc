#include "bessemer/statistics/mutual_information/partitioned.h"

#include <algorithm>
#include <cmath>

#include "bessemer/statistics/mutual_information/numbers.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::statistics::mutual_information {
namespace {

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t middle = values.size() / 2;
  if (values.size() % 2 == 1) return values[middle];
  return (values[middle - 1] + values[middle]) / 2;
}

}  // namespace

void AddSummaries(const PartitionValues& values, size_t min_partitions,
                  ::tensorflow::metadata::v0::FeatureNameStatistics* out) {
  std::map<std::string, double> summaries;
  for (const auto& [name, numbers] : values) {
    if (numbers.empty() || numbers.size() < min_partitions) continue;
    const double size = static_cast<double>(numbers.size());
    const double mean = PairwiseSum(numbers) / size;
    std::vector<double> squares;
    for (const double number : numbers) squares.push_back((number - mean) * (number - mean));
    summaries["max_" + name] = *std::max_element(numbers.begin(), numbers.end());
    summaries["mean_" + name] = mean;
    summaries["median_" + name] = Median(numbers);
    summaries["min_" + name] = *std::min_element(numbers.begin(), numbers.end());
    summaries["num_partitions_" + name] = size;
    summaries["std_dev_" + name] = std::sqrt(PairwiseSum(squares) / size);
  }
  for (const auto& [name, number] : summaries) {
    auto* stat = out->add_custom_stats();
    stat->set_name(name);
    stat->set_num(number);
  }
}

}  // namespace bessemer::statistics::mutual_information
