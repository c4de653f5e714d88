#include <algorithm>

#include "bessemer/base/nearest_name.h"
#include "bessemer/io/file.h"
#include "bessemer/pipeline/definition.h"
#include "bessemer/pipeline/variables.h"
#include "bessemer/pipeline/wiring.h"

namespace bessemer::pipeline {
namespace {

const std::vector<std::string>& StepKeys() {
  static const auto* const keys = new std::vector<std::string>{
      "id", "inputs", "after", "retries", "timeout", "memory", "cache"};
  return *keys;
}

bool IsStepKey(const std::string& key) {
  return std::find(StepKeys().begin(), StepKeys().end(), key) != StepKeys().end();
}

StatusOr<Written> Scalar(const ConfigNode& node, std::string_view key) {
  if (!node.is_scalar()) return node.Error(fmt::format("'{}' must be a single value", key));
  return Written{node.scalar(), node.Where()};
}

// A scalar or a list of scalars; null is an empty list.
StatusOr<std::vector<Written>> Scalars(const ConfigNode& node, std::string_view key) {
  std::vector<Written> result;
  if (node.is_null()) return result;
  if (node.is_sequence()) {
    for (const ConfigNode& item : node.items()) {
      BESSEMER_ASSIGN_OR_RETURN(Written written, Scalar(item, key));
      result.push_back(std::move(written));
    }
    return result;
  }
  BESSEMER_ASSIGN_OR_RETURN(Written written, Scalar(node, key));
  result.push_back(std::move(written));
  return result;
}

StatusOr<double> Number(const ConfigNode& node, std::string_view key, double max) {
  const Json value = node.ToJson();
  const double number = value.is_number() ? value.get<double>() : -1;
  if (!(number >= 0 && number <= max)) {  // nor NaN
    return node.Error(fmt::format("'{}' must be a number from 0 to {}", key, max));
  }
  return number;
}

Status ReadStepKey(const std::string& key, const ConfigNode& value, StepDraft& step) {
  if (key == "id") {
    BESSEMER_ASSIGN_OR_RETURN(step.id, Scalar(value, key));
  } else if (key == "inputs") {
    if (value.is_null()) return OkStatus();
    if (!value.is_map()) return value.Error("'inputs' must be a map of inputs and their sources");
    for (const auto& [port, source] : value.fields()) {
      BESSEMER_ASSIGN_OR_RETURN(std::vector<Written> sources, Scalars(source, port));
      step.inputs.push_back({{port, source.Where()}, std::move(sources)});
    }
  } else if (key == "after") {
    BESSEMER_ASSIGN_OR_RETURN(step.after, Scalars(value, key));
  } else if (key == "retries") {
    BESSEMER_ASSIGN_OR_RETURN(const double retries, Number(value, key, 100));
    step.retries = static_cast<int>(retries);
  } else if (key == "timeout") {
    BESSEMER_ASSIGN_OR_RETURN(step.timeout_seconds, Number(value, key, 1e9));
  } else if (key == "memory") {
    BESSEMER_ASSIGN_OR_RETURN(const Written text, Scalar(value, key));
    const StatusOr<int64_t> bytes = ParseBytes(text.text);
    if (!bytes.ok()) return value.Error(Message(bytes.status()));
    step.memory_bytes = *bytes;
  } else if (key == "cache") {
    const Json flag = value.ToJson();
    if (!flag.is_boolean()) return value.Error("'cache' must be true or false");
    step.cache = flag.get<bool>();
  }
  return OkStatus();
}

StatusOr<StepDraft> ReadStep(const ConfigNode& node) {
  StepDraft step;
  if (node.is_scalar()) {
    step.component = {node.scalar(), node.Where()};
    return step;
  }
  if (!node.is_map()) {
    return node.Error("a step is a component's name, alone or with parameters: 'Trainer: {…}'");
  }
  for (const auto& [key, value] : node.fields()) {
    if (IsStepKey(key)) {
      BESSEMER_RETURN_IF_ERROR(ReadStepKey(key, value, step));
      continue;
    }
    if (!step.component.text.empty()) {
      return value.Error(fmt::format("unknown key '{}' of step '{}'{}", key, step.component.text,
                                     SuggestName(key, StepKeys())));
    }
    step.component = {key, value.Where()};
    step.params_node = value;
  }
  if (step.component.text.empty()) return node.Error("this step names no component");
  return step;
}

}  // namespace

StatusOr<Pipeline> ParsePipeline(std::string_view text, std::string_view file_name,
                                 const components::ComponentRegistry& registry,
                                 const LoadOptions& options) {
  BESSEMER_ASSIGN_OR_RETURN(const std::string substituted,
                            SubstituteVariables(text, file_name, options.variables));
  BESSEMER_ASSIGN_OR_RETURN(const ConfigNode file, ConfigNode::Parse(substituted, file_name));
  if (!file.is_map()) {
    return InvalidArgumentError("{}: a pipeline file is a map with 'pipeline', 'root' and 'steps'",
                                file_name);
  }
  BESSEMER_RETURN_IF_ERROR(file.CheckKeys({"pipeline", "root", "metadata", "vars", "steps"}));
  PipelineDraft draft;
  for (const char* key : {"pipeline", "root", "metadata"}) {
    const ConfigNode* value = file.Find(key);
    if (value == nullptr) {
      if (std::string_view(key) == "metadata") continue;
      if (std::string_view(key) == "root" && !options.root.empty()) continue;
      return file.Error(fmt::format("'{}' is required", key));
    }
    BESSEMER_ASSIGN_OR_RETURN(const Written written, Scalar(*value, key));
    if (std::string_view(key) == "pipeline") draft.name = written;
    if (std::string_view(key) == "root") draft.root = written.text;
    if (std::string_view(key) == "metadata") draft.metadata_path = written.text;
  }
  if (!options.root.empty()) draft.root = options.root;
  const ConfigNode* steps = file.Find("steps");
  if (steps == nullptr) return file.Error("'steps' is required: a list of components");
  if (!steps->is_sequence()) {
    return steps->Error("'steps' must be a list: one '- Component' a line");
  }
  for (const ConfigNode& item : steps->items()) {
    BESSEMER_ASSIGN_OR_RETURN(StepDraft step, ReadStep(item));
    draft.steps.push_back(std::move(step));
  }
  return Wire(draft, registry);
}

StatusOr<Pipeline> LoadPipeline(const std::string& path,
                                const components::ComponentRegistry& registry,
                                const LoadOptions& options) {
  BESSEMER_ASSIGN_OR_RETURN(const std::string text, io::ReadFile(path));
  return ParsePipeline(text, path, registry, options);
}

}  // namespace bessemer::pipeline
