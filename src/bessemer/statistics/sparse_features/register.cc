#include <map>
#include <set>

#include "bessemer/statistics/companion_features.h"
#include "bessemer/statistics/statistic.h"
#include "tensorflow_metadata/proto/v0/schema.pb.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::statistics::sparse_features {
namespace {

using ::tensorflow::metadata::v0::CustomStatistic;
using ::tensorflow::metadata::v0::DatasetFeatureStatistics;
using ::tensorflow::metadata::v0::Feature;
using ::tensorflow::metadata::v0::Schema;

struct SparseFeature {
  FeaturePath path;
  std::vector<std::string> indices;  // names, sorted
  CompanionCounts counts;            // of the values, then of each index
};

FeaturePath Child(FeaturePath parent, const std::string& name) {
  parent.push_back(name);
  return parent;
}

// Container: a Schema or a StructDomain.
template <typename Container>
void Collect(const FeaturePath& parent, const Container& container,
             std::vector<SparseFeature>* features) {
  for (const auto& sparse : container.sparse_feature()) {
    std::set<std::string> indices;
    for (const auto& index : sparse.index_feature()) indices.insert(index.name());
    std::vector<FeaturePath> members = {Child(parent, sparse.value_feature().name())};
    for (const std::string& index : indices) members.push_back(Child(parent, index));
    features->push_back({Child(parent, sparse.name()), {indices.begin(), indices.end()},
                         CompanionCounts(std::move(members))});
  }
  for (const Feature& feature : container.feature()) {
    if (feature.type() == ::tensorflow::metadata::v0::STRUCT) {
      Collect(Child(parent, feature.name()), feature.struct_domain(), features);
    }
  }
}

class SparseAccumulator : public Accumulator {
 public:
  explicit SparseAccumulator(std::vector<SparseFeature> features)
      : features_(std::move(features)) {}

  Status Update(const BatchView& batch) override {
    for (SparseFeature& feature : features_) feature.counts.Update(batch);
    return OkStatus();
  }
  Status Merge(const Accumulator& other) override {
    const auto& theirs = static_cast<const SparseAccumulator&>(other).features_;
    for (size_t i = 0; i < features_.size(); ++i) features_[i].counts.Merge(theirs[i].counts);
    return OkStatus();
  }
  void Save(StateWriter* out) const override {
    for (const SparseFeature& feature : features_) feature.counts.Save(out);
  }
  void Load(StateReader* in) override {
    for (SparseFeature& feature : features_) feature.counts.Load(in);
  }
  void Finish(DatasetFeatureStatistics* out) const override {
    for (const SparseFeature& feature : features_) {
      auto* stats = MutableFeature(feature.path, out);
      CustomStatistic* missing = stats->add_custom_stats();
      missing->set_name("missing_value");
      missing->set_num(static_cast<double>(feature.counts.num_missing(0)));
      const auto add = [&](const char* name, auto value_of) {
        CustomStatistic* stat = stats->add_custom_stats();
        stat->set_name(name);
        auto* histogram = stat->mutable_rank_histogram();
        for (size_t i = 0; i < feature.indices.size(); ++i) {
          auto* bucket = histogram->add_buckets();
          bucket->set_label(feature.indices[i]);
          bucket->set_sample_count(value_of(i + 1));
        }
      };
      const CompanionCounts& counts = feature.counts;
      add("missing_index", [&](size_t i) { return static_cast<double>(counts.num_missing(i)); });
      add("max_length_diff", [&](size_t i) { return counts.max_length_difference(i); });
      add("min_length_diff", [&](size_t i) { return counts.min_length_difference(i); });
    }
  }

 private:
  std::vector<SparseFeature> features_;
};

}  // namespace

void Register(StatisticRegistry& registry) {
  registry.Add({.name = "sparse_features",
                .doc = "How the values and indices of the schema's sparse features agree",
                .make = [](const StatisticsOptions& options) -> std::unique_ptr<Accumulator> {
                  std::vector<SparseFeature> features;
                  if (options.schema != nullptr) Collect({}, *options.schema, &features);
                  if (features.empty()) return nullptr;
                  return std::make_unique<SparseAccumulator>(std::move(features));
                }});
}

}  // namespace bessemer::statistics::sparse_features
