#ifndef BESSEMER_VALIDATION_FEATURE_OUTCOME_H_
#define BESSEMER_VALIDATION_FEATURE_OUTCOME_H_

#include <optional>
#include <vector>

#include "bessemer/validation/check.h"

namespace bessemer::validation {

// What the checks say of one feature of the statistics, and the edit that would satisfy them.
struct FeatureOutcome {
  std::vector<Finding> findings;
  ::tensorflow::metadata::v0::DriftSkewInfo drift_skew;  // without the path
  std::optional<FeatureEntry> entry;                     // the edited entry of a plain feature
  // Entries of this path that are to be taken out of validation.
  bool deprecate_feature = false;
  bool deprecate_sparse = false;
  bool deprecate_weighted = false;
};

// Runs the checks of a plain, sparse or weighted feature that the schema contains. The schema stays
// as it is. FAILED_PRECONDITION for a plain feature without numeric, string, bytes or struct
// statistics; INVALID_ARGUMENT for statistics that make no sense. Thread-safe.
StatusOr<FeatureOutcome> CheckFeature(const schema::FeatureView& statistics,
                                      const Datasets& datasets, const schema::SchemaModel& schema,
                                      const CheckOptions& options);

// Whether the feature (or else the sparse feature) at the path is inactive once edited.
bool IsInactiveAfter(const FeatureOutcome& outcome, const schema::SchemaModel& schema,
                     const schema::Path& path);

// Makes the edit.
void Apply(const FeatureOutcome& outcome, const schema::Path& path, schema::SchemaModel* schema);

}  // namespace bessemer::validation

#endif  // BESSEMER_VALIDATION_FEATURE_OUTCOME_H_
