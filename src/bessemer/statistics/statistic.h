#ifndef BESSEMER_STATISTICS_STATISTIC_H_
#define BESSEMER_STATISTICS_STATISTIC_H_

#include <functional>
#include <memory>
#include <string>

#include "bessemer/base/registry.h"
#include "bessemer/statistics/batch_view.h"
#include "bessemer/statistics/options.h"
#include "bessemer/statistics/state_codec.h"

namespace tensorflow::metadata::v0 {
class DatasetFeatureStatistics;
class FeatureNameStatistics;
}

namespace bessemer::statistics {

// Summarises batches of rows; the one form of every statistic. Unless the statistic's doc says
// otherwise, the result does not depend on how rows are cut into batches and accumulators, nor on
// their order. One thread at a time.
class Accumulator {
 public:
  virtual ~Accumulator() = default;

  // Errors name the feature. After one the accumulator must not be used.
  virtual Status Update(const BatchView& batch) = 0;
  // `other` is of the same statistic and options.
  virtual Status Merge(const Accumulator& other) = 0;
  virtual void Save(StateWriter* out) const = 0;
  // Replaces the state; errors are left in `in`.
  virtual void Load(StateReader* in) = 0;
  // Adds to `out`, whose num_examples is set: find features with MutableFeature.
  virtual void Finish(::tensorflow::metadata::v0::DatasetFeatureStatistics* out) const = 0;
  // What went wrong in Finish, where it needs more than memory.
  virtual Status status() const { return OkStatus(); }
};

// The registry entry of a statistic: a folder of this library, or of a program that puts it into
// StatisticsOptions::custom_statistics.
struct Statistic {
  std::string name;
  std::string doc;
  // Null if the options do not ask for it. Options are valid and outlive the accumulator.
  std::function<std::unique_ptr<Accumulator>(const StatisticsOptions& options)> make;
  // Sees only semantic_domain_stats_sample_rate of the rows.
  bool semantic_domain = false;
  // Looks at each column by itself, and at the number of rows only where BatchView::counts_rows.
  bool by_column = false;
};

using StatisticRegistry = Registry<Statistic>;
void RegisterPlugins(StatisticRegistry& registry);

// The feature of that path, added if absent. Linear: keep the pointer.
::tensorflow::metadata::v0::FeatureNameStatistics* MutableFeature(
    const FeaturePath& path, ::tensorflow::metadata::v0::DatasetFeatureStatistics* dataset);

}  // namespace bessemer::statistics

#endif  // BESSEMER_STATISTICS_STATISTIC_H_
