// Any text is a pipeline file or an error; the steps of a pipeline come after what they wait for.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "bessemer/pipeline/definition.h"

namespace bessemer::pipeline {
namespace {

components::ComponentRegistry Components() {
  components::ComponentRegistry registry("component");
  registry.Add({.name = "Gen",
                .doc = "Makes examples.",
                .outputs = {{"examples", "Examples", "Made."}},
                .params = {{.name = "text", .doc = "A text.", .required = true},
                           {.name = "span", .type = ParamType::kInt, .doc = "A number.", .min = 0},
                           {.name = "rate", .type = ParamType::kFloat, .doc = "A number."},
                           {.name = "list", .type = ParamType::kList, .doc = "Some."},
                           {.name = "map", .type = ParamType::kMap, .doc = "Some."}}});
  registry.Add({.name = "Train",
                .doc = "Trains.",
                .inputs = {{"examples", "Examples", "To learn.", false, true},
                           {"baseline", "Model", "Warm start.", true, false, {}, "latest_model"}},
                .outputs = {{"model", "Model", "Trained."}}});
  return registry;
}

void CheckOrder(const Pipeline& pipeline) {
  std::vector<std::string> seen;
  for (const Step& step : pipeline.steps) {
    if (pipeline.Find(step.id) != &step) std::abort();
    for (const std::string& before : pipeline.Dependencies(step)) {
      if (std::find(seen.begin(), seen.end(), before) == seen.end()) std::abort();
    }
    seen.push_back(step.id);
  }
}

}  // namespace
}  // namespace bessemer::pipeline

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace bessemer::pipeline;
  static const auto registry = Components();
  const auto pipeline =
      ParsePipeline({reinterpret_cast<const char*>(data), size}, "fuzz.yaml", registry);
  if (pipeline.ok()) CheckOrder(*pipeline);
  return 0;
}
