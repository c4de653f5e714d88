#include "bessemer/metadata/tables.h"

namespace bessemer::metadata {
namespace {

using ::ml_metadata::Event;

Status InsertPath(Database& database, int64_t event_id, const Event::Path& path) {
  for (const Event::Path::Step& step : path.steps()) {
    BESSEMER_ASSIGN_OR_RETURN(
        Statement insert,
        database.Prepare("INSERT INTO EventPath (event_id, is_index_step, step_index, step_key) "
                         "VALUES (?, ?, ?, ?)"));
    insert.Bind(event_id).Bind(static_cast<int64_t>(step.has_index()));
    if (step.has_index()) {
      insert.Bind(static_cast<int64_t>(step.index())).BindNull();
    } else {
      insert.BindNull().Bind(std::string_view(step.key()));
    }
    BESSEMER_RETURN_IF_ERROR(insert.Run());
  }
  return OkStatus();
}

Status ReadPath(Database& database, int64_t event_id, Event& event) {
  BESSEMER_ASSIGN_OR_RETURN(
      Statement select,
      database.Prepare("SELECT is_index_step, step_index, step_key FROM EventPath "
                       "WHERE event_id = ? ORDER BY rowid"));
  select.Bind(event_id);
  while (true) {
    BESSEMER_ASSIGN_OR_RETURN(const bool more, select.Step());
    if (!more) return OkStatus();
    Event::Path::Step* step = event.mutable_path()->add_steps();
    if (select.Int(0) != 0) {
      step->set_index(select.Int(1));
    } else {
      step->set_key(select.Text(2));
    }
  }
}

Status InsertPair(Database& database, std::string_view sql, int64_t a, int64_t b) {
  BESSEMER_ASSIGN_OR_RETURN(Statement insert, database.Prepare(sql));
  return insert.Bind(a).Bind(b).Run();
}

}  // namespace

Status PutEvent(Database& database, const Event& event, int64_t now_ms) {
  BESSEMER_RETURN_IF_ERROR(CheckExists<::ml_metadata::Artifact>(database, event.artifact_id()));
  BESSEMER_RETURN_IF_ERROR(CheckExists<::ml_metadata::Execution>(database, event.execution_id()));
  if (event.type() == Event::UNKNOWN) {
    return InvalidArgumentError("the event between artifact {} and execution {} has no type",
                                event.artifact_id(), event.execution_id());
  }
  {
    BESSEMER_ASSIGN_OR_RETURN(
        Statement insert,
        database.Prepare("INSERT INTO Event (artifact_id, execution_id, type, "
                         "milliseconds_since_epoch) VALUES (?, ?, ?, ?)"));
    insert.Bind(static_cast<int64_t>(event.artifact_id()));
    insert.Bind(static_cast<int64_t>(event.execution_id()));
    insert.Bind(static_cast<int64_t>(event.type()));
    insert.Bind(event.has_milliseconds_since_epoch()
                    ? static_cast<int64_t>(event.milliseconds_since_epoch())
                    : now_ms);
    BESSEMER_RETURN_IF_ERROR(
        WithContext(insert.Run(), fmt::format("event between artifact {} and execution {}",
                                              event.artifact_id(), event.execution_id())));
  }
  return InsertPath(database, database.LastInsertId(), event.path());
}

Status PutAttribution(Database& database, int64_t context_id, int64_t artifact_id) {
  BESSEMER_RETURN_IF_ERROR(CheckExists<::ml_metadata::Context>(database, context_id));
  BESSEMER_RETURN_IF_ERROR(CheckExists<::ml_metadata::Artifact>(database, artifact_id));
  return InsertPair(database,
                    "INSERT OR IGNORE INTO Attribution (context_id, artifact_id) VALUES (?, ?)",
                    context_id, artifact_id);
}

Status PutAssociation(Database& database, int64_t context_id, int64_t execution_id) {
  BESSEMER_RETURN_IF_ERROR(CheckExists<::ml_metadata::Context>(database, context_id));
  BESSEMER_RETURN_IF_ERROR(CheckExists<::ml_metadata::Execution>(database, execution_id));
  return InsertPair(database,
                    "INSERT OR IGNORE INTO Association (context_id, execution_id) VALUES (?, ?)",
                    context_id, execution_id);
}

Status PutParentContext(Database& database, int64_t child_id, int64_t parent_id) {
  BESSEMER_RETURN_IF_ERROR(CheckExists<::ml_metadata::Context>(database, child_id));
  BESSEMER_RETURN_IF_ERROR(CheckExists<::ml_metadata::Context>(database, parent_id));
  {
    BESSEMER_ASSIGN_OR_RETURN(
        Statement ancestors,
        database.Prepare("WITH RECURSIVE up(id) AS (SELECT ?1 UNION SELECT p.parent_context_id "
                         "FROM ParentContext AS p JOIN up ON p.context_id = up.id) "
                         "SELECT 1 FROM up WHERE id = ?2"));
    BESSEMER_ASSIGN_OR_RETURN(const bool cycle, ancestors.Bind(parent_id).Bind(child_id).Step());
    if (cycle) {
      return InvalidArgumentError("context {} cannot be a parent of {}: it is below it", parent_id,
                                  child_id);
    }
  }
  return WithContext(
      InsertPair(database,
                 "INSERT INTO ParentContext (context_id, parent_context_id) VALUES (?, ?)",
                 child_id, parent_id),
      fmt::format("parent {} of context {}", parent_id, child_id));
}

StatusOr<std::vector<Event>> GetEvents(Database& database, std::string_view column,
                                       const std::vector<int64_t>& ids) {
  std::vector<Event> events;
  std::vector<int64_t> event_ids;
  {
    BESSEMER_ASSIGN_OR_RETURN(
        Statement select,
        database.Prepare(fmt::format("SELECT id, artifact_id, execution_id, type, "
                                     "milliseconds_since_epoch FROM Event WHERE {} IN "
                                     "(SELECT value FROM json_each(?)) ORDER BY id",
                                     column)));
    select.Bind(std::string_view(IdList(ids)));
    while (true) {
      BESSEMER_ASSIGN_OR_RETURN(const bool more, select.Step());
      if (!more) break;
      Event& event = events.emplace_back();
      event_ids.push_back(select.Int(0));
      event.set_artifact_id(select.Int(1));
      event.set_execution_id(select.Int(2));
      if (Event::Type_IsValid(select.Int(3))) {
        event.set_type(static_cast<Event::Type>(select.Int(3)));
      }
      event.set_milliseconds_since_epoch(select.Int(4));
    }
  }
  for (size_t i = 0; i < events.size(); ++i) {
    BESSEMER_RETURN_IF_ERROR(ReadPath(database, event_ids[i], events[i]));
  }
  return events;
}

}  // namespace bessemer::metadata
