#include "bessemer/metadata/store.h"

#include "bessemer/metadata/database.h"
#include "bessemer/metadata/schema_v10.h"
#include "bessemer/metadata/tables.h"

namespace bessemer::metadata {
namespace {

using ::ml_metadata::Artifact;
using ::ml_metadata::ArtifactType;
using ::ml_metadata::Context;
using ::ml_metadata::ContextType;
using ::ml_metadata::Event;
using ::ml_metadata::Execution;
using ::ml_metadata::ExecutionType;

// Runs `body` in a transaction that is committed if it succeeds.
template <typename Body>
auto Write(Database& database, Body body) -> decltype(body()) {
  BESSEMER_ASSIGN_OR_RETURN(Database::Transaction transaction,
                            Database::Transaction::Begin(&database, /*write=*/true));
  auto result = body();
  if (result.ok()) BESSEMER_RETURN_IF_ERROR(transaction.Commit());
  return result;
}

// One view of the database for several statements.
template <typename Body>
auto Read(Database& database, Body body) -> decltype(body()) {
  BESSEMER_ASSIGN_OR_RETURN(const Database::Transaction transaction,
                            Database::Transaction::Begin(&database, /*write=*/false));
  return body();
}

template <typename Node>
StatusOr<std::vector<int64_t>> PutNodes(Database& database, const std::vector<Node>& nodes,
                                        int64_t now_ms) {
  return Write(database, [&]() -> StatusOr<std::vector<int64_t>> {
    std::vector<int64_t> ids;
    for (const Node& node : nodes) {
      BESSEMER_ASSIGN_OR_RETURN(const int64_t id, PutNode(database, node, now_ms));
      ids.push_back(id);
    }
    return ids;
  });
}

StatusOr<int64_t> FindOrPutContext(Database& database, const Context& context, int64_t now_ms) {
  if (context.id() == 0) {
    BESSEMER_ASSIGN_OR_RETURN(
        Statement select,
        database.Prepare("SELECT id FROM Context WHERE type_id = ? AND name = ?"));
    select.Bind(static_cast<int64_t>(context.type_id())).Bind(std::string_view(context.name()));
    BESSEMER_ASSIGN_OR_RETURN(const bool found, select.Step());
    if (found) return select.Int(0);
  } else if (!context.has_type_id() && context.name().empty()) {
    BESSEMER_RETURN_IF_ERROR(CheckExists<Context>(database, context.id()));
    return context.id();  // only named, not changed
  }
  return PutNode(database, context, now_ms);
}

// Fills one id of an event from its pair; a different one that was given is an error.
Status FillId(int64_t id, std::string_view what, bool given, int64_t given_id) {
  if (!given || given_id == id) return OkStatus();
  return InvalidArgumentError("the event names {} {}, but it is given together with {}", what,
                              given_id, id);
}

StatusOr<ExecutionRecordIds> PutRecord(Database& database, const ExecutionRecord& record,
                                       int64_t now_ms) {
  ExecutionRecordIds ids;
  BESSEMER_ASSIGN_OR_RETURN(ids.execution, PutNode(database, record.execution, now_ms));
  for (const Context& context : record.contexts) {
    BESSEMER_ASSIGN_OR_RETURN(const int64_t id, FindOrPutContext(database, context, now_ms));
    ids.contexts.push_back(id);
    BESSEMER_RETURN_IF_ERROR(PutAssociation(database, id, ids.execution));
  }
  for (const ExecutionRecord::Pair& pair : record.pairs) {
    int64_t artifact_id = 0;
    if (pair.artifact) {
      BESSEMER_ASSIGN_OR_RETURN(artifact_id, PutNode(database, *pair.artifact, now_ms));
    } else if (pair.event && pair.event->has_artifact_id()) {
      artifact_id = pair.event->artifact_id();
    } else {
      return InvalidArgumentError("a pair has neither an artifact nor the id of one");
    }
    ids.artifacts.push_back(artifact_id);
    if (pair.event) {
      Event event = *pair.event;
      BESSEMER_RETURN_IF_ERROR(
          FillId(artifact_id, "artifact", event.has_artifact_id(), event.artifact_id()));
      BESSEMER_RETURN_IF_ERROR(
          FillId(ids.execution, "execution", event.has_execution_id(), event.execution_id()));
      event.set_artifact_id(artifact_id);
      event.set_execution_id(ids.execution);
      BESSEMER_RETURN_IF_ERROR(PutEvent(database, event, now_ms));
    }
    for (const int64_t context : ids.contexts) {
      BESSEMER_RETURN_IF_ERROR(PutAttribution(database, context, artifact_id));
    }
  }
  return ids;
}

}  // namespace

Store::Store(std::unique_ptr<Database> database, const Clock& clock)
    : database_(std::move(database)), clock_(clock) {}

Store::~Store() = default;

const std::string& Store::path() const { return database_->path(); }

Status Store::SetDurability(Durability durability) {
  const std::lock_guard lock(mutex_);
  return database_->Execute(durability == Durability::kMachine ? "PRAGMA synchronous=FULL"
                                                               : "PRAGMA synchronous=NORMAL");
}

StatusOr<std::unique_ptr<Store>> Store::Open(const std::string& path, Mode mode,
                                             const Clock& clock) {
  const OpenMode open = mode == Mode::kCreate     ? OpenMode::kReadWriteCreate
                        : mode == Mode::kExisting ? OpenMode::kReadWrite
                                                  : OpenMode::kReadOnly;
  BESSEMER_ASSIGN_OR_RETURN(std::unique_ptr<Database> database, Database::Open(path, open));
  std::unique_ptr<Store> store(new Store(std::move(database), clock));
  BESSEMER_RETURN_IF_ERROR(store->CreateOrCheckSchema(mode));
  return store;
}

Status Store::CreateOrCheckSchema(Mode mode) {
  auto version = [this]() -> StatusOr<int64_t> {  // 0: an empty file; -1: not a store
    BESSEMER_ASSIGN_OR_RETURN(
        Statement tables,
        database_->Prepare("SELECT COUNT(*), COUNT(CASE name WHEN 'MLMDEnv' THEN 1 END) "
                           "FROM sqlite_master WHERE type = 'table'"));
    BESSEMER_RETURN_IF_ERROR(tables.Run());
    if (tables.Int(0) == 0) return 0;
    if (tables.Int(1) == 0) return -1;
    BESSEMER_ASSIGN_OR_RETURN(Statement select,
                              database_->Prepare("SELECT schema_version FROM MLMDEnv"));
    BESSEMER_RETURN_IF_ERROR(select.Run());
    return select.Int(0);
  };
  BESSEMER_ASSIGN_OR_RETURN(int64_t found, version());
  if (found == 0 && mode == Mode::kCreate) {
    BESSEMER_RETURN_IF_ERROR(Write(*database_, [&]() -> Status {
      BESSEMER_ASSIGN_OR_RETURN(found, version());
      if (found != 0) return OkStatus();  // another process was faster
      BESSEMER_RETURN_IF_ERROR(database_->Execute(kSchemaV10));
      BESSEMER_RETURN_IF_ERROR(database_->Execute(
          fmt::format("INSERT INTO MLMDEnv (schema_version) VALUES ({})", kSchemaVersion)));
      found = kSchemaVersion;
      return InsertSystemTypes(*database_);
    }));
  }
  if (found == kSchemaVersion) return OkStatus();
  return FailedPreconditionError(
      "{}: {}; version {} of ML Metadata's schema is needed", database_->path(),
      found <= 0 ? "not a metadata store" : fmt::format("schema version {}", found),
      kSchemaVersion);
}

StatusOr<TypeIds> Store::PutTypes(const std::vector<ArtifactType>& artifact_types,
                                  const std::vector<ExecutionType>& execution_types,
                                  const std::vector<ContextType>& context_types,
                                  TypeUpdate update) {
  const std::lock_guard lock(mutex_);
  return Write(*database_, [&]() -> StatusOr<TypeIds> {
    TypeIds ids;
    auto put = [&](const auto& types, std::vector<int64_t>& into) -> Status {
      for (const auto& type : types) {
        BESSEMER_ASSIGN_OR_RETURN(const int64_t id, PutType(*database_, type, update));
        into.push_back(id);
      }
      return OkStatus();
    };
    BESSEMER_RETURN_IF_ERROR(put(artifact_types, ids.artifact));
    BESSEMER_RETURN_IF_ERROR(put(execution_types, ids.execution));
    BESSEMER_RETURN_IF_ERROR(put(context_types, ids.context));
    return ids;
  });
}

Status Store::PutEvents(const std::vector<Event>& events) {
  const std::lock_guard lock(mutex_);
  return Write(*database_, [&]() -> Status {
    for (const Event& event : events) {
      BESSEMER_RETURN_IF_ERROR(PutEvent(*database_, event, clock_.NowMillis()));
    }
    return OkStatus();
  });
}

Status Store::PutAttributionsAndAssociations(
    const std::vector<::ml_metadata::Attribution>& attributions,
    const std::vector<::ml_metadata::Association>& associations) {
  const std::lock_guard lock(mutex_);
  return Write(*database_, [&]() -> Status {
    for (const auto& edge : attributions) {
      BESSEMER_RETURN_IF_ERROR(PutAttribution(*database_, edge.context_id(), edge.artifact_id()));
    }
    for (const auto& edge : associations) {
      BESSEMER_RETURN_IF_ERROR(PutAssociation(*database_, edge.context_id(), edge.execution_id()));
    }
    return OkStatus();
  });
}

Status Store::PutParentContexts(const std::vector<::ml_metadata::ParentContext>& parents) {
  const std::lock_guard lock(mutex_);
  return Write(*database_, [&]() -> Status {
    for (const auto& edge : parents) {
      BESSEMER_RETURN_IF_ERROR(PutParentContext(*database_, edge.child_id(), edge.parent_id()));
    }
    return OkStatus();
  });
}

StatusOr<ExecutionRecordIds> Store::PutExecution(const ExecutionRecord& record) {
  BESSEMER_ASSIGN_OR_RETURN(std::vector<ExecutionRecordIds> ids, PutExecutionRecords({record}));
  return std::move(ids.at(0));
}

StatusOr<std::vector<ExecutionRecordIds>> Store::PutExecutionRecords(
    const std::vector<ExecutionRecord>& records) {
  const std::lock_guard lock(mutex_);
  return Write(*database_, [&]() -> StatusOr<std::vector<ExecutionRecordIds>> {
    std::vector<ExecutionRecordIds> all;
    for (const ExecutionRecord& record : records) {
      BESSEMER_ASSIGN_OR_RETURN(ExecutionRecordIds ids,
                                PutRecord(*database_, record, clock_.NowMillis()));
      all.push_back(std::move(ids));
    }
    return all;
  });
}

StatusOr<std::vector<Event>> Store::GetEventsByExecutions(const std::vector<int64_t>& ids) const {
  const std::lock_guard lock(mutex_);
  return Read(*database_, [&] { return GetEvents(*database_, "execution_id", ids); });
}

StatusOr<std::vector<Event>> Store::GetEventsByArtifacts(const std::vector<int64_t>& ids) const {
  const std::lock_guard lock(mutex_);
  return Read(*database_, [&] { return GetEvents(*database_, "artifact_id", ids); });
}

#define BESSEMER_STORE_KIND(Kind)                                                             \
  StatusOr<int64_t> Store::Put##Kind##Type(const Kind##Type& type, TypeUpdate update) {       \
    const std::lock_guard lock(mutex_);                                                       \
    return Write(*database_, [&] { return PutType(*database_, type, update); });              \
  }                                                                                           \
  StatusOr<Kind##Type> Store::Get##Kind##Type(std::string_view name, std::string_view version) \
      const {                                                                                 \
    const std::lock_guard lock(mutex_);                                                       \
    return Read(*database_, [&] { return GetType<Kind##Type>(*database_, name, version); });  \
  }                                                                                           \
  StatusOr<std::vector<Kind##Type>> Store::Get##Kind##Types() const {                         \
    const std::lock_guard lock(mutex_);                                                       \
    return Read(*database_, [&] { return GetTypes<Kind##Type>(*database_, nullptr); });       \
  }                                                                                           \
  StatusOr<std::vector<int64_t>> Store::Put##Kind##s(const std::vector<Kind>& nodes) {        \
    const std::lock_guard lock(mutex_);                                                       \
    return PutNodes(*database_, nodes, clock_.NowMillis());                                   \
  }                                                                                           \
  StatusOr<std::vector<Kind>> Store::Get##Kind##s(const NodeQuery& query) const {             \
    const std::lock_guard lock(mutex_);                                                       \
    return Read(*database_, [&] { return GetNodes<Kind>(*database_, query); });               \
  }
BESSEMER_STORE_KIND(Artifact)
BESSEMER_STORE_KIND(Execution)
BESSEMER_STORE_KIND(Context)
#undef BESSEMER_STORE_KIND

}  // namespace bessemer::metadata
