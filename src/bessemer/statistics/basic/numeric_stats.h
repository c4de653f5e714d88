#ifndef BESSEMER_STATISTICS_BASIC_NUMERIC_STATS_H_
#define BESSEMER_STATISTICS_BASIC_NUMERIC_STATS_H_

#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "bessemer/statistics/batch_view.h"
#include "bessemer/statistics/exact_sum.h"
#include "bessemer/statistics/options.h"
#include "bessemer/statistics/value_distribution.h"

namespace tensorflow::metadata::v0 {
class NumericStatistics;
}

namespace bessemer::statistics::basic {

// Moments, extremes, zeros and distribution of a numeric feature. NaN is only counted.
class NumericStats {
 public:
  NumericStats(const StatisticsOptions& options, bool weighted, bool integral);

  void Update(const FeatureArray& feature);
  void Merge(const NumericStats& other);
  // Of the distribution (ValueDistribution::LimitCapacity).
  void LimitCapacity(size_t capacity);
  void Save(StateWriter* out) const;
  void Load(StateReader* in);
  // `num_values` counts NaN too.
  void Finish(int64_t num_values, ::tensorflow::metadata::v0::NumericStatistics* out) const;

 private:
  void AddUnweighted(std::span<const double> values);
  void AddWeighted(const FeatureArray& feature, std::span<const double> values,
                   const std::vector<int64_t>& positions);

  const StatisticsOptions* options_;
  bool weighted_;
  bool integral_;
  int64_t num_zeros_ = 0;
  int64_t num_nan_ = 0;
  int64_t num_pos_inf_ = 0;
  FixedWeight weighted_pos_inf_ = 0;
  double min_ = std::numeric_limits<double>::infinity();
  double max_ = -std::numeric_limits<double>::infinity();
  double finite_min_ = std::numeric_limits<double>::infinity();
  double finite_max_ = -std::numeric_limits<double>::infinity();
  Moments moments_;
  QuantileAccumulator quantiles_;
  std::unique_ptr<WeightedMoments> weighted_moments_;       // if weighted
  std::unique_ptr<QuantileAccumulator> weighted_quantiles_;  // if weighted
};

}  // namespace bessemer::statistics::basic

#endif  // BESSEMER_STATISTICS_BASIC_NUMERIC_STATS_H_
