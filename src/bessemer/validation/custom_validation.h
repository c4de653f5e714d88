#ifndef BESSEMER_VALIDATION_CUSTOM_VALIDATION_H_
#define BESSEMER_VALIDATION_CUSTOM_VALIDATION_H_

#include "bessemer/base/status.h"
#include "bessemer/schema/schema_model.h"
#include "tensorflow_metadata/proto/v0/anomalies.pb.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace tensorflow::data_validation {
class CustomValidationConfig;
}

namespace bessemer::validation {

// TensorFlow Data Validation's custom validations: SQL conditions on the statistics of a feature
// (`feature`, a FeatureNameStatistics) or of a pair of features (`feature_test`, `feature_base`).
// One that is false is an anomaly CUSTOM_VALIDATION of its severity, at the (test) feature. Those
// with environments count in these, and wherever no environment is given.
//
// The base of a pair is in `baseline`, or in the statistics themselves without one. SQL is that of
// ParseRule and CallRuleFunction: fields, lists, SELECT … FROM UNNEST, the usual functions.
// Datasets are found by their name. NOT_FOUND for a dataset or feature that is not there;
// INVALID_ARGUMENT, OUT_OF_RANGE or FAILED_PRECONDITION for a condition that is malformed, fails or
// is null, with its text.
StatusOr<::tensorflow::metadata::v0::Anomalies> CustomValidate(
    const ::tensorflow::metadata::v0::DatasetFeatureStatisticsList& statistics,
    const ::tensorflow::metadata::v0::DatasetFeatureStatisticsList* baseline,
    const ::tensorflow::data_validation::CustomValidationConfig& config,
    const schema::Environment& environment = {});

// A configuration in text or binary form. INVALID_ARGUMENT names file and line.
StatusOr<::tensorflow::data_validation::CustomValidationConfig> ReadCustomValidationConfig(
    const std::string& path);

// Adds anomalies to others of the same data: reasons of one feature come together.
void MergeAnomalies(const ::tensorflow::metadata::v0::Anomalies& from,
                    ::tensorflow::metadata::v0::Anomalies* to);

}  // namespace bessemer::validation

#endif  // BESSEMER_VALIDATION_CUSTOM_VALIDATION_H_
