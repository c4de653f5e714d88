#ifndef BESSEMER_VALIDATION_UPDATE_H_
#define BESSEMER_VALIDATION_UPDATE_H_

#include <optional>
#include <set>

#include "bessemer/base/status.h"
#include "bessemer/schema/infer.h"
#include "bessemer/schema/schema_model.h"
#include "bessemer/validation/check.h"

namespace bessemer::validation {

struct UpdateOptions {
  // For features that the schema does not have. They never get a fixed shape, since the data the
  // schema was made from is not there to ask.
  int max_string_domain_size = 100;
  schema::Environment environment = {};
  // Given: only these features are looked at.
  std::optional<std::set<schema::Path>> paths = {};
  CheckOptions checks = {};
};

// The schema, relaxed until it accepts the statistics: every edit that the checks ask for is made,
// new features are added as inferred, required features without any statistics become DEPRECATED.
// Validating the same statistics against the result finds nothing (apart from comparisons with
// other datasets, constraints of the dataset, and features that the edit of another one touched).
//
// Errors as InferSchema and CheckFeature.
StatusOr<::tensorflow::metadata::v0::Schema> UpdateSchema(
    const ::tensorflow::metadata::v0::Schema& schema,
    const ::tensorflow::metadata::v0::DatasetFeatureStatistics& statistics,
    const UpdateOptions& options = {});

}  // namespace bessemer::validation

#endif  // BESSEMER_VALIDATION_UPDATE_H_
