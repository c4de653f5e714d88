#ifndef BESSEMER_VALIDATION_COMPARE_DATASETS_H_
#define BESSEMER_VALIDATION_COMPARE_DATASETS_H_

#include <string>
#include <string_view>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/validation/validate.h"

namespace tfx::components::distribution_validator {
class DistributionValidatorConfig;
}

// Statistics judged against other statistics, or slice by slice.

namespace bessemer::validation {

// How far the statistics are from those of a baseline, by TFX's configuration: for each feature it
// names a comparator, and one for the number of examples. Only comparisons are reported. The schema
// (the result's `baseline`) is inferred from the baseline and not judged by.
//
// A feature that could not be compared gets STATS_NOT_AVAILABLE, which says why; so does the
// dataset if there are no examples. Unlike TFX's DistributionValidator this reports normalised
// absolute differences, which that one computes and then drops, and names nested features by their
// path.
//
// Errors as Validate, and INVALID_ARGUMENT for a feature without a path.
StatusOr<::tensorflow::metadata::v0::Anomalies> CompareDatasets(
    const ::tensorflow::metadata::v0::DatasetFeatureStatistics& statistics,
    const ::tensorflow::metadata::v0::DatasetFeatureStatistics& baseline,
    const ::tfx::components::distribution_validator::DistributionValidatorConfig& config,
    bool numeric_distances = false);

// "slice(<name>)::<step>".
std::string SliceStep(std::string_view slice, std::string_view step);

// Every slice judged by the whole schema, and compared with the slice of that name in the previous
// span and in serving. Anomalies are keyed "slice(<name>)::<feature>" in the first step of the
// path, as TensorFlow Data Validation does; features missing from a slice are reported for it, and
// slices that are only in other statistics as well. Constraints of the dataset are of all examples.
//
// The statistics in `options` are not read; lists stand in their place, null where there are none.
// INVALID_ARGUMENT if a list has no slice of all examples.
StatusOr<::tensorflow::metadata::v0::Anomalies> ValidateSlices(
    const ::tensorflow::metadata::v0::DatasetFeatureStatisticsList& statistics,
    const ::tensorflow::metadata::v0::Schema& schema, const ValidateOptions& options,
    const ::tensorflow::metadata::v0::DatasetFeatureStatisticsList* previous_span = nullptr,
    const ::tensorflow::metadata::v0::DatasetFeatureStatisticsList* serving = nullptr);

}  // namespace bessemer::validation

#endif  // BESSEMER_VALIDATION_COMPARE_DATASETS_H_
