#include "bessemer/statistics/companion_features.h"
#include "bessemer/statistics/statistic.h"
#include "tensorflow_metadata/proto/v0/path.pb.h"
#include "tensorflow_metadata/proto/v0/schema.pb.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::statistics::weighted_features {
namespace {

using ::tensorflow::metadata::v0::DatasetFeatureStatistics;
using ::tensorflow::metadata::v0::Path;

struct WeightedFeature {
  std::string name;
  CompanionCounts counts;  // of the values, then of the weights
};

FeaturePath PathOf(const Path& path) { return {path.step().begin(), path.step().end()}; }

class WeightedAccumulator : public Accumulator {
 public:
  explicit WeightedAccumulator(std::vector<WeightedFeature> features)
      : features_(std::move(features)) {}

  Status Update(const BatchView& batch) override {
    for (WeightedFeature& feature : features_) feature.counts.Update(batch);
    return OkStatus();
  }
  Status Merge(const Accumulator& other) override {
    const auto& theirs = static_cast<const WeightedAccumulator&>(other).features_;
    for (size_t i = 0; i < features_.size(); ++i) features_[i].counts.Merge(theirs[i].counts);
    return OkStatus();
  }
  void Save(StateWriter* out) const override {
    for (const WeightedFeature& feature : features_) feature.counts.Save(out);
  }
  void Load(StateReader* in) override {
    for (WeightedFeature& feature : features_) feature.counts.Load(in);
  }
  void Finish(DatasetFeatureStatistics* out) const override {
    for (const WeightedFeature& feature : features_) {
      auto* stats = MutableFeature({feature.name}, out);
      const auto add = [stats](const char* name, double value) {
        auto* stat = stats->add_custom_stats();
        stat->set_name(name);
        stat->set_num(value);
      };
      add("missing_weight", static_cast<double>(feature.counts.num_missing(1)));
      add("missing_value", static_cast<double>(feature.counts.num_missing(0)));
      add("min_weight_length_diff", feature.counts.min_length_difference(1));
      add("max_weight_length_diff", feature.counts.max_length_difference(1));
    }
  }

 private:
  std::vector<WeightedFeature> features_;
};

}  // namespace

void Register(StatisticRegistry& registry) {
  registry.Add({.name = "weighted_features",
                .doc = "How the values and weights of the schema's weighted features agree",
                .make = [](const StatisticsOptions& options) -> std::unique_ptr<Accumulator> {
                  std::vector<WeightedFeature> features;
                  if (options.schema != nullptr) {
                    for (const auto& feature : options.schema->weighted_feature()) {
                      features.push_back({feature.name(),
                                          CompanionCounts({PathOf(feature.feature()),
                                                           PathOf(feature.weight_feature())})});
                    }
                  }
                  if (features.empty()) return nullptr;
                  return std::make_unique<WeightedAccumulator>(std::move(features));
                }});
}

}  // namespace bessemer::statistics::weighted_features
