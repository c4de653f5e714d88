#include "bessemer/cli/commands/metadata/lineage_tree.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <vector>

namespace bessemer::cli::metadata {
namespace {

using ::ml_metadata::Event;
using ::ml_metadata::LineageGraph;

class Tree {
 public:
  Tree(const LineageGraph& graph, bool downstream) {
    std::set<int64_t> cached;
    for (const auto& execution : graph.executions()) {
      executions_[execution.id()] = &execution;
      if (execution.last_known_state() == ::ml_metadata::Execution::CACHED) {
        cached.insert(execution.id());
      }
    }
    for (const auto& artifact : graph.artifacts()) artifacts_[artifact.id()] = &artifact;
    for (const Event& event : graph.events()) {
      if (cached.contains(event.execution_id())) continue;  // it has made nothing itself
      const bool output = event.type() == Event::OUTPUT;
      auto& from_artifact = of_artifact_[event.artifact_id()];
      auto& from_execution = of_execution_[event.execution_id()];
      if (output != downstream) from_artifact.push_back(event.execution_id());
      if (output == downstream) from_execution.push_back(event.artifact_id());
    }
  }

  std::string Draw(int64_t artifact_id) {
    Artifact(artifact_id, "", "");
    return std::move(text_);
  }

 private:
  void Artifact(int64_t id, const std::string& first, const std::string& rest) {
    const auto found = artifacts_.find(id);
    if (found == artifacts_.end()) return;
    const bool again = !shown_.insert(id).second;
    text_ += fmt::format("{}{} {}  {}{}\n", first, found->second->type(), id, found->second->uri(),
                         again ? "  (see above)" : "");
    if (again) return;
    Children(of_artifact_[id], rest, [this](int64_t child, const std::string& a,
                                            const std::string& b) { Execution(child, a, b); });
  }

  void Execution(int64_t id, const std::string& first, const std::string& rest) {
    const auto found = executions_.find(id);
    if (found == executions_.end()) return;
    const std::string& type = found->second->type();
    text_ += fmt::format("{}{} (execution {})\n", first, type.substr(type.rfind('.') + 1), id);
    Children(of_execution_[id], rest, [this](int64_t child, const std::string& a,
                                             const std::string& b) { Artifact(child, a, b); });
  }

  template <typename Draw>
  void Children(const std::vector<int64_t>& ids, const std::string& rest, Draw draw) {
    for (size_t i = 0; i < ids.size(); ++i) {
      const bool last = i + 1 == ids.size();
      draw(ids[i], rest + (last ? "└─ " : "├─ "), rest + (last ? "   " : "│  "));
    }
  }

  std::map<int64_t, const ::ml_metadata::Artifact*> artifacts_;
  std::map<int64_t, const ::ml_metadata::Execution*> executions_;
  std::map<int64_t, std::vector<int64_t>> of_artifact_, of_execution_;
  std::set<int64_t> shown_;
  std::string text_;
};

}  // namespace

std::string LineageTree(const LineageGraph& graph, int64_t artifact_id, bool downstream) {
  return Tree(graph, downstream).Draw(artifact_id);
}

Json LineageJson(const LineageGraph& graph) {
  Json json = {{"artifacts", Json::array()}, {"executions", Json::array()},
               {"events", Json::array()}};
  for (const auto& artifact : graph.artifacts()) {
    json["artifacts"].push_back(
        {{"id", artifact.id()}, {"type", artifact.type()}, {"uri", artifact.uri()}});
  }
  for (const auto& execution : graph.executions()) {
    json["executions"].push_back(
        {{"id", execution.id()},
         {"type", execution.type()},
         {"state", ::ml_metadata::Execution::State_Name(execution.last_known_state())}});
  }
  for (const Event& event : graph.events()) {
    json["events"].push_back({{"artifact", event.artifact_id()},
                              {"execution", event.execution_id()},
                              {"type", Event::Type_Name(event.type())}});
  }
  return json;
}

}  // namespace bessemer::cli::metadata
