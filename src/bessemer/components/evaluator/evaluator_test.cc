#include "bessemer/components/test_component.h"
#include "bessemer/evaluation/files.h"
#include "bessemer/tensorflow/test_runtime.h"

namespace bessemer::components {
namespace {

using ::testing::HasSubstr;

class EvaluatorTest : public ComponentTest {
 protected:
  void SetUp() override {
    BESSEMER_NEEDS_TENSORFLOW();
    ComponentTest::SetUp();
    examples_ = Examples({{"train", 10}, {"eval", 40}});
    good_ = Model("good", 4);
    bad_ = Model("bad", -4);
  }

  Status Evaluate(const Json& config, const Artifact& model, const Artifact* baseline = nullptr) {
    Inputs inputs = {{"examples", {examples_}}, {"model", {model}}};
    if (baseline != nullptr) inputs["baseline_model"] = {*baseline};
    return Run("Evaluator", {{"eval_config", config}}, inputs);
  }
  // Whether the blessing says so, in its property and its file.
  bool Blessed() {
    const Artifact& blessing = outputs_["blessing"];
    const bool blessed = HasFile("blessing", "BLESSED");
    EXPECT_NE(blessed, HasFile("blessing", "NOT_BLESSED"));
    EXPECT_EQ(blessing.IntProperty("blessed"), blessed ? 1 : 0);
    return blessed;
  }

  Artifact examples_, good_, bad_;
};

Json Config(const Json& thresholds) {
  return {{"label", "late"}, {"metrics", {"AUC"}}, {"thresholds", {{"auc", thresholds}}}};
}

TEST_F(EvaluatorTest, WritesResultsAndBlessing) {
  const Status status = Evaluate(Config({{"min", 0.9}}), good_);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_TRUE(Blessed());
  EXPECT_EQ(outputs_["blessing"].StringProperty("current_model"), good_.uri);
  EXPECT_EQ(outputs_["blessing"].IntProperty("current_model_id"), good_.id);
  EXPECT_EQ(outputs_["blessing"].StringProperty("baseline_model"), "");
  for (const char* file : {"eval_config.json", "metrics-00000-of-00001.tfrecord",
                           "plots-00000-of-00001.tfrecord", "validations.tfrecord"}) {
    EXPECT_TRUE(HasFile("evaluation", file)) << file;
  }
  const auto result = evaluation::ReadResult(outputs_["evaluation"].uri);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->slices.size(), 1u);
  EXPECT_THAT(summary_, HasSubstr("Overall        40"));  // the split eval only
}

TEST_F(EvaluatorTest, Decisions) {
  const struct {
    const char* name;
    Json thresholds;
    const Artifact& model;
    const Artifact* baseline;
    bool blessed;
  } cases[] = {
      {"value met", {{"min", 0.9}}, good_, nullptr, true},
      {"value not met", {{"min", 0.9}}, bad_, nullptr, false},
      {"value not met, baseline as bad", {{"min", 0.9}}, bad_, &bad_, false},
      {"change, no baseline", {{"min_change", 0.0}}, bad_, nullptr, true},
      {"change, better", {{"min_change", 0.5}}, good_, &bad_, true},
      {"change, worse", {{"min_change", -0.5}}, bad_, &good_, false},
      {"change, the same", {{"min_change", -0.01}}, good_, &good_, true},
      {"change too small", {{"min_change", 0.01}}, good_, &good_, false},
      {"both, first model bad", {{"min", 0.9}, {"min_change", 0.0}}, bad_, nullptr, false},
      {"both, better but bad", {{"min", 2.0}, {"min_change", 0.0}}, good_, &bad_, false},
  };
  for (const auto& c : cases) {
    const Status status = Evaluate(Config(c.thresholds), c.model, c.baseline);
    ASSERT_TRUE(status.ok()) << c.name << ": " << status;
    EXPECT_EQ(Blessed(), c.blessed) << c.name << "\n" << summary_;
    EXPECT_EQ(outputs_["blessing"].StringProperty("baseline_model"),
              c.baseline == nullptr ? "" : c.baseline->uri)
        << c.name;
  }
}

TEST_F(EvaluatorTest, WithoutThresholdsNothingIsBlessed) {
  ASSERT_TRUE(Evaluate({{"label", "late"}, {"metrics", {"AUC"}}}, good_).ok());
  EXPECT_FALSE(Blessed());
  EXPECT_THAT(summary_, HasSubstr("no metric has a threshold"));
}

// A model of x: `predict` gives its output of serving_default, `transform`, if given, the value of
// `late` that transform_features gives.
Artifact HandMade(const std::string& uri,
                  const std::function<tf::Tensor(tf::GraphBuilder&, const tf::Tensor& x)>& predict,
                  const std::function<tf::Tensor(tf::GraphBuilder&, const tf::Tensor& late)>&
                      transform = nullptr,
                  const std::vector<std::string>& classes = {}) {
  tf::GraphBuilder b;
  const tf::Tensor serialized = b.Placeholder(::tensorflow::DT_STRING, {-1}, "examples");
  const auto parsed = b.ParseExamples(
      serialized, {{"x", ::tensorflow::DT_FLOAT, {1}}, {"late", ::tensorflow::DT_INT64, {1}}}, {});
  tf::Signatures signatures;
  tf::Signature& serving = signatures["serving_default"];
  serving.AddInput("examples", serialized, tf::Shape{-1});
  serving.AddOutput("probabilities", predict(b, parsed.dense[0]), tf::Shape{-1, 1});
  if (!classes.empty()) {
    const auto k = static_cast<int64_t>(classes.size());
    const tf::Tensor rows = b.StridedSlice(b.ShapeOf(parsed.dense[0]), {0}, {1});
    serving.AddOutput("classes",
                      b.Tile(b.ExpandDims(b.ConstStrings(classes), 0),
                             b.Concat({rows, b.ConstInt32s({1})}, 0)),
                      tf::Shape{-1, k});
  }
  if (transform) {
    tf::Signature& features = signatures["transform_features"];
    features.AddInput("examples", serialized, tf::Shape{-1});
    features.AddOutput("late", transform(b, parsed.dense[1]), tf::Shape{-1, 1});
  }
  const Artifact artifact{.type = "Model", .uri = uri, .id = 9};
  const Status status =
      tf::WriteSavedModel(std::move(b), signatures, {}, artifact.uri + "/Format-Serving");
  EXPECT_TRUE(status.ok()) << status;
  return artifact;
}

TEST_F(EvaluatorTest, AModelThatPredictsNaNIsNotBlessed) {
  // Right wherever x is positive, the logarithm of a negative number elsewhere.
  const Artifact model = HandMade(Path("nan"), [](tf::GraphBuilder& b, const tf::Tensor& x) {
    return b.Unary("Sigmoid", b.Unary("Log", x));
  });
  for (const Json& thresholds : {Json{{"min", 0.0}}, Json{{"min_change", 0.0}}}) {
    ASSERT_TRUE(Evaluate(Config(thresholds), model).ok());
    EXPECT_FALSE(Blessed());
    EXPECT_THAT(summary_, HasSubstr("of 20 of 40 examples the prediction is not a number (NaN)"));
  }
}

TEST_F(EvaluatorTest, ABaselineThatNeedsOtherFeaturesIsNamed) {
  const Artifact old = Model("old", 1, "gone");
  const std::string message(Message(Evaluate(Config({{"min_change", 0.0}}), good_, &old)));
  EXPECT_THAT(message, HasSubstr("the baseline model cannot score these examples: signature "
                                 "'serving_default' of " + old.uri));
  EXPECT_THAT(message, HasSubstr("Feature: gone"));
  EXPECT_THAT(message, HasSubstr("'inputs: {baseline_model: none}'"));
}

TEST_F(EvaluatorTest, ALabelThatIsNaNIsAnError) {
  const auto half = [](tf::GraphBuilder& b, const tf::Tensor& x) { return b.Unary("Sigmoid", x); };
  const auto logarithm = [](tf::GraphBuilder& b, const tf::Tensor& late) {
    return b.Unary("Log", b.Sub(b.Cast(late, ::tensorflow::DT_FLOAT), b.ConstFloat(0.5)));
  };
  const Json config = {{"label", "late"}, {"metrics", {"MeanSquaredError"}}};
  EXPECT_THAT(std::string(Message(Evaluate(config, HandMade(Path("model"), half, logarithm)))),
              HasSubstr("label_key 'late': the value of example 0 (counted from 0) is NaN"));
}

TEST_F(EvaluatorTest, TheLabelIsTheOneTheModelLearned) {
  // The transform turns the label round, and the model has learned that.
  const auto less = [](tf::GraphBuilder& b, const tf::Tensor& x) {
    return b.Unary("Sigmoid", b.Mul(x, b.ConstFloat(-4)));
  };
  const auto turned = [](tf::GraphBuilder& b, const tf::Tensor& late) {
    return b.Sub(b.ConstOf(::tensorflow::DT_INT64, 1), late);
  };
  Json config = Config({{"min", 0.9}});
  config["slices"] = {{"late"}};
  ASSERT_TRUE(Evaluate(config, HandMade(Path("turned"), less, turned)).ok());
  EXPECT_TRUE(Blessed()) << summary_;
  ASSERT_TRUE(Evaluate(Config({{"min", 0.9}}), HandMade(Path("plain"), less)).ok());
  EXPECT_FALSE(Blessed()) << summary_;
}

TEST_F(EvaluatorTest, LabelsMayNameTheClassesOfTheModel) {
  const auto more = [](tf::GraphBuilder& b, const tf::Tensor& x) {
    return b.Unary("Sigmoid", b.Mul(x, b.ConstFloat(4)));
  };
  const auto named = [](tf::GraphBuilder& b, const tf::Tensor& late) {
    return b.Reshape(b.Gather(b.ConstStrings({"no", "yes"}), late), {-1, 1});
  };
  const Json config = Config({{"min", 0.9}});
  ASSERT_TRUE(Evaluate(config, HandMade(Path("right"), more, named, {"no", "yes"})).ok());
  EXPECT_TRUE(Blessed()) << summary_;
  ASSERT_TRUE(Evaluate(config, HandMade(Path("wrong"), more, named, {"yes", "no"})).ok());
  EXPECT_FALSE(Blessed()) << summary_;
  EXPECT_THAT(std::string(Message(
                  Evaluate(config, HandMade(Path("other"), more, named, {"no", "perhaps"})))),
              HasSubstr("label_key 'late': 'yes' is no class of the model, which knows no, per"));
  EXPECT_THAT(std::string(Message(Evaluate(config, HandMade(Path("none"), more, named)))),
              HasSubstr("values are text; metrics need numbers"));
}

TEST_F(EvaluatorTest, TakesTfmasTextAndOtherSplits) {
  const Status status =
      Run("Evaluator",
          {{"eval_config", R"({"modelSpecs": [{"labelKey": "late"}], "slicingSpecs": [{}],
                               "metricsSpecs": [{"metrics": [{"className": "ExampleCount"}]}]})"},
           {"example_splits", {"train", "eval"}}},
          {{"examples", {examples_}}, {"model", {good_}}});
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_THAT(summary_, HasSubstr("50"));
}

TEST_F(EvaluatorTest, Errors) {
  const std::pair<Json, const char*> cases[] = {
      {{{"label", "latee"}, {"metrics", {"AUC"}}}, "did you mean 'late'?"},
      {{{"label", "late"}, {"metrics", {"AUCC"}}}, "unknown metric 'AUCC'; did you mean 'AUC'?"},
      {{{"label", "late"}, {"metric", {"AUC"}}}, "unknown key 'metric'"},
      {Json("metrics_specs {"), "eval_config"},
      {Config({{"least", 1}}), "unknown key 'least'"},
  };
  for (const auto& [config, message] : cases) {
    EXPECT_THAT(std::string(Message(Evaluate(config, good_))), HasSubstr(message)) << config;
  }
  EXPECT_THAT(std::string(Message(Evaluate(Config({{"min", 0}}), Artifact{.uri = Path("none")}))),
              HasSubstr("none: holds no SavedModel"));
  EXPECT_THAT(std::string(Message(Run(
                  "Evaluator",
                  {{"eval_config", Config({{"min", 0}})}, {"example_splits", {"test"}}},
                  {{"examples", {examples_}}, {"model", {good_}}}))),
              HasSubstr("Split-test: no example files"));
}

}  // namespace
}  // namespace bessemer::components
