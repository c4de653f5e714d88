#include <cctype>
#include <set>

#include "bessemer/base/clock.h"
#include "bessemer/base/version.h"
#include "bessemer/io/file.h"
#include "bessemer/io/publish.h"
#include "bessemer/report/page.h"
#include "bessemer/report/report.h"
#include "bessemer/report/run_artifacts.h"

namespace bessemer::report {
namespace {

constexpr size_t kMaxTextBytes = 4000;

const char* StateName(ReportStepState state) {
  switch (state) {
    case ReportStepState::kRan: return "ran";
    case ReportStepState::kCached: return "cached";
    case ReportStepState::kFailed: return "failed";
    case ReportStepState::kSkipped: return "skipped";
    case ReportStepState::kCancelled: return "cancelled";
    case ReportStepState::kPending: break;
  }
  return "pending";
}

const char* ResultName(RunResult result) {
  switch (result) {
    case RunResult::kSucceeded: return "succeeded";
    case RunResult::kFailed: return "failed";
    case RunResult::kCancelled: return "cancelled";
    case RunResult::kRunning: break;
  }
  return "running";
}

Json Seconds(double seconds) { return seconds < 0 ? Json(nullptr) : Rounded(seconds, 6); }

Json Pairs(const std::vector<std::pair<std::string, std::string>>& pairs) {
  Json list = Json::array();
  for (const auto& [key, value] : pairs) list.push_back({key, Shortened(value, kMaxTextBytes)});
  return list;
}

Json Artifacts(const std::vector<ReportArtifact>& artifacts) {
  Json list = Json::array();
  for (const ReportArtifact& artifact : artifacts) {
    list.push_back({{"port", artifact.port},
                    {"type", artifact.type},
                    {"uri", artifact.uri},
                    {"id", artifact.id},
                    {"step", artifact.step},
                    {"properties", Pairs(artifact.properties)}});
  }
  return list;
}

StatusOr<Json> Steps(const std::vector<ReportStep>& steps) {
  Json list = Json::array();
  std::set<std::string_view> names;
  for (const ReportStep& step : steps) {
    if (!names.insert(step.name).second) {
      return InvalidArgumentError("two steps of the run are named '{}'", step.name);
    }
    list.push_back({{"name", step.name},
                    {"component", step.component.empty() ? step.name : step.component},
                    {"state", StateName(step.state)},
                    {"reason", Shortened(step.reason, kMaxTextBytes)},
                    {"error", Shortened(step.error, kMaxTextBytes)},
                    {"summary", Shortened(step.summary, kMaxTextBytes)},
                    {"seconds", Seconds(step.seconds)},
                    {"start", Seconds(step.start_seconds)},
                    {"inputs", Artifacts(step.inputs)},
                    {"outputs", Artifacts(step.outputs)},
                    {"params", Pairs(step.params)},
                    {"after", step.after}});
  }
  return list;
}

}  // namespace

std::string RunPagePath(const std::string& root, const std::string& run_id) {
  std::string name = run_id;
  for (char& c : name) {
    const bool fine =
        std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.';
    if (!fine) c = '_';
  }
  return io::JoinPath(io::JoinPath(root, "reports"), name + ".html");
}

Status WriteRunPage(const RunReportInput& input, const std::string& out_path) {
  BESSEMER_ASSIGN_OR_RETURN(Json steps, Steps(input.steps));
  RunArtifacts artifacts = ReadRunArtifacts(input);
  Json run = {{"pipeline", input.pipeline},
              {"runId", input.run_id},
              {"started", input.started_micros > 0 ? IsoTime(input.started_micros) : ""},
              {"seconds", Seconds(input.seconds)},
              {"result", ResultName(input.result)},
              {"root", input.root},
              {"findings", input.findings},
              {"steps", std::move(steps)},
              {"marks", std::move(artifacts.marks)},
              {"schemas", std::move(artifacts.schemas)},
              {"anomalies", std::move(artifacts.anomalies)},
              {"training", std::move(artifacts.training)},
              {"evaluations", std::move(artifacts.evaluations)},
              {"problems", std::move(artifacts.problems)}};
  const std::string title = input.pipeline + " · " + input.run_id;
  Json data = {
      {"kind", "run"},
      {"title", title},
      {"written", input.written.empty() ? IsoTime(Clock::System().NowMicros()) : input.written},
      {"version", Version()},
      {"run", std::move(run)}};
  if (!artifacts.statistics.is_null()) data["statistics"] = std::move(artifacts.statistics);
  return io::WriteFileAtomically(out_path, PageHtml(title, data));
}

}  // namespace bessemer::report
