#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <limits>

#include "bessemer/io/file.h"
#include "bessemer/io/publish.h"
#include "bessemer/report/artifact_files.h"
#include "bessemer/report/page.h"
#include "bessemer/report/report.h"
#include "bessemer/report/statistics_json.h"
#include "tensorflow_metadata/proto/v0/anomalies.pb.h"
#include "tensorflow_metadata/proto/v0/schema.pb.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::report {
namespace {

namespace tfmd = ::tensorflow::metadata::v0;
using ::testing::HasSubstr;
using ::testing::Not;

// A file in a folder of this process, removed at its end.
std::string TempPath(const std::string& name) {
  struct Folder {
    std::string path = ::testing::TempDir() + "report_XXXXXX";
    Folder() { EXPECT_NE(mkdtemp(path.data()), nullptr); }
    ~Folder() { std::filesystem::remove_all(path); }
  };
  static const Folder folder;
  return folder.path + "/" + name;
}

tfmd::DatasetFeatureStatisticsList OneFeature(const std::string& name, double mean) {
  tfmd::DatasetFeatureStatisticsList list;
  auto* dataset = list.add_datasets();
  dataset->set_num_examples(10);
  auto* feature = dataset->add_features();
  feature->mutable_path()->add_step(name);
  feature->set_type(tfmd::FeatureNameStatistics::FLOAT);
  auto* stats = feature->mutable_num_stats();
  stats->mutable_common_stats()->set_num_non_missing(8);
  stats->mutable_common_stats()->set_num_missing(2);
  stats->set_mean(mean);
  auto* histogram = stats->add_histograms();
  auto* bucket = histogram->add_buckets();
  bucket->set_low_value(0);
  bucket->set_high_value(std::numeric_limits<double>::infinity());
  bucket->set_sample_count(8);
  return list;
}

TEST(EmbeddedJson, NothingCanLeaveTheScriptElement) {
  const Json value = {{"a", "</script><script>alert(1)</script><!--"},
                      {"b", "x\xE2\x80\xA8y\xE2\x80\xA9z"},
                      {"c", "bad \xFF\xFE bytes"},
                      {"d", std::numeric_limits<double>::quiet_NaN()},
                      {"&<\">", std::string("nul \0 and \x01", 10)}};
  const std::string text = EmbeddedJson(value);
  EXPECT_THAT(text, Not(HasSubstr("<")));
  EXPECT_THAT(text, Not(HasSubstr(">")));
  EXPECT_THAT(text, Not(HasSubstr("\xE2\x80\xA8")));
  EXPECT_THAT(text, HasSubstr("x\\u2028y\\u2029z"));
  EXPECT_THAT(text, HasSubstr("bad \xEF\xBF\xBD"));
  const Json back = Json::parse(text);
  EXPECT_EQ(back["a"], value["a"]);
  EXPECT_EQ(back["b"], value["b"]);
  EXPECT_TRUE(back["d"].is_null());
  EXPECT_TRUE(back.contains("&<\">"));
}

TEST(EscapedHtml, EscapesMarkup) {
  EXPECT_EQ(EscapedHtml("<a href=\"x\">'&'</a>"),
            "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
}

TEST(StatisticsJson, FloatsAreShortAndInfinitiesStay) {
  constexpr double kInf = std::numeric_limits<double>::infinity();
  auto list = OneFeature("x", std::numeric_limits<double>::quiet_NaN());
  auto* stats = list.mutable_datasets(0)->mutable_features(0)->mutable_num_stats();
  stats->set_min(-kInf);
  stats->set_max(6.1f);
  stats->set_median(0.123456789012);
  auto* histogram = stats->mutable_histograms(0);
  histogram->set_type(tfmd::Histogram::STANDARD);
  histogram->set_num_nan(1);
  auto* bucket = histogram->add_buckets();
  bucket->set_low_value(-kInf);
  bucket->set_high_value(-kInf);
  bucket->set_sample_count(3);
  const auto json = StatisticsJson({{"a", &list}}, nullptr, {});
  ASSERT_TRUE(json.ok()) << json.status();
  const Json& num = (*json)["features"][0]["stats"][0]["num"];
  EXPECT_EQ(num["mean"], "NaN");
  EXPECT_EQ(num["min"], "-Infinity");
  EXPECT_EQ(num["max"].dump(), "6.1");
  EXPECT_EQ(num["median"].dump(), "0.123456789");
  EXPECT_EQ(num["nan"], 1);
  EXPECT_EQ(num["inf"], 11);  // and 8 in [0, inf]
}

TEST(Shortened, CutsBetweenCharacters) {
  EXPECT_EQ(Shortened("short", 10), "short");
  EXPECT_EQ(Shortened("ab\xC3\xA9"
                      "cd",
                      3),
            "ab…");
  EXPECT_EQ(Shortened("ab\xC3\xA9"
                      "cd",
                      4),
            "ab\xC3\xA9…");
}

TEST(Rounded, IsShortAndNeverInventsNumbers) {
  EXPECT_EQ(Rounded(0.1234567891234, 6).dump(), "0.123457");
  EXPECT_EQ(Rounded(1700000001, 6).dump(), "1700000001");
  EXPECT_TRUE(Rounded(std::numeric_limits<double>::infinity(), 6).is_null());
  EXPECT_EQ(IsoTime(1795439109000000), "2026-11-23T13:05:09Z");
}

TEST(StatisticsJson, AlignsFeaturesOfTwoDataSets) {
  const auto left = OneFeature("fare", 1.5);
  auto right = OneFeature("fare", 2.5);
  right.mutable_datasets(0)->add_features()->set_name("only_right");
  auto* slice = right.add_datasets();
  slice->set_name("carrier_AA");
  const auto json = StatisticsJson({{"train", &left}, {"eval", &right}}, nullptr, {});
  ASSERT_TRUE(json.ok()) << json.status();
  EXPECT_EQ((*json)["compare"].dump(), "[0,1]");
  EXPECT_EQ((*json)["datasets"][2]["name"], "eval · carrier_AA");
  ASSERT_EQ((*json)["features"].size(), 2u);
  const Json& fare = (*json)["features"][0];
  EXPECT_EQ(fare["path"], "fare");
  EXPECT_EQ(fare["stats"][0]["num"]["mean"], 1.5);
  EXPECT_EQ(fare["stats"][1]["num"]["mean"], 2.5);
  EXPECT_TRUE(fare["stats"][2].is_null());
  EXPECT_EQ(fare["stats"][0]["num"]["standard"].dump(), "[0,null,8]");
  EXPECT_TRUE((*json)["features"][1]["stats"][0].is_null());
  EXPECT_EQ((*json)["features"][1]["stats"][1]["missing"], 10);
}

// Equal data are equal, be there numbers that no bucket holds.
TEST(StatisticsJson, MeasuresDifferences) {
  const auto with = [](std::vector<double> counts, int num_nan, double num_infinite) {
    auto list = OneFeature("fare", 1);
    auto* histogram =
        list.mutable_datasets(0)->mutable_features(0)->mutable_num_stats()->mutable_histograms(0);
    histogram->mutable_buckets(0)->set_low_value(std::numeric_limits<double>::infinity());
    histogram->mutable_buckets(0)->set_sample_count(num_infinite);
    histogram->set_num_nan(num_nan);
    for (size_t i = 0; i < counts.size(); ++i) {
      auto* bucket = histogram->add_buckets();
      bucket->set_low_value(static_cast<double>(i));
      bucket->set_high_value(static_cast<double>(i + 1));
      bucket->set_sample_count(counts[i]);
    }
    return list;
  };
  const struct {
    const char* name;
    tfmd::DatasetFeatureStatisticsList a, b;
    double difference;
  } cases[] = {
      {"equal", with({4, 4}, 0, 0), with({8, 8}, 0, 0), 0},
      {"equal with NaN and infinity", with({4, 4}, 8, 2), with({8, 8}, 16, 4), 0},
      {"equal, all NaN", with({}, 3, 0), with({}, 5, 0), 0},
      {"disjoint", with({4, 0}, 0, 0), with({0, 4}, 0, 0), 1},
      {"NaN in one", with({4}, 0, 0), with({}, 4, 0), 1},
      {"infinity in one", with({4, 4}, 0, 8), with({4, 4}, 8, 0), 0.5},
  };
  for (const auto& c : cases) {
    const auto json = StatisticsJson({{"a", &c.a}, {"b", &c.b}}, nullptr, {});
    ASSERT_TRUE(json.ok()) << json.status();
    const Json& feature = (*json)["features"][0];
    ASSERT_TRUE(feature.contains("differences")) << c.name;
    EXPECT_NEAR(feature["differences"][0].get<double>(), c.difference, 1e-6) << c.name;
  }
}

TEST(StatisticsJson, TopValuesAreContinuedByTheRankHistogram) {
  tfmd::DatasetFeatureStatisticsList list;
  auto* feature = list.add_datasets()->add_features();
  feature->set_name("carrier");
  feature->set_type(tfmd::FeatureNameStatistics::STRING);
  auto* stats = feature->mutable_string_stats();
  auto* top = stats->add_top_values();
  top->set_value("UA");
  top->set_frequency(9);
  for (const auto& [label, rank] : {std::pair("UA", 0), std::pair("AA", 1)}) {
    auto* bucket = stats->mutable_rank_histogram()->add_buckets();
    bucket->set_label(label);
    bucket->set_low_rank(rank);
    bucket->set_high_rank(rank);
    bucket->set_sample_count(9 - rank);
  }
  const auto json = StatisticsJson({{"all", &list}}, nullptr, {});
  ASSERT_TRUE(json.ok()) << json.status();
  EXPECT_EQ((*json)["features"][0]["stats"][0]["str"]["top"].dump(), R"([["UA",9],["AA",8]])");
}

TEST(StatisticsJson, SaysWhatTheSchemaExpects) {
  const auto list = OneFeature("fare", 1);
  tfmd::Schema schema;
  auto* feature = schema.add_feature();
  feature->set_name("fare");
  feature->set_type(tfmd::FLOAT);
  feature->mutable_presence()->set_min_fraction(1);
  feature->mutable_shape()->add_dim()->set_size(1);
  feature->mutable_float_domain()->set_min(0);
  const auto json = StatisticsJson({{"all", &list}}, &schema, {});
  ASSERT_TRUE(json.ok()) << json.status();
  EXPECT_EQ((*json)["features"][0]["expected"], "FLOAT, required, one value, ≥ 0");
}

TEST(AnomaliesJson, WorstFirstThenByPath) {
  tfmd::Anomalies anomalies;
  auto& info = *anomalies.mutable_anomaly_info();
  info["b"].set_severity(tfmd::AnomalyInfo::WARNING);
  info["z"].set_severity(tfmd::AnomalyInfo::ERROR);
  info["a"].set_severity(tfmd::AnomalyInfo::ERROR);
  anomalies.mutable_dataset_anomaly_info()->set_severity(tfmd::AnomalyInfo::ERROR);
  const Json json = AnomaliesJson({{"eval", &anomalies}});
  ASSERT_EQ(json.size(), 4u);
  EXPECT_EQ(json[0]["path"], "");
  EXPECT_EQ(json[1]["path"], "a");
  EXPECT_EQ(json[2]["path"], "z");
  EXPECT_EQ(json[3]["severity"], "warning");
  EXPECT_EQ(json[0]["dataset"], "eval");
}

TEST(WriteStatisticsPage, WritesOneSelfContainedFile) {
  const auto list = OneFeature("</script>", 1);
  const std::string path = TempPath("page.html");
  StatisticsPageInput input{.title = "A <b>", .datasets = {{"all", &list}}, .written = "today"};
  ASSERT_TRUE(WriteStatisticsPage(input, path).ok());
  const std::string page = io::ReadFile(path).value();
  EXPECT_THAT(page, HasSubstr("<title>A &lt;b&gt;</title>"));
  EXPECT_THAT(page, HasSubstr("\\u003c/script\\u003e"));
  EXPECT_THAT(page, Not(HasSubstr("src=\"http")));
  EXPECT_LT(page.size(), 500'000u);
}

TEST(WriteStatisticsPage, RefusesWhatCannotBeShown) {
  const auto list = OneFeature("x", 1);
  const tfmd::DatasetFeatureStatisticsList empty;
  const auto message = [&](std::vector<NamedStatistics> datasets) {
    const Status status =
        WriteStatisticsPage({.title = "t", .datasets = std::move(datasets)}, TempPath("p.html"));
    EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
    return std::string(Message(status));
  };
  EXPECT_THAT(message({}), HasSubstr("hold no data set"));
  EXPECT_THAT(message({{"a", &empty}}), HasSubstr("hold no data set"));
  EXPECT_THAT(message({{"a", &list}, {"a", &list}}), HasSubstr("two data sets are named 'a'"));
}

TEST(ArtifactFiles, MissingAndGarbledFilesAreErrors) {
  const std::string garbled = TempPath("garbled.pb");
  ASSERT_TRUE(io::WriteFileAtomically(garbled, std::string(1000, '\x7F')).ok());
  const std::string empty = TempPath("empty.pb");
  ASSERT_TRUE(io::WriteFileAtomically(empty, "").ok());
  const std::string text = TempPath("schema.pbtxt");
  ASSERT_TRUE(io::WriteFileAtomically(text, "feature {\n  nme: \"x\"\n}\n").ok());

  EXPECT_EQ(ReadStatistics(TempPath("none.pb")).status().code(), StatusCode::kNotFound);
  for (const auto& [status, part] :
       {std::pair(ReadStatistics(garbled).status(), "DatasetFeatureStatisticsList"),
        std::pair(ReadStatistics(empty).status(), "is empty"),
        std::pair(ReadSchema(text).status(), "line 2"),
        std::pair(ReadAnomalies(garbled).status(), "Anomalies")}) {
    EXPECT_EQ(status.code(), StatusCode::kDataLoss) << status;
    EXPECT_THAT(std::string(Message(status)), HasSubstr(part));
    EXPECT_THAT(std::string(Message(status)), HasSubstr("report_"));
  }
  std::string deep;
  for (int i = 0; i < 200000; ++i) deep += "feature { struct_domain { ";
  const std::string nested = TempPath("nested.pbtxt");
  ASSERT_TRUE(io::WriteFileAtomically(nested, deep).ok());
  EXPECT_EQ(ReadSchema(nested).status().code(), StatusCode::kDataLoss);

  const Status folder = ReadStatistics(std::filesystem::path(empty).parent_path()).status();
  EXPECT_THAT(std::string(Message(folder)), HasSubstr("the folder has no FeatureStats.pb"));
}

}  // namespace
}  // namespace bessemer::report
