#include <algorithm>
#include <map>

#include "bessemer/statistics/basic/feature_stats.h"
#include "bessemer/statistics/statistic.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::statistics::basic {
namespace {

using ::tensorflow::metadata::v0::DatasetFeatureStatistics;

// Distributions of numbers may have so many cells each that those of this many features are full
// ones; of twice as many features they have half of it, and so on, but not less than the least. A
// dataset's distributions therefore take at most 160 MiB, whatever the number of features, up to
// 32 times as many (see ValueDistribution). It follows from the features alone, however these come
// together: features only become more and capacities lower, and when that happens does not matter.
constexpr size_t kFullFeatures = 512;
constexpr size_t kLeastCapacity = 512;

size_t CapacityFor(size_t num_features) {
  size_t capacity = ValueDistribution<uint64_t>::kCapacity;
  for (size_t fits = kFullFeatures; fits < num_features && capacity > kLeastCapacity; fits *= 2) {
    capacity /= 2;
  }
  return capacity;
}

class BasicAccumulator : public Accumulator {
 public:
  explicit BasicAccumulator(const StatisticsOptions& options)
      : options_(&options), facts_(SchemaFacts::Of(options.schema.get())) {}

  Status Update(const BatchView& batch) override {
    if (batch.counts_rows()) {
      num_examples_ += batch.num_rows();
      for (const double weight : batch.weights()) weighted_num_examples_ += ToFixedWeight(weight);
    }
    const std::vector<FeatureArray>& arrays = batch.features();
    ShareCells(std::max<size_t>(batch.num_columns_of_rows(), arrays.size()));
    for (size_t i = 0; i < arrays.size(); ++i) {
      // Batches of a source have the same columns: the feature of last time is nearly always right.
      if (i >= recent_.size()) recent_.resize(i + 1, nullptr);
      if (recent_[i] == nullptr || recent_[i]->path() != arrays[i].path) {
        recent_[i] =
            &Feature(arrays[i].path, !arrays[i].weights.empty() || IsWeighted(arrays[i].path));
      }
      BESSEMER_RETURN_IF_ERROR(recent_[i]->Update(arrays[i]));
    }
    return OkStatus();
  }

  Status Merge(const Accumulator& base) override {
    const auto& other = static_cast<const BasicAccumulator&>(base);
    num_examples_ += other.num_examples_;
    weighted_num_examples_ += other.weighted_num_examples_;
    for (const auto& [path, feature] : other.features_) {
      BESSEMER_RETURN_IF_ERROR(Feature(path, feature.weighted()).Merge(feature));
    }
    ShareCells(features_.size());
    return OkStatus();
  }

  void Save(StateWriter* out) const override {
    out->Varint(num_examples_);
    out->Int128(weighted_num_examples_);
    out->Varint(features_.size());
    for (const auto& [path, feature] : features_) {
      out->Varint(path.size());
      for (const std::string& step : path) out->Bytes(step);
      out->Bool(feature.weighted());
      feature.Save(out);
    }
  }

  void Load(StateReader* in) override {
    features_.clear();
    recent_.clear();
    capacity_ = ValueDistribution<uint64_t>::kCapacity;
    num_examples_ = static_cast<int64_t>(in->Varint());
    weighted_num_examples_ = in->Int128();
    for (uint64_t i = in->Count(); i > 0 && in->status().ok(); --i) {
      FeaturePath path;
      for (uint64_t j = in->Count(); j > 0; --j) path.emplace_back(in->Bytes());
      const bool weighted = in->Bool();
      Feature(path, weighted).Load(in);
    }
    ShareCells(features_.size());
  }

  void Finish(DatasetFeatureStatistics* out) const override {
    status_ = OkStatus();
    out->set_num_examples(num_examples_);
    out->set_weighted_num_examples(FromFixedWeight(weighted_num_examples_));
    for (const auto& [path, feature] : features_) {
      ParentTotals parent{num_examples_, weighted_num_examples_};
      const auto above = features_.find(FeaturePath(path.begin(), path.end() - 1));
      if (above != features_.end()) parent = above->second.totals();
      auto* stats = out->add_features();
      for (const std::string& step : path) stats->mutable_path()->add_step(step);
      status_.Update(feature.Finish(parent, stats));
    }
  }

  Status status() const override { return status_; }

 private:
  bool IsWeighted(const FeaturePath& path) const {
    return !options_->weight_feature.empty() ||
           options_->per_feature_weight_override.contains(path);
  }
  FeatureStats& Feature(const FeaturePath& path, bool weighted) {
    const auto it = features_.find(path);
    if (it != features_.end()) return it->second;
    ShareCells(features_.size() + 1);
    FeatureStats& added =
        features_.try_emplace(path, path, *options_, facts_, weighted).first->second;
    added.LimitCapacity(capacity_);
    return added;
  }
  // `num_features`: so many there are at least, or will be.
  void ShareCells(size_t num_features) {
    const size_t capacity = CapacityFor(num_features);
    if (capacity >= capacity_) return;
    capacity_ = capacity;
    for (auto& [path, feature] : features_) feature.LimitCapacity(capacity);
  }

  const StatisticsOptions* options_;
  SchemaFacts facts_;
  int64_t num_examples_ = 0;
  FixedWeight weighted_num_examples_ = 0;
  std::map<FeaturePath, FeatureStats> features_;
  std::vector<FeatureStats*> recent_;
  size_t capacity_ = ValueDistribution<uint64_t>::kCapacity;
  mutable Status status_;  // of the last Finish
};

}  // namespace

void Register(StatisticRegistry& registry) {
  registry.Add({.name = "basic",
                .doc = "Presence, valency, numeric, text and bytes statistics of each feature",
                .make = [](const StatisticsOptions& options) -> std::unique_ptr<Accumulator> {
                  if (!options.add_default_generators) return nullptr;
                  return std::make_unique<BasicAccumulator>(options);
                },
                .by_column = true});
}

}  // namespace bessemer::statistics::basic
