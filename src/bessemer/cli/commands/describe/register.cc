#include <CLI/CLI.hpp>

#include "bessemer/cli/command.h"
#include "bessemer/base/json_text.h"
#include "bessemer/components/component.h"

namespace bessemer::cli::describe {
namespace {

using components::Component;
using components::ComponentRegistry;
using components::Port;

StatusOr<ComponentRegistry> Components() {
  ComponentRegistry registry("component");
  components::RegisterPlugins(registry);
  BESSEMER_RETURN_IF_ERROR(registry.status());
  return registry;
}

void PrintPorts(const char* title, const std::vector<Port>& ports) {
  if (ports.empty()) return;
  fmt::print("\n{}\n", title);
  for (const Port& port : ports) {
    fmt::print("  {:<24} {}{}  {}\n", port.name, port.artifact_type,
               port.optional ? " (optional)" : "", port.doc);
  }
}

// The first line of what a component does, without its full stop.
std::string Title(const Component& component) {
  std::string title = component.doc.substr(0, component.doc.find('\n'));
  if (title.ends_with('.')) title.pop_back();
  return title;
}

Json PortsJson(const std::vector<Port>& ports) {
  Json list = Json::array();
  for (const Port& port : ports) {
    list.push_back({{"name", port.name}, {"type", port.artifact_type},
                    {"optional", port.optional}, {"doc", port.doc}});
  }
  return list;
}

Json ComponentJson(const Component& component) {
  Json params = Json::array();
  for (const Param& param : component.params) {
    params.push_back({{"name", param.name}, {"type", ParamTypeName(param.type)},
                      {"required", param.required}, {"default", param.default_value},
                      {"doc", param.doc}});
  }
  return {{"name", component.name}, {"doc", component.doc},
          {"inputs", PortsJson(component.inputs)}, {"outputs", PortsJson(component.outputs)},
          {"params", std::move(params)}};
}

StatusOr<int> List(const ComponentRegistry& registry, bool json) {
  Json list = Json::array();
  for (const Component& component : registry.entries()) {
    if (json) {
      list.push_back({{"name", component.name}, {"doc", component.doc}});
    } else {
      fmt::print("{:<20} {}\n", component.name, Title(component));
    }
  }
  if (json) fmt::print("{}\n", JsonText(list, 2));
  return kExitOk;
}

StatusOr<int> Describe(const std::string& name, bool json) {
  BESSEMER_ASSIGN_OR_RETURN(const ComponentRegistry registry, Components());
  if (name.empty()) return List(registry, json);
  const StatusOr<const Component*> found = registry.Find(name);
  if (!found.ok()) return InvalidArgumentError("{}", Message(found.status()));
  const Component* component = *found;
  if (json) {
    fmt::print("{}\n", JsonText(ComponentJson(*component), 2));
    return kExitOk;
  }
  fmt::print("{}\n{}\n", component->name, component->doc);
  PrintPorts("Inputs", component->inputs);
  PrintPorts("Outputs", component->outputs);
  if (!component->params.empty()) fmt::print("\nParameters\n");
  for (const Param& param : component->params) {
    fmt::print("  {:<24} {:<8} {}{}\n", param.name, ParamTypeName(param.type), param.doc,
               param.required ? " Required."
               : param.default_value.is_null()
                   ? ""
                   : fmt::format(" Default: {}.", JsonText(param.default_value)));
  }
  return kExitOk;
}

}  // namespace

void Register(CommandRegistry& registry) {
  registry.Add({.name = "describe",
                .doc = "Lists the components, or tells what one reads, writes and takes",
                .setup = [](CLI::App& app, Session& session) {
                  auto name = std::make_shared<std::string>();
                  app.add_option("component", *name, "Its name; none: list all");
                  app.footer("Examples:\n  bessemer describe\n  bessemer describe Trainer");
                  app.callback([&session, name] {
                    session.Run([&session, name] { return Describe(*name, session.json); });
                  });
                }});
}

}  // namespace bessemer::cli::describe
