#include "bessemer/statistics/statistics_view.h"

#include "bessemer/base/nearest_name.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::statistics {
namespace {

using ::tensorflow::metadata::v0::CommonStatistics;
using ::tensorflow::metadata::v0::CrossFeatureStatistics;
using ::tensorflow::metadata::v0::CustomStatistic;
using ::tensorflow::metadata::v0::DatasetFeatureStatistics;
using ::tensorflow::metadata::v0::DatasetFeatureStatisticsList;
using ::tensorflow::metadata::v0::FeatureNameStatistics;

constexpr char kWholeSlice[] = "All Examples";

}  // namespace

FeaturePath PathOf(const ::tensorflow::metadata::v0::Path& path) {
  return {path.step().begin(), path.step().end()};
}

FeaturePath PathOf(const FeatureNameStatistics& feature) {
  return feature.has_path() ? PathOf(feature.path()) : FeaturePath{feature.name()};
}

const CommonStatistics& CommonOf(const FeatureNameStatistics& feature) {
  if (feature.has_num_stats()) return feature.num_stats().common_stats();
  if (feature.has_string_stats()) return feature.string_stats().common_stats();
  if (feature.has_bytes_stats()) return feature.bytes_stats().common_stats();
  return feature.struct_stats().common_stats();
}

const CustomStatistic* FindCustomStat(const FeatureNameStatistics& feature,
                                      std::string_view name) {
  for (const CustomStatistic& stat : feature.custom_stats()) {
    if (stat.name() == name) return &stat;
  }
  return nullptr;
}

DatasetView::DatasetView(const DatasetFeatureStatistics& dataset) : dataset_(&dataset) {
  for (const FeatureNameStatistics& feature : dataset.features()) {
    features_[PathOf(feature)] = &feature;
  }
  for (const CrossFeatureStatistics& cross : dataset.cross_features()) {
    crosses_[{PathOf(cross.path_x()), PathOf(cross.path_y())}] = &cross;
  }
}

std::vector<FeaturePath> DatasetView::paths() const {
  std::vector<FeaturePath> paths;
  for (const auto& [path, feature] : features_) paths.push_back(path);
  return paths;
}

const FeatureNameStatistics* DatasetView::Feature(const FeaturePath& path) const {
  const auto it = features_.find(path);
  return it == features_.end() ? nullptr : it->second;
}

const CrossFeatureStatistics* DatasetView::Cross(const FeaturePath& x,
                                                 const FeaturePath& y) const {
  const auto it = crosses_.find({x, y});
  return it == crosses_.end() ? nullptr : it->second;
}

StatusOr<DatasetView> FindSlice(const DatasetFeatureStatisticsList& statistics,
                                std::string_view name) {
  std::vector<std::string> names;
  for (const DatasetFeatureStatistics& dataset : statistics.datasets()) {
    const bool whole = name.empty() &&
                       (statistics.datasets_size() == 1 || dataset.name() == kWholeSlice);
    if (whole || dataset.name() == name) return DatasetView(dataset);
    if (!dataset.name().empty()) names.push_back(dataset.name());
  }
  return InvalidArgumentError("there is no slice '{}'{}", name,
                              names.empty() ? ": the statistics are of all examples only"
                                            : SuggestName(name, names));
}

}  // namespace bessemer::statistics
