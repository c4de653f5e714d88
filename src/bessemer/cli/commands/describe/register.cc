#include <CLI/CLI.hpp>

#include "bessemer/cli/command.h"
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

StatusOr<int> Describe(const std::string& name) {
  BESSEMER_ASSIGN_OR_RETURN(const ComponentRegistry registry, Components());
  if (name.empty()) {
    for (const Component& component : registry.entries()) {
      fmt::print("{:<20} {}\n", component.name, component.doc.substr(0, component.doc.find('\n')));
    }
    return kExitOk;
  }
  BESSEMER_ASSIGN_OR_RETURN(const Component* component, registry.Find(name));
  fmt::print("{}\n{}\n", component->name, component->doc);
  PrintPorts("Inputs", component->inputs);
  PrintPorts("Outputs", component->outputs);
  if (!component->params.empty()) fmt::print("\nParameters\n");
  for (const Param& param : component->params) {
    fmt::print("  {:<24} {:<8} {}{}\n", param.name, ParamTypeName(param.type), param.doc,
               param.required ? " Required."
               : param.default_value.is_null()
                   ? ""
                   : fmt::format(" Default: {}.", param.default_value.dump()));
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
                  app.callback(
                      [&session, name] { session.Run([name] { return Describe(*name); }); });
                }});
}

}  // namespace bessemer::cli::describe
