#include "bessemer/evaluation/validation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "bessemer/evaluation/files.h"
#include "bessemer/evaluation/test_batches.h"

namespace bessemer::evaluation {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// The candidate's mean prediction is 0.6, the baseline's 0.5; that of slice a is 0.4.
EvalResult ResultFor(const Json& thresholds, bool spec_level = false, bool has_baseline = true) {
  Json metric = {{"class_name", "MeanPrediction"}};
  Json spec = Json::object();
  if (spec_level) {
    spec["thresholds"] = {{"mean_prediction", thresholds["threshold"]}};
  } else {
    metric.update(thresholds);
  }
  spec["metrics"] = {metric, {{"class_name", "Precision"}}};
  const Json json = {
      {"model_specs",
       {{{"name", "new"}, {"label_key", "l"}, {"prediction_key", "p"}},
        {{"name", "old"}, {"label_key", "l"}, {"prediction_key", "q"}, {"is_baseline", true}}}},
      {"slicing_specs", {Json::object(), {{"feature_keys", {"c"}}}}},
      {"metrics_specs", {spec}}};
  const Json rows = Json::parse(R"([{"l": [0], "p": [0.4], "q": [0.5], "c": ["a"]},
                                    {"l": [1], "p": [0.8], "q": [0.5], "c": ["b"]}])");
  auto config = EvalConfigFromJson(json);
  EXPECT_TRUE(config.ok()) << config.status();
  config = WithDefaults(*config, has_baseline, true);
  EvaluationState state(*EvaluationState::Setup::Make(*config));
  EXPECT_TRUE(state.Update(BatchFromRows(rows), 0).ok());
  return state.Finish();
}

struct Rule {
  const char* name;
  const char* thresholds;
  bool ok;
};

class ThresholdRules : public ::testing::TestWithParam<Rule> {};

TEST_P(ThresholdRules, Decide) {
  const auto validation = Validate(ResultFor(Json::parse(GetParam().thresholds)), false);
  ASSERT_TRUE(validation.ok()) << validation.status();
  EXPECT_EQ(validation->validation_ok(), GetParam().ok) << validation->DebugString();
}

INSTANTIATE_TEST_SUITE_P(
    Table, ThresholdRules,
    ::testing::Values(
        Rule{"lower", R"({"threshold": {"value_threshold": {"lower_bound": 0.3}}})", true},
        Rule{"every_slice", R"({"threshold": {"value_threshold": {"lower_bound": 0.5}}})", false},
        Rule{"upper", R"({"threshold": {"value_threshold": {"upper_bound": 0.7}}})", false},
        Rule{"no_bounds", R"({"threshold": {"value_threshold": {}}})", true},
        Rule{"one_slice", R"({"per_slice_thresholds": [{"slicing_specs": [{"feature_values":
             {"c": "b"}}], "threshold": {"value_threshold": {"lower_bound": 0.79}}}]})", true},
        Rule{"missing_slice", R"({"per_slice_thresholds": [{"slicing_specs": [{"feature_values":
             {"c": "z"}}], "threshold": {"value_threshold": {"lower_bound": 0}}}]})", false},
        Rule{"higher", R"({"per_slice_thresholds": [{"slicing_specs": [{}], "threshold":
             {"change_threshold": {"direction": "HIGHER_IS_BETTER", "absolute": 0.05}}}]})", true},
        Rule{"higher_fails", R"({"threshold":
             {"change_threshold": {"direction": "HIGHER_IS_BETTER", "absolute": 0.05}}})", false},
        Rule{"lower_is_better", R"({"per_slice_thresholds": [{"slicing_specs": [{}], "threshold":
             {"change_threshold": {"direction": "LOWER_IS_BETTER", "absolute": 0.05}}}]})", false},
        Rule{"relative", R"({"per_slice_thresholds": [{"slicing_specs": [{}], "threshold":
             {"change_threshold": {"direction": "HIGHER_IS_BETTER", "relative": 0.19}}}]})", true},
        Rule{"relative_fails", R"({"per_slice_thresholds": [{"slicing_specs": [{}], "threshold":
             {"change_threshold": {"direction": "HIGHER_IS_BETTER", "relative": 0.21}}}]})", false},
        Rule{"no_direction",
             R"({"threshold": {"change_threshold": {"absolute": -9}}})", false}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(ValidationTest, ThresholdsOfASpecMatchByName) {
  const Json low = Json::parse(R"({"threshold": {"value_threshold": {"lower_bound": 0.3}}})");
  const Json high = Json::parse(R"({"threshold": {"value_threshold": {"lower_bound": 0.9}}})");
  EXPECT_TRUE(Validate(ResultFor(low, /*spec_level=*/true), false)->validation_ok());
  EXPECT_FALSE(Validate(ResultFor(high, /*spec_level=*/true), false)->validation_ok());
}

TEST(ValidationTest, AFirstRunIsDecidedByItsValueThresholds) {
  const Json both = Json::parse(R"({"threshold": {"value_threshold": {"lower_bound": 0.3},
      "change_threshold": {"direction": "HIGHER_IS_BETTER", "absolute": 5}}})");
  const Json change = Json::parse(
      R"({"threshold": {"change_threshold": {"direction": "HIGHER_IS_BETTER", "absolute": 5}}})");
  EXPECT_TRUE(Validate(ResultFor(both, false, /*has_baseline=*/false), true)->validation_ok());
  EXPECT_TRUE(Validate(ResultFor(change, false, false), true)->validation_ok());
  const auto undecided = Validate(ResultFor(change, false, false), false);
  EXPECT_TRUE(undecided->missing_thresholds());
  EXPECT_FALSE(undecided->validation_ok());
}

TEST(ValidationTest, FailuresAreExplained) {
  const Json low = Json::parse(R"({"threshold": {"value_threshold": {"lower_bound": 0.5}}})");
  EXPECT_THAT(ExplainFailures(*Validate(ResultFor(low), false)),
              ElementsAre("c:a: new/mean_prediction is 0.4, below 0.5"));
}

TEST(FilesTest, WhatIsWrittenIsRead) {
  std::string directory = (std::filesystem::temp_directory_path() / "eval-XXXXXX").string();
  ASSERT_NE(mkdtemp(directory.data()), nullptr);
  const EvalResult result = ResultFor(Json::object());
  const auto validation = Validate(result, false);
  ASSERT_TRUE(WriteResult(directory, result, &*validation, {.data = "here"}).ok());
  const auto read = ReadResult(directory);
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_EQ(read->slices.size(), result.slices.size());
  for (size_t i = 0; i < result.slices.size(); ++i) {
    EXPECT_EQ(MetricsToProto(read->slices[i]).SerializeAsString(),
              MetricsToProto(result.slices[i]).SerializeAsString());
  }
  EXPECT_TRUE(ReadValidation(directory)->missing_thresholds());
  std::filesystem::remove_all(directory);
  EXPECT_EQ(ReadResult(directory).status().code(), StatusCode::kNotFound);
}

TEST(FilesTest, ReadsAFolderThatTfmaWrote) {
  const std::string folder = "../shared/conformance/tfma/golden_output/plain/output";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "the golden folder is not here";
  const auto result = ReadResult(folder);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_FALSE(result->slices.empty());
  EXPECT_GT(result->config.metrics_specs_size(), 0);
  for (const SliceResult& slice : result->slices) EXPECT_FALSE(slice.values.empty());
  EXPECT_TRUE(ReadValidation(folder).ok());
}

TEST(CheckConfigTest, RefusesWhatNoDataCouldMend) {
  const auto check = [](const char* json) {
    const auto config = EvalConfigFromJson(Json::parse(json));
    return config.ok() ? CheckConfig(*config) : config.status();
  };
  for (const char* good : {
           R"({"label": "l", "metrics": ["AUC"], "thresholds": {"auc": {"min_change": 0}}})",
           R"({"metrics_specs": [{"metrics": [{"class_name": "AUC"}],
                                  "thresholds": {"auc": {"value_threshold": {}}}}]})"}) {
    EXPECT_TRUE(check(good).ok()) << check(good);
  }
  const std::pair<const char*, const char*> bad[] = {
      {R"({"label": "l", "metrics": ["AUCC"]})", "unknown metric 'AUCC'; did you mean 'AUC'?"},
      {R"({"lable": "l", "metrics": ["AUC"]})", "unknown key 'lable'; did you mean 'label'?"},
      {R"({"label": "l", "metrics": ["AUC"], "thresholds": {"aucc": {"min": 0}}})",
       "thresholds: no metric 'aucc' is computed; did you mean 'auc'?"},
      {R"({"metrics_specs": [{"metrics": [{"class_name": "AUCC"}]}]})", "unknown metric 'AUCC'"},
      {R"({"metrics_specs": [{"metrics": [{"class_name": "AUC", "config": {"curv": "PR"}}]}]})",
       "unknown parameter 'curv'"},
      {R"({"metrics_specs": [{"metrics": [{"class_name": "AUC"}],
                              "thresholds": {"aucc": {"value_threshold": {}}}}]})",
       "a threshold for 'aucc', which is not computed; did you mean 'auc'?"},
  };
  for (const auto& [json, message] : bad) {
    EXPECT_THAT(std::string(Message(check(json))), HasSubstr(message)) << json;
  }
}

}  // namespace
}  // namespace bessemer::evaluation
