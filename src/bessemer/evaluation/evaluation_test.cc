#include "bessemer/evaluation/evaluation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "bessemer/evaluation/summary.h"
#include "bessemer/evaluation/test_batches.h"
#include "bessemer/evaluation/validation.h"

namespace bessemer::evaluation {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

StatusOr<EvalResult> Evaluated(const Json& config_json, const Json& rows,
                               bool has_baseline = false) {
  BESSEMER_ASSIGN_OR_RETURN(EvalConfig config, EvalConfigFromJson(config_json));
  BESSEMER_ASSIGN_OR_RETURN(config, WithDefaults(config, has_baseline, true));
  BESSEMER_ASSIGN_OR_RETURN(const auto setup, EvaluationState::Setup::Make(config));
  EvaluationState state(setup);
  BESSEMER_RETURN_IF_ERROR(state.Update(BatchFromRows(rows), 0));
  return state.Finish();
}

std::string ErrorOf(const Json& config, const Json& rows) {
  const auto result = Evaluated(config, rows);
  return result.ok() ? "" : std::string(Message(result.status()));
}

const Json& FourRows() {
  static const auto* const rows = new Json(Json::parse(R"([
    {"l": [0], "p": [0.1], "w": [1.0], "c": ["a"]}, {"l": [0], "p": [0.6], "w": [2.0], "c": ["b"]},
    {"l": [1], "p": [0.4], "w": [3.0], "c": ["a", "b"]}, {"l": [1], "p": [0.9], "w": [4.0]}])"));
  return *rows;
}

struct ValueCase {
  const char* metric;  // short form
  double value;
};

class MetricValueTest : public ::testing::TestWithParam<ValueCase> {};

TEST_P(MetricValueTest, IsWhatTheFormulaGives) {
  const Json config = {{"label", "l"}, {"prediction", "p"}, {"weight", "w"},
                       {"metrics", {Json::parse(GetParam().metric)}}};
  const auto result = Evaluated(config, FourRows());
  ASSERT_TRUE(result.ok()) << result.status();
  ASSERT_EQ(result->slices[0].values.size(), 1u);
  EXPECT_NEAR(Elements(result->slices[0].values[0].second)[0], GetParam().value, 1e-6)
      << GetParam().metric;
}

// Weights 1, 2 of the negatives at 0.1, 0.6; 3, 4 of the positives at 0.4, 0.9.
INSTANTIATE_TEST_SUITE_P(
    ByHand, MetricValueTest,
    ::testing::Values(
        ValueCase{R"("ExampleCount")", 10}, ValueCase{R"("TruePositives")", 4},
        ValueCase{R"("FalsePositives")", 2}, ValueCase{R"("TN")", 1}, ValueCase{R"("FN")", 3},
        ValueCase{R"("Precision")", 4.0 / 6}, ValueCase{R"("Recall")", 4.0 / 7},
        ValueCase{R"("BinaryAccuracy")", 0.5}, ValueCase{R"("F1Score")", 8.0 / 13},
        ValueCase{R"({"class": "Recall", "thresholds": 0.41})", 4.0 / 7},
        ValueCase{R"({"class": "Recall", "thresholds": 0.39})", 1},
        ValueCase{R"("MeanLabel")", 0.7}, ValueCase{R"("MeanPrediction")", 0.61},
        ValueCase{R"("Calibration")", 6.1 / 7},
        // Pairs in the right order: positives of 4 above both, of 3 above the negative of 1.
        ValueCase{R"("ExactAUC")", (4.0 * 3 + 3 * 1) / 21}, ValueCase{R"("AUC")", 15.0 / 21},
        ValueCase{R"("KolmogorovSmirnov")", 4.0 / 7},
        ValueCase{R"("MeanAbsoluteError")", (0.1 + 1.2 + 1.8 + 0.4) / 10},
        ValueCase{R"("MeanSquaredError")", (0.01 + 0.72 + 1.08 + 0.04) / 10},
        ValueCase{R"("BrierScore")", 0.185},
        ValueCase{R"("LogLoss")", -(std::log(0.9) + 2 * std::log(0.4) + 3 * std::log(0.4) +
                                    4 * std::log(0.9)) / 10}));

TEST(EvaluationTest, SlicesByValueAndCross) {
  const Json config = {{"label", "l"}, {"prediction", "p"}, {"metrics", {"ExampleCount"}},
                       {"slices", {{"c"}, {{"c", "b"}}}}};
  const auto result = Evaluated(config, FourRows());
  ASSERT_TRUE(result.ok()) << result.status();
  std::vector<std::string> names;
  for (const SliceResult& slice : result->slices) {
    names.push_back(fmt::format("{} {}", SliceName(slice.key), slice.num_examples));
  }
  EXPECT_THAT(names, ElementsAre("Overall 4", "c:a 2", "c:b 2"));
}

TEST(EvaluationTest, SmallSlicesAreDroppedAndNotJudged) {
  const Json config = {{"label", "l"}, {"prediction", "p"}, {"metrics", {"MeanLabel"}},
                       {"slices", {{"c"}}}, {"min_slice_size", 3},
                       {"slice_thresholds", {{"mean_label", {{"min", 0.5}}}}}};
  const auto result = Evaluated(config, FourRows());
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(result->slices[1].dropped, HasSubstr("lower than the minimum required value: 3"));
  EXPECT_TRUE(Validate(*result, false)->validation_ok());
}

TEST(EvaluationTest, ThresholdsOfTheShortFormJudgeAllExamplesTogether) {
  for (const auto& [key, passes] : {std::pair("thresholds", true), {"slice_thresholds", false}}) {
    const Json config = {{"label", "l"},
                         {"prediction", "p"},
                         {"metrics", {"MeanPrediction"}},
                         {"slices", {{"c"}}},
                         {key, {{"MeanPrediction", {{"min", 0.45}}}}}};
    const auto result = Evaluated(config, FourRows());
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_EQ(Validate(*result, false)->validation_ok(), passes) << key;
  }
}

TEST(EvaluationTest, IntervalsHoldTheMeanAndDoNotDependOnTheSplit) {
  Json rows = Json::array();
  for (int i = 0; i < 400; ++i) rows.push_back({{"l", {i % 4 == 0 ? 1 : 0}}, {"p", {0.5}}});
  for (const char* method : {"jackknife", "bootstrap"}) {
    const Json config = {{"label", "l"}, {"prediction", "p"}, {"metrics", {"MeanLabel"}},
                         {"confidence_intervals", method}};
    const auto result = Evaluated(config, rows);
    ASSERT_TRUE(result.ok()) << result.status();
    ASSERT_EQ(result->slices[0].intervals.size(), 1u);
    const ConfidenceInterval ci = result->slices[0].intervals.begin()->second;
    EXPECT_LT(ci.lower_bound, 0.25) << method;
    EXPECT_GT(ci.upper_bound, 0.25) << method;
    EXPECT_NEAR(ci.standard_error, std::sqrt(0.25 * 0.75 / 400), 0.012) << method;
    const auto again = Evaluated(config, rows);
    EXPECT_EQ(again->slices[0].intervals.begin()->second.lower_bound, ci.lower_bound);
  }
}

TEST(EvaluationTest, ErrorsOfAMetricAreItsValueNotTheEnd) {
  const Json rows = Json::parse(R"([{"l": [3.0], "p": [0.5]}])");
  const Json config = {{"label", "l"}, {"prediction", "p"}, {"metrics", {"AUC", "MeanLabel"}}};
  const auto result = Evaluated(config, rows);
  ASSERT_TRUE(result.ok()) << result.status();
  const auto& values = result->slices[0].values;
  EXPECT_THAT(std::get<MetricError>(values[0].second).message,
              HasSubstr("label 3 is not in [0, 1]"));
  EXPECT_EQ(std::get<double>(values[1].second), 3.0);
}

TEST(EvaluationTest, PredictionsThatAreNoProbabilitiesAreSaid) {
  const Json rows = Json::parse(R"([{"l": [0], "p": [-2.5]}, {"l": [1], "p": [0.5]},
                                    {"l": [1], "p": [4.0]}, {"l": [1], "p": [1.0000001]}])");
  const auto config = [](const Json& metric) {
    return Json{{"label", "l"}, {"prediction", "p"}, {"metrics", {"ExampleCount", metric}}};
  };
  for (const char* metric : {R"("AUC")", R"("BinaryAccuracy")", R"("LogLoss")",
                             R"({"class": "BinaryCrossEntropy"})"}) {
    const auto result = Evaluated(config(Json::parse(metric)), rows);
    ASSERT_TRUE(result.ok()) << result.status();
    ASSERT_EQ(result->outside.size(), 1u) << metric;
    EXPECT_EQ(result->outside[0].num_outside, 2) << metric;
    EXPECT_THAT(MetricsTable(*result, 5),
                HasSubstr("2 of 4 predictions are not between 0 and 1 (from -2.5 to 4), but AUC"));
    EXPECT_THAT(ResultToJson(*result)["warnings"].dump(), HasSubstr("2 of 4 predictions"));
  }
  for (const char* metric : {R"("ExactAUC")", R"("MeanSquaredError")",
                             R"({"class": "Recall", "thresholds": 0.0})",
                             R"({"class": "BinaryCrossEntropy", "from_logits": true})"}) {
    const auto result = Evaluated(config(Json::parse(metric)), rows);
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_TRUE(result->outside.empty()) << metric;
    EXPECT_FALSE(ResultToJson(*result).contains("warnings")) << metric;
  }
  const auto fine = Evaluated(config("AUC"), FourRows());
  EXPECT_TRUE(fine->outside.empty());
}

TEST(EvaluationTest, SlicesThatNoExampleIsInAreNamed) {
  const Json config = Json::parse(R"({"label": "l", "prediction": "p", "metrics": ["AUC"],
                                      "slices": [[], "k", "typo", {"k": "z"}]})");
  const Json rows = Json::parse(R"([{"l": [1.0], "p": [0.5], "k": ["a"]}])");
  const auto result = Evaluated(config, rows);
  ASSERT_TRUE(result.ok()) << result.status();
  const std::string table = MetricsTable(*result, 8);
  EXPECT_THAT(table, HasSubstr("no example is in the slices of typo"));
  EXPECT_THAT(table, HasSubstr("no example is in the slices of k = z"));
  EXPECT_THAT(table, Not(HasSubstr("slices of k:")));
}

std::vector<std::string> LinesOf(const std::string& text) {
  std::vector<std::string> lines;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = text.find('\n', begin);
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

// A row for each slice with all numbers of two models would be 300 columns wide.
TEST(EvaluationTest, TablesFitATerminal) {
  const Json config = Json::parse(R"({
      "model_specs": [{"name": "candidate", "label_key": "l", "prediction_key": "p"},
                      {"name": "baseline", "label_key": "l", "prediction_key": "q",
                       "is_baseline": true}],
      "slicing_specs": [{}, {"feature_keys": ["c"]}],
      "metrics_specs": [{"metrics": [{"class_name": "ExampleCount"}, {"class_name": "AUC"},
                                     {"class_name": "MeanLabel"}, {"class_name": "Precision"},
                                     {"class_name": "Recall"}, {"class_name": "Calibration"},
                                     {"class_name": "BinaryAccuracy"}]}]})");
  Json rows = FourRows();
  for (Json& row : rows) row["q"] = {0.3};
  rows.push_back({{"l", {1}}, {"p", {0.7}}, {"q", {0.8}}, {"c", {std::string(150, 'x')}}});
  const auto result = Evaluated(config, rows, /*has_baseline=*/true);
  ASSERT_TRUE(result.ok()) << result.status();
  const std::string table = MetricsTable(*result, 8);
  const std::vector<std::string> lines = LinesOf(table);
  for (const std::string& line : lines) EXPECT_LE(line.size(), 98u) << line;  // "…" is 3 bytes
  const auto line_of = [&](const std::string& start) {
    for (const std::string& line : lines) {
      if (line.starts_with(start)) return line;
    }
    return "no line begins with '" + start + "'\n" + table;
  };
  EXPECT_EQ(lines[0], "Overall, 5 examples");
  EXPECT_THAT(lines[1], ::testing::MatchesRegex("metric +value +baseline +difference"));
  EXPECT_THAT(line_of("recall "),
              ::testing::MatchesRegex("recall +0\\.66667 +0\\.33333 +0\\.33333")) << table;
  EXPECT_THAT(line_of("slice "), ::testing::MatchesRegex("slice +examples +example_count +auc .*"));
  EXPECT_THAT(line_of("c:a "), ::testing::MatchesRegex("c:a +2 +2 +1\\.0000 .*|c:a +2 +2 +1 .*"));
  EXPECT_THAT(line_of("c:xxx"), HasSubstr("xxx… "));
  EXPECT_THAT(table, HasSubstr("numbers by slice; the report and `bessemer evaluate --json`"));
  EXPECT_THAT(table, Not(HasSubstr("(diff)")));
  // What fits is a row for each slice as ever.
  const Json one = {{"label", "l"}, {"prediction", "p"}, {"metrics", {"AUC"}}};
  const auto small = Evaluated(one, FourRows());
  ASSERT_TRUE(small.ok()) << small.status();
  EXPECT_THAT(LinesOf(MetricsTable(*small, 8))[0],
              ::testing::MatchesRegex("slice +examples +auc"));
}

TEST(EvaluationTest, WrongConfigurationsAreNamed) {
  const Json rows = FourRows();
  auto with = [](Json metric) {
    return Json{{"label", "l"}, {"prediction", "p"}, {"metrics", {std::move(metric)}}};
  };
  EXPECT_THAT(ErrorOf(with("Precison"), rows), HasSubstr("did you mean 'Precision'?"));
  EXPECT_THAT(ErrorOf(with({{"class", "AUC"}, {"treshold", 1}}), rows), HasSubstr("'treshold'"));
  EXPECT_THAT(ErrorOf(with("NDCG"), rows), HasSubstr("gain_key"));
  EXPECT_THAT(ErrorOf({{"label", "x"}, {"prediction", "p"}, {"metrics", {"AUC"}}}, rows),
              HasSubstr("label_key 'x' is not a feature of the examples"));
  EXPECT_THAT(ErrorOf({{"label", "l"}, {"metrics", {"AUC"}}}, rows), HasSubstr("prediction_key"));
  EXPECT_THAT(ErrorOf({{"label", "l"}, {"metrics", {"AUC"}}, {"slice", {"c"}}}, rows),
              HasSubstr("unknown key 'slice'; did you mean 'slices'?"));
  EXPECT_THAT(ErrorOf({{"label", "l"}, {"prediction", "p"}, {"metrics", {"AUC"}},
                       {"thresholds", {{"auk", {{"min", 0.5}}}}}},
                      rows),
              HasSubstr("did you mean 'auc'?"));
  EXPECT_THAT(ErrorOf(Json::parse(R"({"model_specs": [{"label_kye": "l"}]})"), rows),
              HasSubstr("model_specs[0].label_kye"));
  EXPECT_THAT(ErrorOf({{"label", "c"}, {"prediction", "p"}, {"metrics", {"AUC"}}},
                      Json::parse(R"([{"c": ["a"], "p": [0.5]}])")),
              HasSubstr("metrics need numbers"));
}

}  // namespace
}  // namespace bessemer::evaluation
