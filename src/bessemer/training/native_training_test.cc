#include "bessemer/training/native_training.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "bessemer/base/random.h"
#include "bessemer/io/tfrecord.h"
#include "bessemer/tensorflow/saved_model.h"
#include "bessemer/tensorflow/session.h"
#include "bessemer/tensorflow/test_runtime.h"
#include "bessemer/training/training_test_data.h"
#include "tensorflow/core/util/event.pb.h"

namespace bessemer::training {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// y = 3 a - 2 b + 1, and a click whose log odds are 2 a - 1 + (2 if the word is "x").
std::vector<Row> MakeRows(int count, uint64_t seed) {
  Random random(seed);
  std::vector<Row> rows;
  for (int i = 0; i < count; ++i) {
    const auto a = static_cast<float>(random.Normal());
    const auto b = static_cast<float>(5 + 2 * random.Normal());
    const std::string word = random.Uniform() < 0.5 ? "x" : "y";
    const double odds = 2 * a - 1 + (word == "x" ? 2 : 0);
    const int64_t click = random.Uniform() < 1 / (1 + std::exp(-odds)) ? 1 : 0;
    const int64_t kind = a > 0.5 ? 2 : a > -0.5 ? 1 : 0;
    rows.push_back({{"a", a}, {"b", b}, {"word", word}, {"click", click}, {"kind", kind},
                    {"y", 3 * a - 2 * b + 1}});
  }
  return rows;
}

std::vector<double> Predict(const std::string& model, const std::string& output,
                            const std::vector<Row>& rows) {
  const auto session = tf::Session::Load(model, {.num_threads = 1});
  EXPECT_TRUE(session.ok()) << session.status();
  if (!session.ok()) return {};
  std::vector<std::string> examples;
  for (const Row& row : rows) examples.push_back(Serialise(row));
  const auto result = (*session)->PredictExamples("serving_default", examples, 7);
  EXPECT_TRUE(result.ok()) << result.status();
  if (!result.ok() || !result->contains(output)) return {};
  return *result->at(output).ToDoubles();
}

class NativeTrainingTest : public TrainingTest {
 protected:
  void SetUp() override {
    TrainingTest::SetUp();
    BESSEMER_NEEDS_TENSORFLOW();
  }

  TrainRequest WithData(const std::string& name, int rows = 2000) {
    TrainRequest request = Request(name);
    request.train_files = {WriteRows("train.tfrecord", MakeRows(rows, 1))};
    request.eval_files = {WriteRows("eval.tfrecord", MakeRows(rows / 4, 2))};
    return request;
  }
};

TEST_F(NativeTrainingTest, LinearRegressionRecoversKnownWeights) {
  for (const char* optimizer : {"adam", "ftrl"}) {
    const TrainRequest request = WithData(optimizer);
    const auto report = Train("linear",
                              {{"label", "y"},
                               {"features", {"a", "b"}},
                               {"optimizer", optimizer},
                               {"learning_rate", std::string(optimizer) == "adam" ? 0.05 : 0.5},
                               {"batch_size", 64},
                               {"epochs", 30},
                               {"patience", 0},
                               {"l2", 0}},
                              request);
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_EQ(report->task, "regression");
    EXPECT_LT(report->eval_loss, 1e-3) << optimizer;
    const auto y = Predict(request.model_dir, "predictions",
                           {{{"a", 0.f}, {"b", 0.f}}, {{"a", 1.f}, {"b", 0.f}},
                            {{"a", 0.f}, {"b", 1.f}}});
    ASSERT_EQ(y.size(), 3u);
    EXPECT_NEAR(y[0], 1, 0.1) << optimizer;
    EXPECT_NEAR(y[1] - y[0], 3, 0.05) << optimizer;
    EXPECT_NEAR(y[2] - y[0], -2, 0.05) << optimizer;
  }
}

TEST_F(NativeTrainingTest, LogisticRegressionFindsTheOdds) {
  const TrainRequest request = WithData("run", 20000);
  const auto report = Train("linear",
                            {{"label", "click"}, {"features", {"a", "word"}}, {"epochs", 20}},
                            request);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->task, "binary");
  const auto odds = Predict(request.model_dir, "logits",
                            {{{"a", 0.f}, {"word", "x"}}, {{"a", 0.f}, {"word", "y"}},
                             {{"a", 1.f}, {"word", "y"}}});
  ASSERT_EQ(odds.size(), 3u);
  EXPECT_NEAR(odds[0], 1, 0.15);
  EXPECT_NEAR(odds[1], -1, 0.15);
  EXPECT_NEAR(odds[2], 1, 0.15);
}

TEST_F(NativeTrainingTest, NetworkLearnsClassesAndSaysTheirNames) {
  const TrainRequest request = WithData("run", 4000);
  const auto report =
      Train("dnn", {{"label", "kind"}, {"features", {"a", "b"}}, {"epochs", 40}}, request);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->task, "multiclass");
  EXPECT_LT(report->eval_loss, 0.15);
  const auto session = tf::Session::Load(request.model_dir);
  ASSERT_TRUE(session.ok()) << session.status();
  const std::vector<std::string> examples = {Serialise({{"a", -2.f}, {"b", 5.f}}),
                                             Serialise({{"a", 2.f}, {"b", 5.f}})};
  const auto result = (*session)->PredictExamples("serving_default", examples);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(result->at("probabilities").shape(), ElementsAre(2, 3));
  EXPECT_THAT(result->at("classes").strings(), ElementsAre("0", "1", "2", "0", "1", "2"));
  EXPECT_THAT(result->at("class_ids").values<int64_t>(), ElementsAre(0, 2));
}

TEST_F(NativeTrainingTest, TheSeedDecidesEverything) {
  const TrainRequest base = WithData("run");
  const auto train = [&](int seed, const std::string& name) {
    TrainRequest request = base;
    request.model_dir = root_ + "/" + name;
    request.num_threads = seed == 7 && name == "b" ? 1 : 2;
    const auto report = Train("dnn",
                              {{"label", "click"}, {"exclude", {"y", "kind"}}, {"epochs", 2},
                               {"dropout", 0.2}, {"seed", seed}},
                              request);
    EXPECT_TRUE(report.ok()) << report.status();
    return *io::ReadFile(request.model_dir + "/variables/variables.data-00000-of-00001");
  };
  const std::string a = train(7, "a");
  EXPECT_EQ(a, train(7, "b"));
  EXPECT_NE(a, train(8, "c"));
}

TEST_F(NativeTrainingTest, EarlyStoppingKeepsTheBestWeights) {
  const TrainRequest request = WithData("run", 200);
  const auto report = Train("dnn",
                            {{"label", "click"}, {"exclude", {"y", "kind"}}, {"epochs", 200},
                             {"learning_rate", 0.02}, {"learning_rate_decay", "none"},
                             {"batch_size", 32}, {"patience", 4}},
                            request);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_LT(report->epochs, 200);
  const Json curve = Json::parse(*io::ReadFile(request.run_dir + "/training_curve.json"));
  EXPECT_EQ(curve["learner"], "dnn");
  EXPECT_EQ(curve["task"], "binary");
  double best = 1e9;
  for (const Json& point : curve["points"]) best = std::min(best, point["eval_loss"].get<double>());
  EXPECT_EQ(best, report->eval_loss);
  EXPECT_EQ(curve["points"].size(), static_cast<size_t>(report->epochs));
  EXPECT_GT(curve["points"].back()["eval_loss"].get<double>(), best);
  // What was exported has that loss.
  const std::vector<Row> rows = MakeRows(50, 2);
  const auto p = Predict(request.model_dir, "probabilities", rows);
  double loss = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    const bool click = std::get<int64_t>(rows[i].at("click")) == 1;
    loss -= std::log(click ? p[i] : 1 - p[i]) / rows.size();
  }
  EXPECT_NEAR(loss, best, 1e-4);
}

TEST_F(NativeTrainingTest, StepsEndTrainingAndEventsAreWritten) {
  TrainRequest request = WithData("run");
  request.train_steps = 5;
  const auto report =
      Train("linear", {{"label", "click"}, {"features", {"a"}}, {"batch_size", 100}}, request);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->steps, 5);
  for (const char* kind : {"train", "validation"}) {
    const auto files = io::ListTree(request.run_dir + "/" + kind);
    ASSERT_TRUE(files.ok() && files->size() == 1);
    auto reader = io::TFRecordReader::Open(request.run_dir + "/" + kind + "/" + (*files)[0]);
    ASSERT_TRUE(reader.ok());
    std::string_view record;
    ::tensorflow::Event event;
    ASSERT_TRUE(*(*reader)->Next(&record));
    ASSERT_TRUE(event.ParseFromArray(record.data(), static_cast<int>(record.size())));
    EXPECT_EQ(event.file_version(), "brain.Event:2");
    ASSERT_TRUE(*(*reader)->Next(&record));
    ASSERT_TRUE(event.ParseFromArray(record.data(), static_cast<int>(record.size())));
    EXPECT_EQ(event.step(), 5);
    EXPECT_EQ(event.summary().value(0).tag(), "epoch_loss");
  }
}

TEST_F(NativeTrainingTest, AWarmStartGoesOnFromTheBaseModel) {
  TrainRequest request = WithData("run");
  const Json params = {{"label", "click"}, {"features", {"a", "word"}}, {"batch_size", 100},
                       {"learning_rate_decay", "none"}};
  const auto first = Train("linear", params, request);
  ASSERT_TRUE(first.ok()) << first.status();
  request.base_model = request.model_dir;
  request.model_dir = root_ + "/second";
  request.train_steps = 1;
  const auto second = Train("linear", params, request);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_NEAR(second->eval_loss, first->eval_loss, 0.02);
  EXPECT_THAT(Message(Train("dnn", {{"label", "click"}, {"features", {"word"}}}, request).status()),
              HasSubstr("no variable 'embedding/32'"));
}

TEST_F(NativeTrainingTest, ErrorsNameFeatureSplitAndParameter) {
  struct Case {
    const char* name;
    Json params;
    const char* message;
  };
  const Case cases[] = {
      {"label", {{"label", "clck"}}, "the label 'clck' is not in the training examples; did you "},
      {"feature", {{"label", "click"}, {"features", {"aa"}}}, "there is no feature 'aa'"},
      {"weight", {{"label", "click"}, {"weight", "w"}, {"exclude", {"y"}}},
       "the weight feature 'w' is not in split 'train'"},
      {"nothing", {{"label", "click"}, {"exclude", {"a", "b", "word", "kind", "y"}}},
       "no feature is left to learn 'click' from"},
      {"text regression", {{"label", "word"}, {"task", "regression"}},
       "the label 'word' holds strings"},
      {"many classes", {{"label", "kind"}, {"task", "binary"}}, "task binary needs two"},
      {"diverges",
       {{"label", "y"}, {"features", {"a"}}, {"learning_rate", 1e6}, {"activation", "elu"},
        {"hidden_units", {8, 8, 8, 8, 8, 8, 8}}, {"epochs", 50}},
       "lower learning_rate (now 1000000"},
      {"units", {{"label", "click"}, {"hidden_units", {0}}}, "hidden_units must be whole numbers"},
  };
  const TrainRequest request = WithData("run", 400);
  for (const Case& c : cases) {
    const Status status = Train("dnn", c.params, request).status();
    EXPECT_THAT(Message(status), HasSubstr(c.message)) << c.name;
    EXPECT_FALSE(*io::Exists(request.model_dir + "/saved_model.pb")) << c.name;
  }
  EXPECT_THAT(Message(Train("linear", {{"label", "click"}, {"l1", 1}}, request).status()),
              HasSubstr("l1 needs optimizer: ftrl"));
}

TEST_F(NativeTrainingTest, RowsWithoutLabelOrWithNewClassesAreErrors) {
  std::vector<Row> rows = MakeRows(100, 1);
  rows[42].erase("click");
  TrainRequest request = Request();
  request.train_files = {WriteRows("missing", rows)};
  EXPECT_THAT(Message(Train("linear", {{"label", "click"}}, request).status()),
              HasSubstr("label 'click' is missing or not a number in example 42 of split 'train'"));
  rows = MakeRows(100, 1);
  rows[7]["y"] = std::nanf("");
  request.train_files = {WriteRows("nan", rows)};
  EXPECT_THAT(Message(Train("linear", {{"label", "y"}}, request).status()),
              HasSubstr("label 'y' is missing or not a number in example 7 of split 'train'"));
  request.train_files = {WriteRows("train", MakeRows(100, 1))};
  request.schema_path = WriteText("wide.pbtxt", R"(
      feature { name: "click" type: INT }
      feature { name: "kind" type: INT int_domain {
        is_categorical: true min: -9223372036854775808 max: 9223372036854775807 } })");
  EXPECT_THAT(Message(Train("linear", {{"label", "click"}}, request).status()),
              HasSubstr("feature 'kind': its int_domain"));
  request.schema_path.clear();
  std::vector<Row> other = MakeRows(10, 1);
  other[3]["word"] = "z";
  request.eval_files = {WriteRows("eval", other)};
  EXPECT_THAT(Message(Train("linear", {{"label", "word"}}, request).status()),
              HasSubstr("label 'word' has the value 'z' in split 'eval'"));
}

}  // namespace
}  // namespace bessemer::training
