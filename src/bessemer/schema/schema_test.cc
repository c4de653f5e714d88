#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "bessemer/schema/domains.h"
#include "bessemer/schema/infer.h"
#include "bessemer/schema/schema_file.h"
#include "bessemer/schema/schema_model.h"
#include "bessemer/schema/schema_table.h"
#include "bessemer/schema/text_errors.h"

namespace bessemer::schema {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::tensorflow::metadata::v0::DatasetFeatureStatistics;
using ::tensorflow::metadata::v0::DatasetFeatureStatisticsList;
using ::tensorflow::metadata::v0::Schema;

template <typename Proto>
Proto Parse(std::string_view text) {
  Proto proto;
  const Status status = ParseTextQuietly(text, &proto);
  EXPECT_TRUE(status.ok()) << Message(status) << "\n" << text;
  return proto;
}

// Statistics of one feature "f" in ten examples.
DatasetFeatureStatistics Statistics(const std::string& type, const std::string& stats) {
  return Parse<DatasetFeatureStatistics>(fmt::format(
      "num_examples: 10 features {{ path {{ step: 'f' }} type: {} {} }}", type, stats));
}

constexpr char kCommon[] =
    "common_stats { num_non_missing: 10 min_num_values: 1 max_num_values: 1 tot_num_values: 10 }";

std::string Strings(std::initializer_list<const char*> values) {
  std::string buckets;
  for (const char* value : values) {
    buckets += fmt::format("buckets {{ label: '{}' sample_count: 1 }}", value);
  }
  return fmt::format("string_stats {{ {} rank_histogram {{ {} }} }}", kCommon, buckets);
}

TEST(InferTest, Domains) {
  const std::vector<std::tuple<std::string, std::string, std::string>> cases = {
      {"STRING", Strings({"x", "y"}), "domain: \"f\""},
      {"STRING", Strings({"1", "22", " -3 "}), "int_domain"},
      {"STRING", Strings({"1.5", "2"}), "domain: \"f\""},
      {"STRING", Strings({"true", "false"}), "bool_domain"},
      {"STRING", Strings({"true", "TRUE"}), "domain: \"f\""},
      {"STRING", Strings({"a", "b", "c", "d"}), ""},  // more than the three that are allowed
      {"INT", fmt::format("num_stats {{ {} min: 0 max: 1 }}", kCommon), "bool_domain"},
      {"INT", fmt::format("num_stats {{ {} min: 0 max: 2 }}", kCommon), ""},
      {"BYTES", Strings({"x"}), ""},
  };
  for (const auto& [type, stats, expected] : cases) {
    const auto schema = InferSchema(Statistics(type, stats), {.max_string_domain_size = 3});
    ASSERT_TRUE(schema.ok()) << Message(schema.status());
    const std::string text = schema->feature(0).ShortDebugString();
    if (expected.empty()) {
      EXPECT_EQ(DomainKind(schema->feature(0)), "") << stats;
    } else {
      EXPECT_THAT(text, HasSubstr(expected)) << stats;
    }
  }
}

TEST(InferTest, PresenceAndValency) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"num_non_missing: 10 min_num_values: 2 max_num_values: 2", "shape { dim { size: 2 } }"},
      {"num_non_missing: 9 num_missing: 1 min_num_values: 2 max_num_values: 2",
       "value_count { min: 2 max: 2 }"},
      {"num_non_missing: 10 min_num_values: 1 max_num_values: 3", "value_count { min: 1 }"},
  };
  for (const auto& [common, expected] : cases) {
    const auto schema = InferSchema(
        Statistics("FLOAT", fmt::format("num_stats {{ common_stats {{ {} }} }}", common)));
    ASSERT_TRUE(schema.ok());
    EXPECT_THAT(schema->feature(0).ShortDebugString(), HasSubstr(expected));
  }
}

TEST(InferTest, MalformedStatisticsAreErrorsThatNameTheFeature) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"features { path { step: 'f' } custom_stats { name: 'missing_value' } }", "'f' has no"},
      {"features { path { step: 'a' step: 'f' } num_stats {} }", "its parent 'a'"},
      {"features { path { step: 'f' } num_stats {} } features { name: 'g' num_stats {} }",
       "identified by path"},
      {"features { name: 'f' num_stats {} } features { name: 'f' num_stats {} }", "appears twice"},
      {"features { path {} num_stats {} }", "empty path"},
  };
  for (const auto& [text, message] : cases) {
    const auto schema = InferSchema(Parse<DatasetFeatureStatistics>(text));
    ASSERT_FALSE(schema.ok()) << text;
    EXPECT_THAT(std::string(Message(schema.status())), HasSubstr(message));
  }
}

TEST(StatisticsViewTest, NamesOfChildrenBeginWithTheNameOfTheirStruct) {
  const auto statistics = Parse<DatasetFeatureStatistics>(
      "features { name: 's' type: STRUCT struct_stats {} } features { name: 's.a' num_stats {} }"
      "features { name: 'sa' num_stats {} }");
  const auto view = DatasetView::Create(statistics);
  ASSERT_TRUE(view.ok());
  EXPECT_NE(view->Find(Path({"s", "a"})), nullptr);
  EXPECT_NE(view->Find(Path({"sa"})), nullptr);
  EXPECT_EQ(view->Roots().size(), 2);
}

TEST(StatisticsViewTest, DefaultDatasetIsTheOnlyOneOrThatOfAllExamples) {
  const auto slices = Parse<DatasetFeatureStatisticsList>(
      "datasets { name: 'US' } datasets { name: 'All Examples' num_examples: 3 }");
  EXPECT_EQ((*DefaultDataset(slices))->num_examples(), 3);
  const auto none = DefaultDataset(
      Parse<DatasetFeatureStatisticsList>("datasets { name: 'US' } datasets { name: 'FR' }"));
  EXPECT_THAT(std::string(Message(none.status())), HasSubstr("'US', 'FR'"));
}

TEST(DomainsTest, NumbersInText) {
  EXPECT_EQ(ParseInt("42"), 42);
  EXPECT_EQ(ParseInt(" -7\n"), -7);
  EXPECT_EQ(ParseInt("+7"), 7);
  for (const char* text : {"", "1.0", "x", "1 2", "+-1", "99999999999999999999"}) {
    EXPECT_EQ(ParseInt(text), std::nullopt) << text;
  }
  EXPECT_EQ(ParseFloat("1.5"), 1.5f);
  EXPECT_EQ(ParseFloat("1e400"), std::numeric_limits<float>::infinity());
  for (const char* text : {"", "x", "1.5y", "+-1"}) {
    EXPECT_EQ(ParseFloat(text), std::nullopt) << text;
  }
}

TEST(SchemaModelTest, FindsAddsAndRemoves) {
  SchemaModel model(Parse<Schema>(
      "feature { name: 's' type: STRUCT struct_domain { feature { name: 'a' domain: 'd' } } }"
      "string_domain { name: 'd' value: 'x' }"));
  ASSERT_NE(model.FindFeature(Path({"s", "a"})), nullptr);
  EXPECT_EQ(model.AddFeature(Path({"t", "a"})), nullptr);
  EXPECT_EQ(model.AddDomain("d")->name(), "d2");
  model.RemoveDomain("d");
  EXPECT_EQ(model.FindDomain("d"), nullptr);
  EXPECT_NE(model.FindDomain("d2"), nullptr);
  EXPECT_FALSE(model.FindFeature(Path({"s", "a"}))->has_domain());
}

TEST(SchemaModelTest, Environments) {
  const auto schema = Parse<Schema>(
      "default_environment: 'TRAINING' feature { name: 'label' presence { min_count: 1 } "
      "not_in_environment: 'SERVING' }");
  EXPECT_TRUE(IsRequired(schema.feature(0), schema, std::nullopt));
  EXPECT_TRUE(IsRequired(schema.feature(0), schema, "TRAINING"));
  EXPECT_FALSE(IsRequired(schema.feature(0), schema, "SERVING"));
  EXPECT_FALSE(IsRequired(schema.feature(0), schema, "OTHER"));
}

TEST(SchemaFileTest, ErrorsNameFileAndLine) {
  std::string folder = ::testing::TempDir() + "schema_XXXXXX";
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  const std::string path = folder + "/schema.pbtxt";
  const std::pair<const char*, const char*> cases[] = {
      {"feature {\n  nam: 'x'\n}\n", "schema.pbtxt:2:"},
      {"feature {\n  name: 'x'\n", "schema.pbtxt:3:1: Expected identifier, got: the end"},
  };
  for (const auto& [text, message] : cases) {
    std::ofstream(path) << text;
    const auto schema = ReadSchema(path);
    ASSERT_FALSE(schema.ok());
    EXPECT_THAT(std::string(Message(schema.status())), HasSubstr(message));
  }
  std::filesystem::remove_all(folder);
}

TEST(SchemaFileTest, RealNumbersAreWrittenAsTfxWritesThem) {
  const auto schema = Parse<Schema>(
      "feature { float_domain { min: -3 max: 0.1 } presence { min_fraction: 1 } }"
      "feature { float_domain { min: -inf } presence { min_fraction: 0.25 } }");
  const std::string text = SchemaText(schema);
  for (const char* line : {"min: -3.0\n", "max: 0.1\n", "min_fraction: 1.0\n", "min: -inf\n",
                           "min_fraction: 0.25\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
  EXPECT_EQ(Parse<Schema>(text).SerializeAsString(), schema.SerializeAsString());
}

TEST(SchemaTableTest, SaysWhatAPersonWouldAsk) {
  const std::string table = SchemaTable(Parse<Schema>(
      "feature { name: 'city' type: BYTES domain: 'c' presence { min_fraction: 1 } shape {} }"
      "feature { name: 'age' type: INT int_domain { min: 0 } value_count { min: 1 max: 3 } }"
      "string_domain { name: 'c' value: 'Rome' value: 'Oslo' }"));
  EXPECT_THAT(table, HasSubstr("city"));
  EXPECT_THAT(table, HasSubstr("always"));
  EXPECT_THAT(table, HasSubstr("2 values: Rome, Oslo"));
  EXPECT_THAT(table, HasSubstr("int 0 to …"));
  EXPECT_THAT(table, HasSubstr("1 to 3"));
}

TEST(SchemaDiffTest, NamesEntriesAndLines) {
  const auto left = Parse<Schema>("feature { name: 'a' type: INT } feature { name: 'b' }");
  const auto right = Parse<Schema>("feature { name: 'a' type: FLOAT } feature { name: 'c' }");
  EXPECT_THAT(DiffSchemas(left, left), IsEmpty());
  const auto diffs = DiffSchemas(left, right);
  ASSERT_EQ(diffs.size(), 3);
  EXPECT_EQ(diffs[0].entry, "feature a");
  EXPECT_EQ(FormatRuns(diffs[0].runs, 1, ""), "  name: \"a\"\n- type: INT\n+ type: FLOAT\n");
  EXPECT_FALSE(diffs[1].in_right);
  EXPECT_FALSE(diffs[2].in_left);
}

// Reading damaged text gives a schema or an error, never the end of the process.
TEST(SchemaFileTest, SurvivesDamagedText) {
  const std::string good = SchemaText(Parse<Schema>(
      "feature { name: 'a' type: BYTES domain: 'd' presence { min_fraction: 0.5 } } "
      "string_domain { name: 'd' value: 'x' } default_environment: 'E'"));
  std::mt19937 random(11);
  int num_errors = 0;
  for (int i = 0; i < 3000; ++i) {
    std::string text = good;
    for (size_t n = 1 + random() % 4; n > 0; --n) {
      const size_t at = random() % text.size();
      switch (random() % 3) {
        case 0:
          text[at] = static_cast<char>(random() % 256);
          break;
        case 1:
          text.erase(at, 1 + random() % 5);
          break;
        default:
          text.insert(at, text.substr(random() % text.size(), random() % 9));
      }
      if (text.empty()) text = "x";
    }
    Schema schema;
    const Status status = ParseTextQuietly(text, &schema);
    num_errors += !status.ok();
    if (status.ok()) SchemaTable(schema);
  }
  EXPECT_GT(num_errors, 100);
}

}  // namespace
}  // namespace bessemer::schema
