#include "bessemer/pipeline/wiring.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <set>

#include "bessemer/base/nearest_name.h"
#include "bessemer/io/file.h"
#include "bessemer/io/object_uri.h"
#include "bessemer/pipeline/resolvers.h"

namespace bessemer::pipeline {
namespace {

using components::Component;
using components::ComponentRegistry;
using components::Port;

Status ErrorAt(const Written& written, std::string_view message) {
  return InvalidArgumentError("{}: {}", written.where, message);
}

const Port* FindPort(const std::vector<Port>& ports, std::string_view name) {
  for (const Port& port : ports) {
    if (port.name == name) return &port;
  }
  return nullptr;
}

std::vector<std::string> PortNames(const std::vector<Port>& ports) {
  std::vector<std::string> names;
  for (const Port& port : ports) names.push_back(port.name);
  return names;
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::string AbsolutePath(const std::string& path) {
  if (io::IsRemote(path)) return path;
  std::string absolute = std::filesystem::absolute(path).lexically_normal().string();
  while (absolute.size() > 1 && absolute.ends_with('/')) absolute.pop_back();
  return absolute;
}

class Wirer {
 public:
  Wirer(const PipelineDraft& draft, const ComponentRegistry& registry)
      : draft_(draft), registry_(registry) {}

  StatusOr<Pipeline> Run() {
    if (!IsValidName(draft_.name.text)) {
      return ErrorAt(draft_.name, fmt::format("'{}' cannot be the name of a pipeline: use up to 63 "
                                              "letters, digits, '_', '-' and '.'",
                                              draft_.name.text));
    }
    if (draft_.root.empty()) return ErrorAt(draft_.name, "'root' is required: the output folder");
    pipeline_.name = draft_.name.text;
    pipeline_.root = AbsolutePath(draft_.root);
    if (io::IsRemote(draft_.metadata_path.empty() ? pipeline_.root : draft_.metadata_path)) {
      return ErrorAt(draft_.name,
                     "the metadata store is an SQLite file and needs a local disk; with a 'root' "
                     "on an object store, name one: 'metadata: runs/<name>/metadata.db'");
    }
    pipeline_.metadata_path = draft_.metadata_path.empty()
                                  ? io::JoinPath(pipeline_.root, "metadata.db")
                                  : AbsolutePath(draft_.metadata_path);
    for (const StepDraft& step : draft_.steps) BESSEMER_RETURN_IF_ERROR(AddStep(step));
    if (pipeline_.steps.empty()) return ErrorAt(draft_.name, "the pipeline has no steps");
    for (size_t i = 0; i < draft_.steps.size(); ++i) BESSEMER_RETURN_IF_ERROR(WireInputs(i));
    for (size_t i = 0; i < draft_.steps.size(); ++i) BESSEMER_RETURN_IF_ERROR(CheckParams(i));
    BESSEMER_RETURN_IF_ERROR(Sort());
    return std::move(pipeline_);
  }

 private:
  Status AddStep(const StepDraft& draft) {
    const StatusOr<const Component*> component = registry_.Find(draft.component.text);
    if (!component.ok()) return WithContext(component.status(), draft.component.where);
    Step step;
    step.component = *component;
    const Written& id = draft.id ? *draft.id : draft.component;
    step.id = id.text;
    if (!IsValidName(step.id)) {
      return ErrorAt(id, fmt::format("'{}' cannot be the id of a step: use up to 63 letters, "
                                     "digits, '_', '-' and '.'", step.id));
    }
    if (pipeline_.Find(step.id) != nullptr) {
      return ErrorAt(id, fmt::format("there are two steps '{}'; give one an 'id'", step.id));
    }
    StatusOr<ParamValues> params =
        draft.params_node
            ? ParamValues::FromConfig(step.component->params, &*draft.params_node)
            : ParamValues::FromJson(step.component->params, draft.params_json,
                                    draft.component.where);
    if (!params.ok()) {
      return MakeStatus(params.status().code(), fmt::format("{} (in {})", Message(params.status()),
                                                            draft.component.text));
    }
    step.params = *std::move(params);
    step.retries = draft.retries;
    step.timeout_seconds = draft.timeout_seconds;
    step.memory_bytes = draft.memory_bytes;
    step.cache = draft.cache;
    pipeline_.steps.push_back(std::move(step));
    return OkStatus();
  }

  // What the component itself has to say of its parameters.
  Status CheckParams(size_t index) const {
    const Step& step = pipeline_.steps[index];
    if (!step.component->check) return OkStatus();
    const Status status = step.component->check(step.params);
    if (status.ok()) return status;
    const std::string& where = draft_.steps[index].component.where;
    const std::string file = where.substr(0, where.find(':'));
    std::string message(Message(status));
    const size_t end = std::min(message.find('\n'), message.size());  // an expression may follow
    message.insert(end, fmt::format(" (in {})", step.component->name));
    // A position in the file is there already if the mistake is in a parameter that was given.
    const bool placed = message.starts_with(file + ":");
    return InvalidArgumentError("{}", placed ? message : fmt::format("{}: {}", where, message));
  }

  Status WireInputs(size_t index) {
    const StepDraft& draft = draft_.steps[index];
    Step& step = pipeline_.steps[index];
    const std::vector<Port>& ports = step.component->inputs;
    for (const InputDraft& input : draft.inputs) {
      if (FindPort(ports, input.port.text) == nullptr) {
        return ErrorAt(input.port, fmt::format("{} has no input '{}'{}", step.component->name,
                                               input.port.text,
                                               SuggestName(input.port.text, PortNames(ports))));
      }
    }
    for (const Port& port : ports) {
      const auto given =
          std::find_if(draft.inputs.begin(), draft.inputs.end(),
                       [&](const InputDraft& input) { return input.port.text == port.name; });
      std::vector<InputSource> sources;
      if (given != draft.inputs.end()) {
        BESSEMER_ASSIGN_OR_RETURN(sources, GivenSources(index, port, *given));
      } else if (!port.resolver.empty()) {
        BESSEMER_ASSIGN_OR_RETURN(
            InputSource source,
            ResolverSource(index, port, port.resolver, "", {}, draft.component));
        sources.push_back(std::move(source));
      } else if (std::optional<InputSource> source = DefaultSource(index, port)) {
        sources.push_back(*std::move(source));
      }
      if (sources.empty() && !port.optional) {
        return ErrorAt(given == draft.inputs.end() ? draft.component : given->port,
                       fmt::format("step '{}' needs '{}' ({}), and no step before it makes {}; "
                                   "add one or name the source under 'inputs'",
                                   step.id, port.name, port.artifact_type, port.artifact_type));
      }
      if (!sources.empty()) step.inputs.emplace_back(port.name, std::move(sources));
    }
    for (const Written& after : draft.after) {
      BESSEMER_RETURN_IF_ERROR(FindStep(after, after.text).status());
      step.after.push_back(after.text);
    }
    return OkStatus();
  }

  StatusOr<const Step*> FindStep(const Written& place, std::string_view id) const {
    if (const Step* step = pipeline_.Find(id)) return step;
    std::vector<std::string> ids;
    for (const Step& step : pipeline_.steps) ids.push_back(step.id);
    return ErrorAt(place, fmt::format("there is no step '{}'{}", id, SuggestName(id, ids)));
  }

  StatusOr<std::vector<InputSource>> GivenSources(size_t index, const Port& port,
                                                  const InputDraft& given) const {
    std::vector<InputSource> sources;
    for (const Written& written : given.sources) {
      if (written.text == "none" || written.text.empty()) continue;
      BESSEMER_ASSIGN_OR_RETURN(InputSource source, ParseSource(index, port, written));
      sources.push_back(std::move(source));
    }
    if (sources.size() > 1 && !port.many) {
      return ErrorAt(given.port, fmt::format("'{}' takes one artifact, but {} sources are given",
                                             port.name, sources.size()));
    }
    return sources;
  }

  // "Step.output", "Step", "resolver" or "resolver(Step.output, 3)".
  StatusOr<InputSource> ParseSource(size_t index, const Port& port, const Written& written) const {
    const std::string_view text = written.text;
    const size_t open = text.find('(');
    if (open != std::string_view::npos) {
      if (!text.ends_with(')')) return ErrorAt(written, fmt::format("'{}' lacks a ')'", text));
      std::string of;
      std::vector<int64_t> arguments;
      std::string_view rest = text.substr(open + 1, text.size() - open - 2);
      while (!Trim(rest).empty()) {
        const size_t comma = std::min(rest.find(','), rest.size());
        const std::string_view word = Trim(rest.substr(0, comma));
        rest.remove_prefix(std::min(comma + 1, rest.size()));
        int64_t number = 0;
        const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
        if (error == std::errc() && end == word.data() + word.size()) {
          arguments.push_back(number);
        } else if (of.empty() && !word.empty()) {
          of = word;
        } else {
          return ErrorAt(written, fmt::format("'{}': '{}' is not a whole number", text, word));
        }
      }
      return ResolverSource(index, port, Trim(text.substr(0, open)), of, arguments, written);
    }
    if (text.find('.') == std::string_view::npos && pipeline_.Find(text) == nullptr) {
      std::vector<std::string> names;
      for (const Step& step : pipeline_.steps) names.push_back(step.id);
      for (const Resolver& resolver : Resolvers().entries()) names.push_back(resolver.name);
      if (!Resolvers().Find(text).ok()) {
        return ErrorAt(written, fmt::format("'{}' is neither a step nor a resolver{}", text,
                                            SuggestName(text, names)));
      }
      return ResolverSource(index, port, text, "", {}, written);
    }
    return OutputSource(port, text, written);
  }

  StatusOr<InputSource> OutputSource(const Port& port, std::string_view text,
                                     const Written& written) const {
    // Ids may hold dots: the longest id that is followed by the end or a dot is meant.
    const Step* step = pipeline_.Find(text);
    std::string_view output;
    if (step == nullptr) {
      const size_t dot = text.rfind('.');
      BESSEMER_ASSIGN_OR_RETURN(step, FindStep(written, text.substr(0, dot)));
      output = text.substr(dot + 1);
    }
    const std::vector<Port>& outputs = step->component->outputs;
    if (output.empty()) {
      std::vector<std::string> fitting;
      for (const Port& candidate : outputs) {
        if (candidate.artifact_type == port.artifact_type) fitting.push_back(candidate.name);
      }
      if (fitting.size() == 1) return InputSource{step->id, fitting[0], "", {}};
      return ErrorAt(written, fmt::format("step '{}' has {} of type {}; write '{}.<output>'{}",
                                          step->id,
                                          fitting.empty() ? "no output" : "several outputs",
                                          port.artifact_type, step->id,
                                          SuggestName("", PortNames(outputs))));
    }
    const Port* found = FindPort(outputs, output);
    if (found == nullptr) {
      return ErrorAt(written, fmt::format("step '{}' ({}) has no output '{}'{}", step->id,
                                          step->component->name, output,
                                          SuggestName(output, PortNames(outputs))));
    }
    if (found->artifact_type != port.artifact_type) {
      return ErrorAt(written, fmt::format("'{}' is of type {}, but the input '{}' takes {}", text,
                                          found->artifact_type, port.name, port.artifact_type));
    }
    return InputSource{step->id, std::string(output), "", {}};
  }

  StatusOr<InputSource> ResolverSource(size_t index, const Port& port, std::string_view name,
                                       std::string_view of, std::vector<int64_t> arguments,
                                       const Written& written) const {
    const StatusOr<const Resolver*> resolver = Resolvers().Find(name);
    if (!resolver.ok()) return ErrorAt(written, Message(resolver.status()));
    const int count = static_cast<int>(arguments.size());
    if (count < (*resolver)->min_arguments || count > (*resolver)->max_arguments) {
      return ErrorAt(written, fmt::format("'{}' takes {} to {} numbers, but {} are given: {}", name,
                                          (*resolver)->min_arguments, (*resolver)->max_arguments,
                                          count, (*resolver)->doc));
    }
    InputSource source;
    if (!of.empty()) {
      BESSEMER_ASSIGN_OR_RETURN(source, OutputSource(port, of, written));
    } else if ((*resolver)->default_source) {
      if (std::optional<InputSource> found = DefaultSource(index, port)) source = *found;
    }
    source.resolver = name;
    source.arguments = std::move(arguments);
    return source;
  }

  // The newest fitting output of the steps written before.
  std::optional<InputSource> DefaultSource(size_t index, const Port& port) const {
    std::vector<std::string> keys = port.prefer;
    if (keys.empty()) keys.push_back(port.name);
    keys.emplace_back();  // any
    for (const std::string& key : keys) {
      for (size_t i = index; i-- > 0;) {
        const Step& step = pipeline_.steps[i];
        for (const Port& output : step.component->outputs) {
          if (output.artifact_type == port.artifact_type && (key.empty() || output.name == key)) {
            return InputSource{step.id, output.name, "", {}};
          }
        }
      }
    }
    return std::nullopt;
  }

  // Puts every step after those it depends on and keeps the written order otherwise.
  Status Sort() {
    std::vector<Step> sorted;
    std::set<std::string> done;
    std::vector<bool> taken(pipeline_.steps.size(), false);
    while (sorted.size() < pipeline_.steps.size()) {
      size_t next = pipeline_.steps.size();
      for (size_t i = 0; i < pipeline_.steps.size() && next == pipeline_.steps.size(); ++i) {
        if (taken[i]) continue;
        const std::vector<std::string> needed = pipeline_.Dependencies(pipeline_.steps[i]);
        if (std::all_of(needed.begin(), needed.end(),
                        [&](const std::string& id) { return done.contains(id); })) {
          next = i;
        }
      }
      if (next == pipeline_.steps.size()) return CycleError(done);
      taken[next] = true;
      done.insert(pipeline_.steps[next].id);
      sorted.push_back(pipeline_.steps[next]);
    }
    pipeline_.steps = std::move(sorted);
    return OkStatus();
  }

  Status CycleError(const std::set<std::string>& done) const {
    // Following unmet dependencies from any step left must come round.
    size_t start = 0;
    while (done.contains(pipeline_.steps[start].id)) ++start;
    std::vector<std::string> path = {pipeline_.steps[start].id};
    while (true) {
      for (const std::string& id : pipeline_.Dependencies(*pipeline_.Find(path.back()))) {
        if (done.contains(id)) continue;
        const auto seen = std::find(path.begin(), path.end(), id);
        if (seen != path.end()) {
          std::vector<std::string> cycle(seen, path.end());
          cycle.push_back(id);
          std::reverse(cycle.begin(), cycle.end());
          const size_t index = pipeline_.Find(id) - pipeline_.steps.data();
          return ErrorAt(draft_.steps[index].component,
                         fmt::format("these steps wait for each other: {}",
                                     fmt::join(cycle, " -> ")));
        }
        path.push_back(id);
        break;
      }
    }
  }

  const PipelineDraft& draft_;
  const ComponentRegistry& registry_;
  Pipeline pipeline_;
};

}  // namespace

StatusOr<Pipeline> Wire(const PipelineDraft& draft, const ComponentRegistry& registry) {
  return Wirer(draft, registry).Run();
}

}  // namespace bessemer::pipeline
