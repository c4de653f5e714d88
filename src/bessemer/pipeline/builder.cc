#include "bessemer/pipeline/builder.h"

#include <unistd.h>

#include <algorithm>

#include "bessemer/base/no_throw.h"
#include "bessemer/base/parallel.h"
#include "bessemer/io/file.h"
#include "bessemer/io/file_hashes.h"
#include "bessemer/io/object_uri.h"
#include "bessemer/metadata/store.h"
#include "bessemer/pipeline/content.h"
#include "bessemer/pipeline/fingerprint.h"
#include "bessemer/pipeline/plan.h"
#include "bessemer/pipeline/recorder.h"
#include "bessemer/pipeline/records.h"
#include "bessemer/pipeline/resolvers.h"
#include "bessemer/pipeline/step_execution.h"

namespace bessemer::pipeline {
namespace {

using components::Artifact;
using components::Port;

constexpr int64_t kDefaultStepMemory = int64_t{1} << 30;
constexpr int kMaxRunning = 8;
constexpr int kPollMs = 100;

int64_t MachineMemory() {
  return int64_t{sysconf(_SC_PHYS_PAGES)} * int64_t{sysconf(_SC_PAGE_SIZE)};
}

const Port& FindPort(const std::vector<Port>& ports, const std::string& name) {
  return *std::find_if(ports.begin(), ports.end(),
                       [&](const Port& port) { return port.name == name; });
}

bool SameArtifacts(const ArtifactMap& a, const ArtifactMap& b) {
  const auto same = [](const auto& one, const auto& other) {
    return one.first == other.first &&
           std::equal(one.second.begin(), one.second.end(), other.second.begin(),
                      other.second.end(),
                      [](const Artifact& x, const Artifact& y) { return x.id == y.id; });
  };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), same);
}

// Where the hashes of input files are kept: with what was made of them, if that is a local folder.
std::string HashesPath(const Pipeline& pipeline) {
  if (pipeline.root.empty() || io::IsRemote(pipeline.root)) return "";
  return io::JoinPath(pipeline.root, ".input_hashes.json");
}

// A step on its way through one run.
struct Job {
  const Step* step = nullptr;
  Selected selected = Selected::kRun;
  StepRecord record;
  Json key;
  StepExecution execution;
  StepResult result;
};

class Builder {
 public:
  Builder(const Pipeline& pipeline, metadata::Store& store, const RunOptions& options)
      : pipeline_(pipeline),
        options_(options),
        recorder_(store, pipeline),
        hashes_(HashesPath(pipeline), Clock::System(), *options.cancel) {}

  StatusOr<RunRecord> Run() {
    BESSEMER_RETURN_IF_ERROR(Prepare());
    BESSEMER_RETURN_IF_ERROR(recorder_.Recover());
    BESSEMER_RETURN_IF_ERROR(recorder_.StartRun(*options_.clock, run_));
    const int64_t start = options_.clock->SteadyMicros();
    Loop();
    run_.seconds = static_cast<double>(options_.clock->SteadyMicros() - start) * 1e-6;
    for (size_t i = 0; i < jobs_.size(); ++i) run_.steps[i] = std::move(jobs_[i].record);
    BESSEMER_RETURN_IF_ERROR(recorder_.EndRun(run_));
    return std::move(run_);
  }

 private:
  Status Prepare() {
    BESSEMER_ASSIGN_OR_RETURN(const std::vector<Selected> selected,
                              SelectSteps(pipeline_, options_.part));
    run_.pipeline = pipeline_.name;
    run_.root = pipeline_.root;
    jobs_.reserve(pipeline_.steps.size());  // steps at work hold references
    memory_bytes_ = options_.memory_bytes > 0 ? options_.memory_bytes : MachineMemory() / 4 * 3;
    for (size_t i = 0; i < pipeline_.steps.size(); ++i) {
      const Step& step = pipeline_.steps[i];
      Job& job = jobs_.emplace_back();
      job.step = &step;
      job.selected = selected[i];
      job.record.id = step.id;
      job.record.component = step.component->name;
      job.record.params = step.params.json();
      run_.steps.push_back(job.record);
      for (const auto& [port, sources] : step.inputs) {
        for (const InputSource& source : sources) {
          if (!source.step.empty()) {
            run_.edges.push_back({source.step, source.output, step.id, port});
          }
        }
      }
      for (const std::string& id : step.after) run_.edges.push_back({id, "", step.id, ""});
    }
    return OkStatus();
  }

  Plan MakePlan() const {
    std::vector<PlanStep> steps;
    for (const Job& job : jobs_) {
      PlanStep& step = steps.emplace_back();
      step.memory_bytes = StepMemory(*job.step);
      for (const std::string& id : pipeline_.Dependencies(*job.step)) {
        const size_t index = pipeline_.Find(id) - pipeline_.steps.data();
        if (jobs_[index].selected != Selected::kSkip) step.after.push_back(static_cast<int>(index));
      }
    }
    const int running = options_.max_running > 0 ? options_.max_running
                                                 : std::min(DefaultNumThreads(), kMaxRunning);
    return Plan(std::move(steps), {.max_running = running, .memory_bytes = memory_bytes_});
  }

  int64_t StepMemory(const Step& step) const {
    return std::min(step.memory_bytes > 0 ? step.memory_bytes : kDefaultStepMemory, memory_bytes_);
  }

  void Loop() {
    ThreadRunner threads;
    runner_ = options_.runner != nullptr ? options_.runner : &threads;
    Plan plan = MakePlan();
    while (!plan.done()) {
      if (options_.cancel->cancelled() && !run_.interrupted) {
        run_.interrupted = true;
        for (const int step : plan.Stop()) Skip(step, "the run was interrupted");
      }
      while (!run_.interrupted) {
        const std::optional<int> next = plan.Next();
        if (!next) break;
        if (Begin(*next)) continue;  // it runs
        End(*next, plan);
      }
      if (plan.num_running() == 0) continue;
      if (const std::optional<int> ended = runner_->Wait(kPollMs)) {
        Finish(*ended);
        End(*ended, plan);
      }
    }
    run_.interrupted |= step_interrupted_;  // the last one, before the loop has seen it
  }

  // Tells plan and observer what became of a step that is over.
  void End(int index, Plan& plan) {
    const StepRecord& record = jobs_[index].record;
    if (options_.observer != nullptr) options_.observer->StepEnded(record);
    const bool failed =
        record.state == StepState::kFailed ||
        (record.state == StepState::kSkipped && jobs_[index].selected != Selected::kSkip);
    if (!failed) {
      plan.Succeed(index);
      return;
    }
    for (const int skipped : plan.Fail(index)) {
      Skip(skipped, fmt::format("it depends on '{}', which {}", record.id,
                                record.state == StepState::kFailed ? "failed" : "was interrupted"));
    }
  }

  void Skip(int index, const std::string& reason) {
    StepRecord& record = jobs_[index].record;
    record.state = StepState::kSkipped;
    record.reasons = {reason};
    if (options_.observer != nullptr) options_.observer->StepEnded(record);
  }

  // True if the step has been started; otherwise its record says what it came to.
  bool Begin(int index) {
    Job& job = jobs_[index];
    if (job.selected == Selected::kSkip) {
      job.record.state = StepState::kSkipped;
      job.record.reasons = {"it was not selected"};
      return false;
    }
    const StatusOr<bool> started =
        job.selected == Selected::kReuse ? ReuseNewest(job) : StartOrReuse(index);
    if (started.ok()) return *started;
    Failed(job, started.status());
    return false;
  }

  void Failed(Job& job, const Status& status) {
    StepRecord& record = job.record;
    const bool cancelled = status.code() == StatusCode::kCancelled && options_.cancel->cancelled();
    record.state = cancelled ? StepState::kSkipped : StepState::kFailed;
    record.error = cancelled ? "" : std::string(Message(status));
    if (cancelled) record.reasons = {"the run was interrupted"};
    step_interrupted_ |= cancelled;
    record.outputs.clear();
    if (record.reasons.empty()) record.reasons = {"it could not be started"};
    // If the store itself fails there is nothing more to write: the next run marks the execution.
    recorder_.Fail(*job.step, record, job.key, cancelled).IgnoreError();
  }

  // Of a step that was not selected: takes what its newest execution has made.
  StatusOr<bool> ReuseNewest(Job& job) {
    BESSEMER_ASSIGN_OR_RETURN(const std::optional<PastExecution> past,
                              recorder_.FindNewest(*job.step));
    if (!past) {
      return FailedPreconditionError("it was not selected, but its outputs are needed and it has "
                                     "never run; run it too (--from {})", job.step->id);
    }
    for (const auto& [port, artifacts] : past->outputs) {
      for (const Artifact& artifact : artifacts) {
        BESSEMER_RETURN_IF_ERROR(WithContext(StatTree(artifact.uri).status(),
                                             fmt::format("output '{}' is needed", port)));
      }
    }
    job.key = past->key;
    job.record.state = StepState::kCached;
    job.record.reasons = {fmt::format("it was not selected: outputs of run {}", past->run_id)};
    job.record.outputs = past->outputs;
    job.record.summary = past->summary;
    BESSEMER_RETURN_IF_ERROR(recorder_.Reuse(*job.step, job.record, job.key));
    return false;
  }

  StatusOr<bool> StartOrReuse(int index) {
    Job& job = jobs_[index];
    const Step& step = *job.step;
    BESSEMER_RETURN_IF_ERROR(ResolveInputs(job));
    Json resolved = nullptr;
    if (step.component->resolve) {
      BESSEMER_ASSIGN_OR_RETURN(
          resolved, NoThrow([&] {
            return step.component->resolve(step.params, hashes_, *options_.cancel);
          }));
      hashes_.Save().IgnoreError();  // without it the next run reads more, that is all
    }
    BESSEMER_ASSIGN_OR_RETURN(job.key, CacheKey(step, resolved, job.record.inputs));
    BESSEMER_ASSIGN_OR_RETURN(const bool reused, TryCache(job));
    if (reused) return false;
    if (job.record.reasons.empty()) BESSEMER_RETURN_IF_ERROR(ExplainRun(job));
    BESSEMER_ASSIGN_OR_RETURN(job.record.execution_id, recorder_.Start(step, job.record, job.key));

    job.execution = {.step = &step,
                     .root = pipeline_.root,
                     .execution_id = job.record.execution_id,
                     .inputs = job.record.inputs,
                     .resolved = std::move(resolved),
                     .num_threads = options_.num_threads,
                     .memory_bytes = StepMemory(step),
                     .retry_delay_ms = options_.retry_delay_ms,
                     .clock = options_.clock};
    if (options_.observer != nullptr) {
      options_.observer->StepStarted(step);
      job.execution.progress = &options_.observer->ProgressOf(step);
    }
    runner_->Start(index, [&job] { job.result = ExecuteStep(job.execution); });
    return true;
  }

  Status ResolveInputs(Job& job) {
    // Outputs of steps first: resolvers look at them.
    for (const bool resolvers : {false, true}) {
      for (const auto& [port, sources] : job.step->inputs) {
        for (const InputSource& source : sources) {
          if (source.resolver.empty() == resolvers) continue;
          BESSEMER_ASSIGN_OR_RETURN(std::vector<Artifact> found,
                                    resolvers ? Resolve(job, port, source) : OutputOf(source));
          std::vector<Artifact>& input = job.record.inputs[port];
          input.insert(input.end(), found.begin(), found.end());
        }
      }
    }
    for (const auto& [port, sources] : job.step->inputs) {
      if (!job.record.inputs[port].empty()) continue;
      job.record.inputs.erase(port);
      if (FindPort(job.step->component->inputs, port).optional) continue;
      const InputSource& source = sources.front();
      return FailedPreconditionError(
          "input '{}': {}", port,
          source.resolver.empty()
              ? fmt::format("step '{}' has written no '{}'", source.step, source.output)
              : fmt::format("'{}' found nothing in the metadata store", source.resolver));
    }
    return OkStatus();
  }

  StatusOr<std::vector<Artifact>> OutputOf(const InputSource& source) const {
    const size_t index = pipeline_.Find(source.step) - pipeline_.steps.data();
    const ArtifactMap& outputs = jobs_[index].record.outputs;
    const auto found = outputs.find(source.output);
    return found == outputs.end() ? std::vector<Artifact>{} : found->second;
  }

  StatusOr<std::vector<Artifact>> Resolve(const Job& job, const std::string& port,
                                          const InputSource& source) const {
    BESSEMER_ASSIGN_OR_RETURN(const Resolver* resolver, Resolvers().Find(source.resolver));
    ResolverRequest request;
    request.store = &recorder_.store();
    request.pipeline = pipeline_.name;
    request.artifact_type = FindPort(job.step->component->inputs, port).artifact_type;
    request.step = source.step;
    request.output = source.output;
    request.arguments = source.arguments;
    request.known_inputs = &job.record.inputs;
    request.is_there = [](const Artifact& artifact) { return io::IsDirectory(artifact.uri); };
    if (!source.step.empty()) {
      BESSEMER_ASSIGN_OR_RETURN(request.current, OutputOf(source));
    }
    StatusOr<std::vector<Artifact>> found = resolver->resolve(request);
    if (!found.ok()) return WithContext(found.status(), fmt::format("input '{}'", port));
    return found;
  }

  // True if an earlier execution's outputs serve; they are recorded then. Otherwise `reasons` says
  // what is wrong with them, if there are any.
  StatusOr<bool> TryCache(Job& job) {
    if (!options_.use_cache || !job.step->cache) {
      job.record.reasons = {options_.use_cache ? "its 'cache' is false" : "--no-cache was given"};
      return false;
    }
    BESSEMER_ASSIGN_OR_RETURN(const std::vector<PastExecution> found,
                              recorder_.FindCached(Fingerprint(job.key)));
    for (const PastExecution& past : found) {
      std::string damage = Damage(*job.step, past);
      if (damage.empty() && job.step->component->stands) {
        BESSEMER_ASSIGN_OR_RETURN(damage, Undone(*job.step, past));
      }
      if (!damage.empty()) {
        if (job.record.reasons.empty()) job.record.reasons = {damage};
        continue;
      }
      job.record.state = StepState::kCached;
      job.record.reasons = {fmt::format("nothing changed since run {}", past.run_id)};
      job.record.outputs = past.outputs;
      job.record.summary = past.summary;
      BESSEMER_RETURN_IF_ERROR(recorder_.Reuse(*job.step, job.record, job.key));
      return true;
    }
    return false;
  }

  // What is missing or different in the outputs of an earlier execution, or "".
  static std::string Damage(const Step& step, const PastExecution& past) {
    for (const Port& port : step.component->outputs) {
      const auto found = past.outputs.find(port.name);
      if (found == past.outputs.end()) {
        if (port.optional) continue;
        return fmt::format("output '{}' was not recorded", port.name);
      }
      for (const Artifact& artifact : found->second) {
        if (artifact.IntProperty(components::kOfTheMoment) == 1) {
          return fmt::format("output '{}' was of the moment: {}", port.name,
                             artifact.StringProperty("reason"));
        }
        const StatusOr<std::string> content = CurrentContent(artifact);
        if (!content.ok()) {
          return fmt::format("output '{}' cannot be reused: {}", port.name,
                             Message(content.status()));
        }
        if (*content != artifact.StringProperty(kContentHash)) {
          return fmt::format("output '{}' was changed after it was made: {}", port.name,
                             artifact.uri);
        }
      }
    }
    return "";
  }

  // What has become of what an earlier execution did outside the pipeline, or "".
  StatusOr<std::string> Undone(const Step& step, const PastExecution& past) const {
    BESSEMER_ASSIGN_OR_RETURN(const std::optional<PastExecution> newest,
                              recorder_.FindNewest(step));
    if (newest && !SameArtifacts(newest->outputs, past.outputs)) {
      return fmt::format("it has done something else since run {}", past.run_id);
    }
    const Status stands = NoThrow([&] { return step.component->stands(past.outputs); });
    return stands.ok() ? "" : std::string(Message(stands));
  }

  Status ExplainRun(Job& job) {
    BESSEMER_ASSIGN_OR_RETURN(const Json previous, recorder_.PreviousKey(*job.step));
    if (previous.is_null()) {
      job.record.reasons = {"it has not succeeded before"};
      return OkStatus();
    }
    job.record.reasons = Differences(previous, job.key);
    if (job.record.reasons.empty()) {
      job.record.reasons = {"the outputs of its last execution are not to be had"};
    }
    return OkStatus();
  }

  void Finish(int index) {
    Job& job = jobs_[index];
    StepRecord& record = job.record;
    record.attempts = job.result.attempts;
    record.seconds = job.result.seconds;
    record.cpu_seconds = job.result.cpu_seconds;
    record.peak_rss_bytes = job.result.peak_rss_bytes;
    if (!job.result.status.ok()) {
      Failed(job, job.result.status);
      return;
    }
    record.state = StepState::kRan;
    record.outputs = std::move(job.result.outputs);
    record.summary = std::move(job.result.summary);
    const Status status = recorder_.Complete(*job.step, record, job.key);
    if (status.ok()) return;
    RemoveLeftovers(pipeline_.root, record.id, record.execution_id).IgnoreError();
    Failed(job, status);
  }

  const Pipeline& pipeline_;
  const RunOptions& options_;
  Recorder recorder_;
  io::FileHashes hashes_;
  StepRunner* runner_ = nullptr;
  int64_t memory_bytes_ = 0;
  std::vector<Job> jobs_;
  RunRecord run_;
  bool step_interrupted_ = false;
};

}  // namespace

StatusOr<RunRecord> RunPipeline(const Pipeline& pipeline, metadata::Store& store,
                                const RunOptions& options) {
  return Builder(pipeline, store, options).Run();
}

StatusOr<RunRecord> RunPipeline(const Pipeline& pipeline, const RunOptions& options) {
  BESSEMER_ASSIGN_OR_RETURN(const std::unique_ptr<metadata::Store> store,
                            metadata::Store::Open(pipeline.metadata_path));
  return RunPipeline(pipeline, *store, options);
}

}  // namespace bessemer::pipeline
