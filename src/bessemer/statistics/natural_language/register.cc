#include <map>

#include "bessemer/statistics/leaf_values.h"
#include "bessemer/statistics/natural_language/sequence_stats.h"
#include "bessemer/statistics/per_feature.h"
#include "bessemer/statistics/statistic.h"
#include "tensorflow_metadata/proto/v0/schema.pb.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::statistics::natural_language {
namespace {

using ::tensorflow::metadata::v0::DatasetFeatureStatistics;
using ::tensorflow::metadata::v0::Feature;

constexpr char kStatName[] = "nl_statistics";

// Finds features with a natural language domain that has something to measure.
template <typename Features>
void CollectRules(const FeaturePath& parent, const Features& features,
                  std::map<FeaturePath, TokenRules>* rules) {
  for (const Feature& feature : features) {
    FeaturePath path = parent;
    path.push_back(feature.name());
    if (feature.type() == ::tensorflow::metadata::v0::STRUCT) {
      CollectRules(path, feature.struct_domain().feature(), rules);
    } else if (feature.has_natural_language_domain()) {
      TokenRules own = TokenRules::Of(feature.natural_language_domain());
      if (own.HasCoverage()) rules->emplace(std::move(path), std::move(own));
    }
  }
}

class NaturalLanguageAccumulator : public Accumulator {
 public:
  NaturalLanguageAccumulator(const StatisticsOptions& options,
                             std::map<FeaturePath, TokenRules> rules)
      : options_(&options), rules_(std::move(rules)) {
    for (const auto& [path, rule] : rules_) features_.try_emplace(path, options, rule);
  }

  Status Update(const BatchView& batch) override {
    for (const FeatureArray& array : batch.features()) {
      const auto it = features_.find(array.path);
      if (it == features_.end()) continue;
      it->second.seen = true;
      BESSEMER_RETURN_IF_ERROR(UpdateFeature(array, &it->second));
    }
    return OkStatus();
  }

  Status Merge(const Accumulator& other) override {
    for (const auto& [path, theirs] :
         static_cast<const NaturalLanguageAccumulator&>(other).features_) {
      FeatureState& ours = features_.at(path);
      ours.seen |= theirs.seen;
      ours.unusable |= theirs.unusable;
      BESSEMER_RETURN_IF_ERROR(ours.stats.Merge(theirs.stats));
    }
    return OkStatus();
  }

  void Save(StateWriter* out) const override {
    for (const auto& [path, feature] : features_) {
      out->Bool(feature.seen);
      out->Bool(feature.unusable);
      feature.stats.Save(out);
    }
  }

  void Load(StateReader* in) override {
    for (auto& [path, feature] : features_) {
      feature.seen = in->Bool();
      feature.unusable = in->Bool();
      feature.stats.Load(in);
    }
  }

  void Finish(DatasetFeatureStatistics* out) const override {
    for (const auto& [path, feature] : features_) {
      if (!feature.seen || feature.unusable) continue;
      ::tensorflow::metadata::v0::NaturalLanguageStatistics statistics;
      feature.stats.Finish(&statistics);
      auto* stat = MutableFeature(path, out)->add_custom_stats();
      stat->set_name(kStatName);
      stat->mutable_any()->PackFrom(statistics);
    }
  }

 private:
  struct FeatureState {
    FeatureState(const StatisticsOptions& options, const TokenRules& rule)
        : rules(&rule), stats(options, rule) {}
    const TokenRules* rules;
    SequenceStats stats;
    std::shared_ptr<const Vocabulary> vocabulary;  // once it was needed
    bool seen = false;
    bool unusable = false;  // neither numbers nor text, or lists in lists
  };

  Status UpdateFeature(const FeatureArray& array, FeatureState* feature) {
    if (!array.type) return OkStatus();
    const bool integral = *array.type == FeatureType::kInt;
    if ((!integral && *array.type != FeatureType::kString) || array.levels.size() != 1) {
      feature->unusable = true;
      return OkStatus();
    }
    BESSEMER_RETURN_IF_ERROR(FindVocabulary(array.path, feature));
    std::vector<Position> positions = PositionsOf(array, integral, feature->vocabulary.get());
    const bool has_vocabulary = feature->vocabulary != nullptr && feature->vocabulary->size() > 0;
    const ListLevel& level = array.levels[0];
    for (int64_t row = 0; row < level.num_rows; ++row) {
      if (!level.IsPresent(row)) continue;
      feature->stats.AddSequence(
          std::span(positions).subspan(static_cast<size_t>(level.begin(row)),
                                       static_cast<size_t>(level.length(row))),
          integral, has_vocabulary);
    }
    return OkStatus();
  }

  Status FindVocabulary(const FeaturePath& path, FeatureState* feature) {
    const std::string& name = feature->rules->vocabulary;
    if (name.empty() || feature->vocabulary != nullptr) return OkStatus();
    const auto file = options_->vocab_paths.find(name);
    if (file == options_->vocab_paths.end()) {
      return InvalidArgumentError(
          "feature '{}' has the vocabulary '{}' in its natural_language_domain, but vocab_paths "
          "does not say where that is",
          PathToString(path), name);
    }
    StatusOr<std::shared_ptr<const Vocabulary>> vocabulary = Vocabulary::ReadShared(file->second);
    if (!vocabulary.ok()) {
      return WithContext(vocabulary.status(), fmt::format("vocabulary '{}'", name));
    }
    feature->vocabulary = *std::move(vocabulary);
    return OkStatus();
  }

  // For each value of the leaf; nulls are neither number nor text.
  static std::vector<Position> PositionsOf(const FeatureArray& array, bool integral,
                                           const Vocabulary* vocabulary) {
    std::vector<Position> positions(static_cast<size_t>(array.leaf->length()));
    size_t i = 0;
    const auto skip_nulls = [&] {
      while (i < positions.size() && array.leaf->IsNull(static_cast<int64_t>(i))) ++i;
    };
    if (integral) {
      ForEachNumber(array, [&](auto number) {
        skip_nulls();
        Position& position = positions[i++];
        position.number = static_cast<int64_t>(number);
        if (vocabulary != nullptr) position.text = vocabulary->Token(*position.number);
      });
    } else {
      ForEachBytes(array, [&](std::string_view text) {
        skip_nulls();
        Position& position = positions[i++];
        position.text = text;
        if (vocabulary != nullptr) position.number = vocabulary->Number(text);
      });
    }
    return positions;
  }

  const StatisticsOptions* options_;
  std::map<FeaturePath, TokenRules> rules_;
  std::map<FeaturePath, FeatureState> features_;
};

}  // namespace

void Register(StatisticRegistry& registry) {
  registry.Add({.name = "natural_language",
                .doc = "Coverage, lengths and tokens of features with a natural language domain",
                .make = [](const StatisticsOptions& options) -> std::unique_ptr<Accumulator> {
                  std::map<FeaturePath, TokenRules> rules;
                  if (options.schema != nullptr) {
                    CollectRules({}, options.schema->feature(), &rules);
                  }
                  if (rules.empty()) return nullptr;
                  return std::make_unique<NaturalLanguageAccumulator>(options, std::move(rules));
                }});
}

}  // namespace bessemer::statistics::natural_language
