#include "bessemer/pipeline/resolvers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bessemer/metadata/store.h"
#include "bessemer/pipeline/records.h"

namespace bessemer::pipeline {
namespace {

using components::Artifact;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A store with artifacts of two steps of pipeline "p".
class ResolversTest : public ::testing::Test {
 protected:
  void SetUp() override {
    store_ = *metadata::Store::Open(":memory:");
    ::ml_metadata::ExecutionType step;
    step.set_name("Step");
    step_type_ = *store_->PutExecutionType(step);
    for (const char* name : {kPipelineContext, kNodeContext}) {
      ::ml_metadata::ContextType type;
      type.set_name(name);
      context_types_[name] = *store_->PutContextType(type);
    }
  }

  int64_t Add(const std::string& step, const std::string& output, Artifact artifact) {
    metadata::ExecutionRecord record;
    record.execution.set_type_id(step_type_);
    metadata::ExecutionRecord::Pair pair;
    pair.artifact = ToProto(artifact);
    pair.artifact->set_type_id(*store_->PutArtifactType(
        ArtifactTypeOf(artifact), {.can_add_fields = true, .can_omit_fields = true}));
    pair.event.emplace().set_type(::ml_metadata::Event::OUTPUT);
    pair.event->mutable_path()->add_steps()->set_key(output);
    record.pairs.push_back(pair);
    for (const auto& [type, name] : std::map<std::string, std::string>{
             {kPipelineContext, "p"}, {kNodeContext, "p." + step}}) {
      ::ml_metadata::Context context;
      context.set_type_id(context_types_[type]);
      context.set_name(name);
      record.contexts.push_back(context);
    }
    return store_->PutExecution(record)->artifacts[0];
  }

  // As a run does that finds the artifact in the cache.
  void AddAgain(const std::string& output, int64_t artifact) {
    metadata::ExecutionRecord record;
    record.execution.set_type_id(step_type_);
    const int64_t execution = store_->PutExecution(record)->execution;
    ::ml_metadata::Event event;
    event.set_type(::ml_metadata::Event::OUTPUT);
    event.set_artifact_id(artifact);
    event.set_execution_id(execution);
    event.mutable_path()->add_steps()->set_key(output);
    ASSERT_TRUE(store_->PutEvents({event}).ok());
  }

  int64_t AddSpan(int64_t span, int64_t version = 0) {
    return Add("Gen", "examples",
               {.type = "Examples", .properties = {{"span", span}, {"version", version}}});
  }

  std::vector<int64_t> Resolve(const std::string& name, ResolverRequest request) {
    request.store = store_.get();
    request.pipeline = "p";
    const auto found = (*Resolvers().Find(name))->resolve(request);
    std::vector<int64_t> ids;
    if (!found.ok()) return {-1};
    for (const Artifact& artifact : *found) ids.push_back(artifact.id);
    return ids;
  }

  std::unique_ptr<metadata::Store> store_;
  int64_t step_type_ = 0;
  std::map<std::string, int64_t> context_types_;
};

TEST_F(ResolversTest, EveryOneIsDocumentedAndFindsNothingInAnEmptyStore) {
  EXPECT_TRUE(Resolvers().status().ok());
  for (const Resolver& resolver : Resolvers().entries()) {
    EXPECT_TRUE(resolver.doc.ends_with(".")) << resolver.name;
    EXPECT_THAT(Resolve(resolver.name, {.artifact_type = "Model", .arguments = {1}}), IsEmpty())
        << resolver.name;
  }
}

TEST_F(ResolversTest, LatestOfTheTypeOrOfOneOutput) {
  const int64_t gen = AddSpan(1);
  const int64_t transformed = Add("Transform", "transformed_examples", {.type = "Examples"});
  EXPECT_THAT(Resolve("latest_artifact", {.artifact_type = "Examples"}), ElementsAre(transformed));
  EXPECT_THAT(Resolve("latest_artifact",
                      {.artifact_type = "Examples", .step = "Gen", .output = "examples"}),
              ElementsAre(gen));
  EXPECT_THAT(Resolve("latest_artifact",
                      {.artifact_type = "Examples", .step = "Gen", .output = "other"}),
              IsEmpty());
  const ArtifactMap known = {{"examples", {{.type = "Examples", .id = transformed}}}};
  EXPECT_THAT(Resolve("latest_artifact", {.artifact_type = "Examples", .known_inputs = &known}),
              ElementsAre(gen));
}

TEST_F(ResolversTest, VersionsCountWithinSpans) {
  AddSpan(2, 1);
  const int64_t best = AddSpan(2, 3);
  AddSpan(2, 2);
  AddSpan(1, 9);
  EXPECT_THAT(Resolve("latest_version", {.artifact_type = "Examples"}), ElementsAre(best));
}

TEST_F(ResolversTest, WindowsHoldTheNewestOfEachSpan) {
  AddSpan(1);
  const int64_t two = AddSpan(2);
  AddSpan(3);
  const int64_t three = AddSpan(3);
  const int64_t four = AddSpan(4);
  auto window = [&](std::vector<int64_t> arguments) {
    return Resolve("rolling_window", {.artifact_type = "Examples", .arguments = arguments});
  };
  EXPECT_THAT(window({2}), ElementsAre(three, four));
  EXPECT_THAT(window({2, 1}), ElementsAre(two, three));
  EXPECT_EQ(window({9}).size(), 4);
  EXPECT_THAT(window({1, 9}), IsEmpty());
  EXPECT_THAT(window({0}), ElementsAre(-1));
}

TEST_F(ResolversTest, ThePreviousSpanIsBelowTheCurrent) {
  const int64_t one = AddSpan(1);
  const int64_t newer_one = AddSpan(1);
  AddSpan(3);
  const Artifact current{.type = "Examples", .id = 99, .properties = {{"span", int64_t{3}}}};
  const ArtifactMap known = {{"examples", {current}}};
  EXPECT_THAT(Resolve("previous_span", {.artifact_type = "Examples", .known_inputs = &known}),
              ElementsAre(newer_one));
  const Artifact first{.type = "Examples", .id = one, .properties = {{"span", int64_t{1}}}};
  const ArtifactMap none = {{"examples", {first}}};
  EXPECT_THAT(Resolve("previous_span", {.artifact_type = "Examples", .known_inputs = &none}),
              IsEmpty());
}

TEST_F(ResolversTest, ThePreviousVersionIsOfTheSameSpan) {
  const int64_t old = AddSpan(3, 1);
  const int64_t older_again = AddSpan(3, 2);
  const int64_t four = AddSpan(3, 4);
  AddSpan(3, 5);
  AddSpan(2, 9);
  const auto previous = [&](int64_t id, int64_t span, int64_t version,
                            std::vector<Artifact> others = {}) {
    others.push_back({.type = "Examples",
                      .id = id,
                      .properties = {{"span", span}, {"version", version}}});
    const ArtifactMap known = {{"examples", others}};
    return Resolve("previous_version", {.artifact_type = "Examples", .known_inputs = &known});
  };
  EXPECT_THAT(previous(99, 3, 5), ElementsAre(four));
  EXPECT_THAT(previous(99, 3, 4), ElementsAre(older_again));
  EXPECT_THAT(previous(older_again, 3, 2), ElementsAre(old));
  EXPECT_THAT(previous(old, 3, 1), IsEmpty());
  EXPECT_THAT(previous(99, 4, 2), IsEmpty()) << "other spans are other data";
  // What another port has of an earlier span is not what the step is about.
  const Artifact before{.type = "Examples", .id = 98, .properties = {{"span", int64_t{2}}}};
  EXPECT_THAT(previous(99, 3, 4, {before}), ElementsAre(older_again));
  const Artifact plain{.type = "Examples", .id = 97, .properties = {{"span", int64_t{3}}}};
  const ArtifactMap known = {{"examples", {plain}}};
  EXPECT_THAT(Resolve("previous_version", {.artifact_type = "Examples", .known_inputs = &known}),
              IsEmpty())
      << "data without versions";
}

TEST_F(ResolversTest, DataRestatedAndPutBackCountsAsItIsNow) {
  const int64_t original = AddSpan(1);
  const int64_t restated = AddSpan(1);
  const Artifact current{.type = "Examples", .id = 99, .properties = {{"span", int64_t{2}}}};
  const ArtifactMap known = {{"examples", {current}}};
  const ResolverRequest request = {.artifact_type = "Examples",
                                   .step = "Gen",
                                   .output = "examples",
                                   .arguments = {2},
                                   .known_inputs = &known,
                                   .current = {current}};
  EXPECT_THAT(Resolve("previous_span", request), ElementsAre(restated));
  EXPECT_THAT(Resolve("rolling_window", request), ElementsAre(restated, 99));
  AddAgain("examples", original);
  EXPECT_THAT(Resolve("previous_span", request), ElementsAre(original));
  EXPECT_THAT(Resolve("rolling_window", request), ElementsAre(original, 99));
}

TEST_F(ResolversTest, WindowsEndAtTheSpanOfTheRun) {
  AddSpan(1);
  const int64_t two = AddSpan(2);
  const int64_t three = AddSpan(3);
  AddSpan(3);  // other content of the same span
  AddSpan(4);
  const Artifact current{.type = "Examples", .id = three, .properties = {{"span", int64_t{3}}}};
  const ResolverRequest request = {
      .artifact_type = "Examples", .arguments = {2}, .current = {current}};
  EXPECT_THAT(Resolve("rolling_window", request), ElementsAre(two, three));
}

TEST_F(ResolversTest, OnlyBlessedModelsAreBaselines) {
  auto bless = [&](int64_t model, int64_t blessed) {
    Add("Evaluator", "blessing",
        {.type = "ModelBlessing",
         .custom_properties = {{"blessed", blessed}, {"current_model_id", model}}});
  };
  const int64_t first = Add("Trainer", "model", {.type = "Model"});
  const int64_t second = Add("Trainer", "model", {.type = "Model"});
  const int64_t third = Add("Trainer", "model", {.type = "Model"});
  bless(first, 1);
  bless(second, 1);
  bless(third, 0);
  EXPECT_THAT(Resolve("latest_blessed_model", {.artifact_type = "Model"}), ElementsAre(second));
  const ArtifactMap known = {{"model", {{.type = "Model", .id = second}}}};
  EXPECT_THAT(Resolve("latest_blessed_model", {.artifact_type = "Model", .known_inputs = &known}),
              ElementsAre(first));
}

}  // namespace
}  // namespace bessemer::pipeline
