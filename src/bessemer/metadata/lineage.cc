#include <algorithm>
#include <set>

#include "bessemer/metadata/database.h"
#include "bessemer/metadata/tables.h"

namespace bessemer::metadata {
namespace {

using ::ml_metadata::Artifact;
using ::ml_metadata::Event;
using ::ml_metadata::Execution;
using ::ml_metadata::LineageGraph;

bool IsOutput(const Event& event) {
  return event.type() == Event::OUTPUT || event.type() == Event::DECLARED_OUTPUT ||
         event.type() == Event::INTERNAL_OUTPUT || event.type() == Event::PENDING_OUTPUT;
}

// Walks the events in one direction, a layer of nodes at a time.
class Walk {
 public:
  Walk(Database& database, LineageDirection direction)
      : database_(database), upstream_(direction == LineageDirection::kUpstream) {}

  Status Run(const std::vector<int64_t>& start, int max_hops, LineageGraph& graph) {
    for (const int64_t id : start) {
      BESSEMER_RETURN_IF_ERROR(CheckExists<Artifact>(database_, id));
    }
    artifacts_.insert(start.begin(), start.end());
    std::vector<int64_t> frontier = start;
    bool at_artifacts = true;
    for (int hop = 0; !frontier.empty() && (max_hops <= 0 || hop < max_hops); ++hop) {
      BESSEMER_ASSIGN_OR_RETURN(frontier, Hop(frontier, at_artifacts, graph));
      at_artifacts = !at_artifacts;
    }
    return Fill(graph);
  }

 private:
  StatusOr<std::vector<int64_t>> Hop(const std::vector<int64_t>& from, bool at_artifacts,
                                     LineageGraph& graph) {
    BESSEMER_ASSIGN_OR_RETURN(
        const std::vector<Event> events,
        GetEvents(database_, at_artifacts ? "artifact_id" : "execution_id", from));
    std::vector<int64_t> next;
    for (const Event& event : events) {
      // Upstream, an artifact leads to what wrote it and an execution to what it read.
      if (IsOutput(event) != (at_artifacts == upstream_)) continue;
      *graph.add_events() = event;
      const int64_t id = at_artifacts ? event.execution_id() : event.artifact_id();
      if ((at_artifacts ? executions_ : artifacts_).insert(id).second) next.push_back(id);
    }
    return next;
  }

  Status Fill(LineageGraph& graph) {
    NodeQuery query;
    query.ids = std::vector<int64_t>(artifacts_.begin(), artifacts_.end());
    BESSEMER_ASSIGN_OR_RETURN(const std::vector<Artifact> artifacts,
                              GetNodes<Artifact>(database_, query));
    query.ids = std::vector<int64_t>(executions_.begin(), executions_.end());
    BESSEMER_ASSIGN_OR_RETURN(const std::vector<Execution> executions,
                              GetNodes<Execution>(database_, query));
    std::set<int64_t> types;
    for (const Artifact& artifact : artifacts) {
      *graph.add_artifacts() = artifact;
      types.insert(artifact.type_id());
    }
    for (const Execution& execution : executions) {
      *graph.add_executions() = execution;
      types.insert(execution.type_id());
    }
    const std::vector<int64_t> ids(types.begin(), types.end());
    BESSEMER_ASSIGN_OR_RETURN(const auto artifact_types,
                              GetTypes<::ml_metadata::ArtifactType>(database_, &ids));
    BESSEMER_ASSIGN_OR_RETURN(const auto execution_types,
                              GetTypes<::ml_metadata::ExecutionType>(database_, &ids));
    for (const auto& type : artifact_types) *graph.add_artifact_types() = type;
    for (const auto& type : execution_types) *graph.add_execution_types() = type;
    return OkStatus();
  }

  Database& database_;
  const bool upstream_;
  std::set<int64_t> artifacts_;
  std::set<int64_t> executions_;
};

}  // namespace

StatusOr<LineageGraph> Store::GetLineage(const std::vector<int64_t>& artifact_ids,
                                         LineageDirection direction, int max_hops) const {
  const std::lock_guard lock(mutex_);
  BESSEMER_ASSIGN_OR_RETURN(const Database::Transaction view,
                            Database::Transaction::Begin(database_.get(), /*write=*/false));
  LineageGraph graph;
  BESSEMER_RETURN_IF_ERROR(Walk(*database_, direction).Run(artifact_ids, max_hops, graph));
  return graph;
}

}  // namespace bessemer::metadata
