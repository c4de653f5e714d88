#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "bessemer/io/file.h"
#include "bessemer/io/publish.h"
#include "bessemer/pipeline/run_record.h"
#include "bessemer/report/evaluation_json.h"
#include "bessemer/report/from_run_record.h"
#include "bessemer/report/report.h"
#include "bessemer/report/run_artifacts.h"

namespace bessemer::report {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

class RunPageTest : public ::testing::Test {
 protected:
  void SetUp() override {
    root_ = ::testing::TempDir() + "run_page_XXXXXX";
    ASSERT_NE(mkdtemp(root_.data()), nullptr);
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  // An artifact with one file.
  ReportArtifact Artifact(const std::string& type, const std::string& file,
                          const std::string& content) {
    const std::string uri = root_ + "/" + type;
    EXPECT_TRUE(io::WriteFileAtomically(uri + "/" + file, content).ok());
    return {.port = "port", .type = type, .uri = uri};
  }

  std::string root_;
};

TEST_F(RunPageTest, DamagedArtifactsAreNamedAndTheRestIsShown) {
  RunReportInput input{.pipeline = "p", .run_id = "r", .root = root_, .written = "now"};
  input.steps.push_back(
      {.name = "Everything",
       .state = ReportStepState::kRan,
       .outputs = {Artifact("ExampleStatistics", "Split-train/FeatureStats.pb", "garbled"),
                   Artifact("Schema", "schema.pbtxt", "feature { name: }"),
                   Artifact("ExampleAnomalies", "Split-eval/SchemaDiff.pb", "\xFF\xFF\xFF"),
                   Artifact("ModelRun", "training_curve.json", "[1, 2"),
                   Artifact("ModelEvaluation", "metrics-00000-of-00001.tfrecord", "short"),
                   Artifact("ModelBlessing", "BLESSED", "")}});
  const RunArtifacts artifacts = ReadRunArtifacts(input);
  EXPECT_TRUE(artifacts.statistics.is_null());
  EXPECT_THAT(artifacts.problems, SizeIs(5));
  for (const Json& problem : artifacts.problems) {
    EXPECT_EQ(problem["where"], "Everything");
    EXPECT_THAT(problem["text"].get<std::string>(), HasSubstr(root_));
  }
  ASSERT_THAT(artifacts.marks, SizeIs(1));
  EXPECT_EQ(artifacts.marks[0]["ok"], true);
  const std::string page = root_ + "/reports/r.html";
  ASSERT_TRUE(WriteRunPage(input, page).ok());
  EXPECT_THAT(io::ReadFile(page).value(), HasSubstr("training_curve.json"));
}

TEST_F(RunPageTest, ArtifactsThatAreGoneDoNotFailThePage) {
  RunReportInput input{.pipeline = "p", .run_id = "r"};
  for (const char* type : {"ExampleStatistics", "Schema", "ExampleAnomalies", "ModelRun",
                           "ModelEvaluation", "ModelBlessing", "InfraBlessing", "PushedModel"}) {
    input.steps.push_back({.name = type, .outputs = {{.type = type, .uri = root_ + "/gone"}}});
  }
  EXPECT_TRUE(WriteRunPage(input, root_ + "/page.html").ok());
}

TEST_F(RunPageTest, StepsWithOneNameAreRefused) {
  const RunReportInput input{
      .pipeline = "p", .run_id = "r", .steps = {{.name = "Trainer"}, {.name = "Trainer"}}};
  const Status status = WriteRunPage(input, root_ + "/page.html");
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(Message(status)), HasSubstr("two steps of the run are named 'Trainer'"));
}

TEST_F(RunPageTest, TrainingCurveKeepsNumbersOnly) {
  RunReportInput input;
  input.steps.push_back(
      {.name = "Trainer",
       .outputs = {Artifact("ModelRun", "training_curve.json",
                            R"({"learner": "dnn", "points": [{"epoch": 1, "train_loss": 0.5,
                                "eval_loss": "bad"}, 7]})")}});
  const RunArtifacts artifacts = ReadRunArtifacts(input);
  ASSERT_THAT(artifacts.training, SizeIs(1));
  ASSERT_THAT(artifacts.training[0]["points"], SizeIs(1));
  EXPECT_EQ(artifacts.training[0]["points"][0]["train_loss"], 0.5);
  EXPECT_TRUE(artifacts.training[0]["points"][0]["eval_loss"].is_null());
  EXPECT_EQ(artifacts.training[0]["learner"], "dnn");
}

TEST_F(RunPageTest, TheSchemaThatJudgedComesFirst) {
  const auto schema = [&](const char* step, const char* port, const char* text) {
    const std::string uri = root_ + "/" + step;
    EXPECT_TRUE(io::WriteFileAtomically(uri + "/schema.pbtxt", text).ok());
    return ReportArtifact{.port = port, .type = "Schema", .uri = uri};
  };
  const ReportArtifact inferred = schema("SchemaGen", "schema", "feature { name: 'x' type: INT }");
  const ReportArtifact curated = schema("Curated", "schema", "feature { name: 'x' type: FLOAT }");
  const ReportArtifact copied =
      schema("Transform", "pre_transform_schema", "feature { name: 'x' type: INT }");
  RunReportInput input;
  input.steps = {{.name = "SchemaGen", .outputs = {inferred}},
                 {.name = "Curated", .outputs = {curated}},
                 {.name = "Validator",
                  .inputs = {curated},
                  .outputs = {Artifact("ExampleAnomalies", "Split-eval/SchemaDiff.pb", "")}},
                 {.name = "Transform", .inputs = {inferred}, .outputs = {copied}}};
  for (ReportStep& step : input.steps) {
    for (ReportArtifact& artifact : step.inputs) {
      artifact.step = artifact.uri == curated.uri ? "Curated" : "SchemaGen";
    }
  }
  const Json schemas = ReadRunArtifacts(input).schemas;
  ASSERT_THAT(schemas, SizeIs(2));
  EXPECT_EQ(schemas[0]["names"], Json::array({"Curated"}));
  EXPECT_EQ(schemas[0]["judges"], Json::array({"Validator"}));
  EXPECT_EQ(schemas[0]["rows"][0]["type"], "FLOAT");
  EXPECT_EQ(schemas[1]["names"], Json::array({"SchemaGen", "Transform (pre_transform_schema)"}));
  EXPECT_EQ(schemas[1]["judges"], Json::array());
}

TEST_F(RunPageTest, VerdictsComeFromTheMarkerFiles) {
  RunReportInput input;
  input.steps.push_back(
      {.name = "Evaluator", .outputs = {Artifact("ModelBlessing", "NOT_BLESSED", "")}});
  input.steps.push_back(
      {.name = "InfraValidator", .outputs = {Artifact("InfraBlessing", "INFRA_BLESSED", "")}});
  ReportArtifact pushed{.type = "PushedModel", .uri = root_ + "/none"};
  pushed.properties = {{"pushed", "1"}, {"pushed_version", "17"}, {"pushed_destination", "/m/17"}};
  input.steps.push_back({.name = "Pusher", .outputs = {pushed}});
  const Json marks = ReadRunArtifacts(input).marks;
  ASSERT_THAT(marks, SizeIs(3));
  EXPECT_EQ(marks[0]["ok"], false);
  EXPECT_EQ(marks[1]["ok"], true);
  EXPECT_EQ(marks[2]["text"], "version 17 in /m/17");
}

TEST(RunPagePath, IdsBecomeFileNames) {
  EXPECT_EQ(RunPagePath("runs/x", "2026-11-23T13:05"), "runs/x/reports/2026-11-23T13_05.html");
  EXPECT_EQ(RunPagePath("runs/x", "../../etc"), "runs/x/reports/.._.._etc.html");
}

TEST(SnakeCase, FollowsKeras) {
  for (const auto& [name, snake] :
       {std::pair("AUC", "auc"), std::pair("BinaryAccuracy", "binary_accuracy"),
        std::pair("AUCPrecisionRecall", "auc_precision_recall"),
        std::pair("MeanSquaredError", "mean_squared_error"), std::pair("NDCG", "ndcg")}) {
    EXPECT_EQ(SnakeCase(name), snake);
  }
}

TEST(FromRunRecord, NamesTheMakersOfInputs) {
  pipeline::RunRecord record{.pipeline = "p", .run_id = "r", .root = "/runs"};
  const components::Artifact examples{.type = "Examples", .uri = "/runs/e/1", .id = 1};
  const components::Artifact before{.type = "ExampleStatistics", .uri = "/runs/s/0"};
  pipeline::StepRecord gen{.id = "Gen", .component = "CsvExampleGen"};
  gen.state = pipeline::StepState::kCached;
  gen.outputs["examples"] = {examples};
  pipeline::StepRecord stats{.id = "Stats", .component = "StatisticsGen"};
  stats.state = pipeline::StepState::kFailed;
  stats.reasons = {"one", "two"};
  stats.error = "broken";
  stats.inputs["examples"] = {examples};
  stats.inputs["previous"] = {before};
  stats.params = Json{{"n", 3}, {"text", "plain"}};
  record.steps = {gen, stats};
  record.edges = {{"Gen", "examples", "Stats", "examples"}};
  const RunReportInput input = FromRunRecord(record);
  ASSERT_THAT(input.steps, SizeIs(2));
  EXPECT_EQ(input.result, RunResult::kFailed);
  EXPECT_EQ(input.steps[0].state, ReportStepState::kCached);
  EXPECT_EQ(input.steps[1].reason, "one\ntwo");
  EXPECT_EQ(input.steps[1].inputs[0].step, "Gen");
  EXPECT_EQ(input.steps[1].inputs[1].step, "");
  EXPECT_EQ(input.steps[1].after, std::vector<std::string>{"Gen"});
  EXPECT_EQ(input.steps[1].params[0].second, "3");
  EXPECT_EQ(input.steps[1].params[1].second, "plain");
}

// A folder that TFMA itself wrote.
TEST(EvaluationJson, ReadsTheGoldenOutput) {
  const std::string folder = "../shared/conformance/tfma/golden_output/plain/output";
  if (!*io::Exists(folder + "/eval_config.json")) GTEST_SKIP() << "no conformance data";
  std::vector<std::string> problems;
  const Json json = EvaluationJson(folder, &problems);
  EXPECT_THAT(problems, SizeIs(0));
  EXPECT_EQ(json["slices"][0]["slice"], "Overall");
  EXPECT_GT(json["slices"].size(), 5u);
  EXPECT_FALSE(json["plots"].empty());
  EXPECT_FALSE(json["validation"].is_null());
  bool found = false;
  for (const Json& threshold : json["slices"][0]["thresholds"]) {
    found = found || (threshold["metric"] == "auc" && threshold["text"] == "≥ 0.6");
  }
  EXPECT_TRUE(found);
  // It is for the overall slice and no other.
  EXPECT_THAT(json["slices"][1]["thresholds"], SizeIs(0));

  RunReportInput input{.pipeline = "golden", .run_id = "1"};
  input.steps.push_back({.name = "Evaluator",
                         .state = ReportStepState::kRan,
                         .outputs = {{.type = "ModelEvaluation", .uri = folder}}});
  std::string root = ::testing::TempDir() + "run_page_XXXXXX";
  ASSERT_NE(mkdtemp(root.data()), nullptr);
  const std::string page = root + "/golden_evaluation.html";
  ASSERT_TRUE(WriteRunPage(input, page).ok());
  EXPECT_LT(io::FileSize(page).value(), 1'000'000);
  std::filesystem::remove_all(root);
}

}  // namespace
}  // namespace bessemer::report
