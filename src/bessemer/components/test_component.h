#ifndef BESSEMER_COMPONENTS_TEST_COMPONENT_H_
#define BESSEMER_COMPONENTS_TEST_COMPONENT_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <map>
#include <string>
#include <vector>

#include "bessemer/components/component.h"
#include "bessemer/io/file.h"
#include "bessemer/io/publish.h"
#include "bessemer/io/tfrecord.h"
#include "bessemer/tensorflow/saved_model.h"
#include "tensorflow/core/example/example.pb.h"

namespace bessemer::components {

// Runs components in a folder of the test's own, on small examples and models made by hand.
class ComponentTest : public ::testing::Test {
 protected:
  using Inputs = std::map<std::string, std::vector<Artifact>>;

  void SetUp() override {
    root_ = ::testing::TempDir() + "component_XXXXXX";
    ASSERT_NE(mkdtemp(root_.data()), nullptr);
    RegisterPlugins(registry_);
    ASSERT_TRUE(registry_.status().ok()) << registry_.status();
  }
  void TearDown() override { EXPECT_TRUE(io::RemoveTree(root_).ok()); }

  std::string Path(const std::string& name) const { return root_ + "/" + name; }

  void Write(const std::string& name, std::string_view content) {
    ASSERT_TRUE(io::MakeDirectories(io::DirName(Path(name))).ok());
    ASSERT_TRUE(io::WriteFileAtomically(Path(name), content).ok());
  }

  // Examples with x = -1 … 1 and late = x > 0, in one file a split.
  Artifact Examples(const std::map<std::string, int>& splits) {
    Artifact artifact{.type = "Examples", .uri = Path("examples"), .id = 7};
    std::vector<std::string> names;
    for (const auto& [split, count] : splits) {
      names.push_back(split);
      auto writer = io::TFRecordWriter::Open(
          artifact.SplitUri(split) + "/data_tfrecord-00000-of-00001.gz", io::Compression::kGzip);
      EXPECT_TRUE(writer.ok()) << writer.status();
      for (int i = 0; i < count; ++i) {
        ::tensorflow::Example example;
        auto& features = *example.mutable_features()->mutable_feature();
        const float x = (static_cast<float>(i) + 0.5f) * 2 / static_cast<float>(count) - 1;
        features["x"].mutable_float_list()->add_value(x);
        features["late"].mutable_int64_list()->add_value(x > 0);
        EXPECT_TRUE((*writer)->Write(example.SerializeAsString()).ok());
      }
      EXPECT_TRUE((*writer)->Close().ok());
    }
    artifact.SetSplitNames(names);
    artifact.properties["span"] = int64_t{3};
    return artifact;
  }

  // Predicts sigmoid(slope · feature).
  Artifact Model(const std::string& name, float slope, const std::string& feature = "x") {
    tf::GraphBuilder b;
    const tf::Tensor serialized = b.Placeholder(::tensorflow::DT_STRING, {-1}, "examples");
    const auto parsed = b.ParseExamples(serialized, {{feature, ::tensorflow::DT_FLOAT, {1}}}, {});
    const tf::Tensor logits = b.Mul(parsed.dense[0], b.ConstFloat(slope));
    tf::Signature signature;
    signature.AddInput("examples", serialized, tf::Shape{-1});
    signature.AddOutput("probabilities", b.Unary("Sigmoid", logits), tf::Shape{-1, 1});
    Artifact artifact{.type = "Model", .uri = Path(name), .id = 9};
    const Status status = tf::WriteSavedModel(std::move(b), {{"serving_default", signature}}, {},
                                              artifact.uri + "/Format-Serving");
    EXPECT_TRUE(status.ok()) << status;
    return artifact;
  }

  // Runs a component; its outputs, in fresh folders, are in outputs_ afterwards.
  Status Run(const std::string& name, const Json& values, const Inputs& inputs) {
    BESSEMER_ASSIGN_OR_RETURN(const Component* component, registry_.Find(name));
    BESSEMER_ASSIGN_OR_RETURN(const ParamValues params,
                              ParamValues::FromJson(component->params, values, name));
    RunContext context(params);
    context.inputs = inputs;
    for (const Port& port : component->outputs) {
      Artifact& output = context.outputs[port.name];
      output.type = port.artifact_type;
      output.uri = Path("out/" + port.name + std::to_string(++num_outputs_));
      BESSEMER_RETURN_IF_ERROR(io::MakeDirectories(output.uri));
    }
    context.scratch_dir = Path("scratch");
    const Status status = component->run(context);
    outputs_ = context.outputs;
    summary_ = context.summary;
    return status;
  }

  bool HasFile(const std::string& output, const std::string& file) {
    return *io::Exists(outputs_[output].uri + "/" + file);
  }

  std::string root_, summary_;
  std::map<std::string, Artifact> outputs_;

 private:
  ComponentRegistry registry_{"component"};
  int num_outputs_ = 0;
};

}  // namespace bessemer::components

#endif  // BESSEMER_COMPONENTS_TEST_COMPONENT_H_
