#ifndef BESSEMER_REPORT_FROM_RUN_RECORD_H_
#define BESSEMER_REPORT_FROM_RUN_RECORD_H_

#include "bessemer/report/report.h"

namespace bessemer::pipeline {
struct RunRecord;
}

namespace bessemer::report {

// What a run page shows of a run, just ended or loaded from the metadata store. Inputs made in this
// run name the step that made them.
RunReportInput FromRunRecord(const pipeline::RunRecord& record);

}  // namespace bessemer::report

#endif  // BESSEMER_REPORT_FROM_RUN_RECORD_H_
