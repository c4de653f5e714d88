#include "bessemer/validation/check.h"

namespace bessemer::validation::shape {
namespace {

using ::tensorflow::metadata::v0::AnomalyInfo;
using ::tensorflow::metadata::v0::Feature;

void Drop(FeatureCheckContext& context, std::string text) {
  context.Report(AnomalyInfo::INVALID_FEATURE_SHAPE, "Shape does not hold", std::move(text));
  context.feature().clear_shape();
}

Status Run(FeatureCheckContext& context) {
  const Feature& feature = context.feature();
  if (!feature.has_shape()) return OkStatus();
  int64_t expected = 1;
  for (const auto& dim : feature.shape().dim()) {
    // A shape this large is met by no data; the product must not overflow on the way there.
    if (__builtin_mul_overflow(expected, dim.size(), &expected)) expected = -1;
  }
  int64_t seen = 1;
  for (const auto& level : context.statistics.ValueRangeByLevel()) {
    if (level.min != level.max || level.min == 0) {
      Drop(context, fmt::format("Expected the same number of values in every example; the data has "
                                "{} to {}.",
                                level.min, level.max));
      return OkStatus();
    }
    if (__builtin_mul_overflow(seen, level.min, &seen)) seen = -2;
  }
  for (const double missing : context.statistics.NumMissingByLevel()) {
    if (missing == 0) continue;
    Drop(context, fmt::format("Expected values in every example; {} have none.",
                              NumberText(missing)));
    return OkStatus();
  }
  if (seen != expected) {
    Drop(context, fmt::format("Expected {} values in every example; the data has {}.", expected,
                              seen));
  }
  return OkStatus();
}

}  // namespace

void Register(CheckRegistry& registry) {
  registry.Add({.name = "shape",
                .doc = "A feature of fixed shape is never missing and always has as many values as "
                       "the shape (shape)",
                .stage = Stage::kAmount,
                .finds = {AnomalyInfo::INVALID_FEATURE_SHAPE},
                .feature = Run});
}

}  // namespace bessemer::validation::shape
