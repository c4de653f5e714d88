#ifndef BESSEMER_VALIDATION_VALIDATE_H_
#define BESSEMER_VALIDATION_VALIDATE_H_

#include <map>
#include <optional>
#include <set>
#include <string_view>

#include "bessemer/base/status.h"
#include "bessemer/schema/infer.h"
#include "bessemer/validation/check.h"
#include "bessemer/validation/severity.h"

namespace bessemer::validation {

struct ValidateOptions {
  schema::Environment environment = {};
  // Statistics to compare with; null or an empty message: the comparators that need them are not
  // judged.
  const ::tensorflow::metadata::v0::DatasetFeatureStatistics* previous_span = nullptr;
  const ::tensorflow::metadata::v0::DatasetFeatureStatistics* serving = nullptr;
  const ::tensorflow::metadata::v0::DatasetFeatureStatistics* previous_version = nullptr;
  // Types that are not listed are errors. UNKNOWN silences a type: a known feature that has no
  // findings but such is not reported.
  Severities severities = {};
  // By text form of the path, and before `severities`: see SeverityOverrides. Those under
  // kDatasetKey are of anomalies of the data set, which `severities` do not concern, as in TFDV.
  std::map<std::string, Severities> feature_severities = {};
  // Given: a feature that the schema does not have is only reported if it is one of these.
  std::optional<std::set<schema::Path>> features_needed = {};
  // Fills AnomalyInfo.diff_regions with the edit of the schema that each anomaly asks for: lines
  // of the feature's entry, and of its string domain where that changes, before and after.
  bool with_edits = false;
  CheckOptions checks = {};
};

// What is wrong with the data, by the schema, in the form of TensorFlow Data Validation: anomalies
// by path of the feature (in text form), anomalies of the dataset, the distances measured (sorted
// by path), and the schema itself as baseline. A dataset without examples gives `data_missing` and
// nothing else. Weighted counts are used if the dataset and all its features have them.
//
// An anomaly has a reason per finding. Its severity is the greatest of theirs. Anomalies of the
// dataset are errors unless `feature_severities` say otherwise. Findings of a new struct are
// reported once, at the struct.
//
// Errors as DatasetView::Create and CheckFeature. Thread-safe. Cost: linear in the statistics.
StatusOr<::tensorflow::metadata::v0::Anomalies> Validate(
    const ::tensorflow::metadata::v0::DatasetFeatureStatistics& statistics,
    const ::tensorflow::metadata::v0::Schema& schema, const ValidateOptions& options = {});

// Whether anything was found: anomalies of features or of the dataset. (`data_missing` is none.)
bool HasAnomalies(const ::tensorflow::metadata::v0::Anomalies& anomalies);
// The greatest severity of all anomalies; UNKNOWN: there are none.
Severity GreatestSeverity(const ::tensorflow::metadata::v0::Anomalies& anomalies);

// Takes the reasons of these types out; an anomaly without a reason left goes too, and the edits of
// the others, which cannot be told apart, are cleared.
void RemoveFindings(const std::set<AnomalyType>& types,
                    ::tensorflow::metadata::v0::Anomalies* anomalies);

// Keeps only the reasons of these types, of features and of the dataset, as RemoveFindings does.
void KeepFindings(const std::set<AnomalyType>& types,
                  ::tensorflow::metadata::v0::Anomalies* anomalies);

}  // namespace bessemer::validation

#endif  // BESSEMER_VALIDATION_VALIDATE_H_
