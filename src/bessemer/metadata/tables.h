#ifndef BESSEMER_METADATA_TABLES_H_
#define BESSEMER_METADATA_TABLES_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "bessemer/metadata/database.h"
#include "bessemer/metadata/store.h"

// The statements behind Store, for use inside a transaction. The three kinds of nodes and of types
// have the same shape; Kind names their tables.

namespace bessemer::metadata {

enum class TypeKind { kExecution = 0, kArtifact = 1, kContext = 2 };  // as stored

template <typename Node>
struct KindOf;

template <>
struct KindOf<::ml_metadata::Artifact> {
  using Type = ::ml_metadata::ArtifactType;
  static constexpr TypeKind kKind = TypeKind::kArtifact;
  static constexpr std::string_view kTable = "Artifact";
  static constexpr std::string_view kId = "artifact_id";
  static constexpr std::string_view kState = "state";
  static constexpr std::string_view kWord = "artifact";
};
template <>
struct KindOf<::ml_metadata::Execution> {
  using Type = ::ml_metadata::ExecutionType;
  static constexpr TypeKind kKind = TypeKind::kExecution;
  static constexpr std::string_view kTable = "Execution";
  static constexpr std::string_view kId = "execution_id";
  static constexpr std::string_view kState = "last_known_state";
  static constexpr std::string_view kWord = "execution";
};
template <>
struct KindOf<::ml_metadata::Context> {
  using Type = ::ml_metadata::ContextType;
  static constexpr TypeKind kKind = TypeKind::kContext;
  static constexpr std::string_view kTable = "Context";
  static constexpr std::string_view kId = "context_id";
  static constexpr std::string_view kState = "";
  static constexpr std::string_view kWord = "context";
};

// "[1,2,3]", for json_each(?).
std::string IdList(const std::vector<int64_t>& ids);

// Types (types.cc); Type is an ArtifactType, ExecutionType or ContextType.
Status InsertSystemTypes(Database& database);
template <typename Type>
StatusOr<int64_t> PutType(Database& database, const Type& type, TypeUpdate update);
template <typename Type>
StatusOr<Type> GetType(Database& database, std::string_view name, std::string_view version);
// By id, in the order of ids; all that are not built in if `ids` is null.
template <typename Type>
StatusOr<std::vector<Type>> GetTypes(Database& database, const std::vector<int64_t>* ids);

// Nodes (node_write.cc, node_read.cc).
template <typename Node>
StatusOr<int64_t> PutNode(Database& database, const Node& node, int64_t now_ms);
template <typename Node>
StatusOr<std::vector<Node>> GetNodes(Database& database, const NodeQuery& query);
// INVALID_ARGUMENT unless a node of this id exists.
template <typename Node>
Status CheckExists(Database& database, int64_t id);

// Edges (edges.cc).
Status PutEvent(Database& database, const ::ml_metadata::Event& event, int64_t now_ms);
Status PutAttribution(Database& database, int64_t context_id, int64_t artifact_id);
Status PutAssociation(Database& database, int64_t context_id, int64_t execution_id);
Status PutParentContext(Database& database, int64_t child_id, int64_t parent_id);
// `column`: "artifact_id" or "execution_id".
StatusOr<std::vector<::ml_metadata::Event>> GetEvents(Database& database, std::string_view column,
                                                      const std::vector<int64_t>& ids);

}  // namespace bessemer::metadata

#endif  // BESSEMER_METADATA_TABLES_H_
