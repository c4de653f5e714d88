#include "bessemer/example_gen/ingest.h"

#include <arrow/api.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "bessemer/base/random.h"
#include "bessemer/example_gen/example_codec.h"
#include "bessemer/example_gen/examples.h"
#include "bessemer/example_gen/input_params.h"
#include "bessemer/example_gen/row_files.h"
#include "bessemer/example_gen/sources/csv/csv_reader.h"
#include "bessemer/example_gen/sources/parquet/parquet_file.h"
#include "bessemer/example_gen/test_files.h"
#include "bessemer/io/file.h"

namespace bessemer::example_gen {
namespace {

using ::testing::HasSubstr;

std::vector<std::string> Records(const std::string& split_uri) {
  std::vector<std::string> records;
  const auto files = ListExampleFiles(split_uri);
  for (const std::string& file : files.value_or(std::vector<std::string>())) {
    const auto reader = io::TFRecordReader::Open(file);
    std::string_view record;
    while (*(*reader)->Next(&record)) records.emplace_back(record);
  }
  return records;
}

StatusOr<IngestResult> IngestCsv(const std::vector<ResolvedSplit>& input, const std::string& out,
                                 const csv::CsvOptions& csv, const IngestOptions& options) {
  std::vector<std::string> files;
  for (const auto& split : input) {
    files.insert(files.end(), split.files.begin(), split.files.end());
  }
  BESSEMER_ASSIGN_OR_RETURN(const auto rows, csv::CsvInput::Open(files, csv));
  return IngestRows(SplitsOf(*rows, input), out, options);
}

StatusOr<IngestResult> IngestExamples(const std::vector<ResolvedSplit>& input,
                                      const std::string& out, const IngestOptions& options) {
  BESSEMER_ASSIGN_OR_RETURN(const Source* source, FindFileSource("tfrecord"));
  BESSEMER_ASSIGN_OR_RETURN(const auto rows, OpenRowFiles({source, input[0].files}));
  return IngestRows(SplitsOf(*rows, input), out, options);
}

std::string Flights(int num_rows) {
  Random random(1);
  std::string csv = "id,carrier,delay,note\n";
  for (int i = 0; i < num_rows; ++i) {
    csv += fmt::format("{},{},{},\n", i, random.Below(2) ? "AA" : "UA",
                       random.Below(5) == 0 ? "" : fmt::format("{:.1f}", random.Normal()));
  }
  return csv;
}

shaping::ShapingRules ByHash(std::vector<SplitBuckets> splits, std::string feature = "") {
  return {.split = shaping::HashSplit{std::move(splits), std::move(feature)}};
}

TEST(IngestCsvTest, WritesTheSplitsOfTheRule) {
  const TestFolder folder;
  const auto csv = folder.Write("x.csv", Flights(500));
  const std::vector<SplitBuckets> splits = {{"train", 2}, {"eval", 1}};
  const IngestOptions options{.shaping = ByHash(splits)};
  const auto result = IngestCsv({{"all", "", {csv}}}, folder.path("out"), {}, options);
  ASSERT_TRUE(result.ok()) << result.status();
  const auto train = Records(folder.path("out/Split-train"));
  const auto eval = Records(folder.path("out/Split-eval"));
  EXPECT_EQ(result->splits[0].num_rows, static_cast<int64_t>(train.size()));
  EXPECT_EQ(train.size() + eval.size(), 500u);
  EXPECT_GT(eval.size(), 100u);
  const auto splitter = HashSplitter::Make(splits);
  for (const auto& record : train) ASSERT_EQ(splitter->SplitOf(record), 0u);
  for (const auto& record : eval) ASSERT_EQ(splitter->SplitOf(record), 1u);
  // A missing cell keeps its kind; a column that is empty everywhere has none.
  int num_missing = 0;
  for (const auto& record : train) {
    ASSERT_EQ(FindFeature(record, "note"), "");
    num_missing += FindFeature(record, "delay") == std::string_view("\x12\0", 2);
  }
  EXPECT_GT(num_missing, 10);
  EXPECT_TRUE(*io::Exists(folder.path("out/Split-eval/data_tfrecord-00000-of-00001.gz")));
}

TEST(IngestCsvTest, ThreadsDoNotMatterAndOrderIsKept) {
  const TestFolder folder;
  const auto csv = folder.Write("x.csv", Flights(3000));
  std::vector<std::string> ids;
  for (const int num_threads : {1, 4}) {
    const auto out = folder.path(fmt::format("out{}", num_threads));
    const IngestOptions options{
        .shaping = ByHash({{"a", 1}, {"b", 1}}), .shard_bytes = 9000, .num_threads = num_threads};
    const csv::CsvOptions csv_options{.num_threads = num_threads, .block_bytes = 2000};
    const auto result = IngestCsv({{"all", "", {csv}}}, out, csv_options, options);
    ASSERT_TRUE(result.ok());
    EXPECT_GT(result->splits[0].num_shards, 3);
    EXPECT_LT(result->splits[0].num_shards, 12);
  }
  const auto names = io::ListTree(folder.path("out1"));
  ASSERT_EQ(*names, *io::ListTree(folder.path("out4")));
  for (const std::string& name : *names) {
    EXPECT_EQ(folder.Read("out1/" + name), folder.Read("out4/" + name)) << name;
  }
  int64_t last = -1;
  for (const auto& record : Records(folder.path("out1/Split-a"))) {
    const auto batch = DecodeExamples({record});
    const int64_t id = BatchToJson(**batch)["id"][0][0];
    ASSERT_GT(id, last);
    last = id;
  }
}

// Wants to stop after so many rows.
class StopAfter : public Progress {
 public:
  explicit StopAfter(int64_t num_rows) : left_(num_rows) {}
  void Advance(int64_t num_rows) override { left_ -= num_rows; }
  bool cancelled() const override { return left_ <= 0; }

 private:
  std::atomic<int64_t> left_;
};

TEST(IngestCsvTest, AllThreadsEndWhenAskedTo) {
  const TestFolder folder;
  const auto csv = folder.Write("x.csv", Flights(3000));
  const csv::CsvOptions csv_options{.num_threads = 4, .block_bytes = 2000};
  for (const bool survey : {false, true}) {
    StopAfter stop(700);
    IngestOptions options{.shaping = ByHash({{"a", 1}, {"b", 1}}),
                          .shard_bytes = 9000,
                          .num_threads = 4,
                          .progress = &stop};
    if (survey) options.shaping.deduplicate = shaping::DeduplicateRule{.key = {"id"}};
    const auto result = IngestCsv({{"all", "", {csv}}}, folder.path("out"), csv_options, options);
    EXPECT_EQ(result.status().code(), StatusCode::kCancelled) << result.status();
  }
  StopAfter at_once(0);
  csv::CsvOptions stopped = csv_options;
  stopped.progress = &at_once;
  EXPECT_EQ(csv::CsvInput::Open({csv}, stopped).status().code(), StatusCode::kCancelled);
}

TEST(IngestCsvTest, SelectsRenamesFiltersAndPartitions) {
  const TestFolder folder;
  const auto csv =
      folder.Write("x.csv", "id,carrier,delay\n1,AA,5\n2,UA,\n3,AA,-1\n4,UA,7\n5,AA,9\n");
  const IngestOptions options{.shaping = ByHash({{"a", 1}, {"b", 1}}, "carrier"),
                              .columns = {"id", "delay"},
                              .rename = {{"delay", "late"}},
                              .where = "delay > 0"};
  const auto result = IngestCsv({{"all", "", {csv}}}, folder.path("out"), {}, options);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->num_excluded_rows, 2);
  Json rows = Json::array();
  for (const char* split : {"a", "b"}) {
    for (const auto& record : Records(folder.path("out/Split-" + std::string(split)))) {
      rows.push_back(BatchToJson(**DecodeExamples({record})));
    }
  }
  ASSERT_EQ(rows.size(), 3u);
  for (const Json& row : rows) EXPECT_EQ(row.size(), 2u) << row;
  EXPECT_THAT(rows.dump(), HasSubstr(R"({"id":[[1]],"late":[[5]]})"));
}

TEST(IngestCsvTest, InputSplitsStayAndShareTypes) {
  const TestFolder folder;
  const auto train = folder.Write("train.csv", "a\n1\n2\n");
  const auto eval = folder.Write("eval.csv", "a\n1.5\n");
  const auto result =
      IngestCsv({{"train", "", {train}}, {"eval", "", {eval}}}, folder.path("out"), {}, {});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->splits[0].num_rows, 2);
  EXPECT_EQ(result->splits[1].num_rows, 1);
  const auto record = Records(folder.path("out/Split-train"))[0];
  EXPECT_EQ(BatchToJson(**DecodeExamples({record})).dump(), R"({"a":[[1.0]]})");
}

TEST(IngestCsvTest, ErrorsSayWhat) {
  const TestFolder folder;
  const auto csv = folder.Write("x.csv", "a,b\n1,2.5\n");
  const auto error = [&](const IngestOptions& options) {
    return std::string(
        Message(IngestCsv({{"all", "", {csv}}}, folder.path("out"), {}, options).status()));
  };
  const auto splits = ByHash({{"a", 1}, {"b", 1}});
  EXPECT_THAT(error({.shaping = splits, .columns = {"z"}}), HasSubstr("no column 'z'"));
  EXPECT_THAT(error({.shaping = splits, .rename = {{"a", "b"}}}), HasSubstr("has it twice"));
  EXPECT_THAT(error({.shaping = ByHash({{"a", 1}, {"b", 1}}, "b")}), HasSubstr("holds floats"));
  EXPECT_THAT(error({.shaping = splits, .where = "a >"}), HasSubstr("where"));
  EXPECT_THAT(error({.shaping = splits, .where = "zzz > 1"}), HasSubstr("zzz"));
}

TEST(IngestExamplesTest, CanonicalisesFiltersAndSelects) {
  const TestFolder folder;
  const std::string path = folder.path("in.tfrecord");
  const auto writer = io::TFRecordWriter::Open(path, io::Compression::kNone);
  // {y: 2, x: [1]} with the keys out of order and x not packed.
  ASSERT_TRUE((*writer)
                  ->Write("\x0a\x17"
                          "\x0a\x0a\x0a\x01y\x12\x05\x1a\x03\x0a\x01\x02"
                          "\x0a\x09\x0a\x01x\x12\x04\x1a\x02\x08\x01")
                  .ok());
  ASSERT_TRUE((*writer)->Write("").ok());
  ASSERT_TRUE((*writer)->Close().ok());
  const std::vector<ResolvedSplit> input = {{"all", "", {path}}};
  const auto result = IngestExamples(
      input, folder.path("out"),
      {.shaping = ByHash({{"s", 1}}), .rename = {{"y", "a"}}, .where = "x == 1"});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->num_excluded_rows, 1);
  const auto records = Records(folder.path("out/Split-s"));
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(BatchToJson(**DecodeExamples({records[0]})).dump(), R"({"a":[[2]],"x":[[1]]})");
  std::string unused;
  EXPECT_EQ(CanonicalExample(records[0], &unused)->data(), records[0].data());
}

TEST(IngestExamplesTest, DamagedInputIsAnError) {
  const TestFolder folder;
  const auto csv = folder.Write("x.csv", Flights(50));
  ASSERT_TRUE(IngestCsv({{"all", "", {csv}}}, folder.path("good"), {},
                        {.shaping = ByHash({{"s", 1}}), .compression = io::Compression::kNone})
                  .ok());
  const std::string name = "good/Split-s/data_tfrecord-00000-of-00001";
  const std::string whole = folder.Read(name);
  Random random(9);
  for (int round = 0; round < 200; ++round) {
    std::string damaged = whole;
    if (round % 2 == 0) {
      damaged.resize(1 + random.Below(whole.size() - 1));
    } else {
      damaged[random.Below(damaged.size())] ^= static_cast<char>(1 << random.Below(8));
    }
    const auto file = folder.Write("bad", damaged);
    const auto batches = ReadExamples({file});
    if (batches.ok()) continue;  // cut between two records
    ASSERT_EQ(batches.status().code(), StatusCode::kDataLoss) << batches.status();
    ASSERT_THAT(Message(batches.status()), HasSubstr("record"));
  }
}

TEST(ExamplesTest, ReadsFilesInOrderWithAnyThreads) {
  const TestFolder folder;
  const auto csv = folder.Write("x.csv", Flights(2000));
  ASSERT_TRUE(IngestCsv({{"all", "", {csv}}}, folder.path("out"), {.block_bytes = 1000},
                        {.shaping = ByHash({{"s", 1}}), .shard_bytes = 5000})
                  .ok());
  const auto files = ListExampleFiles(folder.path("out/Split-s"));
  ASSERT_GT(files->size(), 3u);
  for (const int num_threads : {1, 3}) {
    const auto batches = ReadExamples(*files, {.batch_rows = 100}, num_threads);
    ASSERT_TRUE(batches.ok());
    int64_t next = 0;
    for (const auto& batch : *batches) {
      ASSERT_LE(batch->num_rows(), 100);
      const Json ids = BatchToJson(*batch)["id"];
      for (const Json& id : ids) ASSERT_EQ(id[0], next++);
    }
    EXPECT_EQ(next, 2000);
  }
  EXPECT_EQ(ListExampleFiles(folder.path("out/Split-none")).status().code(), StatusCode::kNotFound);
}

TEST(RowFilesTest, ParquetRoundTrip) {
  const TestFolder folder;
  const auto read = [](const std::string& path) {
    const auto rows = *OpenRowFiles(*FindRowFiles(path));
    return BatchToJson(**ReadRows(*rows, rows->schema())->Next());
  };
  const auto csv = folder.Write("x.csv", Flights(300));
  const auto rows = *OpenRowFiles(*FindRowFiles(csv));
  const std::string path = folder.path("x.parquet");
  EXPECT_EQ(*parquet::WriteParquet(*ReadRows(*rows, rows->schema()), path), 300);
  EXPECT_EQ(read(path), read(csv));
}

TEST(InputParamsTest, ReadsBothForms) {
  const auto options = [](const Json& json) -> std::string {
    const auto values = ParamValues::FromJson(InputParams(), json, "params");
    if (!values.ok()) return std::string(Message(values.status()));
    const auto input = ReadInputSelection(*values);
    if (!input.ok()) return std::string(Message(input.status()));
    const auto read = ReadIngestOptions(*values, input->splits.size());
    if (!read.ok()) return std::string(Message(read.status()));
    std::string text;
    for (const auto& split : input->splits) text += split.name + "=" + split.pattern + " ";
    const auto* hash = std::get_if<shaping::HashSplit>(&read->shaping.split);
    for (const auto& split : hash == nullptr ? std::vector<SplitBuckets>() : hash->splits)
      text += fmt::format("{}:{} ", split.name, split.hash_buckets);
    const auto& last = input->spans.last;
    return text + (last ? fmt::format("span {} ", *last) : "") +
           (hash == nullptr ? "" : hash->partition_feature);
  };
  EXPECT_EQ(options({{"input", "d/*.csv"}}), "single_split=d/*.csv train:2 eval:1 ");
  EXPECT_EQ(options({{"input_base", "d"}}), "single_split=* train:2 eval:1 ");
  EXPECT_EQ(options({{"input", {{"train", "a"}, {"eval", "b"}}}}), "train=a eval=b ");
  EXPECT_EQ(options({{"input", "d"}, {"splits", {{"x", 8}, {"y", 2}}}, {"span", 3}}),
            "single_split=d x:8 y:2 span 3 ");
  EXPECT_EQ(options(Json::parse(R"({"input_config": {"splits": [{"name": "s", "pattern": "p"}]},
      "output_config": {"split_config": {"splits": [{"name": "t", "hash_buckets": 4}],
                                         "partition_feature_name": "f"}},
      "range_config": {"static_range": {"start_span_number": 2, "end_span_number": 2}}})")),
            "s=p t:4 span 2 f");
  EXPECT_THAT(options(Json::object()), HasSubstr("no input"));
  EXPECT_THAT(options({{"input", {{"a", "x"}, {"b", "y"}}}, {"splits", {{"t", 1}}}}),
              HasSubstr("has splits already"));
  EXPECT_THAT(options({{"input", "d"}, {"splits", {{"t", 0}}}}), HasSubstr("at least 1"));
  EXPECT_THAT(options({{"input", {{"a", "x"}}}, {"stratify", "f"}, {"span", 3}}), "a=x span 3 ");
  EXPECT_THAT(options({{"input", {{"a", "x"}, {"b", "y"}}}, {"partition_feature_name", "f"}}),
              HasSubstr("needs splits"));
}

}  // namespace
}  // namespace bessemer::example_gen
