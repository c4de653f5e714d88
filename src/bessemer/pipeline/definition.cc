#include "bessemer/pipeline/definition.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "bessemer/pipeline/wiring.h"

namespace bessemer::pipeline {

const Step* Pipeline::Find(std::string_view id) const {
  for (const Step& step : steps) {
    if (step.id == id) return &step;
  }
  return nullptr;
}

std::vector<std::string> Pipeline::Dependencies(const Step& step) const {
  std::vector<std::string> ids;
  auto add = [&](const std::string& id) {
    if (!id.empty() && std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
  };
  for (const auto& [port, sources] : step.inputs) {
    for (const InputSource& source : sources) add(source.step);
  }
  for (const std::string& id : step.after) add(id);
  return ids;
}

bool IsValidName(std::string_view name) {
  return !name.empty() && name.size() <= 63 && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return std::isalnum(c) || c == '_' || c == '-' || c == '.';
         });
}

StatusOr<int64_t> ParseBytes(std::string_view text) {
  double number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  std::string_view unit(rest, text.data() + text.size() - rest);
  while (unit.starts_with(' ')) unit.remove_prefix(1);
  static constexpr std::pair<std::string_view, double> kUnits[] = {
      {"", 1},     {"B", 1},    {"kB", 1e3},    {"KB", 1e3},      {"MB", 1e6},
      {"GB", 1e9}, {"TB", 1e12}, {"KiB", 1024.0}, {"MiB", 1048576.0}, {"GiB", 1073741824.0},
      {"TiB", 1099511627776.0}};
  if (error == std::errc() && number > 0) {
    for (const auto& [name, factor] : kUnits) {
      if (unit == name && number * factor < 9e18) {
        return static_cast<int64_t>(std::llround(number * factor));
      }
    }
  }
  return InvalidArgumentError("'{}' is not an amount of memory; write for example 4GiB", text);
}

PipelineBuilder::PipelineBuilder(std::string name, std::string root)
    : name_(std::move(name)), root_(std::move(root)) {}

PipelineBuilder& PipelineBuilder::Step(std::string component, Json params, StepOptions options) {
  entries_.push_back({std::move(component), std::move(params), std::move(options)});
  return *this;
}

StatusOr<Pipeline> PipelineBuilder::Build(const components::ComponentRegistry& registry) const {
  PipelineDraft draft{.name = {name_, fmt::format("pipeline '{}'", name_)}, .root = root_};
  for (const Entry& entry : entries_) {
    const StepOptions& options = entry.options;
    const std::string where =
        fmt::format("step '{}'", options.id.empty() ? entry.component : options.id);
    StepDraft step;
    step.component = {entry.component, where};
    if (!options.id.empty()) step.id = Written{options.id, where};
    step.params_json = entry.params.is_null() ? Json::object() : entry.params;
    if (!step.params_json.is_object()) {
      return InvalidArgumentError("{}: the parameters must be a map", where);
    }
    for (const auto& [port, sources] : options.inputs) {
      InputDraft input{{port, where}, {}};
      for (const std::string& source : sources) input.sources.push_back({source, where});
      step.inputs.push_back(std::move(input));
    }
    for (const std::string& id : options.after) step.after.push_back({id, where});
    step.retries = options.retries;
    step.timeout_seconds = options.timeout_seconds;
    step.memory_bytes = options.memory_bytes;
    step.cache = options.cache;
    draft.steps.push_back(std::move(step));
  }
  return Wire(draft, registry);
}

}  // namespace bessemer::pipeline
