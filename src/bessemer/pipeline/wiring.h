#ifndef BESSEMER_PIPELINE_WIRING_H_
#define BESSEMER_PIPELINE_WIRING_H_

#include <optional>
#include <string>
#include <vector>

#include "bessemer/pipeline/definition.h"

// From what the author wrote to a checked Pipeline; shared by the YAML and the C++ form.

namespace bessemer::pipeline {

// Something written at a place.
struct Written {
  std::string text;
  std::string where;  // "file:line:column" or "step 'X'"
};

struct InputDraft {
  Written port;
  std::vector<Written> sources;
};

struct StepDraft {
  Written component;
  std::optional<Written> id;
  std::optional<ConfigNode> params_node;  // one of the two
  Json params_json = Json::object();
  std::vector<InputDraft> inputs;
  std::vector<Written> after;
  int retries = 0;
  double timeout_seconds = 0;
  int64_t memory_bytes = 0;
  bool cache = true;
};

struct PipelineDraft {
  Written name;
  std::string root;
  std::string metadata_path;
  std::vector<StepDraft> steps;
};

// The errors of LoadPipeline.
StatusOr<Pipeline> Wire(const PipelineDraft& draft, const components::ComponentRegistry& registry);

}  // namespace bessemer::pipeline

#endif  // BESSEMER_PIPELINE_WIRING_H_
