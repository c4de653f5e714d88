#include <google/protobuf/util/json_util.h>

#include <map>

#include "bessemer/metadata/tables.h"

namespace bessemer::metadata {
namespace {

using ::ml_metadata::ArtifactType;
using ::ml_metadata::ContextType;
using ::ml_metadata::ExecutionType;

constexpr std::string_view kColumns =
    "id, name, version, description, external_id, input_type, output_type";

constexpr TypeKind KindOfType(const ArtifactType&) { return TypeKind::kArtifact; }
constexpr TypeKind KindOfType(const ExecutionType&) { return TypeKind::kExecution; }
constexpr TypeKind KindOfType(const ContextType&) { return TypeKind::kContext; }

// The built-in types: their ids are 1 to 9, in this order.
struct SystemType {
  std::string_view name;
  TypeKind kind;
  int base_type;  // the value of the proto's enum
};
constexpr SystemType kSystemTypes[] = {
    {"mlmd.Dataset", TypeKind::kArtifact, 1},     {"mlmd.Model", TypeKind::kArtifact, 2},
    {"mlmd.Metrics", TypeKind::kArtifact, 3},     {"mlmd.Statistics", TypeKind::kArtifact, 4},
    {"mlmd.Train", TypeKind::kExecution, 1},      {"mlmd.Transform", TypeKind::kExecution, 2},
    {"mlmd.Process", TypeKind::kExecution, 3},    {"mlmd.Evaluate", TypeKind::kExecution, 4},
    {"mlmd.Deploy", TypeKind::kExecution, 5},
};
constexpr int64_t kNumSystemTypes = std::size(kSystemTypes);

int64_t SystemTypeId(TypeKind kind, int base_type) {
  for (int64_t i = 0; i < kNumSystemTypes; ++i) {
    if (kSystemTypes[i].kind == kind && kSystemTypes[i].base_type == base_type) return i + 1;
  }
  return 0;
}

std::optional<std::string> NonEmpty(const std::string& text) {
  return text.empty() ? std::nullopt : std::make_optional(text);
}

std::optional<std::string> StructJson(bool present, const google::protobuf::Message& message) {
  if (!present) return std::nullopt;
  std::string json;
  (void)google::protobuf::util::MessageToJsonString(message, &json);
  return json;
}

template <typename Type>
std::pair<std::optional<std::string>, std::optional<std::string>> InputOutput(const Type& type) {
  if constexpr (std::is_same_v<Type, ExecutionType>) {
    return {StructJson(type.has_input_type(), type.input_type()),
            StructJson(type.has_output_type(), type.output_type())};
  } else {
    return {};
  }
}

Status ReadParents(Database& database, int64_t id, int64_t* parent) {
  BESSEMER_ASSIGN_OR_RETURN(
      Statement select,
      database.Prepare("SELECT parent_type_id FROM ParentType WHERE type_id = ? LIMIT 1"));
  BESSEMER_ASSIGN_OR_RETURN(const bool found, select.Bind(id).Step());
  *parent = found ? select.Int(0) : 0;
  return OkStatus();
}

template <typename Type>
Status ReadRow(Statement& row, Type& type) {
  type.set_id(row.Int(0));
  type.set_name(row.Text(1));
  if (!row.IsNull(2)) type.set_version(row.Text(2));
  if (!row.IsNull(3)) type.set_description(row.Text(3));
  if (!row.IsNull(4)) type.set_external_id(row.Text(4));
  if constexpr (std::is_same_v<Type, ExecutionType>) {
    for (const auto& [column, message] :
         {std::pair{5, &ExecutionType::mutable_input_type},
          std::pair{6, &ExecutionType::mutable_output_type}}) {
      if (row.IsNull(column) || row.Text(column).empty()) continue;
      (void)google::protobuf::util::JsonStringToMessage(row.Text(column), (type.*message)());
    }
  }
  return OkStatus();
}

template <typename Type>
Status ReadDetails(Database& database, Type& type) {
  {
    BESSEMER_ASSIGN_OR_RETURN(
        Statement select,
        database.Prepare("SELECT name, data_type FROM TypeProperty WHERE type_id = ?"));
    select.Bind(static_cast<int64_t>(type.id()));
    while (true) {
      BESSEMER_ASSIGN_OR_RETURN(const bool more, select.Step());
      if (!more) break;
      (*type.mutable_properties())[select.Text(0)] =
          static_cast<::ml_metadata::PropertyType>(select.Int(1));
    }
  }
  int64_t parent = 0;
  BESSEMER_RETURN_IF_ERROR(ReadParents(database, type.id(), &parent));
  if constexpr (!std::is_same_v<Type, ContextType>) {
    if (parent >= 1 && parent <= kNumSystemTypes) {
      using Base = typename Type::SystemDefinedBaseType;
      type.set_base_type(static_cast<Base>(kSystemTypes[parent - 1].base_type));
    }
  }
  return OkStatus();
}

// The id of a type, or 0.
template <typename Type>
StatusOr<int64_t> FindType(Database& database, std::string_view name, std::string_view version) {
  BESSEMER_ASSIGN_OR_RETURN(
      Statement select,
      database.Prepare("SELECT id FROM Type WHERE name = ? AND type_kind = ? AND "
                       "COALESCE(version, '') = ?"));
  select.Bind(name).Bind(static_cast<int64_t>(KindOfType(Type()))).Bind(version);
  BESSEMER_ASSIGN_OR_RETURN(const bool found, select.Step());
  return found ? select.Int(0) : 0;
}

template <typename Type>
Status CheckType(const Type& type) {
  if (type.name().empty()) return InvalidArgumentError("a type needs a name");
  for (const auto& [name, kind] : type.properties()) {
    if (kind == ::ml_metadata::UNKNOWN) {
      return InvalidArgumentError("type '{}': the property '{}' has no kind", type.name(), name);
    }
  }
  return OkStatus();
}

Status InsertProperty(Database& database, int64_t id, const std::string& name, int kind) {
  BESSEMER_ASSIGN_OR_RETURN(
      Statement insert,
      database.Prepare("INSERT INTO TypeProperty (type_id, name, data_type) VALUES (?, ?, ?)"));
  return insert.Bind(id).Bind(std::string_view(name)).Bind(static_cast<int64_t>(kind)).Run();
}

Status InsertParent(Database& database, int64_t id, int64_t parent) {
  BESSEMER_ASSIGN_OR_RETURN(
      Statement insert,
      database.Prepare("INSERT INTO ParentType (type_id, parent_type_id) VALUES (?, ?)"));
  return insert.Bind(id).Bind(parent).Run();
}

template <typename Type>
int64_t WantedParent(const Type& type) {
  if constexpr (std::is_same_v<Type, ContextType>) {
    return 0;
  } else {
    return type.has_base_type() ? SystemTypeId(KindOfType(type), type.base_type()) : 0;
  }
}

template <typename Type>
StatusOr<int64_t> InsertType(Database& database, const Type& type) {
  const auto [input, output] = InputOutput(type);
  {
    BESSEMER_ASSIGN_OR_RETURN(
        Statement insert,
        database.Prepare("INSERT INTO Type (name, version, type_kind, description, external_id, "
                         "input_type, output_type) VALUES (?, ?, ?, ?, ?, ?, ?)"));
    insert.Bind(std::string_view(type.name())).Bind(NonEmpty(type.version()));
    insert.Bind(static_cast<int64_t>(KindOfType(type))).Bind(NonEmpty(type.description()));
    insert.Bind(NonEmpty(type.external_id())).Bind(input).Bind(output);
    BESSEMER_RETURN_IF_ERROR(insert.Run());
  }
  const int64_t id = database.LastInsertId();
  const std::map<std::string, int> sorted(type.properties().begin(), type.properties().end());
  for (const auto& [name, kind] : sorted) {
    BESSEMER_RETURN_IF_ERROR(InsertProperty(database, id, name, kind));
  }
  if (const int64_t parent = WantedParent(type); parent > 0) {
    BESSEMER_RETURN_IF_ERROR(InsertParent(database, id, parent));
  }
  return id;
}

template <typename Type>
Status UpdateParent(Database& database, const Type& type, const Type& stored) {
  if constexpr (!std::is_same_v<Type, ContextType>) {
    if (!type.has_base_type()) return OkStatus();
    const int64_t wanted = WantedParent(type);
    int64_t parent = 0;
    BESSEMER_RETURN_IF_ERROR(ReadParents(database, stored.id(), &parent));
    if (wanted == parent && wanted != 0) return OkStatus();
    if (wanted == 0 || parent != 0) {
      return UnimplementedError("type '{}': its base type cannot be changed", type.name());
    }
    return InsertParent(database, stored.id(), wanted);
  }
  return OkStatus();
}

template <typename Type>
Status UpdateType(Database& database, const Type& type, int64_t id, TypeUpdate update) {
  const std::vector<int64_t> ids = {id};
  BESSEMER_ASSIGN_OR_RETURN(const std::vector<Type> found, GetTypes<Type>(database, &ids));
  const Type& stored = found.at(0);
  for (const auto& [name, kind] : stored.properties()) {
    const auto given = type.properties().find(name);
    if (given == type.properties().end() ? !update.can_omit_fields : given->second != kind) {
      return AlreadyExistsError("type '{}' exists with another kind of property '{}', or it was "
                                "left out", type.name(), name);
    }
  }
  const std::map<std::string, int> sorted(type.properties().begin(), type.properties().end());
  for (const auto& [name, kind] : sorted) {
    if (stored.properties().contains(name)) continue;
    if (!update.can_add_fields) {
      return AlreadyExistsError("type '{}' exists without the property '{}'", type.name(), name);
    }
    BESSEMER_RETURN_IF_ERROR(InsertProperty(database, id, name, kind));
  }
  if (!type.external_id().empty() && type.external_id() != stored.external_id()) {
    BESSEMER_ASSIGN_OR_RETURN(Statement set,
                              database.Prepare("UPDATE Type SET external_id = ? WHERE id = ?"));
    BESSEMER_RETURN_IF_ERROR(set.Bind(std::string_view(type.external_id())).Bind(id).Run());
  }
  return UpdateParent(database, type, stored);
}

}  // namespace

Status InsertSystemTypes(Database& database) {
  for (const SystemType& type : kSystemTypes) {
    BESSEMER_ASSIGN_OR_RETURN(Statement insert,
                              database.Prepare("INSERT INTO Type (name, type_kind) VALUES (?, ?)"));
    BESSEMER_RETURN_IF_ERROR(insert.Bind(type.name).Bind(static_cast<int64_t>(type.kind)).Run());
  }
  return OkStatus();
}

template <typename Type>
StatusOr<int64_t> PutType(Database& database, const Type& type, TypeUpdate update) {
  BESSEMER_RETURN_IF_ERROR(CheckType(type));
  BESSEMER_ASSIGN_OR_RETURN(const int64_t id,
                            FindType<Type>(database, type.name(), type.version()));
  if (id == 0) return InsertType(database, type);
  BESSEMER_RETURN_IF_ERROR(UpdateType(database, type, id, update));
  return id;
}

template <typename Type>
StatusOr<Type> GetType(Database& database, std::string_view name, std::string_view version) {
  BESSEMER_ASSIGN_OR_RETURN(const int64_t id, FindType<Type>(database, name, version));
  if (id == 0) return NotFoundError("{}: there is no type '{}'", database.path(), name);
  const std::vector<int64_t> ids = {id};
  BESSEMER_ASSIGN_OR_RETURN(std::vector<Type> types, GetTypes<Type>(database, &ids));
  return std::move(types.at(0));
}

template <typename Type>
StatusOr<std::vector<Type>> GetTypes(Database& database, const std::vector<int64_t>* ids) {
  std::vector<Type> types;
  {
    const std::string condition =
        ids == nullptr ? fmt::format("id > {}", kNumSystemTypes)
                       : "id IN (SELECT value FROM json_each(?2))";
    BESSEMER_ASSIGN_OR_RETURN(
        Statement select, database.Prepare(fmt::format(
                              "SELECT {} FROM Type WHERE type_kind = ?1 AND {} ORDER BY id",
                              kColumns, condition)));
    select.Bind(static_cast<int64_t>(KindOfType(Type())));
    if (ids != nullptr) select.Bind(std::string_view(IdList(*ids)));
    while (true) {
      BESSEMER_ASSIGN_OR_RETURN(const bool more, select.Step());
      if (!more) break;
      BESSEMER_RETURN_IF_ERROR(ReadRow(select, types.emplace_back()));
    }
  }
  for (Type& type : types) BESSEMER_RETURN_IF_ERROR(ReadDetails(database, type));
  return types;
}

#define BESSEMER_INSTANTIATE(Type)                                                             \
  template StatusOr<int64_t> PutType<Type>(Database&, const Type&, TypeUpdate);                \
  template StatusOr<Type> GetType<Type>(Database&, std::string_view, std::string_view);        \
  template StatusOr<std::vector<Type>> GetTypes<Type>(Database&, const std::vector<int64_t>*);
BESSEMER_INSTANTIATE(ArtifactType)
BESSEMER_INSTANTIATE(ExecutionType)
BESSEMER_INSTANTIATE(ContextType)
#undef BESSEMER_INSTANTIATE

}  // namespace bessemer::metadata
