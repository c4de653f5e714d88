#include <arrow/record_batch.h>

#include <algorithm>
#include <array>

#include "bessemer/statistics/feature_rows.h"
#include "bessemer/statistics/row_condition.h"
#include "bessemer/statistics/row_conditions/row_counts.h"
#include "bessemer/statistics/statistic.h"
#include "bessemer/statistics/statistics_view.h"
#include "bessemer/statistics/value_distribution.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::statistics::row_conditions {
namespace {

using ::tensorflow::metadata::v0::DatasetFeatureStatistics;
using ::tensorflow::metadata::v0::FeatureNameStatistics;
using ::tensorflow::metadata::v0::RankHistogram;

constexpr std::string_view kPrefix = "row_rule: ";
constexpr std::string_view kWeightedPrefix = "weighted_row_rule: ";
// By RowOutcome.
constexpr std::array<std::string_view, 3> kLabels = {"holds", "broken", "unknown"};

// The columns that the features come from: their own, or a struct "a" for "a.b".
bool Concerns(const std::string& column, const std::vector<std::string>& features) {
  return std::any_of(features.begin(), features.end(), [&](const std::string& feature) {
    return feature == column || (feature.size() > column.size() && feature.starts_with(column) &&
                                 feature[column.size()] == '.');
  });
}

struct Condition {
  std::string text;
  RowCondition condition;
  std::array<int64_t, 3> counts = {};
  std::array<FixedWeight, 3> weights = {};
};

class RowConditionsAccumulator : public Accumulator {
 public:
  RowConditionsAccumulator(const StatisticsOptions& options, std::vector<Condition> conditions)
      : weighted_(!options.weight_feature.empty()), conditions_(std::move(conditions)) {
    for (const Condition& c : conditions_) {
      features_.insert(features_.end(), c.condition.features().begin(),
                       c.condition.features().end());
    }
  }

  Status Update(const BatchView& batch) override {
    BESSEMER_ASSIGN_OR_RETURN(
        const auto rows, FeaturesOfColumns(batch.batch(), [this](const std::string& column) {
          return Concerns(column, features_);
        }));
    const std::span<const double> weights = batch.weights();
    for (Condition& c : conditions_) {
      const auto outcomes = c.condition.Judge(*rows);
      if (!outcomes.ok()) {
        return WithContext(outcomes.status(), fmt::format("the rule '{}'", c.text));
      }
      for (size_t row = 0; row < outcomes->size(); ++row) {
        const auto outcome = static_cast<size_t>((*outcomes)[row]);
        ++c.counts[outcome];
        if (weighted_) c.weights[outcome] += ToFixedWeight(weights[row]);
      }
    }
    return OkStatus();
  }

  Status Merge(const Accumulator& base) override {
    const auto& other = static_cast<const RowConditionsAccumulator&>(base);
    for (size_t i = 0; i < conditions_.size(); ++i) {
      for (size_t outcome = 0; outcome < kLabels.size(); ++outcome) {
        conditions_[i].counts[outcome] += other.conditions_[i].counts[outcome];
        conditions_[i].weights[outcome] += other.conditions_[i].weights[outcome];
      }
    }
    return OkStatus();
  }

  void Save(StateWriter* out) const override {
    for (const Condition& c : conditions_) {
      for (const int64_t count : c.counts) out->Varint(static_cast<uint64_t>(count));
      for (const FixedWeight weight : c.weights) out->Int128(weight);
    }
  }

  void Load(StateReader* in) override {
    for (Condition& c : conditions_) {
      for (int64_t& count : c.counts) count = static_cast<int64_t>(in->Varint());
      for (FixedWeight& weight : c.weights) weight = in->Int128();
    }
  }

  void Finish(DatasetFeatureStatistics* out) const override {
    for (const Condition& c : conditions_) {
      FeatureNameStatistics* const feature = FeatureFor(c.condition.features(), out);
      if (feature == nullptr) continue;
      std::array<double, 3> numbers;
      std::copy(c.counts.begin(), c.counts.end(), numbers.begin());
      Write(kPrefix, c.text, numbers, feature);
      if (!weighted_) continue;
      std::transform(c.weights.begin(), c.weights.end(), numbers.begin(), FromFixedWeight);
      Write(kWeightedPrefix, c.text, numbers, feature);
    }
  }

 private:
  // Datasets have no custom statistics: the first feature of the condition that the dataset has
  // takes them, else the first of all. Null: it has none.
  static FeatureNameStatistics* FeatureFor(const std::vector<std::string>& features,
                                           DatasetFeatureStatistics* out) {
    FeatureNameStatistics* first = nullptr;
    for (FeatureNameStatistics& feature : *out->mutable_features()) {
      if (first == nullptr || PathOf(feature) < PathOf(*first)) first = &feature;
    }
    for (const std::string& name : features) {
      for (FeatureNameStatistics& feature : *out->mutable_features()) {
        if (PathToString(PathOf(feature)) == name) return &feature;
      }
    }
    return first;
  }

  static void Write(std::string_view prefix, std::string_view text,
                    const std::array<double, 3>& numbers, FeatureNameStatistics* feature) {
    auto* const stat = feature->add_custom_stats();
    stat->set_name(fmt::format("{}{}", prefix, text));
    for (size_t outcome = 0; outcome < kLabels.size(); ++outcome) {
      RankHistogram::Bucket* const bucket = stat->mutable_rank_histogram()->add_buckets();
      bucket->set_low_rank(outcome);
      bucket->set_high_rank(outcome);
      bucket->set_label(std::string(kLabels[outcome]));
      bucket->set_sample_count(numbers[outcome]);
    }
  }

  const bool weighted_;
  std::vector<Condition> conditions_;
  std::vector<std::string> features_;  // of all conditions
};

}  // namespace

std::optional<RowCounts> FindRowCounts(const DatasetFeatureStatistics& dataset,
                                       std::string_view text) {
  const std::string name = fmt::format("{}{}", kPrefix, text);
  for (const FeatureNameStatistics& feature : dataset.features()) {
    for (const auto& stat : feature.custom_stats()) {
      if (stat.name() != name) continue;
      const auto& buckets = stat.rank_histogram().buckets();
      if (buckets.size() != static_cast<int>(kLabels.size())) continue;
      std::array<int64_t, 3> counts;
      for (int i = 0; i < buckets.size(); ++i) {
        counts[static_cast<size_t>(i)] = static_cast<int64_t>(buckets[i].sample_count());
      }
      return RowCounts{counts[0], counts[1], counts[2]};
    }
  }
  return std::nullopt;
}

void Register(StatisticRegistry& registry) {
  registry.Add({.name = "row_conditions",
                .doc = "Rows in which each rule over rows holds, is broken, or is not known",
                .make = [](const StatisticsOptions& options) -> std::unique_ptr<Accumulator> {
                  std::vector<Condition> conditions;
                  for (const RowConditionSpec& spec : options.row_conditions) {
                    // Options are valid: it parses.
                    auto condition = RowCondition::Parse(spec.expression);
                    if (condition.ok()) conditions.push_back({spec.text, *std::move(condition)});
                  }
                  if (conditions.empty()) return nullptr;
                  return std::make_unique<RowConditionsAccumulator>(options,
                                                                    std::move(conditions));
                }});
}

}  // namespace bessemer::statistics::row_conditions
