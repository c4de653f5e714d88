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
