#include "bessemer/schema/path.h"
#include "bessemer/validation/anomaly_builder.h"
#include "bessemer/validation/row_scan.h"

namespace bessemer::validation {

using ::tensorflow::metadata::v0::Anomalies;
using ::tensorflow::metadata::v0::AnomalyInfo;

Anomalies AnomaliesOf(const RowScanResult& result, const std::vector<Rule>& rules) {
  Anomalies anomalies;
  for (const auto& [key, count] : result.counts) {
    const auto& [feature, type, rule] = key;
    if (!rule.empty()) continue;
    const schema::Path path({feature});
    AnomalyInfo* anomaly = anomalies.mutable_dataset_anomaly_info();
    if (!feature.empty()) {
      anomaly = &(*anomalies.mutable_anomaly_info())[path.ToString()];
      *anomaly->mutable_path() = path.ToProto();
    }
    AddFindings({{type, "Rows that break the schema",
                  fmt::format("{} of {} rows break it, e.g. {}", count.num_rows, result.num_rows,
                              count.example)}},
                {{type, count.severity}}, anomaly);
  }
  for (const Rule& rule : rules) {
    for (const auto& [key, count] : result.counts) {
      if (std::get<2>(key) != rule.name) continue;
      ReportRowRule(rule, count.num_rows, result.num_rows, &anomalies);
    }
  }
  return anomalies;
}

}  // namespace bessemer::validation
