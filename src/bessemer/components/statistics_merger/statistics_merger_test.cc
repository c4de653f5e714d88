#include <arrow/array.h>
#include <arrow/json/from_string.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "bessemer/components/component.h"
#include "bessemer/io/file.h"
#include "bessemer/io/publish.h"
#include "bessemer/statistics/generate.h"
#include "bessemer/statistics/statistics_file.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::components::statistics_merger {

void Register(ComponentRegistry& registry);

namespace {

using ::testing::HasSubstr;

class StatisticsMergerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    root_ = std::filesystem::temp_directory_path() / fmt::format("bessemer_merger_{}", getpid());
    std::filesystem::remove_all(root_);
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  static std::shared_ptr<arrow::RecordBatch> Batch(const char* values) {
    const auto column =
        arrow::json::ArrayFromJSONString(arrow::list(arrow::int64()), values).ValueOrDie();
    return arrow::RecordBatch::Make(arrow::schema({arrow::field("x", column->type())}),
                                    column->length(), {column});
  }

  static statistics::DatasetStatisticsState StateOf(
      std::vector<std::shared_ptr<arrow::RecordBatch>> batches) {
    return *statistics::GenerateStatistics({statistics::SourceOf(std::move(batches))}, {});
  }

  Artifact Span(int64_t span, const char* values) {
    Artifact artifact{.type = "ExampleStatistics",
                      .uri = root_ / std::to_string(span),
                      .properties = {{"span", span}}};
    artifact.SetSplitNames({"train"});
    EXPECT_TRUE(io::MakeDirectories(artifact.SplitUri("train")).ok());
    EXPECT_TRUE(io::WriteFileAtomically(
                    io::JoinPath(artifact.SplitUri("train"), statistics::kStateFile),
                    StateOf({Batch(values)}).Save())
                    .ok());
    return artifact;
  }

  Status Run(std::vector<Artifact> parts) {
    ComponentRegistry registry("component");
    Register(registry);
    const ParamValues params;
    RunContext context(params);
    context.inputs["statistics"] = std::move(parts);
    context.outputs["statistics"] = {.type = "ExampleStatistics", .uri = root_ / "out"};
    const Status status = registry.entries()[0].run(context);
    out_ = context.outputs["statistics"];
    summary_ = context.summary;
    return status;
  }

  std::filesystem::path root_;
  Artifact out_;
  std::string summary_;
};

TEST_F(StatisticsMergerTest, GivesWhatOnePassOverAllWouldGive) {
  const Status status =
      Run({Span(4, "[[1], [2]]"), Span(5, "[[3], null, [9]]"), Span(7, "[[100, 5]]")});
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(summary_, "3 spans: 4 to 7");
  EXPECT_EQ(out_.IntProperty("span"), 7);
  EXPECT_THAT(out_.SplitNames(), testing::ElementsAre("train"));
  const auto all =
      StateOf({Batch("[[1], [2]]"), Batch("[[3], null, [9]]"), Batch("[[100, 5]]")});
  const std::string folder = out_.SplitUri("train");
  EXPECT_EQ(*io::ReadFile(io::JoinPath(folder, statistics::kStateFile)), all.Save());
  const auto written = statistics::ReadStatistics(folder);
  ASSERT_TRUE(written.ok()) << written.status();
  EXPECT_EQ(written->SerializeAsString(), all.Finish().SerializeAsString());
  EXPECT_EQ(written->datasets(0).num_examples(), 6);
}

TEST_F(StatisticsMergerTest, ErrorsNameSplitAndFile) {
  Artifact broken = Span(2, "[[1]]");
  const std::string path = io::JoinPath(broken.SplitUri("train"), statistics::kStateFile);
  ASSERT_TRUE(io::WriteFileAtomically(path, "nonsense").ok());
  EXPECT_THAT(std::string(Message(Run({Span(1, "[[1]]"), broken}))),
              HasSubstr("split 'train': " + path));
  std::filesystem::remove(path);
  EXPECT_THAT(std::string(Message(Run({Span(1, "[[1]]"), broken}))), HasSubstr(path));
  EXPECT_THAT(std::string(Message(Run({}))), HasSubstr("nothing to merge"));
}

}  // namespace
}  // namespace bessemer::components::statistics_merger
