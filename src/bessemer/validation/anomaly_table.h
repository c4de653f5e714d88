#ifndef BESSEMER_VALIDATION_ANOMALY_TABLE_H_
#define BESSEMER_VALIDATION_ANOMALY_TABLE_H_

#include <string>
#include <vector>

#include "bessemer/base/config.h"
#include "tensorflow_metadata/proto/v0/anomalies.pb.h"

// Anomalies for people and for scripts.

namespace bessemer::validation {

// One finding.
struct AnomalyRow {
  std::string feature;   // text form of the path; "(dataset)"
  std::string severity;  // "ERROR"
  std::string type;      // "ENUM_TYPE_UNEXPECTED_STRING_VALUES"
  std::string text;
};

// Sorted by severity, errors first, then by feature.
std::vector<AnomalyRow> AnomalyRows(const ::tensorflow::metadata::v0::Anomalies& anomalies);

// Aligned columns with a heading: feature, severity, what is wrong. "" for no anomalies.
std::string AnomalyTable(const ::tensorflow::metadata::v0::Anomalies& anomalies);

// What was measured between data sets, near or far: feature, kind (drift, skew), measure, distance,
// threshold, and "above" where the distance is; in order of features. "" if nothing was.
std::string DriftSkewTable(const ::tensorflow::metadata::v0::Anomalies& anomalies);

// The lines that an anomaly's edit takes out ("- …") and adds ("+ …"), with a little around them.
std::string EditText(const ::tensorflow::metadata::v0::AnomalyInfo& anomaly,
                     const std::string& indent);

// {"anomalies": [{feature, severity, type, text}], "drift_skew": [{feature, kind, measure, value,
// threshold}], "data_missing": bool}.
Json AnomaliesJson(const ::tensorflow::metadata::v0::Anomalies& anomalies);

}  // namespace bessemer::validation

#endif  // BESSEMER_VALIDATION_ANOMALY_TABLE_H_
