#ifndef BESSEMER_VALIDATION_ANOMALY_BUILDER_H_
#define BESSEMER_VALIDATION_ANOMALY_BUILDER_H_

#include <string_view>
#include <vector>

#include "bessemer/validation/validate.h"

namespace bessemer::validation {

// The greater of two: ERROR, WARNING, UNKNOWN.
Severity Greater(Severity a, Severity b);

// Adds reasons to an anomaly and renews its severity and summary: one reason gives its own texts,
// several the title "Multiple errors" and their texts in a row; several new columns count as one.
void AddFindings(const std::vector<Finding>& findings, const Severities& severities,
                 ::tensorflow::metadata::v0::AnomalyInfo* anomaly);

// Renews the summary from the reasons.
void Summarise(::tensorflow::metadata::v0::AnomalyInfo* anomaly);

// Sets diff_regions from two texts.
void SetEdit(std::string_view before, std::string_view after,
             ::tensorflow::metadata::v0::AnomalyInfo* anomaly);

}  // namespace bessemer::validation

#endif  // BESSEMER_VALIDATION_ANOMALY_BUILDER_H_
