#include "bessemer/metadata/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

namespace bessemer::metadata {
namespace {

using ::ml_metadata::Artifact;
using ::ml_metadata::ArtifactType;
using ::ml_metadata::Association;
using ::ml_metadata::Attribution;
using ::ml_metadata::Context;
using ::ml_metadata::ContextType;
using ::ml_metadata::Event;
using ::ml_metadata::Execution;
using ::ml_metadata::ExecutionType;
using ::ml_metadata::ParentContext;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Text(const Status& status) { return std::string(Message(status)); }

class StoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string path = ::testing::TempDir() + "store_test_XXXXXX";
    folder_ = mkdtemp(path.data());
    auto store = Store::Open(Path(), Store::Mode::kCreate, clock_);
    ASSERT_TRUE(store.ok()) << Text(store.status());
    store_ = *std::move(store);
    ArtifactType data = NamedType<ArtifactType>("Data");
    (*data.mutable_properties())["span"] = ::ml_metadata::INT;
    (*data.mutable_properties())["note"] = ::ml_metadata::STRING;
    data_type_ = *store_->PutArtifactType(data);
    step_type_ = *store_->PutExecutionType(NamedType<ExecutionType>("Step"));
    run_type_ = *store_->PutContextType(NamedType<ContextType>("run"));
  }
  void TearDown() override {
    store_.reset();
    std::filesystem::remove_all(folder_);
  }

  std::string Path() const { return folder_ + "/metadata.db"; }

  template <typename Type>
  static Type NamedType(const std::string& name) {
    Type type;
    type.set_name(name);
    return type;
  }
  Artifact NewArtifact(const std::string& uri, const std::string& name = "") const {
    Artifact artifact;
    artifact.set_type_id(data_type_);
    artifact.set_uri(uri);
    if (!name.empty()) artifact.set_name(name);
    return artifact;
  }
  Execution NewExecution() const {
    Execution execution;
    execution.set_type_id(step_type_);
    execution.set_last_known_state(Execution::RUNNING);
    return execution;
  }
  Context NewContext(const std::string& name) const {
    Context context;
    context.set_type_id(run_type_);
    context.set_name(name);
    return context;
  }
  Event NewEvent(int64_t artifact, int64_t execution, Event::Type type) const {
    Event event;
    event.set_artifact_id(artifact);
    event.set_execution_id(execution);
    event.set_type(type);
    return event;
  }
  // One row, one column.
  std::string Query(const std::string& sql) const {
    sqlite3* handle = nullptr;
    sqlite3_open_v2(Path().c_str(), &handle, SQLITE_OPEN_READONLY, nullptr);
    std::string result;
    sqlite3_exec(
        handle, sql.c_str(),
        [](void* out, int, char** values, char**) {
          *static_cast<std::string*>(out) += values[0] == nullptr ? "NULL" : values[0];
          return 0;
        },
        &result, nullptr);
    sqlite3_close(handle);
    return result;
  }

  FakeClock clock_{1'700'000'000'000'000};
  std::string folder_;
  std::unique_ptr<Store> store_;
  int64_t data_type_ = 0, step_type_ = 0, run_type_ = 0;
};

TEST_F(StoreTest, MakesTheSchema) {
  EXPECT_EQ(Query("SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name NOT LIKE "
                  "'sqlite_%'"), "15");
  EXPECT_EQ(Query("SELECT COUNT(*) FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"),
            "24");
  EXPECT_EQ(Query("SELECT schema_version FROM MLMDEnv"), "10");
  EXPECT_EQ(Query("SELECT GROUP_CONCAT(name) FROM Type WHERE id <= 9"),
            "mlmd.Dataset,mlmd.Model,mlmd.Metrics,mlmd.Statistics,mlmd.Train,mlmd.Transform,"
            "mlmd.Process,mlmd.Evaluate,mlmd.Deploy");
  EXPECT_EQ(data_type_, 10);
}

TEST_F(StoreTest, OpensOnlyStoresOfThisVersion) {
  EXPECT_EQ(Store::Open(folder_ + "/none.db", Store::Mode::kExisting).status().code(),
            StatusCode::kNotFound);
  std::ofstream(folder_ + "/text.db") << std::string(5000, 'x');
  EXPECT_EQ(Store::Open(folder_ + "/text.db").status().code(), StatusCode::kDataLoss);
  sqlite3* handle = nullptr;
  sqlite3_open(Path().c_str(), &handle);
  sqlite3_exec(handle, "UPDATE MLMDEnv SET schema_version = 9", nullptr, nullptr, nullptr);
  sqlite3_close(handle);
  const Status status = Store::Open(Path()).status();
  EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(Text(status), HasSubstr("schema version 9"));
}

TEST_F(StoreTest, TypesAreFoundOrMadeOnce) {
  ArtifactType type = NamedType<ArtifactType>("Data");
  (*type.mutable_properties())["span"] = ::ml_metadata::INT;
  const Status omitted = store_->PutArtifactType(type).status();
  EXPECT_EQ(omitted.code(), StatusCode::kAlreadyExists);
  EXPECT_EQ(*store_->PutArtifactType(type, {.can_omit_fields = true}), data_type_);
  (*type.mutable_properties())["more"] = ::ml_metadata::DOUBLE;
  EXPECT_EQ(store_->PutArtifactType(type, {.can_omit_fields = true}).status().code(),
            StatusCode::kAlreadyExists);
  EXPECT_EQ(*store_->PutArtifactType(type, {.can_add_fields = true, .can_omit_fields = true}),
            data_type_);
  EXPECT_EQ(store_->GetArtifactType("Data")->properties().size(), 3);
  (*type.mutable_properties())["more"] = ::ml_metadata::INT;
  EXPECT_THAT(Text(store_->PutArtifactType(type, {.can_omit_fields = true}).status()),
              HasSubstr("'more'"));
  type.set_version("2");
  EXPECT_NE(*store_->PutArtifactType(type), data_type_);
  EXPECT_EQ(store_->PutArtifactType(ArtifactType()).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(store_->GetArtifactType("None").status().code(), StatusCode::kNotFound);
}

TEST_F(StoreTest, BaseTypesMayBeAddedButNotChanged) {
  ExecutionType type = NamedType<ExecutionType>("Step");
  type.set_base_type(ExecutionType::TRAIN);
  EXPECT_TRUE(store_->PutExecutionType(type).ok());
  EXPECT_EQ(store_->GetExecutionType("Step")->base_type(), ExecutionType::TRAIN);
  type.set_base_type(ExecutionType::DEPLOY);
  EXPECT_EQ(store_->PutExecutionType(type).status().code(), StatusCode::kUnimplemented);
}

TEST_F(StoreTest, PutTypesIsAtomic) {
  ArtifactType good = NamedType<ArtifactType>("Good");
  ArtifactType bad = NamedType<ArtifactType>("Bad");
  (*bad.mutable_properties())["x"] = ::ml_metadata::UNKNOWN;
  EXPECT_EQ(store_->PutTypes({good, bad}, {}, {}).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(store_->GetArtifactType("Good").status().code(), StatusCode::kNotFound);
}

TEST_F(StoreTest, NodesKeepEveryKindOfValue) {
  Artifact artifact = NewArtifact("/a", "first");
  artifact.set_state(Artifact::LIVE);
  artifact.set_external_id("x1");
  (*artifact.mutable_properties())["span"].set_int_value(int64_t{1} << 40);
  auto& custom = *artifact.mutable_custom_properties();
  custom["d"].set_double_value(0.1);
  custom["s"].set_string_value("ü");
  custom["b"].set_bool_value(true);
  (*custom["m"].mutable_struct_value()->mutable_fields())["k"].set_number_value(3);
  custom["p"].mutable_proto_value()->set_type_url("type.googleapis.com/ml_metadata.Value");
  const int64_t id = store_->PutArtifacts({artifact})->at(0);
  const std::vector<Artifact> found = *store_->GetArtifacts({.uri = "/a"});
  ASSERT_EQ(found.size(), 1);
  artifact.set_id(id);
  artifact.set_type("Data");
  artifact.set_create_time_since_epoch(1'700'000'000'000);
  artifact.set_last_update_time_since_epoch(1'700'000'000'000);
  EXPECT_EQ(found[0].DebugString(), artifact.DebugString());
}

TEST_F(StoreTest, AnUpdateReplacesEverything) {
  Artifact artifact = NewArtifact("/a");
  (*artifact.mutable_custom_properties())["old"].set_int_value(1);
  artifact.set_id(store_->PutArtifacts({artifact})->at(0));
  clock_.Advance(5'000'000);
  ASSERT_TRUE(store_->PutArtifacts({artifact}).ok());  // nothing changed
  EXPECT_EQ(store_->GetArtifacts()->at(0).last_update_time_since_epoch(), 1'700'000'000'000);
  artifact.clear_custom_properties();
  (*artifact.mutable_custom_properties())["new"].set_int_value(2);
  artifact.set_state(Artifact::DELETED);
  ASSERT_TRUE(store_->PutArtifacts({artifact}).ok());
  const Artifact stored = store_->GetArtifacts({.state = Artifact::DELETED})->at(0);
  EXPECT_EQ(stored.last_update_time_since_epoch(), 1'700'000'005'000);
  EXPECT_EQ(stored.create_time_since_epoch(), 1'700'000'000'000);
  EXPECT_FALSE(stored.custom_properties().contains("old"));
  EXPECT_TRUE(stored.custom_properties().contains("new"));
}

TEST_F(StoreTest, RefusesWhatMakesNoSense) {
  const int64_t a = store_->PutArtifacts({NewArtifact("/a", "taken")})->at(0);
  const int64_t e = store_->PutExecutions({NewExecution()})->at(0);
  const std::vector<int64_t> c = *store_->PutContexts({NewContext("one"), NewContext("two")});
  ASSERT_TRUE(store_->PutEvents({NewEvent(a, e, Event::INPUT)}).ok());
  auto parent = [](int64_t child, int64_t above) {
    ParentContext edge;
    edge.set_child_id(child);
    edge.set_parent_id(above);
    return edge;
  };
  ASSERT_TRUE(store_->PutParentContexts({parent(c[0], c[1])}).ok());
  auto put = [&](const std::function<void(Artifact&)>& change) {
    Artifact artifact = NewArtifact("/b");
    change(artifact);
    return store_->PutArtifacts({artifact}).status();
  };
  struct Case {
    Status status;
    StatusCode code;
    const char* message;
  };
  const Case cases[] = {
      {put([](Artifact& n) { n.clear_type_id(); }), StatusCode::kInvalidArgument, "'type_id'"},
      {put([](Artifact& n) { n.set_type_id(99); }), StatusCode::kNotFound, "no type 99"},
      {put([](Artifact& n) { n.set_id(99); }), StatusCode::kInvalidArgument, "id 99"},
      {put([&](Artifact& n) { n.set_id(a); n.set_type_id(1); }), StatusCode::kInvalidArgument,
       "type cannot change"},
      {put([](Artifact& n) { n.set_name("taken"); }), StatusCode::kAlreadyExists, "'taken'"},
      {put([](Artifact& n) { (*n.mutable_properties())["x"].set_int_value(1); }),
       StatusCode::kInvalidArgument, "no property 'x'"},
      {put([](Artifact& n) { (*n.mutable_properties())["span"].set_string_value("1"); }),
       StatusCode::kInvalidArgument, "must be INT"},
      {put([](Artifact& n) { (*n.mutable_custom_properties())["x"]; }),
       StatusCode::kInvalidArgument, "has no value"},
      {store_->PutContexts({NewContext("")}).status(), StatusCode::kInvalidArgument, "name"},
      {store_->PutContexts({NewContext("one")}).status(), StatusCode::kAlreadyExists, "'one'"},
      {store_->PutEvents({NewEvent(a, e, Event::INPUT)}), StatusCode::kAlreadyExists, "event"},
      {store_->PutEvents({NewEvent(99, e, Event::INPUT)}), StatusCode::kInvalidArgument,
       "no artifact with id 99"},
      {store_->PutEvents({NewEvent(a, 99, Event::INPUT)}), StatusCode::kInvalidArgument,
       "no execution with id 99"},
      {store_->PutEvents({NewEvent(a, e, Event::UNKNOWN)}), StatusCode::kInvalidArgument,
       "has no type"},
      {store_->PutParentContexts({parent(c[0], c[1])}), StatusCode::kAlreadyExists, "parent"},
      {store_->PutParentContexts({parent(c[1], c[0])}), StatusCode::kInvalidArgument, "below it"},
      {store_->PutParentContexts({parent(c[0], c[0])}), StatusCode::kInvalidArgument, "below it"},
      {store_->PutParentContexts({parent(99, c[0])}), StatusCode::kInvalidArgument, "id 99"},
      {store_->PutExecution({.execution = NewExecution(), .pairs = {{}}}).status(),
       StatusCode::kInvalidArgument, "neither an artifact"},
      {store_->GetLineage({99}, LineageDirection::kUpstream).status(),
       StatusCode::kInvalidArgument, "id 99"},
  };
  for (const Case& test : cases) {
    EXPECT_EQ(test.status.code(), test.code) << test.message << ": " << Text(test.status);
    EXPECT_THAT(Text(test.status), HasSubstr(test.message));
  }
  EXPECT_EQ(store_->GetArtifacts()->size(), 1);  // a refused Put has written nothing
  EXPECT_EQ(store_->GetExecutions()->size(), 1);
}

TEST_F(StoreTest, ExecutionsArePutWithAllAboutThem) {
  ExecutionRecord record{.execution = NewExecution(),
                         .contexts = {NewContext("r1"), NewContext("r2")}};
  Event output = NewEvent(0, 0, Event::OUTPUT);
  output.clear_artifact_id();
  output.clear_execution_id();
  output.mutable_path()->add_steps()->set_key("model");
  output.mutable_path()->add_steps()->set_index(0);
  record.pairs.push_back({.artifact = NewArtifact("/m"), .event = output});
  const ExecutionRecordIds ids = *store_->PutExecution(record);
  const ExecutionRecordIds again = *store_->PutExecution(record);
  EXPECT_EQ(again.contexts, ids.contexts);  // found by type and name
  EXPECT_NE(again.artifacts, ids.artifacts);
  EXPECT_EQ(store_->GetExecutions({.context_id = ids.contexts[1]})->size(), 2);
  EXPECT_EQ(store_->GetArtifacts({.context_id = ids.contexts[0]})->size(), 2);
  EXPECT_EQ(store_->GetContexts({.artifact_id = ids.artifacts[0]})->size(), 2);
  const Event stored = store_->GetEventsByExecutions({ids.execution})->at(0);
  EXPECT_EQ(stored.path().steps(0).key(), "model");
  EXPECT_EQ(stored.path().steps(1).index(), 0);
  EXPECT_EQ(stored.artifact_id(), ids.artifacts[0]);
}

TEST_F(StoreTest, LineageGoesBothWays) {
  // a -> e1 -> b -> e2 -> c, and a -> e3 -> d
  const std::vector<int64_t> n = *store_->PutArtifacts(
      {NewArtifact("/a"), NewArtifact("/b"), NewArtifact("/c"), NewArtifact("/d")});
  const std::vector<int64_t> e =
      *store_->PutExecutions({NewExecution(), NewExecution(), NewExecution()});
  ASSERT_TRUE(store_->PutEvents({NewEvent(n[0], e[0], Event::INPUT),
                                 NewEvent(n[1], e[0], Event::OUTPUT),
                                 NewEvent(n[1], e[1], Event::INPUT),
                                 NewEvent(n[2], e[1], Event::OUTPUT),
                                 NewEvent(n[0], e[2], Event::INPUT),
                                 NewEvent(n[3], e[2], Event::OUTPUT)}).ok());
  auto uris = [](const ::ml_metadata::LineageGraph& graph) {
    std::vector<std::string> all;
    for (const Artifact& artifact : graph.artifacts()) all.push_back(artifact.uri());
    return all;
  };
  const auto up = *store_->GetLineage({n[2]}, LineageDirection::kUpstream);
  EXPECT_THAT(uris(up), ElementsAre("/a", "/b", "/c"));
  EXPECT_EQ(up.executions_size(), 2);
  EXPECT_EQ(up.events_size(), 4);
  EXPECT_EQ(up.artifact_types_size(), 1);
  EXPECT_THAT(uris(*store_->GetLineage({n[0]}, LineageDirection::kDownstream)),
              ElementsAre("/a", "/b", "/c", "/d"));
  EXPECT_THAT(uris(*store_->GetLineage({n[2]}, LineageDirection::kUpstream, 2)),
              ElementsAre("/b", "/c"));
}

TEST_F(StoreTest, ManyProcessesAndThreadsMayWriteAtOnce) {
  constexpr int kProcesses = 3, kThreads = 2, kPuts = 10;
  const std::string path = folder_ + "/shared.db";
  auto work = [&](Store& store, int who) -> bool {
    for (int i = 0; i < kPuts; ++i) {
      const auto type = store.PutArtifactType(NamedType<ArtifactType>(fmt::format("T{}", i)));
      const auto step = store.PutExecutionType(NamedType<ExecutionType>("Step"));
      const auto run = store.PutContextType(NamedType<ContextType>("run"));
      if (!type.ok() || !step.ok() || !run.ok()) return false;
      ExecutionRecord record;
      record.execution.set_type_id(*step);
      Artifact artifact;
      artifact.set_type_id(*type);
      artifact.set_uri(fmt::format("/{}/{}", who, i));
      Event event;
      event.set_type(Event::OUTPUT);
      record.pairs.push_back({.artifact = artifact, .event = event});
      Context context;
      context.set_type_id(*run);
      context.set_name("shared");
      record.contexts.push_back(context);
      if (!store.PutExecution(record).ok()) return false;
    }
    return true;
  };
  std::vector<pid_t> children;
  for (int process = 0; process < kProcesses; ++process) {
    const pid_t child = fork();
    if (child == 0) {
      bool fine = false;
      {
        auto store = Store::Open(path);
        std::atomic<int> good{0};
        std::vector<std::thread> threads;
        for (int thread = 0; store.ok() && thread < kThreads; ++thread) {
          threads.emplace_back([&, thread] { good += work(**store, process * 10 + thread); });
        }
        for (std::thread& thread : threads) thread.join();
        fine = good == kThreads;
      }
      _exit(fine ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 1;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  auto store = Store::Open(path);
  ASSERT_TRUE(store.ok());
  EXPECT_EQ((*store)->GetArtifacts()->size(), kProcesses * kThreads * kPuts);
  EXPECT_EQ((*store)->GetArtifactTypes()->size(), kPuts);
  const std::vector<Context> contexts = *(*store)->GetContexts();
  ASSERT_EQ(contexts.size(), 1);
  EXPECT_EQ((*store)->GetExecutions({.context_id = contexts[0].id()})->size(),
            kProcesses * kThreads * kPuts);
}

}  // namespace
}  // namespace bessemer::metadata
