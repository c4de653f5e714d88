#ifndef BESSEMER_VALIDATION_FEATURE_DIFFERENCE_H_
#define BESSEMER_VALIDATION_FEATURE_DIFFERENCE_H_

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/schema/path.h"
#include "bessemer/validation/distance.h"

namespace bessemer::validation {

// How two data sets, or slices, differ in one feature: what people look at first. Of each pair the
// first is of `a`, the second of `b`.
struct FeatureDifference {
  schema::Path path;
  std::array<std::string, 2> type;                // "INT", "STRING", …; "": not there
  std::array<double, 2> missing = {1, 1};         // share of the rows, 0 to 1; 1: not there
  std::array<std::optional<double>, 2> mean;      // of numbers, if there are any
  // What `infinity_norm` of a drift_comparator is compared with, and where it is. No value: the
  // feature is in one only, is text in one and numbers in the other, or has no histograms.
  std::optional<ValueDistance> l_infinity;
};

// For each feature of either, by path. INVALID_ARGUMENT for statistics in which features cannot be
// told apart by their paths.
StatusOr<std::vector<FeatureDifference>> CompareFeatures(
    const ::tensorflow::metadata::v0::DatasetFeatureStatistics& a,
    const ::tensorflow::metadata::v0::DatasetFeatureStatistics& b);

}  // namespace bessemer::validation

#endif  // BESSEMER_VALIDATION_FEATURE_DIFFERENCE_H_
