#include "bessemer/pipeline/resolvers.h"

#include <algorithm>
#include <map>
#include <set>

#include "bessemer/metadata/store.h"
#include "bessemer/pipeline/records.h"

namespace bessemer::pipeline {
namespace {

using components::Artifact;
using Artifacts = std::vector<Artifact>;

enum class Order { kMade, kUsed };

// LIVE artifacts of the wanted type that the pipeline, or one output of one step, has made; oldest
// first. kUsed: by the last execution that gave them, made or reused, so that data restated and
// then put back counts as it is now.
StatusOr<Artifacts> Candidates(const ResolverRequest& request, Order order = Order::kMade) {
  const std::string name =
      request.step.empty() ? request.pipeline : request.pipeline + "." + request.step;
  BESSEMER_ASSIGN_OR_RETURN(
      const auto contexts,
      request.store->GetContexts(
          {.type = request.step.empty() ? kPipelineContext : kNodeContext, .name = name}));
  if (contexts.empty()) return Artifacts{};
  metadata::NodeQuery query;
  query.type = request.artifact_type;
  query.state = ::ml_metadata::Artifact::LIVE;
  query.context_id = contexts[0].id();
  BESSEMER_ASSIGN_OR_RETURN(const auto found, request.store->GetArtifacts(query));
  std::map<int64_t, int64_t> last_use;  // execution by artifact
  if (!request.step.empty() || order == Order::kUsed) {
    std::vector<int64_t> ids;
    for (const auto& artifact : found) ids.push_back(artifact.id());
    BESSEMER_ASSIGN_OR_RETURN(const auto events, request.store->GetEventsByArtifacts(ids));
    for (const auto& event : events) {
      if (event.type() != ::ml_metadata::Event::OUTPUT) continue;
      if (!request.step.empty() && EventKey(event) != request.output) continue;
      int64_t& execution = last_use[event.artifact_id()];
      execution = std::max(execution, event.execution_id());
    }
  }
  Artifacts artifacts;
  for (const auto& proto : found) {
    if (request.step.empty() || last_use.contains(proto.id())) {
      artifacts.push_back(FromProto(proto));
    }
  }
  if (order == Order::kUsed) {
    std::stable_sort(artifacts.begin(), artifacts.end(), [&](const Artifact& a, const Artifact& b) {
      return last_use[a.id] < last_use[b.id];
    });
  }
  return artifacts;
}

// The artifacts of the same type among the step's other inputs.
Artifacts Known(const ResolverRequest& request) {
  Artifacts known;
  if (request.known_inputs == nullptr) return known;
  for (const auto& [port, artifacts] : *request.known_inputs) {
    for (const Artifact& artifact : artifacts) {
      if (artifact.type == request.artifact_type) known.push_back(artifact);
    }
  }
  return known;
}

bool Contains(const Artifacts& artifacts, int64_t id) {
  return std::any_of(artifacts.begin(), artifacts.end(),
                     [id](const Artifact& artifact) { return artifact.id == id; });
}

StatusOr<Artifacts> LatestArtifact(const ResolverRequest& request) {
  BESSEMER_ASSIGN_OR_RETURN(const Artifacts candidates, Candidates(request));
  const Artifacts known = Known(request);
  for (auto artifact = candidates.rbegin(); artifact != candidates.rend(); ++artifact) {
    if (!Contains(known, artifact->id)) return Artifacts{*artifact};
  }
  return Artifacts{};
}

StatusOr<Artifacts> LatestVersion(const ResolverRequest& request) {
  BESSEMER_ASSIGN_OR_RETURN(const Artifacts candidates, Candidates(request));
  const Artifact* best = nullptr;
  auto rank = [](const Artifact& artifact) {
    return std::tuple(artifact.IntProperty("span"), artifact.IntProperty("version"), artifact.id);
  };
  for (const Artifact& artifact : candidates) {
    if (best == nullptr || rank(artifact) > rank(*best)) best = &artifact;
  }
  return best == nullptr ? Artifacts{} : Artifacts{*best};
}

// TFX's rule: of the models that a blessing names in `current_model_id`, the newest. The models
// under evaluation are left out, so that a repeated run compares with the same baseline; so are
// those whose folders have been removed.
StatusOr<Artifacts> LatestBlessedModel(const ResolverRequest& request) {
  BESSEMER_ASSIGN_OR_RETURN(const Artifacts models, Candidates(request));
  ResolverRequest blessings = request;
  blessings.artifact_type = "ModelBlessing";
  blessings.step.clear();
  BESSEMER_ASSIGN_OR_RETURN(const Artifacts candidates, Candidates(blessings));
  std::set<int64_t> blessed;
  for (const Artifact& blessing : candidates) {
    if (blessing.IntProperty("blessed") != 1) continue;
    blessed.insert(blessing.IntProperty("current_model_id"));
  }
  const Artifacts known = Known(request);
  for (auto model = models.rbegin(); model != models.rend(); ++model) {
    if (!blessed.contains(model->id) || Contains(known, model->id)) continue;
    if (request.is_there) {
      BESSEMER_ASSIGN_OR_RETURN(const bool there, request.is_there(*model));
      if (!there) continue;
    }
    return Artifacts{*model};
  }
  return Artifacts{};
}

// By span the newest first; of equal spans the highest version, then the artifact that comes last.
Artifacts NewestPerSpan(Artifacts candidates) {
  std::reverse(candidates.begin(), candidates.end());
  std::stable_sort(candidates.begin(), candidates.end(), [](const Artifact& a, const Artifact& b) {
    return std::pair(a.IntProperty("span"), a.IntProperty("version")) >
           std::pair(b.IntProperty("span"), b.IntProperty("version"));
  });
  const auto end = std::unique(candidates.begin(), candidates.end(),
                               [](const Artifact& a, const Artifact& b) {
                                 return a.IntProperty("span") == b.IntProperty("span");
                               });
  candidates.erase(end, candidates.end());
  return candidates;
}

StatusOr<Artifacts> PreviousSpan(const ResolverRequest& request) {
  BESSEMER_ASSIGN_OR_RETURN(Artifacts candidates, Candidates(request, Order::kUsed));
  const Artifacts known = Known(request);
  for (const Artifact& artifact : NewestPerSpan(std::move(candidates))) {
    const bool before = std::all_of(known.begin(), known.end(), [&](const Artifact& current) {
      return artifact.IntProperty("span") < current.IntProperty("span");
    });
    if (before) return Artifacts{artifact};
  }
  return Artifacts{};
}

// The artifact that a step is about: of the newest span among its other inputs of the type, of the
// highest version, the last. Null if it has none.
const Artifact* Current(const Artifacts& known) {
  const Artifact* current = nullptr;
  const auto rank = [](const Artifact& artifact) {
    return std::tuple(artifact.IntProperty("span"), artifact.IntProperty("version"), artifact.id);
  };
  for (const Artifact& artifact : known) {
    if (current == nullptr || rank(artifact) > rank(*current)) current = &artifact;
  }
  return current;
}

StatusOr<Artifacts> PreviousVersion(const ResolverRequest& request) {
  const Artifacts known = Known(request);
  const Artifact* current = Current(known);
  if (current == nullptr || current->Property("version") == nullptr) return Artifacts{};
  BESSEMER_ASSIGN_OR_RETURN(Artifacts candidates, Candidates(request, Order::kUsed));
  const int64_t version = current->IntProperty("version");
  std::erase_if(candidates, [&](const Artifact& artifact) {
    return artifact.IntProperty("span") != current->IntProperty("span") ||
           artifact.Property("version") == nullptr || artifact.IntProperty("version") >= version;
  });
  return NewestPerSpan(std::move(candidates));
}

StatusOr<Artifacts> RollingWindow(const ResolverRequest& request) {
  const int64_t size = request.arguments.at(0);
  const int64_t skip = request.arguments.size() > 1 ? request.arguments[1] : 0;
  if (size < 1 || skip < 0) {
    return InvalidArgumentError("rolling_window({}, {}): the number of spans must be at least 1, "
                                "the number to skip at least 0", size, skip);
  }
  BESSEMER_ASSIGN_OR_RETURN(Artifacts candidates, Candidates(request, Order::kUsed));
  if (!request.current.empty()) {
    // Of the span that this run is about the artifact of this run, of later ones none.
    const Artifact& current = request.current.back();
    std::erase_if(candidates, [&](const Artifact& artifact) {
      return artifact.IntProperty("span") >= current.IntProperty("span");
    });
    candidates.push_back(current);
  }
  Artifacts newest = NewestPerSpan(std::move(candidates));
  newest.erase(newest.begin(), newest.begin() + std::min<int64_t>(skip, newest.size()));
  if (static_cast<int64_t>(newest.size()) > size) newest.resize(size);
  std::reverse(newest.begin(), newest.end());
  return newest;
}

}  // namespace

const ResolverRegistry& Resolvers() {
  static const auto* const registry = [] {
    auto* resolvers = new ResolverRegistry("resolver");
    resolvers->Add({.name = "latest_artifact",
                    .doc = "The newest artifact of the type that is not another input of the step.",
                    .resolve = LatestArtifact});
    resolvers->Add({.name = "latest_version",
                    .doc = "The artifact of the highest span and, within it, version.",
                    .default_source = true,
                    .resolve = LatestVersion});
    resolvers->Add({.name = "latest_blessed_model",
                    .doc = "The newest model that an Evaluator has blessed and that is there, "
                           "except those that are inputs of the step already.",
                    .resolve = LatestBlessedModel});
    resolvers->Add({.name = "previous_span",
                    .doc = "The newest artifact whose span is below that of the step's other "
                           "inputs of the type.",
                    .default_source = true,
                    .resolve = PreviousSpan});
    resolvers->Add({.name = "previous_version",
                    .doc = "The artifact of the version before that of the step's other input of "
                           "the type, of the same span; none for data without versions.",
                    .default_source = true,
                    .resolve = PreviousVersion});
    resolvers->Add({.name = "rolling_window",
                    .doc = "rolling_window(n) or (n, skip): the artifacts of the n newest spans up "
                           "to that of this run, after leaving out the `skip` newest; oldest "
                           "first.",
                    .min_arguments = 1,
                    .max_arguments = 2,
                    .default_source = true,
                    .resolve = RollingWindow});
    return resolvers;
  }();
  return *registry;
}

}  // namespace bessemer::pipeline
