#ifndef BESSEMER_REPORT_RUN_ARTIFACTS_H_
#define BESSEMER_REPORT_RUN_ARTIFACTS_H_

#include <string>

#include "bessemer/base/config.h"
#include "bessemer/report/report.h"

namespace bessemer::report {

// What a run left on disk, as web/src/model.ts wants it.
struct RunArtifacts {
  Json statistics = nullptr;  // StatisticsData, or null
  Json schemas = Json::array();  // those that anomalies were found by first; equal ones once
  Json anomalies = nullptr;  // a list, or null if nothing was validated
  Json training = Json::array();
  Json evaluations = Json::array();
  Json marks = Json::array();
  Json problems = Json::array();  // what could not be read
};

RunArtifacts ReadRunArtifacts(const RunReportInput& input);

}  // namespace bessemer::report

#endif  // BESSEMER_REPORT_RUN_ARTIFACTS_H_
