#ifndef BESSEMER_SERVING_MODEL_PROBE_H_
#define BESSEMER_SERVING_MODEL_PROBE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "bessemer/base/progress.h"
#include "bessemer/base/status.h"

namespace bessemer::serving {

// What to try with a model.
struct ProbeRequest {
  std::string model;                    // folder of a SavedModel
  std::vector<std::string> signatures;  // none: "serving_default", if it takes tf.Examples
  std::string examples_file;            // TFRecord of tf.Example; "": only load
  int64_t num_examples = 1;             // the first of the file, each a request
};

struct ProbeLimits {
  double max_loading_seconds = 300;
  double max_request_seconds = 60;       // for all requests together
  int64_t max_memory_bytes = 0;          // anonymous resident memory; 0: no limit
  int num_tries = 5;                     // of a process that dies; what it reports is not retried
};

// What was measured.
struct ProbeReport {
  double loading_ms = 0;
  int64_t num_requests = 0;
  double median_request_ms = 0;   // the first request after loading also optimises the graph
  double slowest_request_ms = 0;
  int64_t peak_memory_bytes = 0;  // seen from outside, at least 1 sample every 20 ms
};

// Loads the model and calls its signatures in this process. Used by `bessemer model-probe`; a bad
// model may end the process. `loaded` is called once the model is loaded, with the milliseconds.
StatusOr<ProbeReport> ProbeHere(const ProbeRequest& request, void (*loaded)(double ms));

// The same in a child process within the limits. The error tells what is wrong with the model:
// DEADLINE_EXCEEDED (hangs), RESOURCE_EXHAUSTED (memory), ABORTED (died, with the signal), else
// what the model reported. UNAVAILABLE if the child could not be started at all, which says nothing
// about the model, and CANCELLED, with the child ended, soon after `progress` says so. The child is
// ended on every path.
StatusOr<ProbeReport> ProbeModel(const ProbeRequest& request, const ProbeLimits& limits,
                                 const Progress& progress = Progress::None());

}  // namespace bessemer::serving

#endif  // BESSEMER_SERVING_MODEL_PROBE_H_
