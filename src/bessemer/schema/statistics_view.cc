#include "bessemer/schema/statistics_view.h"

#include <algorithm>
#include <cctype>

namespace bessemer::schema {

using ::tensorflow::metadata::v0::CommonStatistics;
using ::tensorflow::metadata::v0::CustomStatistic;
using ::tensorflow::metadata::v0::DatasetFeatureStatistics;
using ::tensorflow::metadata::v0::FeatureNameStatistics;
using ::tensorflow::metadata::v0::FeatureType;
using ::tensorflow::metadata::v0::Histogram;
using ::tensorflow::metadata::v0::RankHistogram;

namespace {

constexpr std::string_view kAllExamples = "All Examples";

const CommonStatistics* CommonOf(const FeatureNameStatistics& feature) {
  switch (feature.stats_case()) {
    case FeatureNameStatistics::kNumStats:
      return &feature.num_stats().common_stats();
    case FeatureNameStatistics::kStringStats:
      return &feature.string_stats().common_stats();
    case FeatureNameStatistics::kBytesStats:
      return &feature.bytes_stats().common_stats();
    case FeatureNameStatistics::kStructStats:
      return &feature.struct_stats().common_stats();
    default:
      return nullptr;
  }
}

bool IsEmpty(const FeatureNameStatistics& feature) {
  return feature.stats_case() == FeatureNameStatistics::STATS_NOT_SET &&
         feature.custom_stats_size() == 0;
}

bool IsChildName(std::string_view parent, std::string_view name) {
  if (name.size() <= parent.size() || !name.starts_with(parent)) return false;
  const auto next = static_cast<unsigned char>(name[parent.size()]);
  return next < 0x80 && !std::isalnum(next) && next != '_';
}

}  // namespace

FeatureType FeatureView::feature_type() const {
  switch (type()) {
    case FeatureNameStatistics::BYTES:
    case FeatureNameStatistics::STRING:
      return ::tensorflow::metadata::v0::BYTES;
    case FeatureNameStatistics::INT:
      return ::tensorflow::metadata::v0::INT;
    case FeatureNameStatistics::FLOAT:
      return ::tensorflow::metadata::v0::FLOAT;
    case FeatureNameStatistics::STRUCT:
      return ::tensorflow::metadata::v0::STRUCT;
    default:
      return ::tensorflow::metadata::v0::TYPE_UNKNOWN;
  }
}

double FeatureView::num_present() const {
  if (dataset_->by_weight()) return common_->weighted_common_stats().num_non_missing();
  return static_cast<double>(common_->num_non_missing());
}

double FeatureView::num_missing() const {
  if (dataset_->by_weight()) return common_->weighted_common_stats().num_missing();
  return static_cast<double>(common_->num_missing());
}

std::optional<double> FeatureView::fraction_present() const {
  const double num_examples = dataset_->num_examples();
  if (num_examples <= 0) return std::nullopt;
  if (num_missing() == 0) return 1.0;
  return num_present() / num_examples;
}

std::vector<double> FeatureView::NumMissingByLevel() const {
  std::vector<double> levels;
  if (dataset_->by_weight()) {
    for (const auto& level : common_->weighted_presence_and_valency_stats()) {
      levels.push_back(level.num_missing());
    }
  } else {
    for (const auto& level : common_->presence_and_valency_stats()) {
      levels.push_back(static_cast<double>(level.num_missing()));
    }
  }
  if (levels.empty()) levels.push_back(num_missing());
  return levels;
}

std::vector<FeatureView::ValueRange> FeatureView::ValueRangeByLevel() const {
  const auto range = [](const auto& counts) {
    return ValueRange{std::max<int64_t>(counts.min_num_values(), 0),
                      static_cast<int64_t>(counts.max_num_values())};
  };
  std::vector<ValueRange> levels;
  for (const auto& level : common_->presence_and_valency_stats()) levels.push_back(range(level));
  if (levels.empty()) levels.push_back(range(*common_));
  return levels;
}

bool FeatureView::has_nested_values() const {
  return common_->presence_and_valency_stats_size() > 1;
}

double FeatureView::total_num_values() const {
  if (dataset_->by_weight()) return common_->weighted_common_stats().tot_num_values();
  if (common_->tot_num_values() != 0) return static_cast<double>(common_->tot_num_values());
  // Statistics written before the total was recorded.
  return static_cast<double>(common_->num_non_missing()) * common_->avg_num_values();
}

bool FeatureView::is_weighted() const {
  return common_ != nullptr && common_->has_weighted_common_stats() &&
         common_->presence_and_valency_stats_size() ==
             common_->weighted_presence_and_valency_stats_size();
}

std::vector<std::pair<std::string_view, double>> FeatureView::StringCounts() const {
  const RankHistogram& histogram =
      dataset_->by_weight() ? proto_->string_stats().weighted_string_stats().rank_histogram()
                            : proto_->string_stats().rank_histogram();
  std::vector<std::pair<std::string_view, double>> counts;
  counts.reserve(histogram.buckets_size());
  for (const auto& bucket : histogram.buckets()) {
    counts.emplace_back(bucket.label(), bucket.sample_count());
  }
  std::stable_sort(counts.begin(), counts.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  const auto same = [](const auto& a, const auto& b) { return a.first == b.first; };
  counts.erase(std::unique(counts.begin(), counts.end(), same), counts.end());
  return counts;
}

std::optional<int64_t> FeatureView::num_unique() const {
  if (!proto_->has_string_stats()) return std::nullopt;
  return static_cast<int64_t>(proto_->string_stats().unique());
}

const Histogram* FeatureView::FindHistogram(Histogram::HistogramType type) const {
  if (!proto_->has_num_stats()) return nullptr;
  const auto& histograms = dataset_->by_weight()
                               ? proto_->num_stats().weighted_numeric_stats().histograms()
                               : proto_->num_stats().histograms();
  for (const Histogram& histogram : histograms) {
    if (histogram.type() == type) return &histogram;
  }
  return nullptr;
}

const CustomStatistic* FeatureView::FindCustom(std::string_view name) const {
  for (const CustomStatistic& custom : proto_->custom_stats()) {
    if (custom.name() == name) return &custom;
  }
  return nullptr;
}

StatusOr<DatasetView> DatasetView::Create(const DatasetFeatureStatistics& statistics,
                                          Weighting weighting) {
  DatasetView view;
  view.proto_ = &statistics;
  int num_with_path = 0;
  for (const FeatureNameStatistics& feature : statistics.features()) {
    num_with_path += feature.field_id_case() == FeatureNameStatistics::kPath;
  }
  if (num_with_path != 0 && num_with_path != statistics.features_size()) {
    return InvalidArgumentError(
        "statistics of dataset '{}': {} of {} features are identified by path, the others by name: "
        "use one form for all",
        statistics.name(), num_with_path, statistics.features_size());
  }
  BESSEMER_RETURN_IF_ERROR(num_with_path > 0 ? view.AddByPath(statistics)
                                             : view.AddByName(statistics));
  view.Connect();
  const auto weighted = [](const FeatureView& feature) { return feature.is_weighted(); };
  view.by_weight_ = weighting == Weighting::kWeighted ||
                    (weighting == Weighting::kDetect && statistics.weighted_num_examples() != 0 &&
                     std::all_of(view.features_.begin(), view.features_.end(), weighted));
  return view;
}

Status DatasetView::AddByPath(const DatasetFeatureStatistics& statistics) {
  for (const FeatureNameStatistics& feature : statistics.features()) {
    if (IsEmpty(feature)) continue;
    FeatureView view;
    view.proto_ = &feature;
    view.common_ = CommonOf(feature);
    view.path_ = Path::FromProto(feature.path());
    if (view.path_.empty()) {
      return InvalidArgumentError("statistics of dataset '{}': a feature has an empty path",
                                  statistics.name());
    }
    if (!by_path_.emplace(view.path_, features_.size()).second) {
      return InvalidArgumentError("statistics of dataset '{}': feature '{}' appears twice",
                                  statistics.name(), view.path_.ToString());
    }
    features_.push_back(std::move(view));
  }
  return OkStatus();
}

Status DatasetView::AddByName(const DatasetFeatureStatistics& statistics) {
  std::map<std::string_view, size_t> by_name;
  for (const FeatureNameStatistics& feature : statistics.features()) {
    if (IsEmpty(feature)) continue;
    if (!by_name.emplace(feature.name(), features_.size()).second) {
      return InvalidArgumentError("statistics of dataset '{}': feature '{}' appears twice",
                                  statistics.name(), feature.name());
    }
    FeatureView view;
    view.proto_ = &feature;
    view.common_ = CommonOf(feature);
    features_.push_back(std::move(view));
  }
  // In the order of names a struct comes before its children: the structs around the present name
  // are a stack.
  std::vector<size_t> structs;
  for (const auto& [name, index] : by_name) {
    while (!structs.empty() && !IsChildName(features_[structs.back()].proto_->name(), name)) {
      structs.pop_back();
    }
    FeatureView& feature = features_[index];
    if (structs.empty()) {
      feature.path_ = Path({std::string(name)});
    } else {
      const FeatureView& parent = features_[structs.back()];
      feature.path_ = parent.path_.Child(name.substr(parent.proto_->name().size() + 1));
    }
    if (!by_path_.emplace(feature.path_, index).second) {
      return InvalidArgumentError("statistics of dataset '{}': feature '{}' appears twice",
                                  statistics.name(), feature.path_.ToString());
    }
    if (feature.type() == FeatureNameStatistics::STRUCT) structs.push_back(index);
  }
  return OkStatus();
}

void DatasetView::Connect() {
  for (FeatureView& feature : features_) {
    feature.dataset_ = this;
    feature.parent_ = nullptr;
    feature.children_.clear();
  }
  for (const auto& [path, index] : by_path_) {
    const auto parent = by_path_.find(path.Parent());
    if (parent == by_path_.end()) continue;
    features_[index].parent_ = &features_[parent->second];
    features_[parent->second].children_.push_back(&features_[index]);
  }
}

DatasetView::DatasetView(DatasetView&& other) noexcept
    : proto_(other.proto_),
      by_weight_(other.by_weight_),
      features_(std::move(other.features_)),
      by_path_(std::move(other.by_path_)) {
  for (FeatureView& feature : features_) feature.dataset_ = this;
}

const FeatureView* DatasetView::Find(const Path& path) const {
  const auto found = by_path_.find(path);
  return found == by_path_.end() ? nullptr : &features_[found->second];
}

std::vector<const FeatureView*> DatasetView::Roots() const {
  std::vector<const FeatureView*> roots;
  for (const FeatureView& feature : features_) {
    if (feature.parent_ == nullptr) roots.push_back(&feature);
  }
  return roots;
}

double DatasetView::num_examples() const {
  return by_weight_ ? proto_->weighted_num_examples() : static_cast<double>(proto_->num_examples());
}

DatasetFeatureStatistics WithoutCompositeFeatures(const DatasetFeatureStatistics& statistics) {
  DatasetFeatureStatistics kept = statistics;
  auto* features = kept.mutable_features();
  const auto composite = [](const FeatureNameStatistics& f) { return CommonOf(f) == nullptr; };
  features->erase(std::remove_if(features->begin(), features->end(), composite), features->end());
  return kept;
}

StatusOr<const DatasetFeatureStatistics*> DefaultDataset(
    const ::tensorflow::metadata::v0::DatasetFeatureStatisticsList& statistics) {
  if (statistics.datasets_size() == 1) return &statistics.datasets(0);
  std::vector<std::string> names;
  for (const DatasetFeatureStatistics& dataset : statistics.datasets()) {
    if (dataset.name() == kAllExamples) return &dataset;
    names.push_back(dataset.name());
  }
  return InvalidArgumentError(
      "the statistics have {} datasets and none is named '{}'; they are: '{}'", names.size(),
      kAllExamples, fmt::join(names, "', '"));
}

}  // namespace bessemer::schema
