#include "bessemer/report/from_run_record.h"

#include <map>

#include "bessemer/base/json_text.h"
#include "bessemer/pipeline/run_record.h"

namespace bessemer::report {
namespace {

using components::Artifact;
using components::PropertyValue;

ReportStepState State(const pipeline::StepRecord& step, bool interrupted) {
  switch (step.state) {
    case pipeline::StepState::kRan: return ReportStepState::kRan;
    case pipeline::StepState::kCached: return ReportStepState::kCached;
    case pipeline::StepState::kFailed: return ReportStepState::kFailed;
    case pipeline::StepState::kSkipped: return ReportStepState::kSkipped;
    case pipeline::StepState::kRunning: break;
  }
  return interrupted ? ReportStepState::kCancelled : ReportStepState::kPending;
}

RunResult Result(const pipeline::RunRecord& record) {
  if (record.interrupted) return RunResult::kCancelled;
  if (record.failed()) return RunResult::kFailed;
  return record.Count(pipeline::StepState::kRunning) > 0 ? RunResult::kRunning
                                                         : RunResult::kSucceeded;
}

std::string Text(const PropertyValue& value) {
  if (const auto* number = std::get_if<int64_t>(&value)) return std::to_string(*number);
  if (const auto* real = std::get_if<double>(&value)) return fmt::format("{}", *real);
  return std::get<std::string>(value);
}

using MakerByInput = std::map<std::pair<std::string, std::string>, std::string>;

std::vector<ReportArtifact> Artifacts(const pipeline::ArtifactMap& ports, const std::string& step,
                                      const MakerByInput& makers) {
  std::vector<ReportArtifact> list;
  for (const auto& [port, artifacts] : ports) {
    for (const Artifact& artifact : artifacts) {
      ReportArtifact entry{
          .port = port, .type = artifact.type, .uri = artifact.uri, .id = artifact.id};
      if (const auto maker = makers.find({step, artifact.uri}); maker != makers.end()) {
        entry.step = maker->second;
      }
      for (const auto* properties : {&artifact.properties, &artifact.custom_properties}) {
        for (const auto& [name, value] : *properties) {
          entry.properties.emplace_back(name, Text(value));
        }
      }
      list.push_back(std::move(entry));
    }
  }
  return list;
}

// Which step of the run made what a step reads: by the place of the artifact.
MakerByInput Makers(const pipeline::RunRecord& record) {
  std::map<std::string, std::string> maker_of;
  for (const pipeline::StepRecord& step : record.steps) {
    for (const auto& [port, artifacts] : step.outputs) {
      for (const Artifact& artifact : artifacts) maker_of[artifact.uri] = step.id;
    }
  }
  MakerByInput makers;
  for (const pipeline::StepRecord& step : record.steps) {
    for (const auto& [port, artifacts] : step.inputs) {
      for (const Artifact& artifact : artifacts) {
        const auto maker = maker_of.find(artifact.uri);
        if (maker != maker_of.end() && maker->second != step.id) {
          makers[{step.id, artifact.uri}] = maker->second;
        }
      }
    }
  }
  return makers;
}

std::vector<std::string> WaitedFor(const pipeline::RunRecord& record, const std::string& step) {
  std::vector<std::string> steps;
  for (const pipeline::RunEdge& edge : record.edges) {
    if (edge.to_step == step && !edge.from_step.empty()) steps.push_back(edge.from_step);
  }
  return steps;
}

}  // namespace

RunReportInput FromRunRecord(const pipeline::RunRecord& record) {
  RunReportInput input{.pipeline = record.pipeline,
                       .run_id = record.run_id,
                       .root = record.root,
                       .started_micros = record.started_micros,
                       .seconds = record.seconds,
                       .result = Result(record),
                       .findings = record.Findings()};
  const MakerByInput makers = Makers(record);
  for (const pipeline::StepRecord& step : record.steps) {
    ReportStep entry{.name = step.id,
                     .component = step.component,
                     .state = State(step, record.interrupted),
                     .error = step.error,
                     .summary = step.summary,
                     .seconds = step.seconds,
                     .inputs = Artifacts(step.inputs, step.id, makers),
                     .outputs = Artifacts(step.outputs, step.id, {}),
                     .after = WaitedFor(record, step.id)};
    for (const std::string& reason : step.reasons) {
      entry.reason += (entry.reason.empty() ? "" : "\n") + reason;
    }
    for (const auto& [name, value] : step.params.items()) {
      entry.params.emplace_back(name,
                                value.is_string() ? value.get<std::string>() : JsonText(value));
    }
    input.steps.push_back(std::move(entry));
  }
  return input;
}

}  // namespace bessemer::report
