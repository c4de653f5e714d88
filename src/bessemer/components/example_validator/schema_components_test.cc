#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "bessemer/components/component.h"
#include "bessemer/io/file.h"
#include "bessemer/io/file_hashes.h"
#include "bessemer/io/publish.h"
#include "bessemer/io/tfrecord.h"
#include "bessemer/schema/schema_file.h"
#include "bessemer/statistics/statistics_file.h"
#include "bessemer/validation/rules.h"
#include "tensorflow/core/example/example.pb.h"
#include "tensorflow_metadata/proto/v0/anomalies.pb.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

// SchemaGen, ImportSchemaGen and ExampleValidator on statistics written here.

namespace bessemer::components {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::tensorflow::metadata::v0::Anomalies;
using ::tensorflow::metadata::v0::DatasetFeatureStatisticsList;

class SchemaComponentsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "schema_components_XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    root_ = name;
    statistics_.type = "ExampleStatistics";
    statistics_.uri = (root_ / "statistics").string();
    statistics_.SetSplitNames({"train", "eval"});
    statistics_.properties["span"] = int64_t{3};
    WriteStatistics(statistics_, "train", 100, 5);
    WriteStatistics(statistics_, "eval", 100, 9);
    RegisterPlugins(registry_);
  }
  void TearDown() override { fs::remove_all(root_); }

  // An INT feature "n" in 0..max, and a text feature with the value "x" or "y".
  void WriteStatistics(const Artifact& artifact, const std::string& split, int num_examples,
                       int max) {
    DatasetFeatureStatisticsList list;
    auto* dataset = list.add_datasets();
    dataset->set_num_examples(num_examples);
    auto* number = dataset->add_features();
    number->mutable_path()->add_step("n");
    number->mutable_num_stats()->set_max(max);
    auto* common = number->mutable_num_stats()->mutable_common_stats();
    common->set_num_non_missing(num_examples);
    common->set_min_num_values(1);
    common->set_max_num_values(1);
    auto* text = dataset->add_features();
    text->mutable_path()->add_step("t");
    text->set_type(::tensorflow::metadata::v0::FeatureNameStatistics::STRING);
    *text->mutable_string_stats()->mutable_common_stats() = *common;
    auto* bucket = text->mutable_string_stats()->mutable_rank_histogram()->add_buckets();
    bucket->set_label(max > 5 ? "y" : "x");
    bucket->set_sample_count(num_examples);
    fs::create_directories(artifact.SplitUri(split));
    ASSERT_TRUE(statistics::WriteStatistics(
                    io::JoinPath(artifact.SplitUri(split), statistics::kStatisticsFile), list)
                    .ok());
  }

  Artifact WriteSchema(const std::string& text) {
    Artifact schema{.type = "Schema", .uri = (root_ / "curated").string()};
    fs::create_directories(schema.uri);
    std::ofstream(fs::path(schema.uri) / schema::kSchemaFile) << text;
    return schema;
  }

  // Runs a component; its only output is `output_`.
  Status Run(const std::string& name, const Json& params,
             const std::map<std::string, Artifact>& inputs) {
    const Component* component = *registry_.Find(name);
    auto values = ParamValues::FromJson(component->params, params, name);
    if (!values.ok()) return values.status();
    params_ = *std::move(values);
    RunContext context(params_);
    if (component->resolve != nullptr) {
      BESSEMER_ASSIGN_OR_RETURN(context.resolved,
                                component->resolve(params_, hashes_, Progress::None()));
    }
    for (const auto& [port, artifact] : inputs) context.inputs[port] = {artifact};
    const Port& port = component->outputs.at(0);
    output_ = {.type = port.artifact_type, .uri = (root_ / "out" / name).string()};
    fs::remove_all(output_.uri);
    fs::create_directories(output_.uri);
    context.outputs[port.name] = output_;
    const Status status = component->run(context);
    output_ = context.outputs[port.name];
    summary_ = context.summary;
    return status;
  }

  Anomalies ReadAnomalies(const std::string& split) {
    Anomalies anomalies;
    EXPECT_TRUE(anomalies.ParseFromString(
        *io::ReadFile(io::JoinPath(output_.SplitUri(split), "SchemaDiff.pb"))));
    return anomalies;
  }

  fs::path root_;
  Artifact statistics_, output_;
  std::string summary_;
  io::FileHashes hashes_;
  ComponentRegistry registry_{"component"};
  ParamValues params_;
};

// The store's form of {"eval": e, "train": t}.
constexpr char kBothBlessed[] = "mlmd-struct::"
    "CjYKCV9fdmFsdWVfXxIpKicKEQoEZXZhbBIJEQAAAAAAAPA/ChIKBXRyYWluEgkRAAAAAAAA8D8=";

TEST_F(SchemaComponentsTest, SchemaGenFitsAllSplits) {
  ASSERT_TRUE(Run("SchemaGen", Json::object(), {{"statistics", statistics_}}).ok());
  const auto schema = schema::ReadSchema(output_.uri);
  ASSERT_TRUE(schema.ok()) << Message(schema.status());
  EXPECT_EQ(schema->feature_size(), 2);
  EXPECT_TRUE(schema->feature(0).has_shape());
  ASSERT_EQ(schema->string_domain_size(), 1);
  EXPECT_EQ(schema->string_domain(0).value_size(), 2) << "the second split has another value";
}

TEST_F(SchemaComponentsTest, ASplitWithoutExamplesSaysNothingAboutFeatures) {
  for (const char* empty : {"eval", "train"}) {
    SCOPED_TRACE(empty);
    WriteStatistics(statistics_, "train", 100, 5);
    WriteStatistics(statistics_, "eval", 100, 5);
    ASSERT_TRUE(statistics::WriteStatistics(
                    io::JoinPath(statistics_.SplitUri(empty), statistics::kStatisticsFile),
                    [] {
                      DatasetFeatureStatisticsList list;
                      list.add_datasets();
                      return list;
                    }())
                    .ok());
    ASSERT_TRUE(Run("SchemaGen", Json::object(), {{"statistics", statistics_}}).ok());
    const auto schema = schema::ReadSchema(output_.uri);
    ASSERT_TRUE(schema.ok()) << schema.status();
    ASSERT_EQ(schema->feature_size(), 2);
    for (const auto& feature : schema->feature()) {
      EXPECT_FALSE(feature.has_lifecycle_stage()) << feature.ShortDebugString();
      EXPECT_EQ(feature.presence().min_fraction(), 1.0);
    }
  }
}

TEST_F(SchemaComponentsTest, SchemaGenLeavesSplitsOut) {
  const Json params =
      Json::parse(R"({"exclude_splits": ["eval"], "infer_feature_shape": false})");
  ASSERT_TRUE(Run("SchemaGen", params, {{"statistics", statistics_}}).ok());
  const auto schema = schema::ReadSchema(output_.uri);
  EXPECT_EQ(schema->string_domain(0).value_size(), 1);
  EXPECT_FALSE(schema->feature(0).has_shape());
  const Status unknown =
      Run("SchemaGen", Json::parse(R"({"exclude_splits": ["test"]})"),
          {{"statistics", statistics_}});
  EXPECT_THAT(std::string(Message(unknown)), HasSubstr("no split 'test'"));
}

TEST_F(SchemaComponentsTest, ImportSchemaGenCopiesTheFileAsItIs) {
  const std::string text = "# by hand\nfeature {   name: 'n' type: INT }\n";
  const Artifact curated = WriteSchema(text);
  const std::string file = io::JoinPath(curated.uri, schema::kSchemaFile);
  ASSERT_TRUE(Run("ImportSchemaGen", Json::object({{"schema_file", file}}), {}).ok());
  EXPECT_EQ(*io::ReadFile(io::JoinPath(output_.uri, schema::kSchemaFile)), text);
  EXPECT_FALSE(*io::Exists(io::JoinPath(output_.uri, validation::kRulesFile)));

  // Rules beside it come along.
  const std::string rules = io::JoinPath(curated.uri, validation::kRulesFile);
  ASSERT_TRUE(io::WriteFileAtomically(rules, "rules: [{name: r, row: n > 1}]").ok());
  ASSERT_TRUE(Run("ImportSchemaGen", Json::object({{"schema_file", file}}), {}).ok());
  EXPECT_EQ(*io::ReadFile(io::JoinPath(output_.uri, validation::kRulesFile)),
            "rules: [{name: r, row: n > 1}]");
  ASSERT_TRUE(io::WriteFileAtomically(rules, "rules: [{name: r}]").ok());
  const Status bad_rules = Run("ImportSchemaGen", Json::object({{"schema_file", file}}), {});
  EXPECT_THAT(std::string(Message(bad_rules)), HasSubstr("rules.yaml"));
  ASSERT_TRUE(io::RemoveTree(rules).ok());

  WriteSchema("feature { nam: 'n' }");
  const Status malformed = Run("ImportSchemaGen", Json::object({{"schema_file", file}}), {});
  EXPECT_THAT(std::string(Message(malformed)), HasSubstr("schema.pbtxt:1:"));
}

TEST_F(SchemaComponentsTest, ExampleValidatorBlessesGoodSplits) {
  const Artifact schema = WriteSchema(
      "feature { name: 'n' type: INT int_domain { max: 5 } } "
      "feature { name: 't' type: BYTES }");
  const std::map<std::string, Artifact> inputs = {{"statistics", statistics_},
                                                  {"schema", schema}};
  ASSERT_TRUE(Run("ExampleValidator", Json::object(), inputs).ok());
  EXPECT_EQ(output_.SplitNames(), (std::vector<std::string>{"train", "eval"}));
  EXPECT_EQ(output_.IntProperty("span"), 3);
  EXPECT_EQ(ReadAnomalies("train").anomaly_info_size(), 0);
  ASSERT_EQ(ReadAnomalies("eval").anomaly_info_size(), 1);
  EXPECT_GT(ReadAnomalies("eval").anomaly_info().at("n").diff_regions_size(), 0);
  EXPECT_NE(output_.StringProperty("blessed"), kBothBlessed);
  EXPECT_THAT(output_.StringProperty("blessed"), ::testing::StartsWith("mlmd-struct::"));
  EXPECT_THAT(summary_, HasSubstr("train: no anomalies"));
  EXPECT_THAT(summary_, HasSubstr("at most 5; saw 9"));

  const Json lenient =
      Json::parse(R"({"severities": {"INT_TYPE_BIG_INT": "WARNING"}, "fail_on": "ERROR"})");
  ASSERT_TRUE(Run("ExampleValidator", lenient, inputs).ok());
  EXPECT_EQ(output_.StringProperty("blessed"), kBothBlessed);
  const Json train_only = Json::parse(R"({"exclude_splits": ["eval"]})");
  ASSERT_TRUE(Run("ExampleValidator", train_only, inputs).ok());
  EXPECT_EQ(output_.SplitNames(), (std::vector<std::string>{"train"}));
  const Json mistyped = Json::parse(R"({"severities": {"X_Y": "ERROR"}})");
  EXPECT_THAT(std::string(Message(Run("ExampleValidator", mistyped, inputs))),
              HasSubstr("unknown anomaly type 'X_Y'"));
}

TEST_F(SchemaComponentsTest, ExampleValidatorComparesWithThePreviousSpan) {
  const Artifact schema = WriteSchema(
      "feature { name: 'n' type: INT } feature { name: 't' type: BYTES drift_comparator { "
      "infinity_norm { threshold: 0.1 } } }");
  Artifact previous = statistics_;
  previous.uri = (root_ / "previous").string();
  WriteStatistics(previous, "train", 50, 9);  // no split "eval": nothing to compare that with
  ASSERT_TRUE(Run("ExampleValidator", Json::object(),
                  {{"statistics", statistics_}, {"schema", schema},
                   {"previous_statistics", previous}})
                  .ok());
  EXPECT_EQ(ReadAnomalies("train").anomaly_info().at("t").reason(0).type(),
            ::tensorflow::metadata::v0::AnomalyInfo::COMPARATOR_L_INFTY_HIGH);
  EXPECT_EQ(ReadAnomalies("eval").anomaly_info_size(), 0);
  ASSERT_EQ(ReadAnomalies("train").drift_skew_info_size(), 1);
  EXPECT_EQ(ReadAnomalies("train").drift_skew_info(0).drift_measurements(0).value(), 1);
  EXPECT_THAT(summary_, HasSubstr("span 3, compared with span 3"));
  EXPECT_THAT(summary_, HasSubstr("t        drift     L_INFTY         1        0.1  above"));
}

TEST_F(SchemaComponentsTest, SchemaGenTransforms) {
  const Json params = Json::parse(R"({
    "default_environments": ["TRAINING", "SERVING"],
    "not_in_environment": {"SERVING": ["t"]},
    "features": {"n": {"intDomain": {"max": 50}, "presence": {"minFraction": 0.5}}}})");
  ASSERT_TRUE(Run("SchemaGen", params, {{"statistics", statistics_}}).ok());
  const auto schema = schema::ReadSchema(output_.uri);
  EXPECT_EQ(schema->default_environment_size(), 2);
  EXPECT_EQ(schema->feature(1).not_in_environment(0), "SERVING");
  EXPECT_EQ(schema->feature(0).int_domain().max(), 50);
  EXPECT_EQ(schema->feature(0).presence().min_fraction(), 0.5);
  EXPECT_EQ(schema->feature(0).presence().min_count(), 1);
  const Json mistyped = Json::parse(R"({"features": {"nn": {}}})");
  EXPECT_THAT(std::string(Message(Run("SchemaGen", mistyped, {{"statistics", statistics_}}))),
              HasSubstr("no feature 'nn'; did you mean 'n'?"));
}

TEST_F(SchemaComponentsTest, ExampleValidatorJudgesByRules) {
  const Artifact schema =
      WriteSchema("feature { name: 'n' type: INT } feature { name: 't' type: BYTES }");
  std::ofstream(fs::path(schema.uri) / "rules.yaml")
      << "rules: [{name: low, statistics: max(n) < 8}]\n"
         "severities: {n: WARNING}\n";
  ASSERT_TRUE(Run("ExampleValidator", Json::object(),
                  {{"statistics", statistics_}, {"schema", schema}})
                  .ok());
  EXPECT_EQ(ReadAnomalies("train").anomaly_info_size(), 0);
  EXPECT_THAT(ReadAnomalies("eval").anomaly_info().at("n").description(),
              HasSubstr("Expected max(n) < 8; max(n) is 9."));
}

TEST_F(SchemaComponentsTest, ExampleValidatorWritesBadRows) {
  const Artifact schema = WriteSchema(
      "feature { name: 'n' type: INT int_domain { max: 3 } } feature { name: 't' type: BYTES } "
      "annotation { comment: 'rule: {\"name\": \"odd\", \"row\": \"n % 2 = 1\"}' }");
  Artifact examples{.type = "Examples", .uri = (root_ / "examples").string()};
  examples.SetSplitNames({"train"});
  fs::create_directories(examples.SplitUri("train"));
  auto writer = io::TFRecordWriter::Open(
      examples.SplitUri("train") + "/data_tfrecord-00000-of-00001.gz", io::Compression::kGzip);
  for (const int64_t n : {1, 2, 5}) {
    ::tensorflow::Example example;
    (*example.mutable_features()->mutable_feature())["n"].mutable_int64_list()->add_value(n);
    ASSERT_TRUE((*writer)->Write(example.SerializeAsString()).ok());
  }
  ASSERT_TRUE((*writer)->Close().ok());
  const std::map<std::string, Artifact> inputs = {
      {"statistics", statistics_}, {"schema", schema}, {"examples", examples}};
  ASSERT_TRUE(Run("ExampleValidator", Json::parse(R"({"bad_rows": true})"), inputs).ok());
  const auto rows = io::ReadFile(output_.SplitUri("train") + "/bad_rows.jsonl");
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ(std::count(rows->begin(), rows->end(), '\n'), 2);
  EXPECT_THAT(*rows, HasSubstr("\"rule\":\"odd\""));
  EXPECT_THAT(ReadAnomalies("train").anomaly_info().at("n").description(),
              HasSubstr("1 of 3 rows break it"));
  EXPECT_THAT(summary_, HasSubstr("train: 2 of 3 rows break the schema or a rule"));
  const Status alone = Run("ExampleValidator", Json::parse(R"({"bad_rows": true})"),
                           {{"statistics", statistics_}, {"schema", schema}});
  EXPECT_THAT(std::string(Message(alone)), HasSubstr("only if 'examples' is connected"));
}

TEST_F(SchemaComponentsTest, RulesOverRowsAreCountedByStatisticsGen) {
  const Artifact schema = WriteSchema("feature { name: 'n' type: INT }");
  const auto write_rules = [&](const char* rule) {
    std::ofstream(fs::path(schema.uri) / "rules.yaml") << "rules: [{name: odd, row: " << rule
                                                       << "}]\n";
  };
  write_rules("n % 2 = 1");
  Artifact examples{.type = "Examples", .uri = (root_ / "examples").string()};
  examples.SetSplitNames({"train"});
  fs::create_directories(examples.SplitUri("train"));
  const std::string file = examples.SplitUri("train") + "/data_tfrecord-00000-of-00001.gz";
  auto writer = io::TFRecordWriter::Open(file, io::Compression::kGzip);
  for (const int64_t n : {1, 2, 5}) {
    ::tensorflow::Example example;
    (*example.mutable_features()->mutable_feature())["n"].mutable_int64_list()->add_value(n);
    ASSERT_TRUE((*writer)->Write(example.SerializeAsString()).ok());
  }
  ASSERT_TRUE((*writer)->Close().ok());
  const auto validate = [&](const Artifact& statistics) {
    return Run("ExampleValidator", Json::object(),
               {{"statistics", statistics}, {"schema", schema}, {"examples", examples}});
  };
  ASSERT_TRUE(Run("StatisticsGen", Json::object(), {{"examples", examples}}).ok());
  ASSERT_TRUE(validate(output_).ok());  // by the rows
  const std::string by_rows = ReadAnomalies("train").anomaly_info().at("n").DebugString();
  EXPECT_THAT(by_rows, HasSubstr("1 of 3 rows break it"));

  ASSERT_TRUE(
      Run("StatisticsGen", Json::object(), {{"examples", examples}, {"schema", schema}}).ok());
  const Artifact counted = output_;
  const std::string rows = *io::ReadFile(file);
  std::ofstream(file) << "no record";  // whoever reads it fails
  ASSERT_TRUE(validate(counted).ok());
  EXPECT_EQ(ReadAnomalies("train").anomaly_info().at("n").DebugString(), by_rows);
  write_rules("n % 2 = 0");  // not what was counted
  EXPECT_FALSE(validate(counted).ok());
  std::ofstream(file, std::ios::binary) << rows;
  ASSERT_TRUE(validate(counted).ok());
  EXPECT_THAT(ReadAnomalies("train").anomaly_info().at("n").description(),
              HasSubstr("2 of 3 rows break it"));

  // Slices are judged by counts, be the rows looked at or not.
  ASSERT_TRUE(Run("StatisticsGen", {{"slices", {"n"}}},
                  {{"examples", examples}, {"schema", schema}}).ok());
  const Artifact sliced = output_;
  for (const bool bad_rows : {false, true}) {
    ASSERT_TRUE(Run("ExampleValidator", {{"slices", true}, {"bad_rows", bad_rows}},
                    {{"statistics", sliced}, {"schema", schema}, {"examples", examples}}).ok());
    const Anomalies anomalies = ReadAnomalies("train");
    EXPECT_THAT(anomalies.anomaly_info().at("n").description(), HasSubstr("2 of 3 rows break it"));
    ASSERT_TRUE(anomalies.anomaly_info().contains("'slice(n_5)::n'")) << bad_rows;
    EXPECT_THAT(anomalies.anomaly_info().at("'slice(n_5)::n'").description(),
                HasSubstr("of slice n_5; 1 of 1 rows break it"));
    EXPECT_THAT(summary_, Not(HasSubstr("not judged")));
  }

  // What nobody judged is not passed over in silence.
  write_rules("n > 100");
  ASSERT_TRUE(
      Run("ExampleValidator", Json::object(), {{"statistics", counted}, {"schema", schema}}).ok());
  EXPECT_THAT(summary_, HasSubstr("train: not judged: 'odd'; connect 'examples', or give"));
  std::ofstream(root_ / "compare.yaml")
      << "rules: [{name: grows, statistics: num_rows > previous(num_rows)}]";
  const std::string compare = (root_ / "compare.yaml").string();
  std::map<std::string, Artifact> inputs = {{"statistics", counted}, {"schema", schema}};
  ASSERT_TRUE(Run("ExampleValidator", {{"rules", compare}}, inputs).ok());
  EXPECT_THAT(summary_, HasSubstr("train: not judged: 'grows'; there are no other statistics"));
  inputs["previous_statistics"] = counted;
  ASSERT_TRUE(Run("ExampleValidator", {{"rules", compare}}, inputs).ok());
  EXPECT_THAT(summary_, Not(HasSubstr("'grows'; there are no")));
}

TEST_F(SchemaComponentsTest, DistributionValidatorComparesPairsOfSplits) {
  const Json params = Json::parse(R"({"features": {"t": {"infinity_norm": 0.5}},
                                      "include_split_pairs": [["eval", "train"]]})");
  const std::map<std::string, Artifact> inputs = {{"statistics", statistics_},
                                                  {"baseline_statistics", statistics_}};
  ASSERT_TRUE(Run("DistributionValidator", params, inputs).ok());
  EXPECT_EQ(output_.SplitNames(), std::vector<std::string>{"eval_train"});
  Anomalies anomalies;
  ASSERT_TRUE(anomalies.ParseFromString(
      *io::ReadFile(output_.uri + "/SplitPair-eval_train/SchemaDiff.pb")));
  EXPECT_EQ(anomalies.anomaly_info().at("t").reason(0).type(),
            ::tensorflow::metadata::v0::AnomalyInfo::COMPARATOR_L_INFTY_HIGH);
  EXPECT_EQ(output_.IntProperty("span"), 3);
  const Json same = Json::parse(R"({"features": {"t": {"infinity_norm": 0.5}}})");
  ASSERT_TRUE(Run("DistributionValidator", same, inputs).ok());
  EXPECT_THAT(summary_, HasSubstr("eval against eval: no anomalies"));
  ASSERT_TRUE(Run("DistributionValidator", same, {{"statistics", statistics_}}).ok());
  EXPECT_THAT(summary_, HasSubstr("no baseline yet"));
  for (const auto& [json, expected] : std::vector<std::pair<const char*, const char*>>{
           {R"({})", "nothing to compare"},
           {R"({"features": {"t": {"infinity_nrm": 1}}})", "did you mean 'infinity_norm'?"},
           {R"({"features": {"t": {"infinity_norm": 1}}, "include_split_pairs": [["a", "b"]]})",
            "there is no pair [a, b]"}}) {
    EXPECT_THAT(
        std::string(Message(Run("DistributionValidator", Json::parse(json), inputs))),
        HasSubstr(expected));
  }
}

TEST_F(SchemaComponentsTest, ExampleDiffWritesWhatTfxDoes) {
  Artifact examples{.type = "Examples", .uri = (root_ / "examples").string()};
  examples.SetSplitNames({"train", "eval"});
  for (const std::string split : {"train", "eval"}) {
    fs::create_directories(examples.SplitUri(split));
    auto writer = io::TFRecordWriter::Open(
        examples.SplitUri(split) + "/data_tfrecord-00000-of-00001.gz", io::Compression::kGzip);
    ::tensorflow::Example example;
    auto& features = *example.mutable_features()->mutable_feature();
    features["id"].mutable_int64_list()->add_value(1);
    features["x"].mutable_bytes_list()->add_value(split);
    ASSERT_TRUE((*writer)->Write(example.SerializeAsString()).ok());
    ASSERT_TRUE((*writer)->Close().ok());
  }
  const Json params = Json::parse(R"({"identifier_features": ["id"], "skew_sample_size": 5})");
  ASSERT_TRUE(Run("ExampleDiff", params,
                  {{"examples", examples}, {"baseline_examples", examples}})
                  .ok());
  for (const char* pair : {"train_train", "train_eval", "eval_train", "eval_eval"}) {
    for (const char* file : {"skew_stats", "match_stats", "sample_pairs"}) {
      EXPECT_TRUE(*io::Exists(fmt::format("{}/SplitPair-{}/{}-00000-of-00001", output_.uri, pair,
                                         file)))
          << pair << file;
    }
  }
  auto reader = io::TFRecordReader::Open(output_.uri +
                                         "/SplitPair-train_eval/sample_pairs-00000-of-00001");
  std::string_view record;
  ASSERT_TRUE(*(*reader)->Next(&record));
  EXPECT_THAT(std::string(record), HasSubstr("eval")) << "base is the baseline's split";
  EXPECT_THAT(summary_, HasSubstr("train against eval:"));
}

}  // namespace
}  // namespace bessemer::components
