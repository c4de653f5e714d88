#ifndef BESSEMER_REPORT_STATISTICS_JSON_H_
#define BESSEMER_REPORT_STATISTICS_JSON_H_

#include <string>
#include <vector>

#include "bessemer/base/config.h"
#include "bessemer/base/status.h"
#include "bessemer/report/report.h"

namespace bessemer::report {

// StatisticsData of web/src/model.ts. INVALID_ARGUMENT without data sets or with equal names.
StatusOr<Json> StatisticsJson(const std::vector<NamedStatistics>& datasets,
                              const ::tensorflow::metadata::v0::Schema* schema,
                              const std::vector<NamedAnomalies>& anomalies);

// A list of Anomaly of model.ts, in order of severity, then of path.
Json AnomaliesJson(const std::vector<NamedAnomalies>& anomalies);

}  // namespace bessemer::report

#endif  // BESSEMER_REPORT_STATISTICS_JSON_H_
