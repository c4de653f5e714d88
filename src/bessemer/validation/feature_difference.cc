#include "bessemer/validation/feature_difference.h"

#include <map>

namespace bessemer::validation {

using ::tensorflow::metadata::v0::DatasetFeatureStatistics;
using ::tensorflow::metadata::v0::FeatureNameStatistics;

namespace {

using Pair = std::array<const schema::FeatureView*, 2>;

double MissingShare(const schema::FeatureView& feature) {
  if (feature.common() == nullptr) return 1;
  const double missing = static_cast<double>(feature.common()->num_missing());
  const double rows = missing + static_cast<double>(feature.common()->num_non_missing());
  return rows > 0 ? missing / rows : 1;
}

std::optional<double> MeanOf(const schema::FeatureView& feature) {
  if (!feature.proto().has_num_stats() || feature.common()->tot_num_values() == 0) {
    return std::nullopt;
  }
  return feature.proto().num_stats().mean();
}

std::optional<ValueDistance> DistanceOf(const schema::FeatureView& a,
                                        const schema::FeatureView& b) {
  const bool are_numbers = a.proto().has_num_stats() && b.proto().has_num_stats();
  const bool are_text = a.proto().has_string_stats() && b.proto().has_string_stats();
  if (are_text && a.StringCounts().empty() && b.StringCounts().empty()) return std::nullopt;
  if (are_text) return LInfinityDistance(a, b, /*of_numbers=*/false);
  if (!are_numbers || !HaveHistograms(a, b)) return std::nullopt;
  return LInfinityDistance(a, b, /*of_numbers=*/true);
}

}  // namespace

StatusOr<std::vector<FeatureDifference>> CompareFeatures(const DatasetFeatureStatistics& a,
                                                         const DatasetFeatureStatistics& b) {
  BESSEMER_ASSIGN_OR_RETURN(const auto view_a, schema::DatasetView::Create(a));
  BESSEMER_ASSIGN_OR_RETURN(const auto view_b, schema::DatasetView::Create(b));
  std::map<schema::Path, Pair> by_path;
  for (const auto& feature : view_a.features()) by_path[feature.path()][0] = &feature;
  for (const auto& feature : view_b.features()) by_path[feature.path()][1] = &feature;
  std::vector<FeatureDifference> differences;
  for (const auto& [path, pair] : by_path) {
    FeatureDifference& difference = differences.emplace_back();
    difference.path = path;
    for (size_t side = 0; side < pair.size(); ++side) {
      if (pair[side] == nullptr) continue;
      difference.type[side] = FeatureNameStatistics::Type_Name(pair[side]->type());
      difference.missing[side] = MissingShare(*pair[side]);
      difference.mean[side] = MeanOf(*pair[side]);
    }
    if (pair[0] != nullptr && pair[1] != nullptr) {
      difference.l_infinity = DistanceOf(*pair[0], *pair[1]);
    }
  }
  return differences;
}

}  // namespace bessemer::validation
