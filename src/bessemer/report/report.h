#ifndef BESSEMER_REPORT_REPORT_H_
#define BESSEMER_REPORT_REPORT_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "bessemer/base/status.h"

namespace tensorflow::metadata::v0 {
class Anomalies;
class DatasetFeatureStatisticsList;
class Schema;
}  // namespace tensorflow::metadata::v0

// HTML pages for people: one file each, with script, style and data inside. A page opens from disk
// without network. The data is JSON; what is not UTF-8 in it becomes U+FFFD, and no text of the
// data can end the script element or be read as markup. Pages are published atomically.

namespace bessemer::report {

// Statistics under the name that the page shows, e.g. "train". Data sets inside the list beyond the
// first are slices; each can be chosen for a comparison. Not owned; not null.
struct NamedStatistics {
  std::string name;
  const ::tensorflow::metadata::v0::DatasetFeatureStatisticsList* statistics = nullptr;
};

// Anomalies of one data set; `dataset` may be "" where there is one.
struct NamedAnomalies {
  std::string dataset;
  const ::tensorflow::metadata::v0::Anomalies* anomalies = nullptr;
};

struct StatisticsPageInput {
  std::string title;
  std::vector<NamedStatistics> datasets;  // one or more; the first two are compared at first
  const ::tensorflow::metadata::v0::Schema* schema = nullptr;  // optional
  std::vector<NamedAnomalies> anomalies;                       // optional
  std::string written;  // ISO 8601, shown at the foot; "": now
};

// INVALID_ARGUMENT without data sets or with two of one name; else only errors of writing. Features
// are matched by path. Top values are listed up to 50 a feature (20 from 500 features on), texts
// cut at 120 bytes. Cost: linear in the statistics.
Status WriteStatisticsPage(const StatisticsPageInput& input, const std::string& out_path);

// A folder of files that a step read or wrote.
struct ReportArtifact {
  std::string port;  // TFX's key, e.g. "statistics"
  std::string type;  // TFX's type, e.g. "ExampleStatistics"
  std::string uri;
  int64_t id = 0;    // in the metadata store; 0: not recorded
  std::string step;  // inputs: the step of this run that made it; "": from outside
  std::vector<std::pair<std::string, std::string>> properties;
};

enum class ReportStepState { kRan, kCached, kFailed, kSkipped, kCancelled, kPending };

struct ReportStep {
  std::string name;       // unique in the run, e.g. "StatisticsGen"
  std::string component;  // "" : same as the name
  ReportStepState state = ReportStepState::kPending;
  std::string reason;         // why it ran or did not, one reason a line
  std::string error;          // of a failed step
  std::string summary;        // what the component left to say, some lines
  double seconds = -1;        // negative: not known
  double start_seconds = -1;  // since the run began; negative: not known
  std::vector<ReportArtifact> inputs;
  std::vector<ReportArtifact> outputs;
  std::vector<std::pair<std::string, std::string>> params;
  std::vector<std::string> after;  // steps it waited for without reading from them
};

enum class RunResult { kSucceeded, kFailed, kCancelled, kRunning };

struct RunReportInput {
  std::string pipeline;
  std::string run_id;
  std::string root;            // paths below it are shown relative to it; "": absolute
  int64_t started_micros = 0;  // since 1970-01-01 UTC; 0: not known
  double seconds = -1;         // negative: not known
  RunResult result = RunResult::kSucceeded;
  std::vector<std::string> findings;  // one line each, shown at the top
  std::vector<ReportStep> steps;      // in the order of the pipeline
  std::string written;                // as above
};

// One page for a run: graph of the steps, statistics per split, schema, anomalies, training curves,
// evaluation, blessings, push and lineage, read from the output artifacts by their TFX type and
// layout. An artifact that is missing or damaged does not fail the page: the page lists it with the
// error. Errors: INVALID_ARGUMENT for steps with equal names; errors of writing.
Status WriteRunPage(const RunReportInput& input, const std::string& out_path);

// Where a run's page stands: "<root>/reports/<run id>.html". Characters of the id that have no
// place in a file name become '_'.
std::string RunPagePath(const std::string& root, const std::string& run_id);

}  // namespace bessemer::report

#endif  // BESSEMER_REPORT_REPORT_H_
