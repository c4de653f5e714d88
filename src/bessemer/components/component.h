#ifndef BESSEMER_COMPONENTS_COMPONENT_H_
#define BESSEMER_COMPONENTS_COMPONENT_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "bessemer/base/params.h"
#include "bessemer/base/progress.h"
#include "bessemer/base/registry.h"
#include "bessemer/base/status.h"

namespace bessemer::io {
class FileHashes;
}

// What a pipeline is made of. A component reads artifacts and writes artifacts; it knows nothing of
// the metadata store, of caching, of other components or of who runs it.

namespace bessemer::components {

using PropertyValue = std::variant<int64_t, double, std::string>;
using Properties = std::map<std::string, PropertyValue>;

// Custom property, 1 on an output that came of the moment, such as a verdict on a model since time
// ran out: another run does not reuse it.
inline constexpr char kOfTheMoment[] = "bessemer_of_the_moment";

// A folder of files with a type and properties. Types and property names are TFX's.
struct Artifact {
  std::string type;       // "Examples", "Schema", "Model", …
  std::string uri;        // the folder
  int64_t id = 0;         // in the metadata store; 0: not recorded
  Properties properties;  // those the type declares, e.g. split_names '["train", "eval"]', span
  Properties custom_properties;  // others, e.g. blessed 1

  // Null when absent; custom properties are looked up second, here and below. TFX keeps the span of
  // Examples among the custom ones, that of ExampleStatistics among the others.
  const PropertyValue* Property(std::string_view name) const;
  // "" or 0 when absent or of another kind.
  std::string StringProperty(std::string_view name) const;
  int64_t IntProperty(std::string_view name) const;
  // The names in `split_names`, in order.
  std::vector<std::string> SplitNames() const;
  void SetSplitNames(const std::vector<std::string>& names);
  // "<uri>/Split-<name>".
  std::string SplitUri(std::string_view split) const;
};

// An input or output of a component.
struct Port {
  std::string name;           // TFX's key, e.g. "examples"
  std::string artifact_type;  // "Examples"
  std::string doc;
  bool optional = false;  // inputs: may be left unconnected; outputs: may be left unwritten
  bool many = false;      // inputs: several artifacts, e.g. a rolling window of spans
  // Inputs that the pipeline file does not name are wired to an upstream output of the type: the
  // newest whose key is the first of these that exists (none given: the port's own name), else the
  // newest of the type.
  std::vector<std::string> prefer = {};
  // Inputs not wired to a step of this run but found in the metadata store: the name of a resolver,
  // e.g. "latest_blessed_model" for a baseline, "previous_span" for the statistics to compare with.
  std::string resolver = {};
};

// What one run of a component is given. Valid during Run only.
struct RunContext {
  explicit RunContext(const ParamValues& params) : params(params) {}

  // Connected inputs by port name. An optional input that is not connected, or for which nothing
  // exists yet (a baseline on the first run), is absent.
  std::map<std::string, std::vector<Artifact>> inputs;
  // One artifact per output port, its type and uri set and its folder made. The component writes
  // files below the uri and sets properties. The uri is a staging folder that the engine publishes
  // atomically: what is left there after an error is never seen.
  std::map<std::string, Artifact> outputs;
  const ParamValues& params;
  // What Component::resolve returned, or null.
  Json resolved = nullptr;
  int num_threads = 0;                    // 0: all processors
  int64_t memory_budget_bytes = 1 << 30;  // a request, not a limit
  Progress* progress = &Progress::None();
  std::string scratch_dir;  // made before, removed after Run

  // Set by the component: a few lines that a person would want at the end of a run, e.g. how many
  // examples there are or a table of metrics. Recorded with the execution. May stay empty.
  std::string summary;

  // The first artifact of an input, or null.
  const Artifact* Input(std::string_view port) const;
  Artifact& Output(std::string_view port) { return outputs.at(std::string(port)); }
};

// The registry entry of a component.
struct Component {
  std::string name;  // TFX's class name, e.g. "StatisticsGen"
  std::string doc;   // first line: one sentence
  std::vector<Port> inputs;
  std::vector<Port> outputs;
  std::vector<Param> params;
  // Changes when the same inputs would give other outputs than before: part of the cache key.
  int version = 1;
  // Judges the parameters together and what is inside them, so that a mistake in a pipeline file is
  // found before anything runs. It knows no data and nothing that a step may yet write; quick.
  // INVALID_ARGUMENT, best as ParamValues::Error has it. Optional.
  std::function<Status(const ParamValues& params)> check = {};
  // Looks at the world outside the pipeline (files of a span, a module's source) before the cache
  // is consulted. Its result becomes part of the fingerprint and RunContext::resolved. It must
  // contain whatever identifies the content, e.g. a hash of the input files; `hashes` remembers
  // those of large ones from run to run. CANCELLED once `progress` says so. Optional.
  std::function<StatusOr<Json>(const ParamValues& params, io::FileHashes& hashes,
                               const Progress& progress)>
      resolve;
  // Of a component that acts on the world outside the pipeline: whether what an execution with such
  // outputs did there still stands; an error says what became of it, and the step runs again. With
  // it only a step's last execution is reused, since later ones have acted, too. Optional.
  std::function<Status(const std::map<std::string, std::vector<Artifact>>& outputs)> stands = {};
  // Errors name file, row, feature or key. Must be safe to call again after a failure.
  std::function<Status(RunContext& context)> run;
  // Names in TFX's records, where they differ:
  // "tfx.components.statistics_gen.component.StatisticsGen".
  std::string tfx_class;
};

using ComponentRegistry = Registry<Component>;

// Adds every component of this folder's plug-ins.
void RegisterPlugins(ComponentRegistry& registry);

}  // namespace bessemer::components

#endif  // BESSEMER_COMPONENTS_COMPONENT_H_
