#ifndef BESSEMER_VALIDATION_COMPOSITE_FEATURES_H_
#define BESSEMER_VALIDATION_COMPOSITE_FEATURES_H_

#include <vector>

#include "bessemer/validation/check.h"

// Sparse and weighted features are made of plain ones; their statistics say where the parts do not
// fit together.

namespace bessemer::validation {

// From the custom statistics missing_value, missing_index, max_length_diff and min_length_diff:
// examples without the value or an index feature, and lengths that differ. Others are ignored.
std::vector<Finding> CheckSparseFeature(
    const ::tensorflow::metadata::v0::FeatureNameStatistics& statistics);

// From missing_value, missing_weight, min_weight_length_diff and max_weight_length_diff.
std::vector<Finding> CheckWeightedFeature(
    const ::tensorflow::metadata::v0::FeatureNameStatistics& statistics);

}  // namespace bessemer::validation

#endif  // BESSEMER_VALIDATION_COMPOSITE_FEATURES_H_
