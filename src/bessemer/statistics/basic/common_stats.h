#ifndef BESSEMER_STATISTICS_BASIC_COMMON_STATS_H_
#define BESSEMER_STATISTICS_BASIC_COMMON_STATS_H_

#include <cstdint>
#include <limits>
#include <vector>

#include "bessemer/statistics/batch_view.h"
#include "bessemer/statistics/options.h"
#include "bessemer/statistics/value_distribution.h"

namespace tensorflow::metadata::v0 {
class CommonStatistics;
class FeatureNameStatistics;
}

namespace bessemer::statistics::basic {

// Presence and valency at one nest level of a feature.
struct LevelStats {
  explicit LevelStats(const StatisticsOptions& options);

  int64_t num_non_missing = 0;
  int64_t min_length = std::numeric_limits<int64_t>::max();
  int64_t max_length = 0;
  int64_t total = 0;
  FixedWeight weighted_non_missing = 0;
  FixedWeight weighted_total = 0;
  // Lengths at this level; at the top of a nested feature: of the innermost values of each row, and
  // the extremes of those beside.
  QuantileAccumulator lengths;
  int64_t min_innermost = std::numeric_limits<int64_t>::max();
  int64_t max_innermost = 0;
};

// What is above a feature: what its rows are counted against.
struct ParentTotals {
  int64_t total;
  FixedWeight weighted_total;
};

// Presence and number of values of one feature, for each nest level. Update, Merge and so on as in
// Accumulator.
class CommonStats {
 public:
  CommonStats(const StatisticsOptions& options, bool weighted)
      : options_(&options), weighted_(weighted) {}

  // INVALID_ARGUMENT if the nest level changes.
  Status Update(const FeatureArray& feature);
  Status Merge(const CommonStats& other, const FeaturePath& path);
  void Save(StateWriter* out) const;
  void Load(StateReader* in);
  void Finish(const ParentTotals& parent, ::tensorflow::metadata::v0::CommonStatistics* out) const;
  // Histograms of list lengths at deeper levels.
  void FinishCustomStats(::tensorflow::metadata::v0::FeatureNameStatistics* out) const;

  int64_t num_values() const { return levels_.empty() ? 0 : levels_.back().total; }
  ParentTotals totals() const {
    return levels_.empty() ? ParentTotals{0, 0}
                           : ParentTotals{levels_.back().total, levels_.back().weighted_total};
  }

 private:
  void UpdateLevel(const ListLevel& level, bool count_lengths, std::span<const double> weights,
                   LevelStats* stats);
  void UpdateInnermost(const FeatureArray& feature, LevelStats* stats);

  const StatisticsOptions* options_;
  bool weighted_;
  std::vector<LevelStats> levels_;
};

}  // namespace bessemer::statistics::basic

#endif  // BESSEMER_STATISTICS_BASIC_COMMON_STATS_H_
