#include "bessemer/serving/model_probe.h"

#include <algorithm>
#include <map>

#include "bessemer/base/clock.h"
#include "bessemer/base/config.h"
#include "bessemer/example_gen/examples.h"
#include "bessemer/serving/child_process.h"
#include "bessemer/tensorflow/session.h"

namespace bessemer::serving {
namespace {

StatusOr<std::vector<std::string>> ReadRecords(const std::string& file, int64_t limit) {
  BESSEMER_ASSIGN_OR_RETURN(const auto reader, example_gen::OpenExampleRecords(file));
  std::vector<std::string> records;
  std::string_view record;
  while (static_cast<int64_t>(records.size()) < limit) {
    BESSEMER_ASSIGN_OR_RETURN(const bool more, reader->Next(&record));
    if (!more) break;
    records.emplace_back(record);
  }
  if (records.empty()) return InvalidArgumentError("{}: holds no examples to send", file);
  return records;
}

Status Request(tf::Session& session, const ProbeRequest& request, ProbeReport* report) {
  const bool is_default = request.signatures.empty();
  const std::vector<std::string> signatures =
      is_default ? std::vector<std::string>{"serving_default"} : request.signatures;
  BESSEMER_ASSIGN_OR_RETURN(const std::vector<std::string> examples,
                            ReadRecords(request.examples_file, request.num_examples));
  std::vector<double> times;
  const Clock& clock = Clock::System();
  for (const std::string& name : signatures) {
    BESSEMER_ASSIGN_OR_RETURN(const tf::Signature* signature, session.FindSignature(name));
    const bool takes_examples =
        signature->inputs.size() == 1 &&
        signature->inputs.begin()->second.dtype() == ::tensorflow::DT_STRING;
    if (!takes_examples && is_default) continue;  // takes tensors: loading it is all we can try
    for (const std::string& example : examples) {
      const int64_t start = clock.SteadyMicros();
      const Status status = session.PredictExamples(name, {&example, 1}).status();
      if (!status.ok()) return WithContext(status, "request to '" + name + "'");
      times.push_back(static_cast<double>(clock.SteadyMicros() - start) / 1000);
    }
  }
  if (times.empty()) return OkStatus();
  std::sort(times.begin(), times.end());
  report->num_requests = static_cast<int64_t>(times.size());
  report->median_request_ms = times[times.size() / 2];
  report->slowest_request_ms = times.back();
  return OkStatus();
}

// One try.
StatusOr<ProbeReport> ProbeOnce(const ProbeRequest& request, const ProbeLimits& limits,
                                const Progress& progress) {
  std::vector<std::string> arguments = {ThisProgram(), "model-probe", request.model};
  if (!request.examples_file.empty()) {
    arguments.insert(arguments.end(), {"--examples", request.examples_file, "--num-examples",
                                       std::to_string(request.num_examples)});
  }
  for (const std::string& name : request.signatures) {
    arguments.insert(arguments.end(), {"--signature", name});
  }
  BESSEMER_ASSIGN_OR_RETURN(ChildProcess child, ChildProcess::Start(arguments));
  ProbeReport report;
  const char* stage = "loading";
  double seconds = limits.max_loading_seconds;
  const Clock& clock = Clock::System();
  int64_t stage_began = clock.SteadyMicros();
  while (true) {
    BESSEMER_ASSIGN_OR_RETURN(const ChildProcess::Event event, child.Wait(/*timeout_ms=*/20));
    if (progress.cancelled()) return CancelledError("interrupted while the model was {}", stage);
    const int64_t memory = child.AnonymousMemoryBytes();
    report.peak_memory_bytes = std::max(report.peak_memory_bytes, memory);
    if (limits.max_memory_bytes > 0 && memory > limits.max_memory_bytes) {
      return ResourceExhaustedError("the model takes {} MiB of memory while {}; {} MiB are allowed",
                                    memory >> 20, stage, limits.max_memory_bytes >> 20);
    }
    if (event.kind == ChildProcess::Event::kNothing) {
      const double passed = static_cast<double>(clock.SteadyMicros() - stage_began) / 1e6;
      if (passed > seconds) {
        return DeadlineExceededError("the model is still {} after {} s", stage, seconds);
      }
      continue;
    }
    if (event.kind == ChildProcess::Event::kEnded) {
      return AbortedError("the process of the model {} while {}{}", event.text, stage,
                          child.errors().empty() ? "" : "; it said: " + child.errors());
    }
    const Json line = Json::parse(event.text, nullptr, /*allow_exceptions=*/false);
    if (!line.is_object()) continue;  // TensorFlow may print too
    if (line.contains("error")) {
      return FailedPreconditionError("{}", line["error"].get<std::string>());
    }
    if (line.contains("loading_ms")) {
      report.loading_ms = line["loading_ms"].get<double>();
      stage = "answering requests";
      seconds = limits.max_request_seconds;
      stage_began = clock.SteadyMicros();
    }
    if (line.contains("num_requests")) {
      report.num_requests = line["num_requests"].get<int64_t>();
      report.median_request_ms = line["median_request_ms"].get<double>();
      report.slowest_request_ms = line["slowest_request_ms"].get<double>();
      return report;
    }
  }
}

}  // namespace

StatusOr<ProbeReport> ProbeHere(const ProbeRequest& request, void (*loaded)(double ms)) {
  ProbeReport report;
  const Clock& clock = Clock::System();
  const int64_t start = clock.SteadyMicros();
  BESSEMER_ASSIGN_OR_RETURN(const auto session, tf::Session::Load(request.model));
  report.loading_ms = static_cast<double>(clock.SteadyMicros() - start) / 1000;
  loaded(report.loading_ms);
  if (!request.examples_file.empty()) {
    BESSEMER_RETURN_IF_ERROR(Request(*session, request, &report));
  }
  return report;
}

StatusOr<ProbeReport> ProbeModel(const ProbeRequest& request, const ProbeLimits& limits,
                                 const Progress& progress) {
  StatusOr<ProbeReport> result = UnavailableError("the model was not tried");
  for (int attempt = 0; attempt < std::max(1, limits.num_tries); ++attempt) {
    result = ProbeOnce(request, limits, progress);
    if (result.ok() || result.status().code() != StatusCode::kAborted) break;
  }
  return result;
}

}  // namespace bessemer::serving
