#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bessemer/components/component.h"
#include "bessemer/io/file.h"
#include "bessemer/io/file_hashes.h"
#include "bessemer/io/tfrecord.h"
#include "bessemer/tensorflow/session.h"
#include "bessemer/tensorflow/test_runtime.h"
#include "tensorflow/core/example/example.pb.h"

namespace bessemer::components {
namespace {

using ::testing::HasSubstr;

// x in [-1, 1], label 1 where x > 0; files as ExampleGen names them.
void WriteSplit(const std::string& folder, int count) {
  auto writer = io::TFRecordWriter::Open(folder + "/data_tfrecord-00000-of-00001.gz",
                                         io::Compression::kGzip);
  ASSERT_TRUE(writer.ok()) << writer.status();
  for (int i = 0; i < count; ++i) {
    ::tensorflow::Example example;
    auto& features = *example.mutable_features()->mutable_feature();
    const float x = static_cast<float>((i * 37) % 201 - 100) / 100;
    features["x"].mutable_float_list()->add_value(x);
    features["late"].mutable_int64_list()->add_value(x > 0);
    ASSERT_TRUE((*writer)->Write(example.SerializeAsString()).ok());
  }
  ASSERT_TRUE((*writer)->Close().ok());
}

class TrainerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    root_ = ::testing::TempDir() + "trainer_XXXXXX";
    ASSERT_NE(mkdtemp(root_.data()), nullptr);
    WriteSplit(root_ + "/examples/Split-train", 400);
    WriteSplit(root_ + "/examples/Split-eval", 100);
    RegisterPlugins(registry_);
    ASSERT_TRUE(registry_.status().ok()) << registry_.status();
  }
  void TearDown() override { EXPECT_TRUE(io::RemoveTree(root_).ok()); }

  // Runs the step with parameters; `tuned`: best_hyperparameters.txt of a tuner, or null.
  Status Run(const Json& values, const Json& tuned = nullptr) {
    BESSEMER_ASSIGN_OR_RETURN(const Component* component, registry_.Find("Trainer"));
    BESSEMER_ASSIGN_OR_RETURN(const ParamValues params,
                              ParamValues::FromJson(component->params, values, "Trainer"));
    RunContext context(params);
    Artifact examples;
    examples.type = "Examples";
    examples.uri = root_ + "/examples";
    examples.SetSplitNames({"train", "eval"});
    context.inputs["examples"] = {examples};
    if (!tuned.is_null()) {
      auto out = io::OpenOutput(root_ + "/tuned/best_hyperparameters.txt");
      BESSEMER_RETURN_IF_ERROR((*out)->Write(tuned.dump()));
      BESSEMER_RETURN_IF_ERROR((*out)->Close());
      Artifact artifact;
      artifact.uri = root_ + "/tuned";
      context.inputs["hyperparameters"] = {artifact};
    }
    for (const char* output : {"model", "model_run"}) {
      context.outputs[output].uri = root_ + "/" + output;
    }
    context.scratch_dir = root_ + "/scratch";
    const Status status = component->run(context);
    summary_ = context.summary;
    return status;
  }

  std::string root_, summary_;
  ComponentRegistry registry_{"component"};
};

TEST_F(TrainerTest, TrainsAndExports) {
  BESSEMER_NEEDS_TENSORFLOW();
  const Status status = Run({{"learner", "linear"},
                             {"label", "late"},
                             {"train_args", {{"num_steps", 30}}},
                             {"params", {{"batch_size", 50}}}});
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_THAT(summary_, HasSubstr("linear (binary): 4 epochs, 30 steps"));
  EXPECT_TRUE(*io::Exists(root_ + "/model_run/training_curve.json"));
  const auto session = tf::Session::Load(root_ + "/model/Format-Serving");
  ASSERT_TRUE(session.ok()) << session.status();
  EXPECT_TRUE((*session)->FindSignature("serving_default").ok());
}

TEST_F(TrainerTest, TunedValuesGiveWayToThoseOfTheStep) {
  BESSEMER_NEEDS_TENSORFLOW();
  const Json tuned = {{"values", {{"batch_size", 100}, {"epochs", 2}}}};
  ASSERT_TRUE(Run({{"learner", "linear"}, {"label", "late"}, {"epochs", 3}}, tuned).ok());
  EXPECT_THAT(summary_, HasSubstr("3 epochs, 12 steps"));
}

TEST_F(TrainerTest, ErrorsNameParameterAndSplit) {
  const struct {
    Json params;
    const char* message;
  } cases[] = {
      {{{"label", "late"}, {"learner", "dnnn"}}, "unknown learner 'dnnn'; did you mean 'dnn'?"},
      {{{"learner", "linear"}}, "label"},
      {{{"label", "late"}, {"learner", "linear"}, {"hidden_units", {4}}}, "hidden_units"},
      {{{"label", "late"}, {"train_args", {{"steps", 4}}}}, "'steps' must be num_steps"},
      {{{"label", "late"}, {"train_args", {{"splits", {"trian"}}}}},
       "no split 'trian'; did you mean 'train'?"},
      {{{"module_file", "/nowhere.py"}}, "/nowhere.py does not exist"},
  };
  for (const auto& c : cases) {
    EXPECT_THAT(Message(Run(c.params)), HasSubstr(c.message)) << c.params.dump();
  }
}

TEST_F(TrainerTest, TheModulesSourceIsPartOfTheFingerprint) {
  const auto component = registry_.Find("Trainer");
  ASSERT_TRUE(component.ok());
  const auto resolve = [&](const std::string& source) {
    auto out = io::OpenOutput(root_ + "/module.py");
    EXPECT_TRUE((*out)->Write(source).ok() && (*out)->Close().ok());
    const auto params = ParamValues::FromJson((*component)->params,
                                              {{"module_file", root_ + "/module.py"}}, "Trainer");
    io::FileHashes hashes;
    return (*component)->resolve(*params, hashes, Progress::None())->dump();
  };
  EXPECT_EQ(resolve("a = 1"), resolve("a = 1"));
  EXPECT_NE(resolve("a = 1"), resolve("a = 2"));
  // So are the files it may import, and other files are not.
  const auto write = [&](const std::string& name, const std::string& text) {
    EXPECT_TRUE(io::MakeDirectories(io::DirName(root_ + "/" + name)).ok());
    auto out = io::OpenOutput(root_ + "/" + name);
    EXPECT_TRUE((*out)->Write(text).ok() && (*out)->Close().ok());
    return resolve("a = 1");
  };
  const std::string alone = resolve("a = 1");
  EXPECT_EQ(write("notes.txt", "x"), alone);
  const std::string beside = write("layers.py", "b = 1");
  EXPECT_NE(beside, alone);
  EXPECT_NE(write("layers.py", "b = 2"), beside);
  const std::string without_package = write("model/loss.py", "c = 1");
  EXPECT_EQ(without_package, write("model/loss.py", "c = 2"));
  write("model/__init__.py", "");
  EXPECT_NE(write("model/loss.py", "c = 3"), write("model/loss.py", "c = 4"));
}

}  // namespace
}  // namespace bessemer::components
