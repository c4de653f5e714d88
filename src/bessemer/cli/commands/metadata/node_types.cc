#include "bessemer/cli/commands/metadata/node_types.h"

#include <map>
#include <set>

#include "bessemer/base/nearest_name.h"
#include "bessemer/metadata/store.h"
#include "bessemer/pipeline/records.h"

namespace bessemer::cli::metadata {

using ::bessemer::metadata::NodeQuery;
using ::bessemer::metadata::Store;

namespace {

// Of executions that do not name their step, as those that TFX has recorded: by the node contexts,
// whose names are those of the pipeline and of the step with a dot between.
StatusOr<std::map<int64_t, std::string>> StepsByContext(const Store& store) {
  std::map<int64_t, std::string> steps;
  NodeQuery pipelines;
  pipelines.type = pipeline::kPipelineContext;
  BESSEMER_ASSIGN_OR_RETURN(const auto roots, store.GetContexts(pipelines));
  NodeQuery nodes;
  nodes.type = pipeline::kNodeContext;
  BESSEMER_ASSIGN_OR_RETURN(const auto contexts, store.GetContexts(nodes));
  for (const auto& context : contexts) {
    std::string step = context.name();
    for (const auto& root : roots) {
      if (context.name().starts_with(root.name() + ".")) {
        step = context.name().substr(root.name().size() + 1);
      }
    }
    NodeQuery query;
    query.context_id = context.id();
    BESSEMER_ASSIGN_OR_RETURN(const auto executions, store.GetExecutions(query));
    for (const auto& execution : executions) steps[execution.id()] = step;
  }
  return steps;
}

}  // namespace

std::string_view ComponentOf(std::string_view type) { return type.substr(type.rfind('.') + 1); }

StatusOr<std::vector<StepExecution>> ExecutionsOf(const Store& store, const std::string& wanted) {
  BESSEMER_ASSIGN_OR_RETURN(const auto types, store.GetExecutionTypes());
  BESSEMER_ASSIGN_OR_RETURN(auto executions, store.GetExecutions());
  std::set<std::string> known;
  bool is_known = wanted.empty();
  for (const auto& type : types) {
    is_known |= wanted == type.name() || wanted == ComponentOf(type.name());
    known.emplace(ComponentOf(type.name()));
  }
  std::vector<StepExecution> found;
  std::optional<std::map<int64_t, std::string>> by_context;
  for (auto& execution : executions) {
    std::string step;
    const auto property = execution.custom_properties().find(pipeline::kStep);
    if (property != execution.custom_properties().end()) {
      step = property->second.string_value();
    } else {
      if (!by_context) {
        BESSEMER_ASSIGN_OR_RETURN(by_context, StepsByContext(store));
      }
      const auto of_context = by_context->find(execution.id());
      if (of_context != by_context->end()) step = of_context->second;
    }
    if (!step.empty()) known.insert(step);
    is_known |= wanted == step;
    if (wanted.empty() || wanted == execution.type() || wanted == ComponentOf(execution.type()) ||
        wanted == step) {
      found.push_back({std::move(execution), std::move(step)});
    }
  }
  if (is_known) return found;
  return InvalidArgumentError("--type {}: {} has no such component or step{}", wanted,
                              store.path(), SuggestName(wanted, {known.begin(), known.end()}));
}

StatusOr<std::vector<::ml_metadata::Artifact>> ArtifactsOf(const Store& store,
                                                           const std::string& wanted) {
  NodeQuery query;
  if (!wanted.empty()) {
    BESSEMER_ASSIGN_OR_RETURN(const auto types, store.GetArtifactTypes());
    std::vector<std::string> known;
    bool is_known = false;
    for (const auto& type : types) {
      is_known |= type.name() == wanted;
      known.push_back(type.name());
    }
    if (!is_known) {
      return InvalidArgumentError("--type {}: {} has no artifacts of this type{}", wanted,
                                  store.path(), SuggestName(wanted, known));
    }
    query.type = wanted;
  }
  return store.GetArtifacts(query);
}

}  // namespace bessemer::cli::metadata
