#ifndef BESSEMER_PIPELINE_RECORDS_H_
#define BESSEMER_PIPELINE_RECORDS_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bessemer/base/config.h"
#include "bessemer/components/component.h"
#include "ml_metadata/proto/metadata_store.pb.h"

// How artifacts, executions and runs are written in the metadata store: TFX's records, and what we
// add to them, all of it as custom properties.

namespace bessemer::pipeline {

// Context types.
inline constexpr char kPipelineContext[] = "pipeline";
inline constexpr char kRunContext[] = "pipeline_run";
inline constexpr char kNodeContext[] = "node";
inline constexpr char kCacheContext[] = "execution_cache";

// Custom properties of artifacts.
inline constexpr char kTfxVersion[] = "tfx_version";
inline constexpr char kIsExternal[] = "is_external";
inline constexpr char kContentHash[] = "bessemer_content";  // of names and contents of the files
inline constexpr char kStatHash[] = "bessemer_stat";        // of names, sizes and times
inline constexpr char kNumBytes[] = "bessemer_bytes";

// Custom properties of executions.
inline constexpr char kStep[] = "bessemer_step";
inline constexpr char kComponent[] = "bessemer_component";
inline constexpr char kKey[] = "bessemer_key";          // what the fingerprint was made of
inline constexpr char kReasons[] = "bessemer_reasons";  // a JSON list
inline constexpr char kUsage[] = "bessemer_usage";      // {"seconds", "cpu_seconds", …}
inline constexpr char kSummary[] = "bessemer_summary";
inline constexpr char kError[] = "bessemer_error";
inline constexpr char kOwner[] = "bessemer_owner";  // the process that runs it

// Custom properties of pipeline_run contexts.
inline constexpr char kRunStart[] = "bessemer_start";  // root, time, steps, edges
inline constexpr char kRunEnd[] = "bessemer_end";      // seconds, skipped steps; absent: not ended

// True for the properties that this library adds itself: not part of an artifact's content.
bool IsOwnProperty(std::string_view name);

// The artifact type with the properties that TFX declares for it, and those of `artifact`.
::ml_metadata::ArtifactType ArtifactTypeOf(const components::Artifact& artifact);

// The type of a component's executions: TFX's class name, else the component's.
::ml_metadata::ExecutionType ExecutionTypeOf(const components::Component& component);

// LIVE; without a type id. Values beginning with "mlmd-struct::" stay text.
::ml_metadata::Artifact ToProto(const components::Artifact& artifact);
components::Artifact FromProto(const ::ml_metadata::Artifact& artifact);

// A parameter as an execution property: booleans as 0 or 1, lists and maps as JSON text; null:
// none.
std::optional<::ml_metadata::Value> ParamProperty(const Json& value);

std::string TextProperty(const ::ml_metadata::Execution& execution, std::string_view name);
std::string TextProperty(const ::ml_metadata::Context& context, std::string_view name);
// The property parsed as JSON; null if absent or damaged.
Json JsonProperty(const ::ml_metadata::Execution& execution, std::string_view name);
Json JsonProperty(const ::ml_metadata::Context& context, std::string_view name);

// The output key (or input key) of an event: the first key of its path.
std::string EventKey(const ::ml_metadata::Event& event);
int64_t EventIndex(const ::ml_metadata::Event& event);

}  // namespace bessemer::pipeline

#endif  // BESSEMER_PIPELINE_RECORDS_H_
