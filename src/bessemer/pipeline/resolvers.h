#ifndef BESSEMER_PIPELINE_RESOLVERS_H_
#define BESSEMER_PIPELINE_RESOLVERS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "bessemer/base/registry.h"
#include "bessemer/base/status.h"
#include "bessemer/components/component.h"
#include "bessemer/pipeline/run_record.h"

namespace bessemer::metadata {
class Store;
}

// Inputs that no step of this run provides: looked up among what earlier runs have left.

namespace bessemer::pipeline {

struct ResolverRequest {
  const metadata::Store* store = nullptr;
  std::string pipeline;
  std::string artifact_type;
  std::string step;    // only artifacts of this step's …
  std::string output;  // … output; "": of any step of the pipeline
  std::vector<int64_t> arguments;
  // The inputs of the step that are already known: what a baseline is compared with.
  const ArtifactMap* known_inputs = nullptr;
  // Whether an artifact's folder exists; null: all do.
  std::function<StatusOr<bool>(const components::Artifact&)> is_there;
  // What the output that is asked about holds in this run; empty if it is not of this run.
  std::vector<components::Artifact> current;
};

struct Resolver {
  std::string name;
  std::string doc;  // first line: one sentence
  int min_arguments = 0;
  int max_arguments = 0;
  // The source that is not named is the one the input would be wired to by default.
  bool default_source = false;
  // LIVE artifacts, oldest first for windows; empty if there are none.
  std::function<StatusOr<std::vector<components::Artifact>>(const ResolverRequest&)> resolve;
};

using ResolverRegistry = Registry<Resolver>;

// latest_artifact, latest_version, latest_blessed_model, previous_span, previous_version,
// rolling_window(n).
const ResolverRegistry& Resolvers();

}  // namespace bessemer::pipeline

#endif  // BESSEMER_PIPELINE_RESOLVERS_H_
