#ifndef BESSEMER_STATISTICS_BASIC_FEATURE_STATS_H_
#define BESSEMER_STATISTICS_BASIC_FEATURE_STATS_H_

#include <memory>
#include <optional>

#include "bessemer/statistics/basic/common_stats.h"
#include "bessemer/statistics/basic/numeric_stats.h"
#include "bessemer/statistics/basic/schema_facts.h"
#include "bessemer/statistics/basic/string_stats.h"

namespace bessemer::statistics::basic {

// All basic statistics of one feature. What beyond CommonStats is kept follows from the type of the
// first values seen and from the schema.
class FeatureStats {
 public:
  FeatureStats(FeaturePath path, const StatisticsOptions& options, const SchemaFacts& facts,
               bool weighted);

  // INVALID_ARGUMENT if type or nest level change.
  Status Update(const FeatureArray& feature);
  Status Merge(const FeatureStats& other);
  // Of the distribution of numbers, if it has one now or later; capacities only fall.
  void LimitCapacity(size_t capacity);
  void Save(StateWriter* out) const;
  void Load(StateReader* in);
  Status Finish(const ParentTotals& parent,
                ::tensorflow::metadata::v0::FeatureNameStatistics* out) const;

  const FeaturePath& path() const { return path_; }
  bool weighted() const { return weighted_; }
  ParentTotals totals() const { return common_.totals(); }

 private:
  void SetType(FeatureType type);

  FeaturePath path_;
  const StatisticsOptions* options_;
  const SchemaFacts* facts_;
  bool weighted_;
  std::optional<FeatureType> type_;
  size_t capacity_ = ValueDistribution<uint64_t>::kCapacity;
  CommonStats common_;
  // At most one of these, once the type is known.
  std::unique_ptr<NumericStats> numeric_;
  std::unique_ptr<StringStats> string_;
  std::unique_ptr<BytesStats> bytes_;
};

}  // namespace bessemer::statistics::basic

#endif  // BESSEMER_STATISTICS_BASIC_FEATURE_STATS_H_
