#include <unordered_map>

#include "bessemer/metadata/property_value.h"
#include "bessemer/metadata/tables.h"

namespace bessemer::metadata {
namespace {

using ::ml_metadata::Artifact;
using ::ml_metadata::Context;
using ::ml_metadata::Execution;

// The conditions of a query as SQL, with the values in the order of their marks.
class Conditions {
 public:
  template <typename Node>
  static Conditions Of(const NodeQuery& query) {
    Conditions conditions;
    conditions.AddShared(query);
    if constexpr (std::is_same_v<Node, Artifact>) {
      if (query.uri) conditions.Add("n.uri = ?", *query.uri);
      if (query.context_id) {
        conditions.Add("n.id IN (SELECT artifact_id FROM Attribution WHERE context_id = ?)",
                       *query.context_id);
      }
    } else if constexpr (std::is_same_v<Node, Execution>) {
      if (query.context_id) {
        conditions.Add("n.id IN (SELECT execution_id FROM Association WHERE context_id = ?)",
                       *query.context_id);
      }
    } else {
      conditions.AddContexts(query);
    }
    if constexpr (!std::is_same_v<Node, Context>) {
      if (query.state) {
        conditions.Add(fmt::format("n.{} = ?", KindOf<Node>::kState), int64_t{*query.state});
      }
    }
    return conditions;
  }

  const std::string& sql() const { return sql_; }
  void Bind(Statement& statement) const {
    for (const auto& [text, number] : values_) {
      text ? statement.Bind(text) : statement.Bind(number);
    }
  }

 private:
  void AddShared(const NodeQuery& query) {
    if (query.ids) Add("n.id IN (SELECT value FROM json_each(?))", IdList(*query.ids));
    if (query.type) {
      Add("t.name = ?", *query.type);
      Add("COALESCE(t.version, '') = ?", query.type_version);
    }
    if (query.name) Add("n.name = ?", *query.name);
    if (query.external_id) Add("n.external_id = ?", *query.external_id);
  }
  void AddContexts(const NodeQuery& query) {
    if (query.artifact_id) {
      Add("n.id IN (SELECT context_id FROM Attribution WHERE artifact_id = ?)", *query.artifact_id);
    }
    if (query.execution_id) {
      Add("n.id IN (SELECT context_id FROM Association WHERE execution_id = ?)",
          *query.execution_id);
    }
    if (query.child_of) {
      Add("n.id IN (SELECT context_id FROM ParentContext WHERE parent_context_id = ?)",
          *query.child_of);
    }
    if (query.parent_of) {
      Add("n.id IN (SELECT parent_context_id FROM ParentContext WHERE context_id = ?)",
          *query.parent_of);
    }
  }
  void Add(std::string_view condition, std::string text) {
    Append(condition);
    values_.emplace_back(std::move(text), 0);
  }
  void Add(std::string_view condition, int64_t number) {
    Append(condition);
    values_.emplace_back(std::nullopt, number);
  }
  void Append(std::string_view condition) {
    sql_ += fmt::format("{}{}", sql_.empty() ? " WHERE " : " AND ", condition);
  }

  std::string sql_;
  std::vector<std::pair<std::optional<std::string>, int64_t>> values_;
};

template <typename Node>
void ReadRow(const Statement& row, Node& node) {
  node.set_id(row.Int(0));
  node.set_type_id(row.Int(1));
  node.set_type(row.Text(2));
  if (!row.IsNull(3)) node.set_name(row.Text(3));
  if (!row.IsNull(4)) node.set_external_id(row.Text(4));
  node.set_create_time_since_epoch(row.Int(5));
  node.set_last_update_time_since_epoch(row.Int(6));
  if constexpr (std::is_same_v<Node, Artifact>) {
    if (!row.IsNull(7) && ::ml_metadata::Artifact_State_IsValid(row.Int(7))) {
      node.set_state(static_cast<::ml_metadata::Artifact_State>(row.Int(7)));
    }
    if (!row.IsNull(8)) node.set_uri(row.Text(8));
  }
  if constexpr (std::is_same_v<Node, Execution>) {
    if (!row.IsNull(7) && ::ml_metadata::Execution_State_IsValid(row.Int(7))) {
      node.set_last_known_state(static_cast<::ml_metadata::Execution_State>(row.Int(7)));
    }
  }
}

template <typename Node>
Status ReadProperties(Database& database, std::vector<Node>& nodes) {
  using Kind = KindOf<Node>;
  if (nodes.empty()) return OkStatus();
  std::vector<int64_t> ids;
  std::unordered_map<int64_t, Node*> by_id;
  for (Node& node : nodes) {
    ids.push_back(node.id());
    by_id[node.id()] = &node;
  }
  BESSEMER_ASSIGN_OR_RETURN(
      Statement select,
      database.Prepare(fmt::format("SELECT {0}, name, is_custom_property, int_value, double_value, "
                                   "string_value, proto_value, bool_value FROM {1}Property "
                                   "WHERE {0} IN (SELECT value FROM json_each(?))",
                                   Kind::kId, Kind::kTable)));
  select.Bind(std::string_view(IdList(ids)));
  while (true) {
    BESSEMER_ASSIGN_OR_RETURN(const bool more, select.Step());
    if (!more) return OkStatus();
    Node* node = by_id.at(select.Int(0));
    auto* properties = select.Int(2) != 0 ? node->mutable_custom_properties()
                                          : node->mutable_properties();
    (*properties)[select.Text(1)] = ReadValue(select, 3);
  }
}

}  // namespace

std::string IdList(const std::vector<int64_t>& ids) {
  std::string text = "[";
  for (const int64_t id : ids) {
    if (text.size() > 1) text += ',';
    text += std::to_string(id);
  }
  return text + "]";
}

template <typename Node>
StatusOr<std::vector<Node>> GetNodes(Database& database, const NodeQuery& query) {
  using Kind = KindOf<Node>;
  const Conditions conditions = Conditions::Of<Node>(query);
  std::string own;
  if (!Kind::kState.empty()) own += fmt::format(", n.{}", Kind::kState);
  if constexpr (std::is_same_v<Node, Artifact>) own += ", n.uri";
  std::vector<Node> nodes;
  {
    BESSEMER_ASSIGN_OR_RETURN(
        Statement select,
        database.Prepare(fmt::format(
            "SELECT n.id, n.type_id, t.name, n.name, n.external_id, n.create_time_since_epoch, "
            "n.last_update_time_since_epoch{} FROM {} AS n JOIN Type AS t ON t.id = n.type_id{} "
            "ORDER BY n.id{}{}",
            own, Kind::kTable, conditions.sql(), query.newest_first ? " DESC" : "",
            query.limit > 0 ? " LIMIT ?" : "")));
    conditions.Bind(select);
    if (query.limit > 0) select.Bind(query.limit);
    while (true) {
      BESSEMER_ASSIGN_OR_RETURN(const bool more, select.Step());
      if (!more) break;
      ReadRow(select, nodes.emplace_back());
    }
  }
  BESSEMER_RETURN_IF_ERROR(ReadProperties(database, nodes));
  return nodes;
}

template <typename Node>
Status CheckExists(Database& database, int64_t id) {
  BESSEMER_ASSIGN_OR_RETURN(
      Statement select,
      database.Prepare(fmt::format("SELECT 1 FROM {} WHERE id = ?", KindOf<Node>::kTable)));
  BESSEMER_ASSIGN_OR_RETURN(const bool found, select.Bind(id).Step());
  if (found) return OkStatus();
  return InvalidArgumentError("there is no {} with id {}", KindOf<Node>::kWord, id);
}

#define BESSEMER_INSTANTIATE(Node)                                              \
  template StatusOr<std::vector<Node>> GetNodes<Node>(Database&, const NodeQuery&); \
  template Status CheckExists<Node>(Database&, int64_t);
BESSEMER_INSTANTIATE(Artifact)
BESSEMER_INSTANTIATE(Execution)
BESSEMER_INSTANTIATE(Context)
#undef BESSEMER_INSTANTIATE

}  // namespace bessemer::metadata
