#include <arrow/api.h>
#include <arrow/json/from_string.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "bessemer/base/json_text.h"
#include "bessemer/base/random.h"
#include "bessemer/example_gen/examples.h"
#include "bessemer/example_gen/ingest.h"
#include "bessemer/example_gen/input_params.h"
#include "bessemer/example_gen/parquet_examples.h"
#include "bessemer/example_gen/row_files.h"
#include "bessemer/example_gen/sequence_example.h"
#include "bessemer/example_gen/test_files.h"
#include "bessemer/io/file.h"
#include "bessemer/io/tfrecord.h"

namespace bessemer::example_gen {
namespace {

using ::testing::HasSubstr;

// Orders of customers over three months; some orders come twice, few are returned.
std::string Orders(int num_rows) {
  Random random(11);
  std::string csv = "order,customer,day,amount,returned\n";
  for (int i = 0; i < num_rows; ++i) {
    const uint64_t day = random.Below(84);
    csv += fmt::format("{},c{},2024-{:02}-{:02},{:.2f},{}\n", random.Below(2) ? i : i / 2,
                       random.Below(200), 1 + day / 28, 1 + day % 28, 100 * random.Uniform(),
                       random.Below(8) == 0 ? 1 : 0);
  }
  return csv;
}

// Lines of a CSV text but the header, in another order.
std::string Reversed(const std::string& csv) {
  std::vector<std::string> lines;
  size_t begin = 0;
  while (begin < csv.size()) {
    const size_t end = csv.find('\n', begin) + 1;
    lines.push_back(csv.substr(begin, end - begin));
    begin = end;
  }
  std::reverse(lines.begin() + 1, lines.end());
  std::string text;
  for (const std::string& line : lines) text += line;
  return text;
}

StatusOr<IngestResult> IngestAs(const std::string& yaml, const std::string& input,
                                const std::string& output, int num_threads = 2,
                                int64_t shard_bytes = 16 << 20) {
  BESSEMER_ASSIGN_OR_RETURN(const ConfigNode node, ConfigNode::Parse(yaml, "p.yaml"));
  BESSEMER_ASSIGN_OR_RETURN(const ParamValues params,
                            ParamValues::FromConfig(OutputParams(), &node));
  BESSEMER_ASSIGN_OR_RETURN(IngestOptions options, ReadIngestOptions(params, 1));
  options.num_threads = num_threads;
  options.shard_bytes = shard_bytes;
  options.scratch_dir = ::testing::TempDir();
  BESSEMER_ASSIGN_OR_RETURN(const RowFiles files, FindRowFiles(input));
  BESSEMER_ASSIGN_OR_RETURN(const auto rows, OpenRowFiles(files, {.num_threads = num_threads}));
  return IngestRows({{"all", rows.get(), 0, rows->num_blocks()}}, output, options);
}

// By file below a folder, its content.
std::map<std::string, std::string> Files(const TestFolder& folder, const std::string& name) {
  std::map<std::string, std::string> files;
  const std::vector<std::string> names = io::ListTree(folder.path(name)).value();
  for (const std::string& file : names) {
    files[file] = folder.Read(name + "/" + file);
  }
  return files;
}

// The records of each split, sorted.
std::map<std::string, std::vector<std::string>> Rows(const std::string& output) {
  std::map<std::string, std::vector<std::string>> rows;
  const std::vector<std::string> names = io::ListTree(output).value();
  for (const std::string& file : names) {
    std::vector<std::string>& split = rows[file.substr(0, file.find('/'))];
    const auto source = OpenExamples(output + "/" + file, {.raw_record_column = "#"});
    EXPECT_TRUE(source.ok()) << source.status();
    while (const auto batch = (*source)->Next().value()) {
      const auto& raw = static_cast<const arrow::BinaryArray&>(*batch->GetColumnByName("#"));
      for (int64_t row = 0; row < raw.length(); ++row) split.emplace_back(raw.GetView(row));
    }
  }
  for (auto& [split, records] : rows) std::sort(records.begin(), records.end());
  return rows;
}

const std::vector<std::string>& Recipes() {
  static const std::vector<std::string> kRecipes = {
      "splits: {train: 2, eval: 1}",
      "{sample: 0.3, group_by: customer}",
      "{sample: {fraction: 0.5, by: customer}, stratify: [returned, day]}",
      "{deduplicate: {key: order, keep: {max: amount}}, columns: [order, {big: amount > 50}]}",
      "{by_time: {feature: day, fractions: {train: 0.8, eval: 0.2}}, "
      "balance: {feature: returned, ratio: 1, splits: [train]}}",
      "{balance: {feature: returned, ratio: 2, weight_feature: weight}, where: amount > 10}",
      "{by_value: {feature: returned, splits: {1: bad, 0: good}}, deduplicate: {}}",
      "{balance: {feature: returned, fractions: {0: 0.25}}, output_format: parquet}",
      "{stratify: returned, sample: 0.7, output_format: tf_sequence_example}",
  };
  return kRecipes;
}

TEST(IngestShapingTest, BytesDoNotDependOnThreads) {
  const TestFolder folder;
  const auto csv = folder.Write("x.csv", Orders(3000));
  for (const std::string& recipe : Recipes()) {
    const auto one = IngestAs(recipe, csv, folder.path("one"), 1, 20000);
    const auto many = IngestAs(recipe, csv, folder.path("many"), 5, 20000);
    ASSERT_TRUE(one.ok()) << recipe << one.status();
    ASSERT_TRUE(many.ok()) << recipe << many.status();
    EXPECT_EQ(Files(folder, "one"), Files(folder, "many")) << recipe;
    EXPECT_EQ(one->shaping, many->shaping);
    std::filesystem::remove_all(folder.path("one"));
    std::filesystem::remove_all(folder.path("many"));
  }
}

TEST(IngestShapingTest, CutsAndOrderOnlyPermuteRows) {
  const TestFolder folder;
  const std::string text = Orders(3000);
  const auto csv = folder.Write("x.csv", text);
  const auto reversed = folder.Write("y.csv", Reversed(text));
  // The same rows in several files.
  const size_t middle = text.find('\n', text.size() / 2) + 1;
  folder.Write("parts/b.csv", text.substr(0, middle));
  folder.Write("parts/a.csv", text.substr(0, text.find('\n') + 1) + text.substr(middle));
  for (const std::string& recipe : Recipes()) {
    ASSERT_TRUE(IngestAs(recipe, csv, folder.path("one"), 2, 1 << 30).ok());
    const auto whole = Rows(folder.path("one"));
    size_t num_rows = 0;
    for (const auto& [split, records] : whole) num_rows += records.size();
    EXPECT_GT(num_rows, 500u) << recipe;
    int variant = 0;
    for (const std::string& input : {reversed, folder.path("parts"), csv}) {
      const std::string out = folder.path(fmt::format("two{}", variant++));
      ASSERT_TRUE(IngestAs(recipe, input, out, 2, 9000).ok());
      EXPECT_EQ(Rows(out), whole) << recipe << " " << input;
      std::filesystem::remove_all(out);
    }
    std::filesystem::remove_all(folder.path("one"));
  }
}

// What was written can be shaped again, as records, with the same outcome.
TEST(IngestShapingTest, RecordsAreShapedAsTheirRows) {
  const TestFolder folder;
  const auto csv = folder.Write("x.csv", Orders(2000));
  ASSERT_TRUE(IngestAs("splits: {all: 1}", csv, folder.path("all")).ok());
  for (const std::string& recipe : Recipes()) {
    ASSERT_TRUE(IngestAs(recipe, csv, folder.path("rows")).ok());
    const auto result = IngestAs(recipe, folder.path("all"), folder.path("records"));
    ASSERT_TRUE(result.ok()) << recipe << result.status();
    EXPECT_EQ(Rows(folder.path("records")), Rows(folder.path("rows"))) << recipe;
    std::filesystem::remove_all(folder.path("rows"));
    std::filesystem::remove_all(folder.path("records"));
  }
}

TEST(IngestShapingTest, KeepsTheLastVersionOfAnOrder) {
  const TestFolder folder;
  const auto csv = folder.Write("x.csv", "id,state,at\n1,new,3\n2,new,4\n1,paid,9\n1,sent,7\n");
  const auto result = IngestAs("{deduplicate: {key: id, keep: {max: at}}, splits: {all: 1}}", csv,
                          folder.path("out"));
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->shaped.num_duplicates, 2);
  const auto batches = ReadExamples(*ListExampleFiles(folder.path("out/Split-all")));
  EXPECT_EQ(JsonText(BatchToJson(*(*batches)[0])["state"]), R"([["new"],["paid"]])");
}

TEST(IngestShapingTest, WeightsStandInTheExamples) {
  const TestFolder folder;
  const auto csv = folder.Write("x.csv", "id,y\n1,a\n2,a\n3,a\n4,a\n5,b\n6,\n");
  for (const char* format : {"tf_example", "parquet"}) {
    const std::string recipe = fmt::format(
        "{{balance: {{feature: y, ratio: 2, weight_feature: w}}, output_format: {}, "
        "splits: {{all: 1}}}}",
        format);
    const auto result = IngestAs(recipe, csv, folder.path(format));
    ASSERT_TRUE(result.ok()) << result.status();
    const auto batches =
        ReadExamples(*ListExampleFiles(folder.path(std::string(format) + "/Split-all")));
    EXPECT_EQ(JsonText(BatchToJson(*(*batches)[0])["w"]),
              "[[0.5],[0.5],[0.5],[0.5],[1.0],[1.0]]");
    EXPECT_EQ(result->shaping["balance"]["fractions"], Json({{"a", 0.5}, {"b", 1.0}}));
  }
}

TEST(IngestShapingTest, ParquetIsReadAsExamplesAre) {
  const TestFolder folder;
  const auto csv = folder.Write("x.csv", Orders(1000));
  const auto parquet = IngestAs("output_format: parquet", csv, folder.path("parquet"));
  ASSERT_TRUE(parquet.ok()) << parquet.status();
  EXPECT_EQ(parquet->payload_format, "FORMAT_PARQUET");
  EXPECT_TRUE(*io::Exists(folder.path("parquet/Split-eval/data_parquet-00000-of-00001.parquet")));
  ASSERT_TRUE(IngestAs("output_compression: none", csv, folder.path("records")).ok());
  EXPECT_TRUE(*io::Exists(folder.path("records/Split-eval/data_tfrecord-00000-of-00001")));
  for (const char* split : {"/Split-train", "/Split-eval"}) {
    const auto a = ReadExamples(*ListExampleFiles(folder.path("parquet") + split));
    const auto b = ReadExamples(*ListExampleFiles(folder.path("records") + split));
    ASSERT_TRUE(a.ok() && b.ok()) << a.status() << b.status();
    ASSERT_EQ(a->size(), 1u);
    EXPECT_TRUE((*a)[0]->Equals(*(*b)[0])) << split;
  }
}

TEST(IngestShapingTest, NestedListsBecomeSequenceExamples) {
  const TestFolder folder;
  const auto clicks = arrow::list(arrow::list(arrow::utf8()));
  const auto schema =
      arrow::schema({arrow::field("id", arrow::int64()), arrow::field("clicks", clicks)});
  const auto rows = arrow::RecordBatch::Make(
      schema, 2,
      {*arrow::json::ArrayFromJSONString(arrow::int64(), "[1, 2]"),
       *arrow::json::ArrayFromJSONString(clicks, R"([[["a", "b"], [], ["c"]], []])")});
  auto writer = ParquetExamplesWriter::Open(folder.path("in"), 0, 1, schema);
  ASSERT_TRUE(writer.ok() && writer->Write(rows, {0, 1}).ok() && writer->Close().ok());
  const auto result = IngestAs("{output_format: tf_sequence_example, splits: {all: 1}}",
                               folder.path("in"), folder.path("out"));
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->payload_format, "FORMAT_TF_SEQUENCE_EXAMPLE");
  const auto reader = io::TFRecordReader::Open(
      folder.path("out/Split-all/data_tfrecord-00000-of-00001.gz"));
  SequenceExampleDecoder decoder;
  std::string_view record;
  while (*(*reader)->Next(&record)) ASSERT_TRUE(decoder.Append(record).ok());
  const auto batch = decoder.Finish();
  const auto sequence = (*batch)->GetColumnByName(std::string(kSequenceColumn));
  ASSERT_NE(sequence, nullptr);
  const auto& lists = static_cast<const arrow::ListArray&>(
      *static_cast<const arrow::StructArray&>(*sequence).GetFieldByName("clicks"));
  EXPECT_EQ(lists.value_length(0), 3);
  EXPECT_EQ(lists.value_length(1), 0);
  // Whoever reads examples sees the context.
  const auto batches = ReadExamples(*ListExampleFiles(folder.path("out/Split-all")));
  EXPECT_EQ(JsonText(BatchToJson(*(*batches)[0])), R"({"id":[[1],[2]]})");
  // Another format has no place for steps.
  EXPECT_THAT(std::string(Message(
                  IngestAs("splits: {all: 1}", folder.path("in"), folder.path("no")).status())),
              HasSubstr("clicks"));
}

TEST(IngestShapingTest, ErrorsNameFileAndRow) {
  const TestFolder folder;
  const auto csv = folder.Write("x.csv", "id,day,y\n1,2024-01-05,a\n2,soon,a\n");
  const auto error = [&](const std::string& recipe) {
    return std::string(Message(IngestAs(recipe, csv, folder.path("out")).status()));
  };
  EXPECT_THAT(error("by_time: {feature: day, boundaries: 2024-01-01}"),
              HasSubstr("x.csv: row 3: by_time: feature 'day' has 'soon'"));
  EXPECT_THAT(error("by_value: {feature: id, splits: {1: train}}"),
              HasSubstr("x.csv: row 3: by_value: no split is given for rows in which 'id' is '2'"));
  EXPECT_THAT(error("stratify: z"), HasSubstr("stratify: the input has no feature 'z'"));
  EXPECT_THAT(error("columns: {id: day}"), HasSubstr("has a feature of this name"));
  EXPECT_THAT(error("columns: {z: dya == \"x\"}"), HasSubstr("'dya'"));
  EXPECT_THAT(error("balance: {feature: y, ratio: 1, weight_feature: id}"),
              HasSubstr("there is a feature 'id' already"));
  ASSERT_TRUE(IngestAs("splits: {all: 1}", csv, folder.path("all")).ok());
  EXPECT_THAT(std::string(Message(
                  IngestAs("stratify: z", folder.path("all"), folder.path("again")).status())),
              HasSubstr("stratify: no row of the input has a feature 'z'"));
}

}  // namespace
}  // namespace bessemer::example_gen
