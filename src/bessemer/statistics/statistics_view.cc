#include "bessemer/statistics/statistics_view.h"

#include <cmath>
#include <set>

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

double MissingShare(const FeatureNameStatistics* feature) {
  if (feature == nullptr) return 1;
  const CommonStatistics& common = CommonOf(*feature);
  const double missing = static_cast<double>(common.num_missing());
  const double rows = missing + static_cast<double>(common.num_non_missing());
  return rows > 0 ? missing / rows : 1;
}

std::optional<double> MeanOf(const FeatureNameStatistics* feature) {
  if (feature == nullptr || !feature->has_num_stats()) return std::nullopt;
  if (CommonOf(*feature).tot_num_values() == 0) return std::nullopt;
  return feature->num_stats().mean();
}

// Of all values counted.
std::map<std::string, double> Shares(const FeatureNameStatistics* feature) {
  std::map<std::string, double> shares;
  if (feature == nullptr || !feature->has_string_stats()) return shares;
  const double total = static_cast<double>(CommonOf(*feature).tot_num_values());
  for (const auto& bucket : feature->string_stats().rank_histogram().buckets()) {
    if (total > 0) shares[bucket.label()] = bucket.sample_count() / total;
  }
  return shares;
}

void CompareValues(const FeatureNameStatistics* a, const FeatureNameStatistics* b,
                   SliceDifference* difference) {
  const std::map<std::string, double> shares_a = Shares(a);
  const std::map<std::string, double> shares_b = Shares(b);
  if (shares_a.empty() && shares_b.empty()) return;
  difference->top_value_distance = 0;
  const auto share = [](const std::map<std::string, double>& shares, const std::string& value) {
    const auto it = shares.find(value);
    return it == shares.end() ? 0.0 : it->second;
  };
  for (const auto* shares : {&shares_a, &shares_b}) {
    for (const auto& [value, unused] : *shares) {
      const double distance = std::fabs(share(shares_a, value) - share(shares_b, value));
      if (distance > *difference->top_value_distance) {
        difference->top_value_distance = distance;
        difference->top_value = value;
      }
    }
  }
}

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
    names.push_back(dataset.name());
  }
  return NotFoundError("there is no slice '{}'{}", name, SuggestName(name, names));
}

std::vector<SliceDifference> CompareSlices(const DatasetView& a, const DatasetView& b) {
  std::set<FeaturePath> paths;
  for (const DatasetView* view : {&a, &b}) {
    for (FeaturePath& path : view->paths()) paths.insert(std::move(path));
  }
  std::vector<SliceDifference> differences;
  for (const FeaturePath& path : paths) {
    const FeatureNameStatistics* in_a = a.Feature(path);
    const FeatureNameStatistics* in_b = b.Feature(path);
    SliceDifference& difference = differences.emplace_back();
    difference.path = path;
    difference.missing_a = MissingShare(in_a);
    difference.missing_b = MissingShare(in_b);
    difference.mean_a = MeanOf(in_a);
    difference.mean_b = MeanOf(in_b);
    CompareValues(in_a, in_b, &difference);
  }
  return differences;
}

}  // namespace bessemer::statistics
