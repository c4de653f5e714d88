#include "bessemer/pipeline/recorder.h"

#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <random>
#include <set>

#include "bessemer/base/json_text.h"
#include "bessemer/pipeline/fingerprint.h"
#include "bessemer/pipeline/records.h"

namespace bessemer::pipeline {
namespace {

using components::Artifact;
using metadata::ExecutionRecord;
using metadata::NodeQuery;
using ::ml_metadata::Context;
using ::ml_metadata::Event;
using ::ml_metadata::Execution;

// How many executions of a step are looked through for a successful one.
constexpr int64_t kMaxHistory = 200;

// As Python's datetime.now().isoformat(): what TFX's local runner names its runs.
std::string RunId(int64_t micros) {
  const time_t seconds = micros / 1'000'000;
  tm local;
  localtime_r(&seconds, &local);
  char text[32];
  strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &local);
  return fmt::format("{}.{:06}", text, micros % 1'000'000);
}

// A random UUID, version 4: what TFX names executions.
std::string Uuid() {
  static thread_local std::random_device device;
  const auto word = [] { return (uint64_t{device()} << 32) | device(); };
  const uint64_t high = (word() & ~uint64_t{0xf000}) | 0x4000;
  const uint64_t low = (word() & ~(uint64_t{3} << 62)) | (uint64_t{1} << 63);
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32, (high >> 16) & 0xffff,
                     high & 0xffff, low >> 48, low & 0xffffffffffff);
}

template <typename Node>
void SetText(Node& node, std::string_view name, const std::string& text) {
  (*node.mutable_custom_properties())[std::string(name)].set_string_value(text);
}

Event EventOf(Event::Type type, const std::string& key, size_t index) {
  Event event;
  event.set_type(type);
  event.mutable_path()->add_steps()->set_key(key);
  event.mutable_path()->add_steps()->set_index(static_cast<int64_t>(index));
  return event;
}

bool Succeeded(const Execution& execution) {
  return execution.last_known_state() == Execution::COMPLETE ||
         execution.last_known_state() == Execution::CACHED;
}

// One artifact may come in by several ports; one event for it is kept.
void AddInputs(const StepRecord& record, ExecutionRecord& put) {
  std::set<int64_t> seen;
  for (const auto& [port, artifacts] : record.inputs) {
    for (size_t i = 0; i < artifacts.size(); ++i) {
      if (!seen.insert(artifacts[i].id).second) continue;
      Event event = EventOf(Event::INPUT, port, i);
      event.set_artifact_id(artifacts[i].id);
      put.pairs.push_back({.artifact = std::nullopt, .event = event});
    }
  }
}

Context ContextOf(int64_t type_id, const std::string& name) {
  Context context;
  context.set_type_id(type_id);
  context.set_name(name);
  return context;
}

}  // namespace

Recorder::Recorder(metadata::Store& store, const Pipeline& pipeline)
    : store_(store), pipeline_(pipeline) {
  store_.SetDurability(metadata::Durability::kProcess).IgnoreError();
}

Recorder::~Recorder() { store_.SetDurability(metadata::Durability::kMachine).IgnoreError(); }

StatusOr<metadata::ExecutionRecordIds> Recorder::PutSynced(const ExecutionRecord& put) {
  BESSEMER_RETURN_IF_ERROR(store_.SetDurability(metadata::Durability::kMachine));
  StatusOr<metadata::ExecutionRecordIds> ids = store_.PutExecution(put);
  BESSEMER_RETURN_IF_ERROR(store_.SetDurability(metadata::Durability::kProcess));
  return ids;
}

Status Recorder::Recover() {
  BESSEMER_ASSIGN_OR_RETURN(
      const auto contexts,
      store_.GetContexts({.type = kPipelineContext, .name = pipeline_.name}));
  if (contexts.empty()) return OkStatus();
  NodeQuery query;
  query.context_id = contexts[0].id();
  query.state = Execution::RUNNING;
  BESSEMER_ASSIGN_OR_RETURN(std::vector<Execution> running, store_.GetExecutions(query));
  for (Execution& execution : running) {
    const std::string owner = TextProperty(execution, kOwner);
    const std::string step = TextProperty(execution, kStep);
    if (owner.empty() || step.empty() || !ProcessOwner::IsGone(owner)) continue;
    BESSEMER_RETURN_IF_ERROR(RemoveLeftovers(pipeline_.root, step, execution.id()));
    execution.set_last_known_state(Execution::FAILED);
    SetText(execution, kError, "the process that ran it was killed");
    BESSEMER_RETURN_IF_ERROR(store_.PutExecutions({execution}).status());
  }
  return OkStatus();
}

Status Recorder::StartRun(const Clock& clock, RunRecord& run) {
  std::vector<::ml_metadata::ExecutionType> execution_types;
  std::vector<::ml_metadata::ContextType> context_types(4);
  for (const Step& step : pipeline_.steps) {
    execution_types.push_back(ExecutionTypeOf(*step.component));
  }
  context_types[0].set_name(kPipelineContext);
  context_types[1].set_name(kRunContext);
  context_types[2].set_name(kNodeContext);
  context_types[3].set_name(kCacheContext);
  BESSEMER_ASSIGN_OR_RETURN(const metadata::TypeIds ids,
                            store_.PutTypes({}, execution_types, context_types,
                                            {.can_add_fields = true, .can_omit_fields = true}));
  for (size_t i = 0; i < pipeline_.steps.size(); ++i) {
    execution_types_[pipeline_.steps[i].component->name] = ids.execution[i];
  }
  node_type_ = ids.context[2];
  cache_type_ = ids.context[3];

  BESSEMER_ASSIGN_OR_RETURN(
      auto known, store_.GetContexts({.type = kPipelineContext, .name = pipeline_.name}));
  if (known.empty()) {
    // Another process may put it in this moment; then it is there the second time.
    store_.PutContexts({ContextOf(ids.context[0], pipeline_.name)}).status().IgnoreError();
    BESSEMER_ASSIGN_OR_RETURN(
        known, store_.GetContexts({.type = kPipelineContext, .name = pipeline_.name}));
    if (known.empty()) {
      return InternalError("{}: cannot record the pipeline '{}'", store_.path(), pipeline_.name);
    }
  }
  pipeline_context_.set_id(known[0].id());

  Json start = {{"root", run.root}};
  start["steps"] = Json::array();
  start["edges"] = Json::array();
  for (const StepRecord& step : run.steps) {
    start["steps"].push_back({{"id", step.id}, {"component", step.component}});
  }
  for (const RunEdge& edge : run.edges) {
    start["edges"].push_back({{"from", edge.from_step},
                              {"output", edge.output},
                              {"to", edge.to_step},
                              {"input", edge.input}});
  }
  for (int64_t later = 0;; ++later) {  // two runs may start within one microsecond
    run.started_micros = clock.NowMicros() + later;
    run.run_id = RunId(run.started_micros);
    start["started_micros"] = run.started_micros;
    Context context = ContextOf(ids.context[1], run.run_id);
    SetText(context, kRunStart, JsonText(start));
    const StatusOr<std::vector<int64_t>> put = store_.PutContexts({context});
    if (put.status().code() == StatusCode::kAlreadyExists && later < 1000) continue;
    BESSEMER_RETURN_IF_ERROR(put.status());
    run_context_ = context;
    run_context_.set_id(put->at(0));
    break;
  }
  ::ml_metadata::ParentContext parent;
  parent.set_child_id(run_context_.id());
  parent.set_parent_id(pipeline_context_.id());
  return store_.PutParentContexts({parent});
}

Status Recorder::EndRun(const RunRecord& run) {
  Json end = {{"seconds", run.seconds}, {"interrupted", run.interrupted}};
  end["skipped"] = Json::object();
  for (const StepRecord& step : run.steps) {
    if (step.state == StepState::kSkipped) end["skipped"][step.id] = step.reasons;
  }
  SetText(run_context_, kRunEnd, JsonText(end));
  return store_.PutContexts({run_context_}).status();
}

Execution Recorder::ExecutionOf(const Step& step, const StepRecord& record,
                                const Json& key) const {
  Execution execution;
  execution.set_type_id(execution_types_.at(step.component->name));
  if (record.execution_id != 0) {
    execution.set_id(record.execution_id);
  } else {
    execution.set_name(Uuid());
  }
  for (const auto& [name, value] : step.params.json().items()) {
    if (auto property = ParamProperty(value)) {
      (*execution.mutable_custom_properties())[name] = *std::move(property);
    }
  }
  SetText(execution, kStep, step.id);
  SetText(execution, kComponent, step.component->name);
  if (!key.is_null()) SetText(execution, kKey, JsonText(key));
  SetText(execution, kReasons, JsonText(Json(record.reasons)));
  if (!record.summary.empty()) SetText(execution, kSummary, record.summary);
  return execution;
}

std::vector<Context> Recorder::ContextsOf(const Step& step, const Json& key) const {
  Context pipeline;
  pipeline.set_id(pipeline_context_.id());
  Context run;
  run.set_id(run_context_.id());
  std::vector<Context> contexts = {pipeline, run,
                                   ContextOf(node_type_, pipeline_.name + "." + step.id)};
  if (!key.is_null()) contexts.push_back(ContextOf(cache_type_, Fingerprint(key)));
  return contexts;
}

StatusOr<int64_t> Recorder::Start(const Step& step, const StepRecord& record, const Json& key) {
  ExecutionRecord put;
  put.execution = ExecutionOf(step, record, key);
  put.execution.set_last_known_state(Execution::RUNNING);
  SetText(put.execution, kOwner, owner_.token());
  put.contexts = ContextsOf(step, key);
  AddInputs(record, put);
  BESSEMER_ASSIGN_OR_RETURN(const auto ids, PutSynced(put));
  return ids.execution;
}

Status Recorder::AddOutputs(const StepRecord& record, ExecutionRecord& put) const {
  std::vector<::ml_metadata::ArtifactType> types;
  for (const auto& [port, artifacts] : record.outputs) {
    for (const Artifact& artifact : artifacts) {
      if (artifact.id == 0) types.push_back(ArtifactTypeOf(artifact));
    }
  }
  metadata::TypeIds ids;
  if (!types.empty()) {
    BESSEMER_ASSIGN_OR_RETURN(ids, store_.PutTypes(types, {}, {},
                                                   {.can_add_fields = true,
                                                    .can_omit_fields = true}));
  }
  size_t next = 0;
  for (const auto& [port, artifacts] : record.outputs) {
    for (size_t i = 0; i < artifacts.size(); ++i) {
      ExecutionRecord::Pair pair;
      pair.event = EventOf(Event::OUTPUT, port, i);
      if (artifacts[i].id == 0) {
        pair.artifact = ToProto(artifacts[i]);
        pair.artifact->set_type_id(ids.artifact[next++]);
      } else {
        pair.event->set_artifact_id(artifacts[i].id);
      }
      put.pairs.push_back(std::move(pair));
    }
  }
  return OkStatus();
}

Status Recorder::Put(const ExecutionRecord& put, StepRecord& record) {
  const bool cached = put.execution.last_known_state() == Execution::CACHED;
  BESSEMER_ASSIGN_OR_RETURN(const metadata::ExecutionRecordIds ids,
                            cached ? store_.PutExecution(put) : PutSynced(put));
  record.execution_id = ids.execution;
  size_t next = ids.artifacts.size();
  for (auto port = record.outputs.rbegin(); port != record.outputs.rend(); ++port) {
    for (auto artifact = port->second.rbegin(); artifact != port->second.rend(); ++artifact) {
      artifact->id = ids.artifacts.at(--next);
    }
  }
  return OkStatus();
}

Status Recorder::Complete(const Step& step, StepRecord& record, const Json& key) {
  ExecutionRecord put;
  put.execution = ExecutionOf(step, record, key);
  put.execution.set_last_known_state(Execution::COMPLETE);
  SetText(put.execution, kUsage,
          JsonText({{"attempts", record.attempts},
                {"seconds", record.seconds},
                {"cpu_seconds", record.cpu_seconds},
                {"peak_rss_bytes", record.peak_rss_bytes}}));
  put.contexts = ContextsOf(step, key);
  BESSEMER_RETURN_IF_ERROR(AddOutputs(record, put));
  return Put(put, record);
}

Status Recorder::Fail(const Step& step, StepRecord& record, const Json& key, bool cancelled) {
  ExecutionRecord put;
  put.execution = ExecutionOf(step, record, key);
  put.execution.set_last_known_state(cancelled ? Execution::CANCELED : Execution::FAILED);
  SetText(put.execution, kError, record.error);
  SetText(put.execution, "__execution_result__", JsonText({{"resultMessage", record.error}}));
  SetText(put.execution, kUsage,
          JsonText({{"attempts", record.attempts}, {"seconds", record.seconds}}));
  put.contexts = ContextsOf(step, key);
  BESSEMER_ASSIGN_OR_RETURN(const metadata::ExecutionRecordIds ids, store_.PutExecution(put));
  record.execution_id = ids.execution;
  return OkStatus();
}

Status Recorder::Reuse(const Step& step, StepRecord& record, const Json& key) {
  ExecutionRecord put;
  put.execution = ExecutionOf(step, record, key);
  put.execution.set_last_known_state(Execution::CACHED);
  put.contexts = ContextsOf(step, key);
  AddInputs(record, put);
  BESSEMER_RETURN_IF_ERROR(AddOutputs(record, put));
  return Put(put, record);
}

StatusOr<std::vector<Execution>> Recorder::Executions(const char* context_type,
                                                      const std::string& name) const {
  BESSEMER_ASSIGN_OR_RETURN(const auto contexts,
                            store_.GetContexts({.type = context_type, .name = name}));
  if (contexts.empty()) return std::vector<Execution>{};
  NodeQuery query;
  query.context_id = contexts[0].id();
  query.newest_first = true;
  query.limit = kMaxHistory;
  return store_.GetExecutions(query);
}

StatusOr<PastExecution> Recorder::ReadPast(const Execution& execution) const {
  PastExecution past;
  past.id = execution.id();
  past.key = JsonProperty(execution, kKey);
  past.summary = TextProperty(execution, kSummary);
  NodeQuery runs;
  runs.type = kRunContext;
  runs.execution_id = execution.id();
  BESSEMER_ASSIGN_OR_RETURN(const std::vector<Context> contexts, store_.GetContexts(runs));
  if (!contexts.empty()) past.run_id = contexts[0].name();
  BESSEMER_ASSIGN_OR_RETURN(const auto events, store_.GetEventsByExecutions({execution.id()}));
  NodeQuery query;
  query.ids.emplace();
  for (const Event& event : events) query.ids->push_back(event.artifact_id());
  BESSEMER_ASSIGN_OR_RETURN(const auto artifacts, store_.GetArtifacts(query));
  for (const Event& event : events) {
    if (event.type() != Event::OUTPUT) continue;
    for (const auto& artifact : artifacts) {
      if (artifact.id() != event.artifact_id()) continue;
      if (artifact.state() != ::ml_metadata::Artifact::LIVE) {
        return NotFoundError("{}: no longer live", artifact.uri());
      }
      past.outputs[EventKey(event)].push_back(FromProto(artifact));
    }
  }
  return past;
}

StatusOr<std::vector<PastExecution>> Recorder::FindCached(const std::string& fingerprint) const {
  BESSEMER_ASSIGN_OR_RETURN(const auto executions, Executions(kCacheContext, fingerprint));
  std::vector<PastExecution> found;
  for (const Execution& execution : executions) {
    if (!Succeeded(execution)) continue;
    StatusOr<PastExecution> past = ReadPast(execution);
    if (past.status().code() == StatusCode::kNotFound) continue;
    BESSEMER_RETURN_IF_ERROR(past.status());
    found.push_back(*std::move(past));
    if (found.size() == 3) break;  // older ones had the same outputs, or these replaced them
  }
  return found;
}

StatusOr<std::optional<PastExecution>> Recorder::FindNewest(const Step& step) const {
  BESSEMER_ASSIGN_OR_RETURN(const auto executions,
                            Executions(kNodeContext, pipeline_.name + "." + step.id));
  for (const Execution& execution : executions) {
    if (!Succeeded(execution)) continue;
    StatusOr<PastExecution> past = ReadPast(execution);
    if (past.status().code() == StatusCode::kNotFound) continue;
    BESSEMER_RETURN_IF_ERROR(past.status());
    return *std::move(past);
  }
  return std::nullopt;
}

StatusOr<Json> Recorder::PreviousKey(const Step& step) const {
  BESSEMER_ASSIGN_OR_RETURN(const auto executions,
                            Executions(kNodeContext, pipeline_.name + "." + step.id));
  for (const Execution& execution : executions) {
    if (!Succeeded(execution)) continue;
    if (Json key = JsonProperty(execution, kKey); key.is_object()) return key;
  }
  return Json(nullptr);
}

}  // namespace bessemer::pipeline
