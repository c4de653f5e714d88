#include "bessemer/pipeline/step_execution.h"

#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <set>
#include <thread>

#include "bessemer/base/hash.h"
#include "bessemer/base/no_throw.h"
#include "bessemer/io/file.h"
#include "bessemer/io/object_uri.h"
#include "bessemer/io/publish.h"
#include "bessemer/pipeline/content.h"
#include "bessemer/pipeline/records.h"

namespace bessemer::pipeline {
namespace {

namespace stdfs = std::filesystem;
using components::Artifact;
using components::Port;
using components::RunContext;

// The layout of split folders that readers of TFX's artifacts expect ("Split-train").
constexpr char kLayoutVersion[] = "1.16.0";

double ProcessCpuSeconds() {
  timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

int64_t PeakRssBytes() {
  rusage usage;
  return getrusage(RUSAGE_SELF, &usage) == 0 ? int64_t{usage.ru_maxrss} * 1024 : 0;
}

// Passes everything on, and asks for a stop when time is up.
class TimedProgress : public Progress {
 public:
  TimedProgress(Progress* to, const Clock* clock, double timeout_seconds)
      : to_(to),
        clock_(clock),
        deadline_(timeout_seconds > 0
                      ? clock->SteadyMicros() + static_cast<int64_t>(timeout_seconds * 1e6)
                      : 0) {}
  void Start(std::string_view phase, int64_t total, std::string_view unit) override {
    to_->Start(phase, total, unit);
  }
  void Advance(int64_t amount) override { to_->Advance(amount); }
  void Note(std::string_view text) override { to_->Note(text); }
  bool cancelled() const override { return to_->cancelled() || timed_out(); }
  bool timed_out() const { return deadline_ != 0 && clock_->SteadyMicros() >= deadline_; }

 private:
  Progress* to_;
  const Clock* clock_;
  int64_t deadline_;
};

bool MayPass(StatusCode code) {
  switch (code) {
    case StatusCode::kUnavailable:
    case StatusCode::kAborted:
    case StatusCode::kDeadlineExceeded:
    case StatusCode::kResourceExhausted:
    case StatusCode::kInternal:
    case StatusCode::kUnknown:
      return true;
    default:
      return false;
  }
}

// The folders above it are removed by whoever leaves last.
Status RemoveScratch(const std::string& path) {
  BESSEMER_RETURN_IF_ERROR(io::RemoveTree(path));
  std::error_code ignored;
  const stdfs::path parent = stdfs::path(path).parent_path();
  stdfs::remove(parent, ignored);
  stdfs::remove(parent.parent_path(), ignored);
  return OkStatus();
}

class ScratchDirectory {
 public:
  static StatusOr<ScratchDirectory> Create(const std::string& path) {
    BESSEMER_RETURN_IF_ERROR(io::RemoveTree(path));
    BESSEMER_RETURN_IF_ERROR(io::MakeDirectories(path));
    return ScratchDirectory(path);
  }
  ScratchDirectory(ScratchDirectory&& other) noexcept : path_(std::exchange(other.path_, "")) {}
  ~ScratchDirectory() {
    if (path_.empty()) return;
    RemoveScratch(path_).IgnoreError();
  }

 private:
  explicit ScratchDirectory(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

// Where TFX has it; on the local disk for a root on an object store.
std::string ScratchPath(const std::string& root, const std::string& step, int64_t execution_id) {
  if (io::IsRemote(root)) {
    const std::string name = fmt::format("bessemer-{}", Sha256Hex(root).substr(0, 16));
    return fmt::format("{}/{}/{}/{}", io::TemporaryFolder(), name, step, execution_id);
  }
  return fmt::format("{}/{}/.system/executor_execution/{}", root, step, execution_id);
}

// The folders <output>/<execution id> below a step's on an object store.
Status RemoveRemoteLeftovers(const std::string& folder, int64_t execution_id) {
  BESSEMER_ASSIGN_OR_RETURN(const bool there, io::IsDirectory(folder));
  if (!there) return OkStatus();
  BESSEMER_ASSIGN_OR_RETURN(const std::vector<std::string> names, io::ListTree(folder));
  std::set<std::string> outputs;
  const std::string middle = fmt::format("/{}/", execution_id);
  for (const std::string& name : names) {
    const size_t slash = name.find('/');
    if (slash != std::string::npos && name.compare(slash, middle.size(), middle) == 0) {
      outputs.insert(name.substr(0, slash + middle.size() - 1));
    }
  }
  for (const std::string& output : outputs) {
    BESSEMER_RETURN_IF_ERROR(io::RemoveTree(io::JoinPath(folder, output)));
  }
  return OkStatus();
}

// Hashes and publishes what the component has written; on an error takes back what was published.
Status PublishOutputs(const std::vector<Port>& ports, RunContext& context,
                      std::map<std::string, io::StagedDirectory>& staged, ArtifactMap& outputs) {
  ArtifactMap made;
  for (const Port& port : ports) {
    Artifact& artifact = context.outputs.at(port.name);
    io::StagedDirectory& folder = staged.at(port.name);
    artifact.uri = folder.path();  // whatever the component made of it
    BESSEMER_ASSIGN_OR_RETURN(const TreeStat stat, StatTree(folder.path()));
    if (stat.num_files == 0 && port.optional) continue;
    artifact.custom_properties[kTfxVersion] = std::string(kLayoutVersion);
    artifact.custom_properties[kIsExternal] = int64_t{0};
    BESSEMER_RETURN_IF_ERROR(RecordContent(artifact));
    artifact.uri = folder.final_path();
    made[port.name] = {artifact};
  }
  for (auto& [port, artifacts] : made) {
    Status status = staged.at(port).Publish();
    // What was uploaded has times of its own.
    if (status.ok() && io::IsRemote(artifacts[0].uri)) status = RecordStat(artifacts[0]);
    if (!status.ok()) {
      for (const auto& [other, folder] : staged) io::RemoveTree(folder.final_path()).IgnoreError();
      return status;
    }
  }
  outputs = std::move(made);
  return OkStatus();
}

Status RunOnce(const StepExecution& execution, Progress& progress, StepResult& result) {
  const Step& step = *execution.step;
  RunContext context(step.params);
  context.inputs = execution.inputs;
  context.resolved = execution.resolved;
  context.num_threads = execution.num_threads;
  context.memory_budget_bytes = execution.memory_bytes;
  context.progress = &progress;
  context.scratch_dir = ScratchPath(execution.root, step.id, execution.execution_id);
  BESSEMER_ASSIGN_OR_RETURN(const ScratchDirectory scratch,
                            ScratchDirectory::Create(context.scratch_dir));
  std::map<std::string, io::StagedDirectory> staged;
  for (const Port& port : step.component->outputs) {
    StatusOr<io::StagedDirectory> folder = io::StagedDirectory::Create(
        OutputPath(execution.root, step.id, port.name, execution.execution_id));
    if (folder.status().code() == StatusCode::kAlreadyExists) {
      return FailedPreconditionError(
          "{}; the metadata store does not know it: was metadata.db removed, or do two stores "
          "share this root? Remove the folder or choose another 'root'", Message(folder.status()));
    }
    BESSEMER_RETURN_IF_ERROR(folder.status());
    Artifact& artifact = context.outputs[port.name];
    artifact.type = port.artifact_type;
    artifact.uri = folder->path();
    staged.emplace(port.name, *std::move(folder));
  }
  BESSEMER_RETURN_IF_ERROR(NoThrow([&] { return step.component->run(context); }));
  result.summary = context.summary;
  return PublishOutputs(step.component->outputs, context, staged, result.outputs);
}

}  // namespace

std::string OutputPath(const std::string& root, const std::string& step, const std::string& output,
                       int64_t execution_id) {
  return io::JoinPath(root, fmt::format("{}/{}/{}", step, output, execution_id));
}

StepResult ExecuteStep(const StepExecution& execution) {
  const Step& step = *execution.step;
  StepResult result;
  const int64_t start = execution.clock->SteadyMicros();
  const double cpu_start = ProcessCpuSeconds();
  TimedProgress progress(execution.progress, execution.clock, step.timeout_seconds);
  int64_t delay_ms = execution.retry_delay_ms;
  while (true) {
    ++result.attempts;
    result.status = RunOnce(execution, progress, result);
    if (result.status.ok() || progress.cancelled()) break;
    if (!MayPass(result.status.code()) || result.attempts > step.retries) break;
    for (int64_t waited = 0; waited < delay_ms && !progress.cancelled(); waited += 50) {
      std::this_thread::sleep_for(std::chrono::milliseconds(std::min<int64_t>(50, delay_ms)));
    }
    delay_ms *= 2;
  }
  if (!result.status.ok() && progress.cancelled()) {
    result.status = execution.progress->cancelled()
                        ? CancelledError("interrupted")
                        : DeadlineExceededError("it took longer than {} s, the step's 'timeout'",
                                                step.timeout_seconds);
  }
  result.seconds = static_cast<double>(execution.clock->SteadyMicros() - start) * 1e-6;
  result.cpu_seconds = ProcessCpuSeconds() - cpu_start;
  result.peak_rss_bytes = PeakRssBytes();
  return result;
}

Status RemoveLeftovers(const std::string& root, const std::string& step, int64_t execution_id) {
  const std::string folder = io::JoinPath(root, step);
  if (io::IsRemote(root)) {
    BESSEMER_RETURN_IF_ERROR(RemoveScratch(ScratchPath(root, step, execution_id)));
    BESSEMER_RETURN_IF_ERROR(io::RemoveStaleStaging(root));
    return RemoveRemoteLeftovers(folder, execution_id);
  }
  BESSEMER_ASSIGN_OR_RETURN(const bool there, io::IsDirectory(folder));
  if (!there) return OkStatus();
  BESSEMER_RETURN_IF_ERROR(RemoveScratch(ScratchPath(root, step, execution_id)));
  std::error_code error;
  const std::string staged = fmt::format("-{}", execution_id);  // .staging-<pid>-<n>-<id>
  for (const auto& output : stdfs::directory_iterator(folder, error)) {
    if (!output.is_directory() || output.path().filename() == ".system") continue;
    BESSEMER_RETURN_IF_ERROR(
        io::RemoveTree((output.path() / std::to_string(execution_id)).string()));
    for (const auto& entry : stdfs::directory_iterator(output.path(), error)) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with(".staging-") && name.ends_with(staged)) {
        BESSEMER_RETURN_IF_ERROR(io::RemoveTree(entry.path().string()));
      }
    }
  }
  return OkStatus();
}

}  // namespace bessemer::pipeline
