#include "bessemer/components/test_component.h"

namespace bessemer::components {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class PusherTest : public ComponentTest {
 protected:
  static Artifact Blessing(int64_t blessed, const std::string& reason = "") {
    Artifact artifact;
    artifact.custom_properties["blessed"] = blessed;
    if (!reason.empty()) artifact.custom_properties["reason"] = reason;
    return artifact;
  }
  Status Push(const Inputs& inputs) {
    return Run("Pusher", {{"destination", Path("serving")}}, inputs);
  }
};

TEST_F(PusherTest, PushesWhatIsBlessed) {
  const Status status = Push({{"model", {Model("model", 1)}},
                              {"model_blessing", {Blessing(1)}},
                              {"infra_blessing", {Blessing(1)}}});
  ASSERT_TRUE(status.ok()) << status;
  const Artifact& pushed = outputs_["pushed_model"];
  EXPECT_EQ(pushed.IntProperty("pushed"), 1);
  const std::string directory = pushed.StringProperty("pushed_destination");
  EXPECT_EQ(directory, Path("serving/") + pushed.StringProperty("pushed_version"));
  EXPECT_EQ(*io::ReadFile(directory + "/saved_model.pb"),
            *io::ReadFile(Path("model/Format-Serving/saved_model.pb")));
  EXPECT_TRUE(HasFile("pushed_model", "saved_model.pb"));
  EXPECT_THAT(summary_, HasSubstr("pushed to " + directory));
}

TEST_F(PusherTest, VersionsGrow) {
  const Artifact model = Model("model", 1);
  ASSERT_TRUE(Push({{"model", {model}}}).ok());
  const int64_t first = std::stoll(outputs_["pushed_model"].StringProperty("pushed_version"));
  ASSERT_TRUE(Push({{"model", {model}}}).ok());
  EXPECT_GT(std::stoll(outputs_["pushed_model"].StringProperty("pushed_version")), first);
}

TEST_F(PusherTest, WhatIsNotBlessedIsNotPushed) {
  const Artifact model = Model("model", 1);
  const std::pair<Inputs, const char*> cases[] = {
      {{{"model", {model}}, {"model_blessing", {Blessing(0)}}}, "the evaluator says no"},
      {{{"model", {model}}, {"model_blessing", {Blessing(0)}}, {"infra_blessing", {Blessing(1)}}},
       "the evaluator says no"},
      {{{"model", {model}},
        {"model_blessing", {Blessing(1)}},
        {"infra_blessing", {Blessing(0, "died of signal 11")}}},
       "the infra validator says no: died of signal 11"},
      {{{"model", {model}}, {"model_blessing", {Artifact()}}}, "the evaluator says no"},
  };
  for (const auto& [inputs, reason] : cases) {
    const Status status = Push(inputs);
    ASSERT_TRUE(status.ok()) << status;
    EXPECT_EQ(outputs_["pushed_model"].IntProperty("pushed"), 0);
    EXPECT_EQ(outputs_["pushed_model"].StringProperty("reason"), reason);
    EXPECT_THAT(*io::ListTree(outputs_["pushed_model"].uri), ElementsAre());
    EXPECT_FALSE(*io::Exists(Path("serving")));
    EXPECT_THAT(summary_, StartsWith("not pushed: "));
  }
}

TEST_F(PusherTest, PrefersTheModelWithWarmupRequests) {
  Write("infra/stamped_model/saved_model.pb", "stamped");
  Artifact infra = Blessing(1);
  infra.uri = Path("infra");
  infra.custom_properties["has_model"] = int64_t{1};
  ASSERT_TRUE(Push({{"model", {Model("model", 1)}}, {"infra_blessing", {infra}}}).ok());
  EXPECT_EQ(*io::ReadFile(outputs_["pushed_model"].uri + "/saved_model.pb"), "stamped");
}

TEST_F(PusherTest, TakesTfxsDestination) {
  const Inputs inputs = {{"model", {Model("model", 1)}}};
  const Json tfx = {{"filesystem", {{"base_directory", Path("base")}}}};
  ASSERT_TRUE(Run("Pusher", {{"push_destination", tfx}}, inputs).ok());
  EXPECT_THAT(outputs_["pushed_model"].StringProperty("pushed_destination"),
              StartsWith(Path("base/")));
}

TEST_F(PusherTest, Errors) {
  const Artifact model = Model("model", 1);
  Write("file", "");
  Write("empty/text", "");
  const struct {
    Json params;
    Inputs inputs;
    const char* message;
  } cases[] = {
      {Json::object(), {{"model", {model}}}, "needs a destination"},
      {{{"push_destination", {{"filesystem", Path("base")}}}},
       {{"model", {model}}},
       "must be a folder or {filesystem: {base_directory: folder}}"},
      {{{"destination", Path("file/below")}}, {{"model", {model}}}, "file/below"},
      {{{"destination", Path("base")}}, {}, "Pusher has no model"},
      {{{"destination", Path("base")}},
       {{"model", {{.uri = Path("empty")}}}},
       "empty: holds no SavedModel"},
  };
  for (const auto& c : cases) {
    EXPECT_THAT(std::string(Message(Run("Pusher", c.params, c.inputs))), HasSubstr(c.message))
        << c.params;
  }
  EXPECT_FALSE(*io::Exists(Path("base")));
}

}  // namespace
}  // namespace bessemer::components
