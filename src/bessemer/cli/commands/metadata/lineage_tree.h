#ifndef BESSEMER_CLI_COMMANDS_METADATA_LINEAGE_TREE_H_
#define BESSEMER_CLI_COMMANDS_METADATA_LINEAGE_TREE_H_

#include <string>

#include "bessemer/base/config.h"
#include "ml_metadata/proto/metadata_store.pb.h"

namespace bessemer::cli::metadata {

// The graph as a tree below an artifact, one artifact or execution a line. Of several executions
// that gave an artifact out (cached runs) only the one that made it is shown; what was shown before
// is not unfolded again.
std::string LineageTree(const ::ml_metadata::LineageGraph& graph, int64_t artifact_id,
                        bool downstream);

Json LineageJson(const ::ml_metadata::LineageGraph& graph);

}  // namespace bessemer::cli::metadata

#endif  // BESSEMER_CLI_COMMANDS_METADATA_LINEAGE_TREE_H_
