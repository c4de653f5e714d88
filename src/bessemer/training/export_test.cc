#include "bessemer/training/export.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "bessemer/base/random.h"
#include "bessemer/tensorflow/saved_model.h"
#include "bessemer/tensorflow/session.h"
#include "bessemer/tensorflow/test_runtime.h"
#include "bessemer/training/training_test_data.h"

namespace bessemer::training {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatNear;
using ::testing::HasSubstr;
using ::testing::Pointwise;
using ::testing::UnorderedElementsAre;
using ::tensorflow::DT_FLOAT;
using ::tensorflow::DT_INT64;
using ::tensorflow::DT_STRING;

// Raw: fare, tip (dense), word (sparse). Transformed: scaled = fare / 10, big_tip = tip > 2,
// word_id (first word's line in a vocabulary, else -1).
class ExportTest : public TrainingTest {
 protected:
  void SetUp() override {
    TrainingTest::SetUp();
    BESSEMER_NEEDS_TENSORFLOW();
  }

  void WriteTransformGraph() {
    tf::GraphBuilder b;
    tf::Signature signature;
    const tf::Tensor fare = b.Placeholder(DT_FLOAT, {-1}, "fare");
    const tf::Tensor tip = b.Placeholder(DT_FLOAT, {-1}, "tip");
    const tf::SparseTensor word = {b.Placeholder(DT_INT64, {-1, 2}, "word/indices"),
                                   b.Placeholder(DT_STRING, {-1}, "word/values"),
                                   b.Placeholder(DT_INT64, {2}, "word/shape")};
    signature.AddInput("fare", fare, tf::Shape{-1});
    signature.AddInput("tip", tip, tf::Shape{-1});
    signature.AddInput("word", word, tf::Shape{-1, -1});
    signature.AddOutput("scaled", b.Div(fare, b.ConstFloat(10)), tf::Shape{-1});
    signature.AddOutput("big_tip",
                        b.Cast(b.Compare("Greater", tip, b.ConstFloat(2)), DT_INT64),
                        tf::Shape{-1});
    const tf::Tensor rows = b.StridedSlice(word.dense_shape, {0}, {1});
    const tf::Tensor dense =
        b.SparseToDense(word, b.Concat({rows, b.ConstInt64s({1})}, 0), b.ConstString(""));
    const tf::Tensor table = b.VocabularyTable(WriteText("words", "a\nb\n"));
    signature.AddOutput("word_id",
                        b.LookupFind(table, b.Reshape(dense, {-1}), b.ConstInt64(-1)),
                        tf::Shape{-1});
    const Status status = tf::WriteSavedModel(
        std::move(b), {{kTransformSignature, signature}}, {}, root_ + "/graph/transform_fn");
    ASSERT_TRUE(status.ok()) << status;
    schema_ = WriteText("schema.pbtxt", R"(
      feature { name: "scaled" type: FLOAT shape {} presence { min_fraction: 1 } }
      feature { name: "big_tip" type: INT shape {} presence { min_fraction: 1 } }
      feature { name: "word_id" type: INT shape {} presence { min_fraction: 1 }
                int_domain { min: -1 max: 1 is_categorical: true } })");
  }

  // Raw rows and what the transform makes of them.
  void MakeRows(int count) {
    Random random(3);
    for (int i = 0; i < count; ++i) {
      const auto fare = static_cast<float>(5 + 10 * random.Uniform());
      const int64_t id = static_cast<int64_t>(random.Below(3)) - 1;
      const bool big = random.Uniform() < (id == 0 ? 0.9 : 0.1);
      Row raw = {{"fare", fare}, {"tip", big ? 3.f : 1.f}};
      if (id >= 0) raw["word"] = std::string(id == 0 ? "a" : "b");
      raw_.push_back(std::move(raw));
      transformed_.push_back(
          {{"scaled", fare / 10}, {"big_tip", int64_t{big}}, {"word_id", id}});
    }
  }

  std::string schema_;
  std::vector<Row> raw_, transformed_;
};

TEST_F(ExportTest, TheTransformIsInsideTheModel) {
  WriteTransformGraph();
  MakeRows(600);
  TrainRequest request = Request();
  request.train_files = {WriteRows("train", transformed_)};
  request.eval_files = {WriteRows("eval", transformed_)};
  request.schema_path = schema_;
  request.transform_graph = root_ + "/graph";
  const auto report =
      Train("dnn", {{"label", "big_tip"}, {"epochs", 5}, {"batch_size", 32}}, request);
  ASSERT_TRUE(report.ok()) << report.status();

  const auto session = tf::Session::Load(request.model_dir, {.num_threads = 1});
  ASSERT_TRUE(session.ok()) << session.status();
  std::vector<std::string> full, unlabelled;
  for (Row row : raw_) {
    full.push_back(Serialise(row));
    row.erase("tip");
    unlabelled.push_back(Serialise(row));
  }
  const auto serving = (*session)->PredictExamples("serving_default", unlabelled);
  ASSERT_TRUE(serving.ok()) << serving.status();
  const auto probabilities = serving->at("probabilities").values<float>();
  EXPECT_THAT(serving->at("probabilities").shape(), ElementsAre(600, 1));

  // The loss of what is served is the loss of training.
  double loss = 0;
  for (size_t i = 0; i < raw_.size(); ++i) {
    const bool big = std::get<int64_t>(transformed_[i]["big_tip"]) == 1;
    loss -= std::log(big ? probabilities[i] : 1 - probabilities[i]) / raw_.size();
  }
  EXPECT_NEAR(loss, report->eval_loss, 1e-5);

  const auto features = (*session)->PredictExamples("transform_features", full);
  ASSERT_TRUE(features.ok()) << features.status();
  for (size_t i = 0; i < raw_.size(); ++i) {
    EXPECT_EQ(features->at("big_tip").values<int64_t>()[i],
              std::get<int64_t>(transformed_[i]["big_tip"]));
    EXPECT_EQ(features->at("word_id").values<int64_t>()[i],
              std::get<int64_t>(transformed_[i]["word_id"]));
  }
  EXPECT_TRUE((*session)->PredictExamples("transform_features", unlabelled).ok());
  // A raw feature the model needs is not optional if the transform says so.
  EXPECT_THAT(Message((*session)->PredictExamples("serving_default", {{Serialise({})}}).status()),
              HasSubstr("fare"));

  const auto signature = (*session)->FindSignature("serving_raw");
  ASSERT_TRUE(signature.ok());
  std::vector<std::string> names;
  for (const auto& [name, tensor] : (*signature)->inputs) names.push_back(name);
  EXPECT_THAT(names, UnorderedElementsAre("fare", "word"));
  std::vector<float> fares;
  std::vector<std::string> words;
  for (const Row& row : raw_) {
    fares.push_back(std::get<float>(row.at("fare")));
    words.push_back(row.contains("word") ? std::get<std::string>(row.at("word")) : "");
  }
  const auto raw = (*session)->Call(
      "serving_raw", {{"fare", tf::HostTensor::Vector<float>(fares)},
                      {"word", tf::HostTensor::Strings(words, {600, 1})}});
  ASSERT_TRUE(raw.ok()) << raw.status();
  EXPECT_THAT(raw->at("probabilities").values<float>(),
              Pointwise(FloatNear(1e-6f), probabilities));
}

TEST_F(ExportTest, RawFeaturesOfAllKindsMayBeMissing) {
  Random random(5);
  std::vector<Row> rows;
  for (int i = 0; i < 400; ++i) {
    Row row = {{"y", static_cast<float>(random.Normal())}};
    if (random.Uniform() < 0.8) row["number"] = static_cast<float>(random.Normal());
    if (random.Uniform() < 0.8) row["count"] = static_cast<int64_t>(random.Below(7));
    if (random.Uniform() < 0.8) row["word"] = std::string(1, "abc"[random.Below(3)]);
    if (random.Uniform() < 0.8) {
      row["ids"] = std::vector<int64_t>(random.Below(4), static_cast<int64_t>(random.Below(5)));
    }
    row["vector"] = std::vector<float>{static_cast<float>(random.Normal()), 1.f};
    rows.push_back(std::move(row));
  }
  rows[7]["number"] = NAN;
  for (const char* learner : {"linear", "dnn"}) {
    TrainRequest request = Request(learner);
    request.train_files = {WriteRows("train", rows)};
    request.eval_files = request.train_files;
    request.schema_path = WriteText("schema.pbtxt", R"(
      feature { name: "y" type: FLOAT } feature { name: "number" type: FLOAT }
      feature { name: "count" type: INT } feature { name: "word" type: BYTES }
      feature { name: "vector" type: FLOAT } feature { name: "never" type: FLOAT }
      feature { name: "ids" type: INT int_domain { min: 0 max: 4 is_categorical: true } })");
    const auto report = Train(learner, {{"label", "y"}, {"epochs", 3}}, request);
    ASSERT_TRUE(report.ok()) << report.status();
    const auto session = tf::Session::Load(request.model_dir, {.num_threads = 1});
    ASSERT_TRUE(session.ok()) << session.status();
    std::vector<std::string> examples;
    for (const Row& row : rows) examples.push_back(Serialise(row));
    const auto result = (*session)->PredictExamples("serving_default", examples, 33);
    ASSERT_TRUE(result.ok()) << result.status();
    const auto predictions = result->at("predictions").values<float>();
    double loss = 0;
    for (size_t i = 0; i < rows.size(); ++i) {
      const double error = predictions[i] - std::get<float>(rows[i]["y"]);
      loss += error * error / rows.size();
    }
    EXPECT_NEAR(loss, report->eval_loss, 1e-4) << learner;  // served as evaluated
    EXPECT_TRUE((*session)->PredictExamples("serving_default", {{Serialise({})}}).ok());
  }
}

TEST_F(ExportTest, ATransformThatDoesNotFitIsAnError) {
  WriteTransformGraph();
  MakeRows(50);
  TrainRequest request = Request();
  request.train_files = {WriteRows("train", raw_)};  // raw examples with a transform graph
  request.transform_graph = root_ + "/graph";
  EXPECT_THAT(Message(Train("linear", {{"label", "tip"}, {"epochs", 1}}, request).status()),
              HasSubstr("has no output 'fare'"));
  request.transform_graph = root_ + "/nowhere";
  EXPECT_THAT(Message(Train("linear", {{"label", "tip"}, {"epochs", 1}}, request).status()),
              HasSubstr("/nowhere/transform_fn is not a SavedModel"));
}

}  // namespace
}  // namespace bessemer::training
