#include "bessemer/components/test_component.h"
#include "bessemer/statistics/statistics_file.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::components {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class StatisticsGenTest : public ComponentTest {
 protected:
  // The statistics of all rows of a split.
  ::tensorflow::metadata::v0::DatasetFeatureStatistics Read(const std::string& split) {
    const auto list =
        statistics::ReadStatistics(outputs_["statistics"].SplitUri(split) + "/FeatureStats.pb");
    EXPECT_TRUE(list.ok()) << list.status();
    return list.ok() ? list->datasets(0) : ::tensorflow::metadata::v0::DatasetFeatureStatistics();
  }
};

TEST_F(StatisticsGenTest, DescribesEverySplit) {
  const Artifact examples = Examples({{"train", 10}, {"eval", 4}});
  const Status status = Run("StatisticsGen", Json::object(), {{"examples", {examples}}});
  ASSERT_TRUE(status.ok()) << status;
  const Artifact& out = outputs_["statistics"];
  EXPECT_EQ(out.type, "ExampleStatistics");
  EXPECT_THAT(out.SplitNames(), ElementsAre("eval", "train"));
  EXPECT_EQ(out.IntProperty("span"), 3);
  EXPECT_TRUE(HasFile("statistics", "Split-train/statistics.state"));
  const auto train = Read("train");
  EXPECT_EQ(train.num_examples(), 10u);
  EXPECT_EQ(Read("eval").num_examples(), 4u);
  ASSERT_EQ(train.features_size(), 2);
  for (const auto& feature : train.features()) {
    if (feature.path().step(0) != "late") continue;
    EXPECT_EQ(feature.num_stats().mean(), 0.5);
    EXPECT_EQ(feature.num_stats().num_zeros(), 5u);
  }
}

TEST_F(StatisticsGenTest, ParametersAndSchemaCount) {
  Write("schema/schema.pbtxt",
        "feature { name: 'late' type: INT int_domain { is_categorical: true } }");
  const Status status =
      Run("StatisticsGen", {{"exclude_splits", {"eval"}}, {"feature_allowlist", {"late"}}},
          {{"examples", {Examples({{"train", 10}, {"eval", 4}})}},
           {"schema", {{.type = "Schema", .uri = Path("schema")}}}});
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_THAT(outputs_["statistics"].SplitNames(), ElementsAre("train"));
  EXPECT_FALSE(HasFile("statistics", "Split-eval"));
  const auto train = Read("train");
  ASSERT_EQ(train.features_size(), 1);
  EXPECT_TRUE(train.features(0).has_string_stats());  // a category, not a number
  EXPECT_EQ(train.features(0).string_stats().unique(), 2u);
}

TEST_F(StatisticsGenTest, RowsSetAsideAreCarriedOn) {
  Artifact examples = Examples({{"train", 10}});
  examples.custom_properties["num_rows"] = int64_t{10};
  examples.custom_properties["num_bad_rows"] = int64_t{2};
  ASSERT_TRUE(Run("StatisticsGen", Json::object(), {{"examples", {examples}}}).ok());
  EXPECT_EQ(outputs_["statistics"].IntProperty("num_rows"), 10);
  EXPECT_EQ(outputs_["statistics"].IntProperty("num_bad_rows"), 2);
}

TEST_F(StatisticsGenTest, ASplitWithoutRowsHasStatistics) {
  ASSERT_TRUE(
      Run("StatisticsGen", Json::object(), {{"examples", {Examples({{"train", 0}})}}}).ok());
  EXPECT_EQ(Read("train").num_examples(), 0u);
}

TEST_F(StatisticsGenTest, Errors) {
  const Artifact examples = Examples({{"train", 3}, {"eval", 3}});
  Write("bad/schema.pbtxt", "feature {\n  nam: 'x'\n}\n");
  const struct {
    Json params;
    Inputs inputs;
    const char* message;
  } cases[] = {
      {Json::object(), {}, "connect 'examples'"},
      {{{"exclude_splits", {"evl"}}},
       {{"examples", {examples}}},
       "no split 'evl'; they have: eval, train"},
      {{{"sample_rate", 2}}, {{"examples", {examples}}}, "must be at most 1"},
      {{{"sample_rate", 0}}, {{"examples", {examples}}}, "it must be in (0, 1]"},
      {{{"weight_feature", "w"}}, {{"examples", {examples}}}, "weight column 'w'"},
      {{{"mutual_information", true}, {"label_feature", "x"}},
       {{"examples", {examples}}},
       "needs a schema"},
      {Json::object(),
       {{"examples", {examples}}, {"schema", {{.uri = Path("bad")}}}},
       "bad/schema.pbtxt"},
      {Json::object(), {{"examples", {examples}}, {"schema", {{.uri = Path("no")}}}}, "no/schema"},
  };
  for (const auto& c : cases) {
    EXPECT_THAT(std::string(Message(Run("StatisticsGen", c.params, c.inputs))),
                HasSubstr(c.message))
        << c.params;
  }
  // A record that was changed after it was written.
  const std::string file = examples.SplitUri("eval") + "/data_tfrecord-00000-of-00001.gz";
  std::string bytes = *io::ReadFile(file);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 16);
  ASSERT_TRUE(io::WriteFileAtomically(file, bytes).ok());
  const Status status = Run("StatisticsGen", Json::object(), {{"examples", {examples}}});
  EXPECT_EQ(status.code(), StatusCode::kDataLoss);
  EXPECT_THAT(std::string(Message(status)), HasSubstr("split 'eval': " + file));
}

}  // namespace
}  // namespace bessemer::components
