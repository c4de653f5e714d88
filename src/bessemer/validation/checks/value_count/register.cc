#include "bessemer/schema/infer.h"
#include "bessemer/validation/check.h"

namespace bessemer::validation::value_count {
namespace {

using ::tensorflow::metadata::v0::AnomalyInfo;
using ::tensorflow::metadata::v0::Feature;
using ::tensorflow::metadata::v0::ValueCount;
using Range = schema::FeatureView::ValueRange;

void CheckLevel(FeatureCheckContext& context, const std::string& where, const Range& seen,
                ValueCount* count) {
  if (count->has_min() && seen.min < count->min()) {
    context.Report(AnomalyInfo::FEATURE_TYPE_LOW_NUMBER_VALUES, "Too few values",
                   fmt::format("Expected at least {} values in an example{}; one has {}.",
                               count->min(), where, seen.min));
    if (seen.min == 0) {
      count->clear_min();
    } else {
      count->set_min(seen.min);
    }
  }
  if (count->has_max() && seen.max > count->max()) {
    context.Report(AnomalyInfo::FEATURE_TYPE_HIGH_NUMBER_VALUES, "Too many values",
                   fmt::format("Expected at most {} values in an example{}; one has {}.",
                               count->max(), where, seen.max));
    count->set_max(seen.max);
  }
}

void ReportNesting(FeatureCheckContext& context, size_t expected, size_t seen) {
  context.Report(AnomalyInfo::VALUE_NESTEDNESS_MISMATCH, "Values nest otherwise than expected",
                 fmt::format("The schema counts values at {} level{}; the data has {}.", expected,
                             expected == 1 ? "" : "s", seen));
}

Status Run(FeatureCheckContext& context) {
  Feature& feature = context.feature();
  const std::vector<Range> levels = context.statistics.ValueRangeByLevel();
  if (feature.has_value_count()) {
    if (levels.size() > 1) {
      ReportNesting(context, 1, levels.size());
      feature.clear_value_count();
      schema::InferValueCounts(context.statistics, &feature);
    } else {
      CheckLevel(context, "", levels[0], feature.mutable_value_count());
    }
  } else if (feature.has_value_counts()) {
    auto* counts = feature.mutable_value_counts();
    if (static_cast<size_t>(counts->value_count_size()) != levels.size()) {
      ReportNesting(context, counts->value_count_size(), levels.size());
      feature.clear_value_counts();
      schema::InferValueCounts(context.statistics, &feature);
      return OkStatus();
    }
    for (size_t i = 0; i < levels.size(); ++i) {
      CheckLevel(context, fmt::format(" at nest level {}", i), levels[i],
                 counts->mutable_value_count(static_cast<int>(i)));
    }
  }
  return OkStatus();
}

}  // namespace

void Register(CheckRegistry& registry) {
  registry.Add({.name = "value_count",
                .doc = "The number of values in an example, at each nest level, is within bounds "
                       "(value_count, value_counts)",
                .stage = Stage::kAmount,
                .finds = {AnomalyInfo::FEATURE_TYPE_LOW_NUMBER_VALUES,
                          AnomalyInfo::FEATURE_TYPE_HIGH_NUMBER_VALUES,
                          AnomalyInfo::VALUE_NESTEDNESS_MISMATCH},
                .feature = Run});
}

}  // namespace bessemer::validation::value_count
