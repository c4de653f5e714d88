#ifndef BESSEMER_METADATA_STORE_H_
#define BESSEMER_METADATA_STORE_H_

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bessemer/base/clock.h"
#include "bessemer/base/status.h"
#include "ml_metadata/proto/metadata_store.pb.h"

namespace bessemer::metadata {

class Database;

// How an existing type may be changed by a Put. Without these flags a given type must have the very
// properties of the stored one.
struct TypeUpdate {
  bool can_add_fields = false;   // new properties are added
  bool can_omit_fields = false;  // stored properties that are not given stay
};

struct TypeIds {
  std::vector<int64_t> artifact, execution, context;  // in the order given
};

// Which nodes a Get returns: those that meet every condition that is set.
struct NodeQuery {
  std::optional<std::vector<int64_t>> ids;
  std::optional<std::string> type;  // name, with type_version
  std::string type_version;
  std::optional<std::string> name;
  std::optional<std::string> external_id;
  std::optional<std::string> uri;       // artifacts
  std::optional<int> state;             // artifacts and executions
  std::optional<int64_t> context_id;    // artifacts and executions of a context
  std::optional<int64_t> artifact_id;   // contexts of an artifact
  std::optional<int64_t> execution_id;  // contexts of an execution
  std::optional<int64_t> child_of;      // contexts whose parent this is
  std::optional<int64_t> parent_of;     // contexts whose child this is
  bool newest_first = false;            // by id; else oldest first
  int64_t limit = 0;                    // 0: all
};

// One execution and everything about it, put together in one transaction.
struct ExecutionRecord {
  struct Pair {
    std::optional<::ml_metadata::Artifact> artifact;  // with id: updated; else inserted
    // Its ids are filled in; without an artifact it names the id of one.
    std::optional<::ml_metadata::Event> event;
  };
  ::ml_metadata::Execution execution;  // with id: updated; else inserted
  std::vector<Pair> pairs;
  std::vector<::ml_metadata::Context> contexts;  // found by type and name, or inserted
};

struct ExecutionRecordIds {
  int64_t execution = 0;
  std::vector<int64_t> artifacts;  // by pair
  std::vector<int64_t> contexts;
};

// What a Put that has returned survives.
enum class Durability {
  kMachine,  // the machine losing power: the file is synced, some milliseconds
  // This process being killed. After a power cut the newest Puts may be missing, never one in the
  // middle; the next kMachine Put covers all before it.
  kProcess,
};

enum class LineageDirection { kUpstream, kDownstream };

// A metadata store in an SQLite file of ML Metadata's schema, version 10: the Python library
// `ml-metadata` opens the same file. Several threads may share one Store, several processes one
// file: each Put is one transaction, waits up to a minute for other writers, and is then refused
// with ABORTED. What a returned Put has written survives a crash of the machine, unless
// SetDurability says less.
//
// Error codes are ML Metadata's: INVALID_ARGUMENT for a node without its mandatory parts, an
// unknown id, a property the type does not have or of another kind; ALREADY_EXISTS for a second
// node of one type and name, a repeated external id, event or parent, and types that disagree with
// the stored ones; NOT_FOUND for unknown types.
class Store {
 public:
  enum class Mode { kCreate, kExisting, kReadOnly };

  // Opens or creates. FAILED_PRECONDITION for a file of another schema version, NOT_FOUND for a
  // missing one unless it may be created. `clock` must outlive the store.
  static StatusOr<std::unique_ptr<Store>> Open(const std::string& path, Mode mode = Mode::kCreate,
                                               const Clock& clock = Clock::System());
  ~Store();

  const std::string& path() const;

  // For the Puts that follow, of every thread.
  Status SetDurability(Durability durability);

  // Types: find or create by (name, version). A base type may be added later, never changed.
  StatusOr<int64_t> PutArtifactType(const ::ml_metadata::ArtifactType& type,
                                    TypeUpdate update = {});
  StatusOr<int64_t> PutExecutionType(const ::ml_metadata::ExecutionType& type,
                                     TypeUpdate update = {});
  StatusOr<int64_t> PutContextType(const ::ml_metadata::ContextType& type, TypeUpdate update = {});
  StatusOr<TypeIds> PutTypes(const std::vector<::ml_metadata::ArtifactType>& artifact_types,
                             const std::vector<::ml_metadata::ExecutionType>& execution_types,
                             const std::vector<::ml_metadata::ContextType>& context_types,
                             TypeUpdate update = {});
  StatusOr<::ml_metadata::ArtifactType> GetArtifactType(std::string_view name,
                                                        std::string_view version = "") const;
  StatusOr<::ml_metadata::ExecutionType> GetExecutionType(std::string_view name,
                                                          std::string_view version = "") const;
  StatusOr<::ml_metadata::ContextType> GetContextType(std::string_view name,
                                                      std::string_view version = "") const;
  // All but the built-in ones (mlmd.*), by id.
  StatusOr<std::vector<::ml_metadata::ArtifactType>> GetArtifactTypes() const;
  StatusOr<std::vector<::ml_metadata::ExecutionType>> GetExecutionTypes() const;
  StatusOr<std::vector<::ml_metadata::ContextType>> GetContextTypes() const;

  // Nodes. Without id: inserted. With id: everything but type, name and creation time is replaced;
  // properties that are not given are deleted; the update time changes only if something did.
  StatusOr<std::vector<int64_t>> PutArtifacts(const std::vector<::ml_metadata::Artifact>& nodes);
  StatusOr<std::vector<int64_t>> PutExecutions(const std::vector<::ml_metadata::Execution>& nodes);
  StatusOr<std::vector<int64_t>> PutContexts(const std::vector<::ml_metadata::Context>& nodes);
  // Unknown types give no nodes. The output field `type` is filled in.
  StatusOr<std::vector<::ml_metadata::Artifact>> GetArtifacts(const NodeQuery& query = {}) const;
  StatusOr<std::vector<::ml_metadata::Execution>> GetExecutions(const NodeQuery& query = {}) const;
  StatusOr<std::vector<::ml_metadata::Context>> GetContexts(const NodeQuery& query = {}) const;

  // Edges. Repeated attributions and associations are fine. A parent must not be its own ancestor.
  Status PutEvents(const std::vector<::ml_metadata::Event>& events);
  Status PutAttributionsAndAssociations(
      const std::vector<::ml_metadata::Attribution>& attributions,
      const std::vector<::ml_metadata::Association>& associations);
  Status PutParentContexts(const std::vector<::ml_metadata::ParentContext>& parents);
  // With their paths, by event id.
  StatusOr<std::vector<::ml_metadata::Event>> GetEventsByExecutions(
      const std::vector<int64_t>& ids) const;
  StatusOr<std::vector<::ml_metadata::Event>> GetEventsByArtifacts(
      const std::vector<int64_t>& ids) const;

  // Every artifact is attributed to, and the execution associated with, every context.
  StatusOr<ExecutionRecordIds> PutExecution(const ExecutionRecord& record);
  // Several of them in one transaction.
  StatusOr<std::vector<ExecutionRecordIds>> PutExecutionRecords(
      const std::vector<ExecutionRecord>& records);

  // What artifacts were made from (upstream), or what was made from them (downstream): all
  // artifacts and executions within `max_hops` (artifact to execution is one hop, to artifact
  // another; 0: no limit), the events between them and their types. INVALID_ARGUMENT for unknown
  // ids.
  StatusOr<::ml_metadata::LineageGraph> GetLineage(const std::vector<int64_t>& artifact_ids,
                                                   LineageDirection direction,
                                                   int max_hops = 0) const;

 private:
  Store(std::unique_ptr<Database> database, const Clock& clock);
  Status CreateOrCheckSchema(Mode mode);

  mutable std::mutex mutex_;
  std::unique_ptr<Database> database_;
  const Clock& clock_;
};

}  // namespace bessemer::metadata

#endif  // BESSEMER_METADATA_STORE_H_
