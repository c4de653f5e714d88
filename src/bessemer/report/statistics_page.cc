#include "bessemer/base/clock.h"
#include "bessemer/base/version.h"
#include "bessemer/io/publish.h"
#include "bessemer/report/page.h"
#include "bessemer/report/report.h"
#include "bessemer/report/statistics_json.h"

namespace bessemer::report {

Status WriteStatisticsPage(const StatisticsPageInput& input, const std::string& out_path) {
  BESSEMER_ASSIGN_OR_RETURN(Json statistics,
                            StatisticsJson(input.datasets, input.schema, input.anomalies));
  const std::string title = input.title.empty() ? "Statistics" : input.title;
  const Json data = {
      {"kind", "statistics"},
      {"title", title},
      {"written", input.written.empty() ? IsoTime(Clock::System().NowMicros()) : input.written},
      {"version", Version()},
      {"statistics", std::move(statistics)}};
  return io::WriteFileAtomically(out_path, PageHtml(title, data));
}

}  // namespace bessemer::report
