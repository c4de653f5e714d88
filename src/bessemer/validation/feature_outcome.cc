#include "bessemer/validation/feature_outcome.h"

#include <algorithm>

#include "bessemer/validation/composite_features.h"

namespace bessemer::validation {

using ::tensorflow::metadata::v0::AnomalyInfo;
using ::tensorflow::metadata::v0::DEPRECATED;
using ::tensorflow::metadata::v0::Feature;
using ::tensorflow::metadata::v0::SparseFeature;
using ::tensorflow::metadata::v0::WeightedFeature;

namespace {

bool AppliesTo(const Check& check, DomainCase domain) {
  if (check.domains.empty()) return true;
  return std::find(check.domains.begin(), check.domains.end(), domain) != check.domains.end();
}

Status RunChecks(const schema::FeatureView& statistics, const Datasets& datasets,
                 const schema::SchemaModel& schema, const CheckOptions& options,
                 FeatureOutcome* outcome) {
  FeatureCheckContext context{.statistics = statistics,
                              .datasets = datasets,
                              .schema = schema,
                              .options = options,
                              .entry = *outcome->entry,
                              .findings = outcome->findings,
                              .drift_skew = outcome->drift_skew};
  // A check may put another domain in the place of the one it judges; that one is not judged again.
  std::optional<DomainCase> domain;
  for (const Check& check : Checks()) {
    if (check.feature == nullptr) continue;
    if (check.stage == Stage::kDomain && !domain.has_value()) {
      domain = context.feature().domain_info_case();
    }
    if (domain.has_value() && !AppliesTo(check, *domain)) continue;
    BESSEMER_RETURN_IF_ERROR(check.feature(context));
    if (context.stop) break;
  }
  return OkStatus();
}

}  // namespace

StatusOr<FeatureOutcome> CheckFeature(const schema::FeatureView& statistics,
                                      const Datasets& datasets, const schema::SchemaModel& schema,
                                      const CheckOptions& options) {
  FeatureOutcome outcome;
  const Feature* feature = schema.FindFeature(statistics.path());
  const SparseFeature* sparse = schema.FindSparse(statistics.path());
  if (const WeightedFeature* weighted = schema.FindWeighted(statistics.path())) {
    if ((feature != nullptr || sparse != nullptr) && !schema::IsInactive(*weighted)) {
      outcome.findings.push_back(
          {AnomalyInfo::WEIGHTED_FEATURE_NAME_COLLISION, "Two features of one name",
           fmt::format("The schema has a weighted feature and a {} feature of this name.",
                       feature != nullptr ? "plain" : "sparse")});
      outcome.deprecate_feature = feature != nullptr;
      outcome.deprecate_sparse = sparse != nullptr;
    } else {
      outcome.findings = CheckWeightedFeature(statistics.proto());
    }
    outcome.deprecate_weighted = !outcome.findings.empty();
    return outcome;
  }
  if (sparse != nullptr && !schema::IsInactive(*sparse)) {
    if (feature != nullptr && !schema::IsInactive(*feature)) {
      outcome.findings.push_back(
          {AnomalyInfo::SPARSE_FEATURE_NAME_COLLISION, "Two features of one name",
           "The schema has a sparse feature and a plain feature of this name."});
      outcome.deprecate_feature = true;
    } else {
      outcome.findings = CheckSparseFeature(statistics.proto());
    }
    outcome.deprecate_sparse = !outcome.findings.empty();
    return outcome;
  }
  if (feature == nullptr) return outcome;  // an inactive sparse feature
  outcome.entry.emplace().feature = *feature;
  if (schema::IsInactive(*feature)) return outcome;
  if (statistics.common() == nullptr) {
    return FailedPreconditionError(
        "feature '{}' has no numeric, string, bytes or struct statistics, but the schema has it as "
        "a plain feature",
        statistics.path().ToString());
  }
  BESSEMER_RETURN_IF_ERROR(RunChecks(statistics, datasets, schema, options, &outcome));
  return outcome;
}

bool IsInactiveAfter(const FeatureOutcome& outcome, const schema::SchemaModel& schema,
                     const schema::Path& path) {
  if (outcome.entry.has_value()) return schema::IsInactive(outcome.entry->feature);
  if (schema.FindFeature(path) != nullptr) {
    return outcome.deprecate_feature || schema.IsInactive(path);
  }
  return outcome.deprecate_sparse || schema.IsInactive(path);
}

void Apply(const FeatureOutcome& outcome, const schema::Path& path, schema::SchemaModel* schema) {
  if (outcome.deprecate_weighted) schema->FindWeighted(path)->set_lifecycle_stage(DEPRECATED);
  if (outcome.deprecate_sparse) schema->FindSparse(path)->set_lifecycle_stage(DEPRECATED);
  if (outcome.deprecate_feature) schema->FindFeature(path)->set_lifecycle_stage(DEPRECATED);
  if (!outcome.entry.has_value()) return;
  Feature* feature = schema->FindFeature(path);
  const bool has_children = feature->has_struct_domain();
  *feature = outcome.entry->feature;
  if (has_children) schema->Reindex();  // they are entries of their own, and were replaced
  if (outcome.entry->domain.has_value()) {
    *schema->FindDomain(outcome.entry->domain->name()) = *outcome.entry->domain;
  }
  if (!outcome.entry->removed_domain.empty()) schema->RemoveDomain(outcome.entry->removed_domain);
}

}  // namespace bessemer::validation
