#include <algorithm>

#include "bessemer/base/nearest_name.h"
#include "bessemer/metadata/store.h"
#include "bessemer/pipeline/records.h"
#include "bessemer/pipeline/run_record.h"

// Past runs, as the metadata store has them.

namespace bessemer::pipeline {
namespace {

using metadata::NodeQuery;
using metadata::Store;
using ::ml_metadata::Context;
using ::ml_metadata::Event;
using ::ml_metadata::Execution;

StepState StateOf(const Execution& execution) {
  switch (execution.last_known_state()) {
    case Execution::COMPLETE:
      return StepState::kRan;
    case Execution::CACHED:
      return StepState::kCached;
    case Execution::FAILED:
      return StepState::kFailed;
    case Execution::CANCELED:
      return StepState::kSkipped;
    default:
      return StepState::kRunning;
  }
}

// Newest first.
StatusOr<std::vector<Context>> RunContexts(const Store& store, std::string_view pipeline) {
  NodeQuery query;
  query.type = kRunContext;
  query.newest_first = true;
  if (!pipeline.empty()) {
    NodeQuery parent;
    parent.type = kPipelineContext;
    parent.name = std::string(pipeline);
    BESSEMER_ASSIGN_OR_RETURN(const std::vector<Context> found, store.GetContexts(parent));
    if (found.empty()) {
      BESSEMER_ASSIGN_OR_RETURN(const std::vector<Context> all,
                                store.GetContexts({.type = kPipelineContext}));
      std::vector<std::string> names;
      for (const Context& context : all) names.push_back(context.name());
      return NotFoundError("{}: there is no pipeline '{}'{}", store.path(), pipeline,
                           SuggestName(pipeline, names));
    }
    query.child_of = found[0].id();
  }
  return store.GetContexts(query);
}

StatusOr<std::string> PipelineOf(const Store& store, const Context& run) {
  NodeQuery query;
  query.type = kPipelineContext;
  query.parent_of = run.id();
  BESSEMER_ASSIGN_OR_RETURN(const std::vector<Context> parents, store.GetContexts(query));
  return parents.empty() ? "" : parents[0].name();
}

// The id of the step of an execution that TFX itself has recorded: from its node context.
StatusOr<std::string> StepOf(const Store& store, const Execution& execution,
                             const std::string& pipeline) {
  if (std::string step = TextProperty(execution, kStep); !step.empty()) return step;
  NodeQuery query;
  query.type = kNodeContext;
  query.execution_id = execution.id();
  BESSEMER_ASSIGN_OR_RETURN(const std::vector<Context> nodes, store.GetContexts(query));
  if (nodes.empty()) return execution.type();
  const std::string& name = nodes[0].name();
  return name.starts_with(pipeline + ".") ? name.substr(pipeline.size() + 1) : name;
}

// A member of a JSON object that has the type of the default; else the default. What is in a store
// may have been written by anyone.
template <typename T>
T Member(const Json& object, const char* name, T otherwise) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  if (!object.is_object() || found == object.end()) return otherwise;
  const Json sample = otherwise;
  const bool fits = sample.is_number() ? found->is_number() : found->type() == sample.type();
  return fits ? found->template get<T>() : otherwise;
}

void Fill(const Execution& execution, StepRecord& record) {
  record.state = StateOf(execution);
  record.execution_id = execution.id();
  record.error = TextProperty(execution, kError);
  record.summary = TextProperty(execution, kSummary);
  const Json key = JsonProperty(execution, kKey);
  if (key.is_object() && key.contains("params")) record.params = key["params"];
  const Json reasons = JsonProperty(execution, kReasons);
  for (const Json& reason : reasons.is_array() ? reasons : Json::array()) {
    if (reason.is_string()) record.reasons.push_back(reason.get<std::string>());
  }
  const Json usage = JsonProperty(execution, kUsage);
  record.attempts = Member(usage, "attempts", 0);
  record.seconds = Member(usage, "seconds", 0.0);
  record.cpu_seconds = Member(usage, "cpu_seconds", 0.0);
  record.peak_rss_bytes = Member(usage, "peak_rss_bytes", int64_t{0});
}

Status FillArtifacts(const Store& store, RunRecord& run) {
  std::map<int64_t, StepRecord*> by_execution;
  std::vector<int64_t> execution_ids;
  for (StepRecord& step : run.steps) {
    if (step.execution_id == 0) continue;
    by_execution[step.execution_id] = &step;
    execution_ids.push_back(step.execution_id);
  }
  BESSEMER_ASSIGN_OR_RETURN(const std::vector<Event> events,
                            store.GetEventsByExecutions(execution_ids));
  NodeQuery query;
  query.ids.emplace();
  for (const Event& event : events) query.ids->push_back(event.artifact_id());
  BESSEMER_ASSIGN_OR_RETURN(const auto protos, store.GetArtifacts(query));
  std::map<int64_t, components::Artifact> artifacts;
  for (const auto& proto : protos) artifacts[proto.id()] = FromProto(proto);
  for (const Event& event : events) {
    const auto artifact = artifacts.find(event.artifact_id());
    if (artifact == artifacts.end()) continue;
    StepRecord& step = *by_execution.at(event.execution_id());
    const bool output = event.type() == Event::OUTPUT || event.type() == Event::INTERNAL_OUTPUT;
    (output ? step.outputs : step.inputs)[EventKey(event)].push_back(artifact->second);
  }
  return OkStatus();
}

// Steps and edges as the run was started with, and what it said about the steps it did not run.
void FillPlan(const Context& context, RunRecord& run) {
  const std::string none;
  const Json start = JsonProperty(context, kRunStart);
  run.root = Member(start, "root", none);
  run.started_micros = Member(start, "started_micros", int64_t{0});
  if (run.started_micros == 0) run.started_micros = context.create_time_since_epoch() * 1000;
  for (const Json& step : Member(start, "steps", Json::array())) {
    StepRecord& record = run.steps.emplace_back();
    record.id = Member(step, "id", none);
    record.component = Member(step, "component", none);
  }
  for (const Json& edge : Member(start, "edges", Json::array())) {
    run.edges.push_back({Member(edge, "from", none), Member(edge, "output", none),
                         Member(edge, "to", none), Member(edge, "input", none)});
  }
  const Json end = JsonProperty(context, kRunEnd);
  run.seconds = Member(end, "seconds", 0.0);
  run.interrupted = Member(end, "interrupted", false);
  const Json skipped = Member(end, "skipped", Json::object());
  for (StepRecord& step : run.steps) {
    for (const Json& reason : Member(skipped, step.id.c_str(), Json::array())) {
      if (reason.is_string()) step.reasons.push_back(reason.get<std::string>());
    }
    // A run that has not ended may still come to its steps.
    if (end.is_null()) step.state = StepState::kRunning;
  }
}

StatusOr<RunRecord> ReadRun(const Store& store, const Context& context) {
  RunRecord run;
  run.run_id = context.name();
  BESSEMER_ASSIGN_OR_RETURN(run.pipeline, PipelineOf(store, context));
  FillPlan(context, run);
  NodeQuery query;
  query.context_id = context.id();
  BESSEMER_ASSIGN_OR_RETURN(const std::vector<Execution> executions, store.GetExecutions(query));
  for (const Execution& execution : executions) {
    BESSEMER_ASSIGN_OR_RETURN(const std::string id, StepOf(store, execution, run.pipeline));
    auto step = std::find_if(run.steps.begin(), run.steps.end(),
                             [&](const StepRecord& record) { return record.id == id; });
    if (step == run.steps.end()) {
      step = run.steps.emplace(run.steps.end());
      step->id = id;
      step->component = TextProperty(execution, kComponent);
      if (step->component.empty()) {
        step->component = execution.type().substr(execution.type().rfind('.') + 1);
      }
    }
    Fill(execution, *step);
  }
  BESSEMER_RETURN_IF_ERROR(FillArtifacts(store, run));
  return run;
}

}  // namespace

StatusOr<RunRecord> LoadRun(const Store& store, std::string_view run_id,
                            std::string_view pipeline) {
  BESSEMER_ASSIGN_OR_RETURN(const std::vector<Context> contexts, RunContexts(store, pipeline));
  if (contexts.empty()) return NotFoundError("{}: there are no runs yet", store.path());
  if (run_id.empty() || run_id == "latest") return ReadRun(store, contexts[0]);
  std::vector<std::string> names;
  for (const Context& context : contexts) {
    if (context.name() == run_id) return ReadRun(store, context);
    names.push_back(context.name());
  }
  return NotFoundError("{}: there is no run '{}'{}", store.path(), run_id,
                       SuggestName(run_id, names));
}

StatusOr<std::vector<RunSummary>> ListRuns(const Store& store, std::string_view pipeline) {
  BESSEMER_ASSIGN_OR_RETURN(const std::vector<Context> contexts, RunContexts(store, pipeline));
  std::vector<RunSummary> runs;
  for (const Context& context : contexts) {
    BESSEMER_ASSIGN_OR_RETURN(const RunRecord record, ReadRun(store, context));
    runs.push_back({.pipeline = record.pipeline,
                    .run_id = record.run_id,
                    .started_micros = record.started_micros,
                    .seconds = record.seconds,
                    .num_ran = record.Count(StepState::kRan),
                    .num_cached = record.Count(StepState::kCached),
                    .num_failed = record.Count(StepState::kFailed),
                    .num_skipped = record.Count(StepState::kSkipped),
                    .finished = !TextProperty(context, kRunEnd).empty()});
  }
  return runs;
}

}  // namespace bessemer::pipeline
