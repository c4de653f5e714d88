
#include <algorithm>

#include "bessemer/metadata/property_value.h"
#include "bessemer/metadata/tables.h"
#include "bessemer/proto/serialize.h"

namespace bessemer::metadata {
namespace {

using ::ml_metadata::Artifact;
using ::ml_metadata::Context;
using ::ml_metadata::Execution;
using ::ml_metadata::Value;
using Properties = google::protobuf::Map<std::string, Value>;

template <typename Node>
std::string Describe(const Node& node) {
  return fmt::format("{} '{}'", KindOf<Node>::kWord,
                     node.name().empty() ? std::to_string(node.id()) : node.name());
}

template <typename Node>
Status CheckProperties(const Node& node, const typename KindOf<Node>::Type& type) {
  for (const auto& [name, value] : node.properties()) {
    const auto declared = type.properties().find(name);
    if (declared == type.properties().end()) {
      return InvalidArgumentError("{}: its type '{}' has no property '{}'", Describe(node),
                                  type.name(), name);
    }
    if (KindOfValue(value) != declared->second) {
      return InvalidArgumentError("{}: the property '{}' must be {}", Describe(node), name,
                                  ::ml_metadata::PropertyType_Name(declared->second));
    }
  }
  for (const auto& [name, value] : node.custom_properties()) {
    if (KindOfValue(value) == ::ml_metadata::UNKNOWN) {
      return InvalidArgumentError("{}: the custom property '{}' has no value", Describe(node),
                                  name);
    }
  }
  return OkStatus();
}

template <typename Node>
Status InsertProperties(Database& database, int64_t id, const Properties& properties, bool custom) {
  const std::string sql = fmt::format(
      "INSERT INTO {}Property ({}, name, is_custom_property, int_value, double_value, "
      "string_value, proto_value, bool_value) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      KindOf<Node>::kTable, KindOf<Node>::kId);
  for (const auto& [name, value] : properties) {
    BESSEMER_ASSIGN_OR_RETURN(Statement insert, database.Prepare(sql));
    insert.Bind(id).Bind(std::string_view(name)).Bind(static_cast<int64_t>(custom));
    BindValue(value, insert);
    BESSEMER_RETURN_IF_ERROR(insert.Run());
  }
  return OkStatus();
}

bool SameProperties(const Properties& a, const Properties& b) {
  if (a.size() != b.size()) return false;
  return std::all_of(a.begin(), a.end(), [&](const auto& entry) {
    const auto found = b.find(entry.first);
    return found != b.end() &&
           proto::Serialize(found->second) == proto::Serialize(entry.second);
  });
}

template <typename Node>
bool SameNode(const Node& a, const Node& b) {
  if constexpr (std::is_same_v<Node, Artifact>) {
    if (a.uri() != b.uri() || a.state() != b.state() || a.has_state() != b.has_state()) {
      return false;
    }
  }
  if constexpr (std::is_same_v<Node, Execution>) {
    if (a.last_known_state() != b.last_known_state() ||
        a.has_last_known_state() != b.has_last_known_state()) {
      return false;
    }
  }
  return a.external_id() == b.external_id() && SameProperties(a.properties(), b.properties()) &&
         SameProperties(a.custom_properties(), b.custom_properties());
}

// The columns of a kind beside those that all have: uri and state.
template <typename Node>
void BindOwnColumns(const Node& node, Statement& statement) {
  if constexpr (std::is_same_v<Node, Artifact>) {
    statement.Bind(std::string_view(node.uri()));
    node.has_state() ? statement.Bind(static_cast<int64_t>(node.state())) : statement.BindNull();
  }
  if constexpr (std::is_same_v<Node, Execution>) {
    node.has_last_known_state() ? statement.Bind(static_cast<int64_t>(node.last_known_state()))
                                : statement.BindNull();
  }
}

template <typename Node>
constexpr std::string_view OwnColumns(bool update) {
  if constexpr (std::is_same_v<Node, Artifact>) {
    return update ? "uri = ?, state = ?, " : "uri, state, ";
  }
  if constexpr (std::is_same_v<Node, Execution>) {
    return update ? "last_known_state = ?, " : "last_known_state, ";
  }
  return "";
}

std::optional<std::string> NonEmpty(const std::string& text) {
  return text.empty() ? std::nullopt : std::make_optional(text);
}

template <typename Node>
StatusOr<int64_t> InsertNode(Database& database, const Node& node, int64_t now_ms) {
  using Kind = KindOf<Node>;
  const std::string_view own = OwnColumns<Node>(false);
  std::string marks;
  for (int64_t i = std::count(own.begin(), own.end(), ','); i > 0; --i) marks += "?, ";
  BESSEMER_ASSIGN_OR_RETURN(
      Statement insert,
      database.Prepare(fmt::format("INSERT INTO {} ({}type_id, name, external_id, "
                                   "create_time_since_epoch, last_update_time_since_epoch) "
                                   "VALUES ({}?, ?, ?, ?, ?)",
                                   Kind::kTable, own, marks)));
  BindOwnColumns(node, insert);
  insert.Bind(static_cast<int64_t>(node.type_id())).Bind(NonEmpty(node.name()));
  insert.Bind(NonEmpty(node.external_id())).Bind(now_ms).Bind(now_ms);
  BESSEMER_RETURN_IF_ERROR(WithContext(insert.Run(), Describe(node)));
  return database.LastInsertId();
}

template <typename Node>
Status UpdateNode(Database& database, const Node& node, int64_t now_ms) {
  using Kind = KindOf<Node>;
  BESSEMER_ASSIGN_OR_RETURN(
      Statement update,
      database.Prepare(fmt::format(
          "UPDATE {} SET {}external_id = ?, last_update_time_since_epoch = ? WHERE id = ?",
          Kind::kTable, OwnColumns<Node>(true))));
  BindOwnColumns(node, update);
  update.Bind(NonEmpty(node.external_id())).Bind(now_ms).Bind(static_cast<int64_t>(node.id()));
  BESSEMER_RETURN_IF_ERROR(WithContext(update.Run(), Describe(node)));
  BESSEMER_ASSIGN_OR_RETURN(Statement remove,
                            database.Prepare(fmt::format("DELETE FROM {}Property WHERE {} = ?",
                                                         Kind::kTable, Kind::kId)));
  return remove.Bind(static_cast<int64_t>(node.id())).Run();
}

}  // namespace

template <typename Node>
StatusOr<int64_t> PutNode(Database& database, const Node& node, int64_t now_ms) {
  using Type = typename KindOf<Node>::Type;
  int64_t id = node.id();
  int64_t type_id = node.type_id();
  if (id != 0) {
    NodeQuery query;
    query.ids = std::vector<int64_t>{id};
    BESSEMER_ASSIGN_OR_RETURN(const std::vector<Node> stored, GetNodes<Node>(database, query));
    if (stored.empty()) {
      return InvalidArgumentError("there is no {} with id {}", KindOf<Node>::kWord, id);
    }
    if (node.has_type_id() && type_id != stored[0].type_id()) {
      return InvalidArgumentError("{}: its type cannot change from {} to {}", Describe(node),
                                  stored[0].type_id(), type_id);
    }
    type_id = stored[0].type_id();
    if (SameNode(node, stored[0])) return id;
  } else if (!node.has_type_id()) {
    return InvalidArgumentError("{}: 'type_id' is missing", Describe(node));
  }
  if (std::is_same_v<Node, Context> && id == 0 && node.name().empty()) {
    return InvalidArgumentError("a context needs a name");
  }
  const std::vector<int64_t> type_ids = {type_id};
  BESSEMER_ASSIGN_OR_RETURN(const std::vector<Type> types, GetTypes<Type>(database, &type_ids));
  if (types.empty()) return NotFoundError("{}: there is no type {}", Describe(node), type_id);
  BESSEMER_RETURN_IF_ERROR(CheckProperties(node, types[0]));
  if (id == 0) {
    BESSEMER_ASSIGN_OR_RETURN(id, InsertNode(database, node, now_ms));
  } else {
    BESSEMER_RETURN_IF_ERROR(UpdateNode(database, node, now_ms));
  }
  BESSEMER_RETURN_IF_ERROR(InsertProperties<Node>(database, id, node.properties(), false));
  BESSEMER_RETURN_IF_ERROR(InsertProperties<Node>(database, id, node.custom_properties(), true));
  return id;
}

template StatusOr<int64_t> PutNode<Artifact>(Database&, const Artifact&, int64_t);
template StatusOr<int64_t> PutNode<Execution>(Database&, const Execution&, int64_t);
template StatusOr<int64_t> PutNode<Context>(Database&, const Context&, int64_t);

}  // namespace bessemer::metadata
