#include "bessemer/pipeline/run_record.h"

#include <google/protobuf/struct.pb.h>

#include <algorithm>

#include "absl/strings/escaping.h"
#include "bessemer/pipeline/records.h"

namespace bessemer::pipeline {
namespace {

using components::Artifact;

Json PropertiesJson(const components::Properties& properties) {
  Json json = Json::object();
  for (const auto& [name, value] : properties) {
    std::visit([&](const auto& v) { json[name] = v; }, value);
  }
  return json;
}

Json ArtifactsJson(const ArtifactMap& map) {
  Json json = Json::object();
  for (const auto& [port, artifacts] : map) {
    Json list = Json::array();
    for (const Artifact& artifact : artifacts) {
      list.push_back({{"id", artifact.id},
                      {"type", artifact.type},
                      {"uri", artifact.uri},
                      {"properties", PropertiesJson(artifact.properties)},
                      {"custom_properties", PropertiesJson(artifact.custom_properties)}});
    }
    json[port] = std::move(list);
  }
  return json;
}

// The splits whose number is 0 in a property such as ExampleValidator's `blessed`: a map of splits
// in TFX's encoding of JSON values.
std::vector<std::string> ZeroSplits(const std::string& encoded) {
  constexpr std::string_view kPrefix = "mlmd-struct::";
  std::string bytes;
  google::protobuf::Struct wrapper;
  std::vector<std::string> splits;
  if (!encoded.starts_with(kPrefix) ||
      !absl::Base64Unescape(encoded.substr(kPrefix.size()), &bytes) ||
      !wrapper.ParseFromString(bytes)) {
    return splits;
  }
  const auto value = wrapper.fields().find("__value__");
  if (value == wrapper.fields().end()) return splits;
  for (const auto& [split, number] : value->second.struct_value().fields()) {
    if (number.kind_case() == google::protobuf::Value::kNumberValue && number.number_value() == 0) {
      splits.push_back(split);
    }
  }
  std::sort(splits.begin(), splits.end());
  return splits;
}

void AddFindings(const StepRecord& step, const Artifact& artifact,
                 std::vector<std::string>& findings) {
  const auto blessed = artifact.custom_properties.find("blessed");
  if (blessed != artifact.custom_properties.end()) {
    if (const auto* number = std::get_if<int64_t>(&blessed->second); number && *number == 0) {
      findings.push_back(fmt::format("{}: the model is not blessed", step.id));
    } else if (const auto* text = std::get_if<std::string>(&blessed->second)) {
      for (const std::string& split : ZeroSplits(*text)) {
        findings.push_back(fmt::format("{}: anomalies in split '{}'", step.id, split));
      }
    }
  }
  const auto pushed = artifact.custom_properties.find("pushed");
  if (pushed != artifact.custom_properties.end()) {
    if (const auto* number = std::get_if<int64_t>(&pushed->second); number && *number == 0) {
      findings.push_back(fmt::format("{}: the model was not pushed", step.id));
    }
  }
}

}  // namespace

std::string_view StepStateName(StepState state) {
  switch (state) {
    case StepState::kRunning:
      return "running";
    case StepState::kRan:
      return "ran";
    case StepState::kCached:
      return "cached";
    case StepState::kFailed:
      return "failed";
    case StepState::kSkipped:
      return "skipped";
  }
  return "?";
}

const StepRecord* RunRecord::Find(std::string_view step) const {
  for (const StepRecord& record : steps) {
    if (record.id == step) return &record;
  }
  return nullptr;
}

int RunRecord::Count(StepState state) const {
  return static_cast<int>(std::count_if(
      steps.begin(), steps.end(), [&](const StepRecord& step) { return step.state == state; }));
}

std::vector<std::string> RunRecord::Findings() const {
  std::vector<std::string> findings;
  for (const StepRecord& step : steps) {
    for (const auto& [port, artifacts] : step.outputs) {
      for (const Artifact& artifact : artifacts) AddFindings(step, artifact, findings);
    }
  }
  return findings;
}

Json RunRecord::ToJson() const {
  Json json = {{"pipeline", pipeline},
               {"run_id", run_id},
               {"root", root},
               {"started_micros", started_micros},
               {"seconds", seconds},
               {"interrupted", interrupted}};
  json["findings"] = Findings();
  json["steps"] = Json::array();
  for (const StepRecord& step : steps) {
    json["steps"].push_back({{"id", step.id},
                             {"component", step.component},
                             {"state", StepStateName(step.state)},
                             {"reasons", step.reasons},
                             {"execution_id", step.execution_id},
                             {"attempts", step.attempts},
                             {"seconds", step.seconds},
                             {"cpu_seconds", step.cpu_seconds},
                             {"peak_rss_bytes", step.peak_rss_bytes},
                             {"error", step.error},
                             {"summary", step.summary},
                             {"params", step.params},
                             {"inputs", ArtifactsJson(step.inputs)},
                             {"outputs", ArtifactsJson(step.outputs)}});
  }
  json["edges"] = Json::array();
  for (const RunEdge& edge : edges) {
    json["edges"].push_back({{"from", edge.from_step},
                             {"output", edge.output},
                             {"to", edge.to_step},
                             {"input", edge.input}});
  }
  return json;
}

}  // namespace bessemer::pipeline
