#include "bessemer/statistics/statistics_parts.h"

#include <farmhash.h>

#include <map>
#include <string>

#include "bessemer/statistics/statistics_view.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::statistics {
namespace {

using ::tensorflow::metadata::v0::CrossFeatureStatistics;
using ::tensorflow::metadata::v0::DatasetFeatureStatistics;
using ::tensorflow::metadata::v0::DatasetFeatureStatisticsList;
using ::tensorflow::metadata::v0::FeatureNameStatistics;

std::string NameOf(const FeatureNameStatistics& feature) { return PathToString(PathOf(feature)); }

template <typename T>
bool Contradict(T a, T b) {
  return a != T() && b != T() && a != b;
}

Status Contradiction(const DatasetFeatureStatistics& dataset, const std::string& feature,
                     std::string_view what) {
  return InvalidArgumentError(
      "dataset '{}'{}: two parts differ in {}; parts must describe the same rows", dataset.name(),
      feature.empty() ? "" : fmt::format(", feature '{}'", feature), what);
}

}  // namespace

struct StatisticsPartsMerger::Dataset {
  DatasetFeatureStatistics merged;
  // A name and a path of one step are different features.
  std::map<std::pair<std::string, FeaturePath>, int> features;
  std::map<std::pair<FeaturePath, FeaturePath>, int> crosses;

  Status Add(const DatasetFeatureStatistics& part);
  Status AddFeature(const FeatureNameStatistics& feature);
  Status AddCross(const CrossFeatureStatistics& cross);
};

Status StatisticsPartsMerger::Dataset::Add(const DatasetFeatureStatistics& part) {
  if (Contradict(merged.num_examples(), part.num_examples())) {
    return Contradiction(part, "", "num_examples");
  }
  if (Contradict(merged.weighted_num_examples(), part.weighted_num_examples())) {
    return Contradiction(part, "", "weighted_num_examples");
  }
  if (part.num_examples() != 0) merged.set_num_examples(part.num_examples());
  if (part.weighted_num_examples() != 0) {
    merged.set_weighted_num_examples(part.weighted_num_examples());
  }
  for (const FeatureNameStatistics& feature : part.features()) {
    BESSEMER_RETURN_IF_ERROR(AddFeature(feature));
  }
  for (const CrossFeatureStatistics& cross : part.cross_features()) {
    BESSEMER_RETURN_IF_ERROR(AddCross(cross));
  }
  return OkStatus();
}

Status StatisticsPartsMerger::Dataset::AddFeature(const FeatureNameStatistics& feature) {
  const auto [it, added] = features.try_emplace({feature.name(), PathOf(feature.path())},
                                                merged.features_size());
  if (added) {
    *merged.add_features() = feature;
    return OkStatus();
  }
  FeatureNameStatistics* known = merged.mutable_features(it->second);
  if (Contradict<int>(known->type(), feature.type())) {
    return Contradiction(merged, NameOf(feature), "type");
  }
  if (Contradict<int>(known->stats_case(), feature.stats_case())) {
    return Contradiction(merged, NameOf(feature), "the kind of statistics");
  }
  if (known->has_validation_derived_source() && feature.has_validation_derived_source() &&
      known->validation_derived_source().SerializeAsString() !=
          feature.validation_derived_source().SerializeAsString()) {
    return Contradiction(merged, NameOf(feature), "validation_derived_source");
  }
  FeatureNameStatistics rest = feature;
  rest.clear_path();
  rest.clear_validation_derived_source();
  if (!known->has_validation_derived_source() && feature.has_validation_derived_source()) {
    *known->mutable_validation_derived_source() = feature.validation_derived_source();
  }
  known->MergeFrom(rest);
  return OkStatus();
}

Status StatisticsPartsMerger::Dataset::AddCross(const CrossFeatureStatistics& cross) {
  const auto [it, added] = crosses.try_emplace({PathOf(cross.path_x()), PathOf(cross.path_y())},
                                               merged.cross_features_size());
  if (added) {
    *merged.add_cross_features() = cross;
    return OkStatus();
  }
  CrossFeatureStatistics* known = merged.mutable_cross_features(it->second);
  const std::string name = fmt::format("{} × {}", PathToString(it->first.first),
                                       PathToString(it->first.second));
  if (Contradict(known->count(), cross.count())) return Contradiction(merged, name, "count");
  if (Contradict<int>(known->cross_stats_case(), cross.cross_stats_case())) {
    return Contradiction(merged, name, "the kind of statistics");
  }
  CrossFeatureStatistics rest = cross;
  rest.clear_path_x();
  rest.clear_path_y();
  known->MergeFrom(rest);
  return OkStatus();
}

StatisticsPartsMerger::StatisticsPartsMerger() = default;
StatisticsPartsMerger::~StatisticsPartsMerger() = default;

Status StatisticsPartsMerger::Add(const DatasetFeatureStatistics& part) {
  for (const auto& dataset : datasets_) {
    if (dataset->merged.name() == part.name()) return dataset->Add(part);
  }
  datasets_.push_back(std::make_unique<Dataset>());
  datasets_.back()->merged.set_name(part.name());
  return datasets_.back()->Add(part);
}

Status StatisticsPartsMerger::Add(const DatasetFeatureStatisticsList& parts) {
  for (const DatasetFeatureStatistics& part : parts.datasets()) {
    BESSEMER_RETURN_IF_ERROR(Add(part));
  }
  return OkStatus();
}

DatasetFeatureStatisticsList StatisticsPartsMerger::Get(bool placeholder) const {
  DatasetFeatureStatisticsList list;
  for (const auto& dataset : datasets_) *list.add_datasets() = dataset->merged;
  if (datasets_.empty() && placeholder) list.add_datasets();
  return list;
}

int64_t StatisticsPartition(std::span<const std::string_view> names, int64_t num_partitions) {
  int64_t partition = 0;
  for (const std::string_view name : names) {
    // The reference hashes a NUL as '?'.
    std::string text(name);
    for (char& c : text) {
      if (c == '\0') c = '?';
    }
    partition += static_cast<int64_t>(::util::Fingerprint32(text)) % num_partitions;
    partition %= num_partitions;
  }
  return partition;
}

std::vector<StatisticsPart> SplitStatistics(const DatasetFeatureStatisticsList& statistics,
                                            int64_t num_partitions) {
  std::vector<StatisticsPart> parts;
  if (num_partitions <= 1 || statistics.datasets().empty()) {
    parts.push_back({0, std::make_unique<DatasetFeatureStatisticsList>(statistics)});
    return parts;
  }
  for (const DatasetFeatureStatistics& dataset : statistics.datasets()) {
    const auto add = [&](int64_t partition) {
      parts.push_back({partition, std::make_unique<DatasetFeatureStatisticsList>()});
      DatasetFeatureStatistics* part = parts.back().statistics->add_datasets();
      part->set_name(dataset.name());
      part->set_num_examples(dataset.num_examples());
      part->set_weighted_num_examples(dataset.weighted_num_examples());
      return part;
    };
    for (const FeatureNameStatistics& feature : dataset.features()) {
      std::vector<std::string_view> names = {dataset.name()};
      if (!feature.name().empty()) {
        names.push_back(feature.name());
      } else {
        names.insert(names.end(), feature.path().step().begin(), feature.path().step().end());
      }
      *add(StatisticsPartition(names, num_partitions))->add_features() = feature;
    }
    for (const CrossFeatureStatistics& cross : dataset.cross_features()) {
      std::vector<std::string_view> names = {dataset.name()};
      names.insert(names.end(), cross.path_x().step().begin(), cross.path_x().step().end());
      names.insert(names.end(), cross.path_y().step().begin(), cross.path_y().step().end());
      *add(StatisticsPartition(names, num_partitions))->add_cross_features() = cross;
    }
    if (dataset.features().empty() && dataset.cross_features().empty()) {
      parts.push_back({0, std::make_unique<DatasetFeatureStatisticsList>()});
      *parts.back().statistics->add_datasets() = dataset;
    }
  }
  return parts;
}

}  // namespace bessemer::statistics
