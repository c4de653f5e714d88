#include "bessemer/tensorflow/saved_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bessemer/io/file.h"
#include "bessemer/tensorflow/session.h"
#include "bessemer/tensorflow/test_runtime.h"
#include "tensorflow/core/example/example.pb.h"

namespace bessemer::tf {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::tensorflow::DT_FLOAT;
using ::tensorflow::DT_INT64;
using ::tensorflow::DT_STRING;

class SavedModelTest : public ::testing::Test {
 protected:
  void SetUp() override {
    root_ = ::testing::TempDir() + "saved_model_XXXXXX";
    ASSERT_NE(mkdtemp(root_.data()), nullptr);
  }
  void TearDown() override { EXPECT_TRUE(io::RemoveTree(root_).ok()); }

  std::string WriteFile(const std::string& name, std::string_view content) {
    const std::string path = root_ + "/" + name;
    auto out = io::OpenOutput(path);
    EXPECT_TRUE(out.ok() && (*out)->Write(content).ok() && (*out)->Close().ok());
    return path;
  }

  // Two outputs: `id` = line of `word` in a vocabulary, `double` = 2 · `number`.
  std::string WriteTransform() {
    GraphBuilder b;
    Signature signature;
    const Tensor word = b.Placeholder(DT_STRING, {-1}, "word");
    const Tensor number = b.Placeholder(DT_FLOAT, {-1}, "number");
    const Tensor id = b.LookupFind(b.VocabularyTable(WriteFile("vocab", "a\nb\nc\n")), word,
                                   b.ConstInt64(-1));
    // A second table that `id` does not need.
    const Tensor other = b.LookupFind(b.VocabularyTable(WriteFile("other/vocab", "x\n"), "unused"),
                                      word, b.ConstInt64(-1));
    signature.AddInput("word", word, Shape{-1});
    signature.AddInput("number", number, Shape{-1});
    signature.AddOutput("id", id, Shape{-1});
    signature.AddOutput("other", other, Shape{-1});
    signature.AddOutput("double", b.Mul(number, b.ConstFloat(2)), Shape{-1});
    const std::string directory = root_ + "/transform";
    const Status status =
        WriteSavedModel(std::move(b), {{"transform_signature", signature}}, {}, directory);
    EXPECT_TRUE(status.ok()) << status;
    return directory;
  }

  std::string root_;
};

TEST_F(SavedModelTest, TablesAndAssetsSurvive) {
  const std::string directory = WriteTransform();
  // The sources may go: the SavedModel holds what it needs.
  ASSERT_TRUE(io::RemoveTree(root_ + "/vocab").ok());
  EXPECT_TRUE(*io::Exists(directory + "/assets/vocab"));
  EXPECT_TRUE(*io::Exists(directory + "/assets/vocab_1"));
  BESSEMER_NEEDS_TENSORFLOW();
  const auto session = Session::Load(directory);
  ASSERT_TRUE(session.ok()) << session.status();
  const auto result = (*session)->Call("transform_signature",
                                       {{"word", HostTensor::Strings({"c", "z", "a"})},
                                        {"number", HostTensor::Vector<float>({1, 2, 3})}});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(result->at("id").values<int64_t>(), ElementsAre(2, -1, 0));
  EXPECT_THAT(result->at("other").values<int64_t>(), ElementsAre(-1, -1, -1));
  EXPECT_THAT(result->at("double").values<float>(), ElementsAre(2, 4, 6));
}

TEST_F(SavedModelTest, VariablesSurvive) {
  GraphBuilder b;
  const Tensor x = b.Placeholder(DT_FLOAT, {-1, 2}, "x");
  const Tensor w = b.Variable(DT_FLOAT, {2, 1}, "dense/kernel");
  const Tensor n = b.Variable(DT_INT64, {}, "n");
  Signature signature;
  signature.AddInput("x", x, Shape{-1, 2});
  signature.AddOutput("y", b.MatMul(x, b.ReadVariable(w, DT_FLOAT)), Shape{-1, 1});
  signature.AddOutput("n", b.ReadVariable(n, DT_INT64), Shape{});
  HostTensor count = HostTensor::Make(DT_INT64, {});
  count.mutable_values<int64_t>()[0] = 7;
  const VariableValues values = {
      {"dense/kernel", HostTensor::Of<float>(std::vector<float>{2, 3}, {2, 1})}, {"n", count}};
  const std::string directory = root_ + "/model";
  ASSERT_TRUE(
      WriteSavedModel(std::move(b), {{"serving_default", signature}}, values, directory).ok());
  BESSEMER_NEEDS_TENSORFLOW();
  const auto session = Session::Load(directory, {.num_threads = 1});
  ASSERT_TRUE(session.ok()) << session.status();
  const auto result = (*session)->Call(
      "serving_default", {{"x", HostTensor::Of<float>(std::vector<float>{1, 1, 10, 0}, {2, 2})}});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(result->at("y").values<float>(), ElementsAre(5, 20));
  EXPECT_THAT(result->at("n").values<int64_t>(), ElementsAre(7));
}

TEST_F(SavedModelTest, SplicesOnlyWhatIsNeeded) {
  const std::string transform = WriteTransform();
  GraphBuilder b;
  const Tensor serialized = b.Placeholder(DT_STRING, {-1}, "examples");
  const auto parsed = b.ParseExamples(serialized, {{"word", DT_STRING, {}}}, {});
  SignatureTensors inputs;
  inputs["word"].dense = parsed.dense[0];
  auto outputs = SpliceSavedModel(b, transform, "transform_signature", inputs, {"id"}, "transform");
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  EXPECT_EQ(b.assets().size(), 1u);
  EXPECT_EQ(b.initializers().size(), 1u);
  EXPECT_FALSE(b.HasNode("transform/number"));
  Signature signature;
  signature.AddInput("examples", serialized, Shape{-1});
  signature.AddOutput("id", outputs->at("id").dense, Shape{-1});
  const std::string directory = root_ + "/model";
  ASSERT_TRUE(
      WriteSavedModel(std::move(b), {{"serving_default", signature}}, {}, directory).ok());
  ASSERT_TRUE(io::RemoveTree(transform).ok());

  BESSEMER_NEEDS_TENSORFLOW();
  const auto session = Session::Load(directory);
  ASSERT_TRUE(session.ok()) << session.status();
  std::vector<std::string> examples;
  for (const char* word : {"b", "nope", "c"}) {
    ::tensorflow::Example example;
    (*example.mutable_features()->mutable_feature())["word"].mutable_bytes_list()->add_value(word);
    examples.push_back(example.SerializeAsString());
  }
  for (const int64_t batch_size : {1, 2, 100}) {
    const auto result = (*session)->PredictExamples("serving_default", examples, batch_size);
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_THAT(result->at("id").values<int64_t>(), ElementsAre(1, -1, 2));
  }
  EXPECT_THAT(Message((*session)->PredictExamples("serving_default", {{"no example"}}).status()),
              HasSubstr("signature 'serving_default' of " + directory));
  const auto none = (*session)->PredictExamples("serving_default", {});
  ASSERT_TRUE(none.ok()) << none.status();
  EXPECT_EQ(none->at("id").num_rows(), 0);
}

TEST_F(SavedModelTest, SpliceErrorsNameInputsAndOutputs) {
  const std::string transform = WriteTransform();
  const auto splice = [&](const std::string& signature, const SignatureTensors& inputs,
                          const std::string& output) {
    GraphBuilder b;
    b.Placeholder(DT_FLOAT, {-1}, "given");
    return std::string(
        Message(SpliceSavedModel(b, transform, signature, inputs, {output}, "t").status()));
  };
  SignatureTensors given;
  given["word"].dense = {"given", 0, DT_FLOAT};
  SignatureTensors sparse;
  sparse["word"].sparse = SparseTensor{};
  EXPECT_THAT(splice("nope", {}, "id"), HasSubstr("no signature 'nope'; it has: transform_sig"));
  EXPECT_THAT(splice("transform_signature", {}, "nope"), HasSubstr("has no output 'nope'"));
  EXPECT_THAT(splice("transform_signature", {}, "id"),
              HasSubstr("input 'word' is needed but not given"));
  EXPECT_THAT(splice("transform_signature", given, "id"),
              HasSubstr("input 'word' takes DT_STRING, not DT_FLOAT"));
  EXPECT_THAT(splice("transform_signature", sparse, "id"),
              HasSubstr("input 'word' is dense, the given tensor is sparse"));
  EXPECT_THAT(*InputsNeeded(transform, "transform_signature", {"double"}), ElementsAre("number"));
}

TEST_F(SavedModelTest, WriteErrors) {
  const auto build = [] {
    GraphBuilder b;
    b.Variable(DT_FLOAT, {2}, "w");
    return b;
  };
  Signature ghost;
  ghost.AddOutput("y", Tensor{"ghost", 0, DT_FLOAT}, Shape{});
  const VariableValues right = {{"w", HostTensor::Vector<float>({1, 2})}};
  const VariableValues wrong = {{"w", HostTensor::Vector<float>({1})}};
  EXPECT_THAT(Message(WriteSavedModel(build(), {}, {}, root_ + "/m")),
              HasSubstr("variable 'w' has no value"));
  EXPECT_THAT(Message(WriteSavedModel(build(), {}, wrong, root_ + "/m")),
              HasSubstr("variable 'w' is DT_FLOAT [2], its value DT_FLOAT [1]"));
  EXPECT_THAT(Message(WriteSavedModel(build(), {{"s", ghost}}, right, root_ + "/m")),
              HasSubstr("signature 's', 'y': the graph has no node 'ghost'"));
  GraphBuilder table;
  table.VocabularyTable(root_ + "/not_there");
  EXPECT_EQ(WriteSavedModel(std::move(table), {}, {}, root_ + "/m").code(),
            StatusCode::kNotFound);
  GraphBuilder mistaken;
  mistaken.Identity({"ghost", 0, DT_FLOAT});
  EXPECT_THAT(Message(WriteSavedModel(std::move(mistaken), {}, {}, root_ + "/m")),
              HasSubstr("input 'ghost'"));
}

TEST_F(SavedModelTest, BrokenSavedModelsAreErrors) {
  EXPECT_EQ(Session::Load(root_ + "/none").status().code(), StatusCode::kNotFound);
  WriteFile("bad/saved_model.pb", "\xff\xff this is no message");
  const Status bad = Session::Load(root_ + "/bad").status();
  EXPECT_EQ(bad.code(), StatusCode::kDataLoss);
  EXPECT_THAT(Message(bad), HasSubstr("/bad/saved_model.pb: not a SavedModel message"));
  WriteFile("empty/saved_model.pb", "");
  EXPECT_THAT(Message(Session::Load(root_ + "/empty").status()),
              HasSubstr("none of its 0 graphs has the tag 'serve'"));
  // The checkpoint is gone.
  GraphBuilder b;
  b.Variable(DT_FLOAT, {1}, "w");
  const std::string directory = root_ + "/model";
  ASSERT_TRUE(
      WriteSavedModel(std::move(b), {}, {{"w", HostTensor::Vector<float>({1})}}, directory).ok());
  WriteFile("model/variables/variables.data-00000-of-00001", "x");
  BESSEMER_NEEDS_TENSORFLOW();
  EXPECT_THAT(Message(Session::Load(directory).status()), HasSubstr("cannot be loaded"));
}

TEST_F(SavedModelTest, CallErrors) {
  BESSEMER_NEEDS_TENSORFLOW();
  const auto session = Session::Load(WriteTransform());
  ASSERT_TRUE(session.ok()) << session.status();
  const HostTensor words = HostTensor::Strings({"a"});
  const HostTensor numbers = HostTensor::Vector<float>({1});
  const auto call = [&](const std::string& signature, std::map<std::string, HostTensor> inputs,
                        const std::vector<std::string>& wanted) {
    return std::string(Message((*session)->Call(signature, inputs, wanted).status()));
  };
  EXPECT_THAT(call("serving_default", {}, {}),
              HasSubstr("no signature 'serving_default'; it has: transform_signature"));
  EXPECT_THAT(call("transform_signature", {{"word", words}}, {}),
              HasSubstr("input 'number' is missing"));
  EXPECT_THAT(call("transform_signature", {{"word", numbers}, {"number", numbers}}, {}),
              HasSubstr("input 'word' takes DT_STRING, not DT_FLOAT"));
  EXPECT_THAT(
      call("transform_signature", {{"word", words}, {"number", numbers}, {"extra", words}}, {}),
      HasSubstr("has no input 'extra'"));
  EXPECT_THAT(call("transform_signature", {{"word", words}, {"number", numbers}}, {"nope"}),
              HasSubstr("has no output 'nope'; it has: double, id, other"));
  EXPECT_THAT(Message((*session)->PredictExamples("transform_signature", {}).status()),
              HasSubstr("does not take serialised examples"));
}

}  // namespace
}  // namespace bessemer::tf
