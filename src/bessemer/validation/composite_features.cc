#include "bessemer/validation/composite_features.h"

#include "bessemer/validation/number_text.h"

namespace bessemer::validation {

using ::tensorflow::metadata::v0::AnomalyInfo;
using ::tensorflow::metadata::v0::CustomStatistic;
using ::tensorflow::metadata::v0::FeatureNameStatistics;

std::vector<Finding> CheckSparseFeature(const FeatureNameStatistics& statistics) {
  std::vector<Finding> findings;
  for (const CustomStatistic& custom : statistics.custom_stats()) {
    if (custom.name() == "missing_value" && custom.num() != 0) {
      findings.push_back({AnomalyInfo::SPARSE_FEATURE_MISSING_VALUE, "Value feature is missing",
                          fmt::format("Expected the value feature in every example of the sparse "
                                      "feature; {} lack it.",
                                      NumberText(custom.num()))});
    } else if (custom.name() == "missing_index") {
      for (const auto& index : custom.rank_histogram().buckets()) {
        // Counts of examples: a fraction of one is none.
        if (static_cast<int64_t>(index.sample_count()) == 0) continue;
        findings.push_back({AnomalyInfo::SPARSE_FEATURE_MISSING_INDEX, "Index feature is missing",
                            fmt::format("Expected the index feature {} in every example of the "
                                        "sparse feature; {} lack it.",
                                        index.label(), NumberText(index.sample_count()))});
      }
    } else if (custom.name() == "max_length_diff" || custom.name() == "min_length_diff") {
      for (const auto& index : custom.rank_histogram().buckets()) {
        if (index.sample_count() == 0) continue;
        findings.push_back({AnomalyInfo::SPARSE_FEATURE_LENGTH_MISMATCH,
                            "Values and indices differ in number",
                            fmt::format("Expected as many values as entries of the index feature "
                                        "{}; the {} difference is {}.",
                                        index.label(),
                                        custom.name() == "max_length_diff" ? "greatest" : "least",
                                        NumberText(index.sample_count()))});
      }
    }
  }
  return findings;
}

std::vector<Finding> CheckWeightedFeature(const FeatureNameStatistics& statistics) {
  std::vector<Finding> findings;
  double least = 0;
  double greatest = 0;
  for (const CustomStatistic& custom : statistics.custom_stats()) {
    if (custom.name() == "missing_value" && custom.num() != 0) {
      findings.push_back({AnomalyInfo::WEIGHTED_FEATURE_MISSING_VALUE, "Value feature is missing",
                          fmt::format("Expected the value feature in every example of the weighted "
                                      "feature; {} lack it.",
                                      NumberText(custom.num()))});
    } else if (custom.name() == "missing_weight" && custom.num() != 0) {
      findings.push_back({AnomalyInfo::WEIGHTED_FEATURE_MISSING_WEIGHT, "Weight feature is missing",
                          fmt::format("Expected the weight feature in every example of the "
                                      "weighted feature; {} lack it.",
                                      NumberText(custom.num()))});
    } else if (custom.name() == "min_weight_length_diff" && custom.num() != 0) {
      least = custom.num();
    } else if (custom.name() == "max_weight_length_diff" && custom.num() != 0) {
      greatest = custom.num();
    }
  }
  // Differences are whole numbers of values.
  if (static_cast<int64_t>(least) != 0 || static_cast<int64_t>(greatest) != 0) {
    findings.push_back({AnomalyInfo::WEIGHTED_FEATURE_LENGTH_MISMATCH,
                        "Values and weights differ in number",
                        fmt::format("Expected as many weights as values; they differ by {} to {}.",
                                    NumberText(least), NumberText(greatest))});
  }
  return findings;
}

}  // namespace bessemer::validation
