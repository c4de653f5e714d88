#ifndef BESSEMER_EXAMPLE_GEN_SHAPING_ROW_SHAPER_INTERNAL_H_
#define BESSEMER_EXAMPLE_GEN_SHAPING_ROW_SHAPER_INTERNAL_H_

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "bessemer/example_gen/shaping/row_shaper.h"
#include "bessemer/example_gen/shaping/survey_internal.h"

namespace bessemer::example_gen::shaping {

struct RowShaper::State {
  // The number of splits if it is none of them.
  static size_t IndexOf(const std::vector<std::string>& splits, const std::string& name) {
    return static_cast<size_t>(std::find(splits.begin(), splits.end(), name) - splits.begin());
  }
  // Balancing drops rows by the fractions that were given.
  bool drops_by_fraction() const {
    return rules.balance && !rules.balance->ratio && rules.balance->weight_feature.empty();
  }

  // Features that rules name, each with the first such rule.
  struct Used {
    std::string rule;
    std::atomic<bool> seen = false;  // in a batch
  };
  void Use(const std::string& feature, const char* rule) {
    if (feature.empty() || features.contains(feature)) return;
    features[feature].rule = rule;
    feature_names.push_back(feature);
  }
  std::map<std::string, Used> features;
  std::vector<std::string> feature_names;
  std::atomic<bool> any_batch = false;

  ShapingRules rules;
  std::vector<std::string> splits;
  std::vector<size_t> task_splits;
  std::unique_ptr<Survey> survey;  // null: not needed

  // The split rule, its names as indices.
  std::optional<HashSplitter> splitter;
  std::map<std::string, size_t, std::less<>> split_of_value;
  std::vector<size_t> time_splits;
  std::optional<size_t> missing;  // the split of rows without a value

  // balance.
  std::vector<bool> balanced;  // by split
  std::map<std::string, double, std::less<>> class_fractions;

  // What Resolve found.
  std::vector<std::optional<uint64_t>> time_begins;
  std::atomic<int> time_kind = -1;  // a ValueOrder::Kind, once a batch has told
  std::vector<ClassCount> classes;

  mutable std::mutex mutex;
  ShapingCounts counts;
};

}  // namespace bessemer::example_gen::shaping

#endif  // BESSEMER_EXAMPLE_GEN_SHAPING_ROW_SHAPER_INTERNAL_H_
