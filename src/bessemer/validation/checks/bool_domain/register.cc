#include "bessemer/validation/check.h"
#include "bessemer/validation/quoted_text.h"

namespace bessemer::validation::bool_domain {
namespace {

using ::tensorflow::metadata::v0::AnomalyInfo;
using ::tensorflow::metadata::v0::Feature;
using ::tensorflow::metadata::v0::FeatureNameStatistics;
using ::tensorflow::metadata::v0::Histogram;
using ::tensorflow::metadata::v0::NumericStatistics;

constexpr const char* kTitle = "Not a bool";

void CheckInts(FeatureCheckContext& context, const NumericStatistics& numbers) {
  if (numbers.min() >= 0 && numbers.max() <= 1) return;
  const bool small = numbers.min() < 0;
  context.Report(small ? AnomalyInfo::BOOL_TYPE_SMALL_INT : AnomalyInfo::BOOL_TYPE_BIG_INT, kTitle,
                 fmt::format("Expected 0 or 1; saw {}.",
                             NumberText(small ? numbers.min() : numbers.max())));
  auto* domain = context.feature().mutable_int_domain();
  domain->set_max(static_cast<int64_t>(numbers.max()));
  domain->set_min(static_cast<int64_t>(numbers.min()));
}

// What was seen that is neither 0 nor 1; "" if nothing tells. Values inside the range hide where
// histograms are absent or have wide buckets.
std::string FloatMisfit(const NumericStatistics& numbers) {
  for (const double bound : {numbers.min(), numbers.max()}) {
    if (bound != 0 && bound != 1) return NumberText(bound);
  }
  for (const Histogram& histogram : numbers.histograms()) {
    if (histogram.num_nan() > 0) return "NaN";
    for (const auto& bucket : histogram.buckets()) {
      if (bucket.sample_count() <= 0) continue;
      if (bucket.high_value() < 0) return "values below 0";
      if (bucket.low_value() > 1) return "values above 1";
      if (histogram.type() == Histogram::QUANTILES && bucket.low_value() > 0 &&
          bucket.high_value() < 1) {
        return fmt::format("values between {} and {}", NumberText(bucket.low_value()),
                           NumberText(bucket.high_value()));
      }
    }
  }
  return {};
}

void CheckFloats(FeatureCheckContext& context, const NumericStatistics& numbers) {
  const std::string misfit = FloatMisfit(numbers);
  if (misfit.empty()) return;
  context.Report(AnomalyInfo::BOOL_TYPE_UNEXPECTED_FLOAT, kTitle,
                 fmt::format("Expected 0 or 1; saw {}.", misfit));
  auto* domain = context.feature().mutable_float_domain();
  domain->set_max(static_cast<float>(numbers.max()));
  domain->set_min(static_cast<float>(numbers.min()));
}

void CheckText(FeatureCheckContext& context) {
  const auto& domain = context.feature().bool_domain();
  for (const auto& [value, count] : context.statistics.StringCounts()) {
    if (domain.has_true_value() && value == domain.true_value()) continue;
    if (domain.has_false_value() && value == domain.false_value()) continue;
    context.Report(AnomalyInfo::BOOL_TYPE_UNEXPECTED_STRING, kTitle,
                   fmt::format("Expected {} or {}; saw {}.", QuotedText(domain.true_value()),
                               QuotedText(domain.false_value()), QuotedText(value)));
    context.feature().clear_bool_domain();
    return;
  }
}

Status Run(FeatureCheckContext& context) {
  const auto& numbers = context.statistics.proto().num_stats();
  switch (context.statistics.type()) {
    case FeatureNameStatistics::INT:
      CheckInts(context, numbers);
      break;
    case FeatureNameStatistics::FLOAT:
      CheckFloats(context, numbers);
      break;
    case FeatureNameStatistics::STRING:
      CheckText(context);
      break;
    default:
      break;
  }
  return OkStatus();
}

}  // namespace

void Register(CheckRegistry& registry) {
  registry.Add({.name = "bool_domain",
                .doc = "Values are 0 or 1, or one of the two words (bool_domain)",
                .stage = Stage::kDomain,
                .finds = {AnomalyInfo::BOOL_TYPE_SMALL_INT, AnomalyInfo::BOOL_TYPE_BIG_INT,
                          AnomalyInfo::BOOL_TYPE_UNEXPECTED_FLOAT,
                          AnomalyInfo::BOOL_TYPE_UNEXPECTED_STRING},
                .domains = {Feature::kBoolDomain},
                .feature = Run});
}

}  // namespace bessemer::validation::bool_domain
