#ifndef BESSEMER_CLI_COMMANDS_METADATA_NODE_TYPES_H_
#define BESSEMER_CLI_COMMANDS_METADATA_NODE_TYPES_H_

#include <string>
#include <string_view>
#include <vector>

#include "bessemer/base/status.h"
#include "ml_metadata/proto/metadata_store.pb.h"

namespace bessemer::metadata {
class Store;
}

// What `--type` of `bessemer metadata` may say, and which nodes it means.

namespace bessemer::cli::metadata {

// "Trainer" of "tfx.components.trainer.component.Trainer".
std::string_view ComponentOf(std::string_view type);

struct StepExecution {
  ::ml_metadata::Execution execution;
  std::string step;  // the id in the pipeline; "" if the store does not say
};

// All executions, oldest first; those of one component if `wanted` is not "": a full type name, the
// component's name or the id of a step. INVALID_ARGUMENT with the nearest or the known names if the
// store knows no such name; no executions of a known type is an empty list.
StatusOr<std::vector<StepExecution>> ExecutionsOf(const ::bessemer::metadata::Store& store,
                                                  const std::string& wanted);

// All artifacts, oldest first; those of one type if `wanted` is not "". INVALID_ARGUMENT as above.
StatusOr<std::vector<::ml_metadata::Artifact>> ArtifactsOf(const ::bessemer::metadata::Store& store,
                                                           const std::string& wanted);

}  // namespace bessemer::cli::metadata

#endif  // BESSEMER_CLI_COMMANDS_METADATA_NODE_TYPES_H_
