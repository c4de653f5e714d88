#include <filesystem>
#include <fstream>

#include "bessemer/components/test_component.h"

namespace bessemer::components {
namespace {

using ::testing::HasSubstr;

class InfraValidatorTest : public ComponentTest {
 protected:
  void SetUp() override {
    const char* binary = getenv("BESSEMER_BINARY");
    if (binary == nullptr || !*io::Exists(binary)) GTEST_SKIP() << "needs $BESSEMER_BINARY";
    binary_ = binary;
    ComponentTest::SetUp();
  }
  void TearDown() override {
    if (binary_.empty()) return;
    setenv("BESSEMER_BINARY", binary_.c_str(), 1);
    ComponentTest::TearDown();
  }

  // Lets a shell script play the process that loads the model.
  void UseScript(const std::string& body) {
    std::ofstream(Path("script")) << "#!/bin/sh\n" << body << "\n";
    std::filesystem::permissions(Path("script"), std::filesystem::perms::owner_all);
    setenv("BESSEMER_BINARY", Path("script").c_str(), 1);
  }

  // Validates, which must work, and returns the reason against the model, "" if it is blessed.
  std::string Reason(const Json& params, const Inputs& inputs) {
    const Status status = Run("InfraValidator", params, inputs);
    EXPECT_TRUE(status.ok()) << status;
    const Artifact& blessing = outputs_["blessing"];
    const bool blessed = HasFile("blessing", "INFRA_BLESSED");
    EXPECT_NE(blessed, HasFile("blessing", "INFRA_NOT_BLESSED"));
    EXPECT_EQ(blessing.IntProperty("blessed"), blessed ? 1 : 0);
    EXPECT_EQ(blessed, blessing.StringProperty("reason").empty());
    EXPECT_EQ(blessed, !HasFile("blessing", "reason.txt"));
    return blessing.StringProperty("reason");
  }

  std::string binary_;
};

TEST_F(InfraValidatorTest, AModelThatAnswersIsBlessed) {
  EXPECT_EQ(Reason({{"num_examples", 3}},
                   {{"model", {Model("model", 1)}}, {"examples", {Examples({{"eval", 5}})}}}),
            "");
  EXPECT_GT(std::get<double>(outputs_["blessing"].custom_properties["loading_time_ms"]), 0);
  EXPECT_THAT(summary_, HasSubstr("; 3 requests, "));
  EXPECT_FALSE(HasFile("blessing", "stamped_model"));
}

TEST_F(InfraValidatorTest, KeepsACopyThatWarmsUp) {
  EXPECT_EQ(Reason({{"make_warmup", true}},
                   {{"model", {Model("model", 1)}}, {"examples", {Examples({{"eval", 5}})}}}),
            "");
  EXPECT_EQ(outputs_["blessing"].IntProperty("has_model"), 1);
  EXPECT_TRUE(HasFile("blessing", "stamped_model/saved_model.pb"));
  EXPECT_TRUE(HasFile("blessing", "stamped_model/assets.extra/tf_serving_warmup_requests"));
  const Status status =
      Run("InfraValidator", {{"make_warmup", true}}, {{"model", {Model("model", 1)}}});
  EXPECT_THAT(std::string(Message(status)), HasSubstr("needs examples"));
}

TEST_F(InfraValidatorTest, ABrokenModelIsNotBlessed) {
  Write("empty/text", "");
  Write("garbled/saved_model.pb", "no message at all");
  EXPECT_THAT(Reason(Json::object(), {{"model", {{.uri = Path("empty")}}}}),
              HasSubstr("holds no SavedModel"));
  EXPECT_THAT(Reason(Json::object(), {{"model", {{.uri = Path("garbled")}}}}),
              HasSubstr("not a SavedModel message"));
  // A feature that requests do not have shows in the first request only.
  const Artifact other = Model("other", 1, "y");
  EXPECT_EQ(Reason(Json::object(), {{"model", {other}}}), "");
  EXPECT_THAT(Reason(Json::object(), {{"model", {other}}, {"examples", {Examples({{"e", 1}})}}}),
              HasSubstr("y"));
  EXPECT_THAT(Reason({{"signature_names", {"serving_defalt"}}},
                     {{"model", {other}}, {"examples", {Examples({{"e", 1}})}}}),
              HasSubstr("no signature 'serving_defalt'"));
}

TEST_F(InfraValidatorTest, AModelWithoutItsVariablesIsNotBlessed) {
  tf::GraphBuilder b;
  const tf::Tensor variable = b.Variable(::tensorflow::DT_FLOAT, {1}, "w");
  tf::Signature signature;
  signature.AddOutput("w", b.ReadVariable(variable, ::tensorflow::DT_FLOAT), tf::Shape{1});
  const Artifact model{.uri = Path("model")};
  ASSERT_TRUE(tf::WriteSavedModel(std::move(b), {{"serving_default", signature}},
                                  {{"w", tf::HostTensor::Vector<float>({1})}}, model.uri)
                  .ok());
  EXPECT_EQ(Reason(Json::object(), {{"model", {model}}}), "");
  ASSERT_TRUE(io::RemoveTree(model.uri + "/variables").ok());
  EXPECT_THAT(Reason(Json::object(), {{"model", {model}}}),
              HasSubstr("variables/variables.index"));
}

TEST_F(InfraValidatorTest, LimitsHold) {
  const Inputs inputs = {{"model", {Model("model", 1)}}};
  EXPECT_THAT(Reason({{"max_memory_mb", 1}}, inputs), HasSubstr("1 MiB are allowed"));
  UseScript("exec tail -f /dev/null");
  EXPECT_THAT(Reason({{"max_loading_time_seconds", 0.05}}, inputs), HasSubstr("still loading"));
  UseScript("echo '{\"loading_ms\": 1}'; exec tail -f /dev/null");
  EXPECT_THAT(Reason({{"max_request_time_seconds", 0.05}}, inputs), HasSubstr("still answering"));
  EXPECT_EQ(outputs_["blessing"].IntProperty(kOfTheMoment), 1);
  UseScript("kill -SEGV $$");
  EXPECT_THAT(Reason({{"num_tries", 2}}, inputs), HasSubstr("signal 11"));
  EXPECT_EQ(outputs_["blessing"].IntProperty(kOfTheMoment), 0);
}

TEST_F(InfraValidatorTest, AProbeThatCannotStartSaysNothingAboutTheModel) {
  setenv("BESSEMER_BINARY", Path("nothing").c_str(), 1);
  const Status status = Run("InfraValidator", Json::object(), {{"model", {Model("model", 1)}}});
  EXPECT_EQ(status.code(), StatusCode::kUnavailable);
  EXPECT_FALSE(HasFile("blessing", "INFRA_NOT_BLESSED"));
}

}  // namespace
}  // namespace bessemer::components
