#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "bessemer/columnar/short_form.h"
#include "bessemer/example_gen/example_codec.h"
#include "bessemer/io/tfrecord.h"
#include "bessemer/schema/text_errors.h"
#include "bessemer/statistics/generate.h"
#include "bessemer/validation/row_scan.h"
#include "bessemer/validation/validate.h"
#include "tensorflow/core/example/example.pb.h"

namespace bessemer::validation {
namespace {

using ::tensorflow::Example;
using ::tensorflow::metadata::v0::AnomalyInfo;
using ::tensorflow::metadata::v0::Schema;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

Schema SchemaFrom(std::string_view text) {
  Schema schema;
  const Status status = schema::ParseTextQuietly(text, &schema);
  EXPECT_TRUE(status.ok()) << status;
  return schema;
}

Example ExampleFrom(std::string_view text) {
  Example example;
  const Status status = schema::ParseTextQuietly(text, &example);
  EXPECT_TRUE(status.ok()) << status;
  return example;
}

std::shared_ptr<arrow::RecordBatch> BatchOf(const std::vector<Example>& examples) {
  std::vector<std::string> records;
  for (const Example& example : examples) records.push_back(example.SerializeAsString());
  const auto batch = example_gen::DecodeExamples({records.begin(), records.end()});
  EXPECT_TRUE(batch.ok()) << batch.status();
  return *batch;
}

// "row type feature" each.
std::vector<std::string> Find(const Schema& schema, const std::vector<Example>& examples,
                              RowValidatorOptions options = {}) {
  const auto validator = RowValidator::Create(schema, std::move(options));
  EXPECT_TRUE(validator.ok()) << validator.status();
  const auto findings = (*validator)->Check(*BatchOf(examples));
  EXPECT_TRUE(findings.ok()) << findings.status();
  std::vector<std::string> lines;
  for (const RowFinding& f : *findings) {
    lines.push_back(fmt::format("{} {} {}", f.row, AnomalyInfo::Type_Name(f.type),
                                f.rule.empty() ? f.feature : f.rule));
  }
  return lines;
}

Example With(const std::string& name, const std::string& value) {
  return ExampleFrom(fmt::format("features {{ feature {{ key: '{}' value {{ {} }} }} }}", name,
                                 value));
}

// Of a large value inference knows the short form that statistics have.
TEST(RowValidatorTest, KnowsLargeValuesByTheirShortForms) {
  const std::string known(5000, 'k');
  for (const std::string& value : {known, columnar::ShortForm(known)}) {
    const Schema schema = SchemaFrom(
        fmt::format("feature {{ name: 'x' type: BYTES string_domain {{ value: '{}' }} }}", value));
    const auto row = [](const std::string& text) {
      return With("x", fmt::format("bytes_list {{ value: '{}' }}", text));
    };
    EXPECT_THAT(Find(schema, {row(known), row(known + "k")}),
                ElementsAre("1 ENUM_TYPE_UNEXPECTED_STRING_VALUES x"));
  }
}

TEST(RowValidatorTest, FindsWhatARowBreaks) {
  struct Case {
    const char* feature;  // of the schema, named x
    const char* value;    // of the example's x; "" for none
    std::vector<std::string> types;
  };
  const std::vector<Case> cases = {
      {"type: INT int_domain { min: 1 max: 5 }", "int64_list { value: [1, 5] }", {}},
      {"type: INT int_domain { min: 1 }", "int64_list { value: [2, 0, -1] }",
       {"INT_TYPE_SMALL_INT"}},
      {"type: INT int_domain { max: 5 }", "int64_list { value: 6 }", {"INT_TYPE_BIG_INT"}},
      {"type: INT bool_domain {}", "int64_list { value: [0, 1] }", {}},
      {"type: INT bool_domain {}", "int64_list { value: 2 }", {"BOOL_TYPE_BIG_INT"}},
      {"type: INT bool_domain {}", "int64_list { value: -1 }", {"BOOL_TYPE_SMALL_INT"}},
      {"type: INT", "float_list { value: 1 }", {"UNEXPECTED_DATA_TYPE"}},
      {"type: FLOAT float_domain { min: 1 max: 2 }", "float_list { value: [1, 2, nan] }", {}},
      {"type: FLOAT float_domain { min: 1 }", "float_list { value: 0.5 }",
       {"FLOAT_TYPE_SMALL_FLOAT"}},
      {"type: FLOAT float_domain { max: 1 }", "float_list { value: inf }",
       {"FLOAT_TYPE_BIG_FLOAT"}},
      {"type: FLOAT float_domain { disallow_inf: true }", "float_list { value: inf }",
       {"FLOAT_TYPE_HAS_INF"}},
      {"type: FLOAT float_domain { disallow_nan: true }", "float_list { value: nan }",
       {"FLOAT_TYPE_HAS_NAN"}},
      {"type: FLOAT bool_domain {}", "float_list { value: 0.5 }", {"BOOL_TYPE_UNEXPECTED_FLOAT"}},
      {"type: FLOAT bool_domain {}", "float_list { value: [0, 1] }", {}},
      {"type: BYTES domain: 'd'", "bytes_list { value: ['a', 'b'] }", {}},
      {"type: BYTES domain: 'd'", "bytes_list { value: 'c' }",
       {"ENUM_TYPE_UNEXPECTED_STRING_VALUES"}},
      {"type: BYTES domain: 'd'", "bytes_list { value: '\\377' }", {"ENUM_TYPE_INVALID_UTF8"}},
      {"type: BYTES string_domain { value: 'q' }", "bytes_list { value: 'q' }", {}},
      {"type: BYTES int_domain { max: 5 }", "bytes_list { value: '7' }", {"INT_TYPE_BIG_INT"}},
      {"type: BYTES int_domain {}", "bytes_list { value: 'x' }", {"INT_TYPE_NOT_INT_STRING"}},
      {"type: BYTES float_domain { min: 0 }", "bytes_list { value: '-1.5' }",
       {"FLOAT_TYPE_SMALL_FLOAT"}},
      {"type: BYTES float_domain {}", "bytes_list { value: 'x' }", {"FLOAT_TYPE_STRING_NOT_FLOAT"}},
      {"type: BYTES bool_domain { true_value: 'y' }", "bytes_list { value: 'n' }",
       {"BOOL_TYPE_UNEXPECTED_STRING"}},
      {"type: BYTES image_domain { max_image_byte_size: 2 }", "bytes_list { value: 'abc' }",
       {"MAX_IMAGE_BYTE_SIZE_EXCEEDED"}},
      {"type: INT value_count { min: 2 max: 3 }", "int64_list { value: 1 }",
       {"FEATURE_TYPE_LOW_NUMBER_VALUES"}},
      {"type: INT value_count { max: 1 }", "int64_list { value: [1, 2] }",
       {"FEATURE_TYPE_HIGH_NUMBER_VALUES"}},
      {"type: INT shape { dim { size: 2 } }", "int64_list { value: [1, 2] }", {}},
      {"type: INT shape { dim { size: 2 } }", "int64_list { value: [1] }",
       {"INVALID_FEATURE_SHAPE"}},
      {"type: INT presence { min_fraction: 1 }", "", {"FEATURE_TYPE_LOW_FRACTION_PRESENT"}},
      {"type: INT presence { min_fraction: 0.9 }", "", {}},
      {"type: INT presence { min_fraction: 1 } lifecycle_stage: DEPRECATED", "", {}},
      {"type: INT presence { min_fraction: 1 } not_in_environment: 'E'", "", {}},
      {"type: INT not_in_environment: 'E'", "int64_list { value: 1 }", {"SCHEMA_NEW_COLUMN"}},
  };
  for (const Case& c : cases) {
    const Schema schema = SchemaFrom(fmt::format(
        "default_environment: 'E' string_domain {{ name: 'd' value: 'a' value: 'b' }} "
        "feature {{ name: 'x' {} }} "
        "feature {{ name: 'id' type: INT }}",
        c.feature));
    Example example = With("id", "int64_list { value: 1 }");
    if (*c.value != '\0') example.MergeFrom(With("x", c.value));
    std::vector<std::string> expected;
    for (const std::string& type : c.types) expected.push_back("0 " + type + " x");
    EXPECT_EQ(Find(schema, {example}, {.environment = "E"}), expected)
        << c.feature << " " << c.value;
  }
}

TEST(RowValidatorTest, LooksIntoStructs) {
  const Schema schema = SchemaFrom(
      "feature { name: 'user' type: STRUCT presence { min_fraction: 1 } struct_domain { "
      "  feature { name: 'age' type: INT int_domain { min: 0 } value_count { max: 1 } "
      "            presence { min_fraction: 1 } } "
      "  feature { name: 'home' type: STRUCT struct_domain { "
      "    feature { name: 'city' type: BYTES string_domain { value: 'Rome' } } } } } }");
  Example whole = With("user.age", "int64_list { value: [3, 4] }");
  whole.MergeFrom(With("user.home.city", "bytes_list { value: 'Rome' }"));
  EXPECT_THAT(Find(schema, {whole}), IsEmpty());
  EXPECT_THAT(Find(schema, {With("user.home.city", "bytes_list { value: 'Rome' }")}), IsEmpty());
  Example bad = With("user.age", "int64_list { value: [3, -4] }");
  bad.MergeFrom(With("user.home.city", "bytes_list { value: 'Oslo' }"));
  bad.MergeFrom(With("user.name", "bytes_list { value: 'x' }"));
  EXPECT_THAT(Find(schema, {bad}),
              UnorderedElementsAre("0 INT_TYPE_SMALL_INT user.age",
                                   "0 ENUM_TYPE_UNEXPECTED_STRING_VALUES user.home.city",
                                   "0 SCHEMA_NEW_COLUMN user.name"));
  EXPECT_THAT(Find(schema, {Example()}),
              ElementsAre("0 FEATURE_TYPE_LOW_FRACTION_PRESENT user"));
}

TEST(RowValidatorTest, NewAndCompositeFeatures) {
  const Schema schema = SchemaFrom(
      "feature { name: 'v' type: INT } feature { name: 'i' type: INT } "
      "sparse_feature { name: 's' value_feature { name: 'v' } index_feature { name: 'i' } } "
      "weighted_feature { name: 'w' feature { step: 'v' } weight_feature { step: 'i' } }");
  const std::string one = "int64_list { value: 1 }";
  Example both = With("v", one);
  both.MergeFrom(With("i", one));
  Example uneven = With("v", "int64_list { value: [1, 2] }");
  uneven.MergeFrom(With("i", one));
  EXPECT_THAT(
      Find(schema, {With("new", one), both, With("v", one), uneven, Example()}),
      ElementsAre("0 SCHEMA_NEW_COLUMN new", "2 SPARSE_FEATURE_MISSING_INDEX s",
                  "2 SPARSE_FEATURE_LENGTH_MISMATCH s", "2 WEIGHTED_FEATURE_MISSING_WEIGHT w",
                  "2 WEIGHTED_FEATURE_LENGTH_MISMATCH w", "3 SPARSE_FEATURE_LENGTH_MISMATCH s",
                  "3 WEIGHTED_FEATURE_LENGTH_MISMATCH w"));
  SeverityOverrides severities;
  ASSERT_TRUE(severities.Add("SCHEMA_NEW_COLUMN=UNKNOWN").ok());
  EXPECT_TRUE(Find(schema, {With("new", one)}, {.severities = severities}).empty());
}

TEST(RowValidatorTest, RowRules) {
  const Schema schema = SchemaFrom("feature { name: 'a' type: INT }");
  const auto rows = [](const std::string& rule) {
    const auto row = [](const char* a, const char* b, const char* t) {
      Example example;
      const auto add = [&](const char* name, const char* kind, const char* value) {
        if (value != nullptr) {
          example.MergeFrom(With(name, fmt::format("{} {{ value: {} }}", kind, value)));
        }
      };
      add("a", "int64_list", a);
      add("b.c", "int64_list", b);
      add("t", "bytes_list", t);
      return example;
    };
    const Schema schema = SchemaFrom(
        "feature { name: 'a' type: INT } feature { name: 'b.c' type: INT } "
        "feature { name: 't' type: BYTES }");
    std::string text;
    for (const std::string& line :
         Find(schema, {row("1", "2", "'x'"), row("3", "2", "'yz'"), row(nullptr, "2", nullptr)},
              {.rules = {{.name = "r", .row = rule, .statistics = ""}}})) {
      text += line.substr(0, 1);
    }
    return text;
  };
  EXPECT_EQ(rows("a <= b.c"), "1");
  EXPECT_EQ(rows("a <= `b.c` and a between 2 and 9"), "01");
  EXPECT_EQ(rows("a is not null"), "2");
  EXPECT_EQ(rows("a in (1, 2)"), "1");
  EXPECT_EQ(rows("t = 'x' or t like 'y%'"), "");
  EXPECT_EQ(rows("t not like 'y_'"), "1");
  EXPECT_EQ(rows("a + 1 != 4"), "1");
  EXPECT_EQ(rows("case when a > 2 then b.c > 5 else true end"), "1");
  EXPECT_EQ(rows("nosuch > 1"), "");
  const auto bad = RowValidator::Create(
      schema, {.rules = {{.name = "r", .row = "exists(select x from unnest(a) x)"}}});
  EXPECT_THAT(std::string(Message(bad.status())), HasSubstr("rule 'r': a rule over rows has no"));
}

// What rows break is what the data set breaks: the same features and types as by statistics.
TEST(RowValidatorTest, AgreesWithStatistics) {
  const Schema schema = SchemaFrom(R"(
    feature { name: 'i' type: INT int_domain { min: 1 max: 3 } presence { min_fraction: 1 } }
    feature { name: 'f' type: FLOAT float_domain { min: 0 max: 2 disallow_nan: true }
              value_count { min: 1 max: 2 } }
    feature { name: 's' type: BYTES string_domain { value: 'a' value: 'b' } }
    feature { name: 'b' type: INT bool_domain {} shape { dim { size: 1 } } })");
  const std::vector<const char*> values = {
      "int64_list { value: 0 }",  "int64_list { value: 1 }",       "int64_list { value: [1, 4] }",
      "float_list { value: 1 }",  "float_list { value: [1, 2, 3] }", "float_list { value: nan }",
      "bytes_list { value: 'a' }", "bytes_list { value: 'c' }"};
  for (uint32_t seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    std::map<std::string, size_t> kinds;  // by feature: a kind for the whole data set
    std::vector<Example> examples(1 + random() % 4);
    for (const char* name : {"i", "f", "s", "b", "n"}) {
      const size_t kind = random() % 3;
      const size_t begin = kind * 3;
      const size_t size = kind == 2 ? 2 : 3;
      for (Example& example : examples) {
        if (random() % 4 != 0) example.MergeFrom(With(name, values[begin + random() % size]));
      }
    }
    std::set<std::string> by_row;
    for (const std::string& line : Find(schema, examples)) by_row.insert(line.substr(2));
    statistics::StatisticsOptions options;
    const auto batch = BatchOf(examples);
    const auto state = statistics::GenerateStatistics({statistics::SourceOf({batch})}, options, 1);
    ASSERT_TRUE(state.ok()) << state.status();
    const auto list = state->Finish();
    const auto anomalies = Validate(list.datasets(0), schema);
    ASSERT_TRUE(anomalies.ok()) << anomalies.status();
    std::set<std::string> by_statistics;
    for (const auto& [path, anomaly] : anomalies->anomaly_info()) {
      for (const auto& reason : anomaly.reason()) {
        std::string type = AnomalyInfo::Type_Name(reason.type());
        // A feature that no row has is missing in each of them.
        if (type == "SCHEMA_MISSING_COLUMN" || type == "FEATURE_TYPE_NOT_PRESENT") {
          type = "FEATURE_TYPE_LOW_FRACTION_PRESENT";
        }
        by_statistics.insert(fmt::format("{} {}", type, path));
      }
    }
    // By statistics a feature of another type is not looked at further, and shapes are judged
    // first; a shape is not judged where there is nothing at all.
    for (const std::string& line : by_row) {
      const bool is_shape = line.starts_with("INVALID_FEATURE_SHAPE");
      EXPECT_TRUE(by_statistics.contains(line) || is_shape) << seed << ": " << line;
    }
    for (const std::string& line : by_statistics) {
      const bool of_other_type =
          by_row.contains("UNEXPECTED_DATA_TYPE " + line.substr(line.find(' ') + 1));
      EXPECT_TRUE(by_row.contains(line) || of_other_type) << seed << ": " << line;
    }
  }
}

class RowScanTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = ::testing::TempDir() + "row_scan_XXXXXX";
    ASSERT_NE(mkdtemp(folder_.data()), nullptr);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string WriteFile(const std::string& name, const std::vector<std::string>& records) {
    const std::string path = folder_ + "/" + name;
    auto writer = io::TFRecordWriter::Open(path, io::Compression::kGzip);
    for (const std::string& record : records) EXPECT_TRUE((*writer)->Write(record).ok());
    EXPECT_TRUE((*writer)->Close().ok());
    return path;
  }
  std::string Read(const std::string& name) {
    std::ifstream in(folder_ + "/" + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  std::string folder_;
};

TEST_F(RowScanTest, WritesTheRowsWithFileAndNumber) {
  const std::string good = With("x", "int64_list { value: 1 }").SerializeAsString();
  const std::string big = With("x", "int64_list { value: 9 }").SerializeAsString();
  const std::string text = With("x", "bytes_list { value: 'a' }").SerializeAsString();
  const std::vector<std::string> files = {WriteFile("one", {good, big, good, "\xff", text}),
                                          WriteFile("two", {good, big})};
  const auto validator = RowValidator::Create(
      SchemaFrom("feature { name: 'x' type: INT int_domain { max: 5 } }"));
  ASSERT_TRUE(validator.ok());
  std::string first;
  for (const int num_threads : {1, 3}) {
    const auto result = ScanRows(files, **validator,
                                 {.out = folder_ + "/bad.jsonl",
                                  .num_samples = 3,
                                  .num_threads = num_threads,
                                  .scratch_dir = folder_});
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_EQ(result->num_rows, 7);
    EXPECT_EQ(result->num_bad_rows, 4);
    ASSERT_EQ(result->samples.size(), 3u);
    EXPECT_EQ(result->samples[2].row, 4);
    EXPECT_EQ(result->counts.at({"x", AnomalyInfo::INT_TYPE_BIG_INT, ""}).num_rows, 2);
    if (first.empty()) first = Read("bad.jsonl");
    EXPECT_EQ(Read("bad.jsonl"), first);
  }
  const Json line = Json::parse(first.substr(0, first.find('\n')));
  EXPECT_EQ(line["row"], 1);
  EXPECT_THAT(line["file"].get<std::string>(), HasSubstr("/one"));
  EXPECT_EQ(line["findings"][0]["type"], "INT_TYPE_BIG_INT");
  EXPECT_EQ(line["example"]["x"], Json({9}));
  EXPECT_THAT(first, HasSubstr(R"("record":"\"\\xff\"")"));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 3) << "scratch stays";

  ASSERT_TRUE(ScanRows(files, **validator, {.out = folder_ + "/bad", .limit = 2}).ok());
  auto reader = io::TFRecordReader::Open(folder_ + "/bad");
  std::string_view record;
  ASSERT_TRUE(*(*reader)->Next(&record));
  Example example;
  ASSERT_TRUE(example.ParseFromString(std::string(record)));
  EXPECT_EQ(example.features().feature().at("x").int64_list().value(0), 9);
  EXPECT_EQ(example.features().feature().at("bessemer.row").int64_list().value(0), 1);
  ASSERT_TRUE(*(*reader)->Next(&record));
  EXPECT_FALSE(*(*reader)->Next(&record));
}

TEST_F(RowScanTest, RowsThatTheirFormatRefusesAreWrittenToo) {
  std::ofstream(folder_ + "/in.csv") << "a,b\n1,2\n3\n4,5,6\n7,8\n9,\xff\n";
  const auto validator = RowValidator::Create(SchemaFrom(
      "feature { name: 'a' type: INT int_domain { max: 6 } } feature { name: 'b' type: BYTES }"));
  ASSERT_TRUE(validator.ok());
  const auto result = ScanRows({folder_ + "/in.csv"}, **validator,
                               {.out = folder_ + "/bad.jsonl", .num_samples = 9});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->num_rows, 5);
  std::vector<std::string> lines;
  std::ifstream in(folder_ + "/bad.jsonl");
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  ASSERT_GE(lines.size(), 3u);
  EXPECT_EQ(static_cast<int64_t>(lines.size()), result->num_bad_rows);
  EXPECT_EQ(result->samples.size(), lines.size());
  const Json short_row = Json::parse(lines[lines.size() - 2]);
  EXPECT_EQ(short_row["row"], 3);
  EXPECT_EQ(short_row["record"], "\"3\"");
  EXPECT_EQ(short_row["findings"][0]["text"],
            "Expected a row as the file's format demands; 1 cells, but 2 columns.");
  EXPECT_EQ(Json::parse(lines.back())["record"], "\"4,5,6\"");
  ASSERT_TRUE(
      ScanRows({folder_ + "/in.csv"}, **validator, {.out = folder_ + "/bad", .limit = 9}).ok());
  auto reader = io::TFRecordReader::Open(folder_ + "/bad");
  Example last;
  std::string_view record;
  while (*(*reader)->Next(&record)) ASSERT_TRUE(last.ParseFromString(std::string(record)));
  EXPECT_EQ(last.features().feature().at("bessemer.record").bytes_list().value(0), "4,5,6");
}

TEST_F(RowScanTest, ReadsCsvAndWritesCsv) {
  std::ofstream(folder_ + "/in.csv") << "a,b\n1,2\n5,4\n3,3\n";
  const auto validator = RowValidator::Create(
      SchemaFrom("feature { name: 'a' type: INT } feature { name: 'b' type: INT }"),
      {.rules = {{.name = "order", .row = "b >= a"}}});
  ASSERT_TRUE(validator.ok());
  const auto result =
      ScanRows({folder_ + "/in.csv"}, **validator, {.out = folder_ + "/out.csv", .num_samples = 9});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(Read("out.csv"),
            fmt::format("file,row,feature,type,severity,rule,text\n"
                        "{}/in.csv,3,b,CUSTOM_VALIDATION,ERROR,order,Expected b >= a.\n",
                        folder_));
  EXPECT_THAT(RowScanText(*result), HasSubstr("1 of 3 rows break the schema"));
  EXPECT_EQ(RowScanJson(*result)["rows"][0]["row"], 3);
  const auto anomalies = AnomaliesOf(*result, (*validator)->options().rules);
  EXPECT_THAT(anomalies.anomaly_info().at("b").description(), HasSubstr("1 of 3 rows break it"));
}

}  // namespace
}  // namespace bessemer::validation
