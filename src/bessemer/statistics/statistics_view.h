#ifndef BESSEMER_STATISTICS_STATISTICS_VIEW_H_
#define BESSEMER_STATISTICS_STATISTICS_VIEW_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/statistics/options.h"

namespace tensorflow::metadata::v0 {
class CommonStatistics;
class CrossFeatureStatistics;
class CustomStatistic;
class DatasetFeatureStatistics;
class DatasetFeatureStatisticsList;
class FeatureNameStatistics;
class Path;
}

namespace bessemer::statistics {

// Looks into statistics by names. Views borrow the messages, which must not change meanwhile;
// making a view is linear, look-ups are logarithmic. Const use is thread-safe.

FeaturePath PathOf(const ::tensorflow::metadata::v0::Path& path);
// The steps of a feature's path; a feature known by name only has one step.
FeaturePath PathOf(const ::tensorflow::metadata::v0::FeatureNameStatistics& feature);

// The counts of presence and valency, whatever kind of statistics the feature has.
const ::tensorflow::metadata::v0::CommonStatistics& CommonOf(
    const ::tensorflow::metadata::v0::FeatureNameStatistics& feature);

// Null if the feature has no such custom statistic.
const ::tensorflow::metadata::v0::CustomStatistic* FindCustomStat(
    const ::tensorflow::metadata::v0::FeatureNameStatistics& feature, std::string_view name);

// One dataset, which is one slice.
class DatasetView {
 public:
  explicit DatasetView(const ::tensorflow::metadata::v0::DatasetFeatureStatistics& dataset);

  const ::tensorflow::metadata::v0::DatasetFeatureStatistics& proto() const { return *dataset_; }
  std::vector<FeaturePath> paths() const;  // ascending
  // Null if there is none.
  const ::tensorflow::metadata::v0::FeatureNameStatistics* Feature(const FeaturePath& path) const;
  const ::tensorflow::metadata::v0::CrossFeatureStatistics* Cross(const FeaturePath& x,
                                                                  const FeaturePath& y) const;

 private:
  const ::tensorflow::metadata::v0::DatasetFeatureStatistics* dataset_;
  std::map<FeaturePath, const ::tensorflow::metadata::v0::FeatureNameStatistics*> features_;
  std::map<std::pair<FeaturePath, FeaturePath>,
           const ::tensorflow::metadata::v0::CrossFeatureStatistics*>
      crosses_;
};

// The slice of that name; "" stands for the whole: the only dataset, or "All Examples".
// INVALID_ARGUMENT with the names there are.
StatusOr<DatasetView> FindSlice(
    const ::tensorflow::metadata::v0::DatasetFeatureStatisticsList& statistics,
    std::string_view name);

}  // namespace bessemer::statistics

#endif  // BESSEMER_STATISTICS_STATISTICS_VIEW_H_
