#include "bessemer/example_gen/parquet_examples.h"

#include <arrow/api.h>
#include <arrow/json/from_string.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "bessemer/base/json_text.h"
#include "bessemer/example_gen/parquet_reading_internal.h"
#include "bessemer/example_gen/row_files.h"
#include "bessemer/example_gen/sources/parquet/parquet_file.h"
#include "bessemer/example_gen/test_files.h"

namespace bessemer::example_gen {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::shared_ptr<arrow::RecordBatch> BatchOf(
    const std::vector<std::pair<std::string, std::shared_ptr<arrow::DataType>>>& columns,
    const std::vector<std::string>& json) {
  std::vector<std::shared_ptr<arrow::Field>> fields;
  std::vector<std::shared_ptr<arrow::Array>> arrays;
  for (size_t i = 0; i < columns.size(); ++i) {
    fields.push_back(arrow::field(columns[i].first, columns[i].second));
    arrays.push_back(*arrow::json::ArrayFromJSONString(columns[i].second, json[i]));
  }
  return arrow::RecordBatch::Make(arrow::schema(fields), arrays[0]->length(), arrays);
}

std::shared_ptr<arrow::RecordBatch> Rows() {
  return BatchOf({{"words", arrow::list(arrow::utf8())},
                  {"id", arrow::int32()},
                  {"x", arrow::float64()},
                  {"name", arrow::binary()},
                  {"none", arrow::null()}},
                 {R"([["a"], null, [], ["b", "c"]])", "[1, 2, null, 4]", "[0.5, null, 2, 3]",
                  R"(["p", "q", "", null])", "[null, null, null, null]"});
}

std::string Write(const TestFolder& folder, const std::shared_ptr<arrow::RecordBatch>& batch,
                  const std::vector<int64_t>& rows) {
  auto writer = ParquetExamplesWriter::Open(folder.path("Split-a"), 0, 1, batch->schema());
  EXPECT_TRUE(writer.ok()) << writer.status();
  EXPECT_TRUE(writer->Write(batch, rows).ok());
  EXPECT_TRUE(writer->Close().ok());
  EXPECT_EQ(writer->num_rows(), static_cast<int64_t>(rows.size()));
  return folder.path("Split-a/data_parquet-00000-of-00001.parquet");
}

StatusOr<std::shared_ptr<arrow::RecordBatch>> ReadAll(const std::string& file,
                                                      const ExamplesOptions& options = {}) {
  BESSEMER_ASSIGN_OR_RETURN(const auto source, OpenExamples(file, options));
  BESSEMER_ASSIGN_OR_RETURN(const auto batch, source->Next());
  BESSEMER_ASSIGN_OR_RETURN(const auto end, source->Next());
  EXPECT_EQ(end, nullptr);
  return batch;
}

TEST(ParquetExamplesTest, RowsComeBackAsExamplesDo) {
  const TestFolder folder;
  const auto batch = ReadAll(Write(folder, Rows(), {0, 1, 2, 3}));
  ASSERT_TRUE(batch.ok()) << batch.status();
  ASSERT_TRUE((*batch)->ValidateFull().ok());
  EXPECT_EQ(JsonText(BatchToJson(**batch)),
            R"({"id":[[1],[2],null,[4]],"name":[["p"],["q"],[""],null],)"
            R"("none":[null,null,null,null],"words":[["a"],null,[],["b","c"]],)"
            R"("x":[[0.5],null,[2.0],[3.0]]})");
  // The very types, and rows, that TFRecords of the same examples give.
  auto encoder = ExampleEncoder::Make(Rows());
  std::vector<std::string> records;
  for (int64_t row = 0; row < 4; ++row) records.emplace_back(encoder->Encode(row));
  const auto decoded = DecodeExamples({records.begin(), records.end()});
  EXPECT_TRUE((*batch)->RemoveColumn(2).ValueOrDie()->Equals(**decoded));
}

// A MiB a row.
std::shared_ptr<arrow::RecordBatch> Images(int64_t num_rows) {
  arrow::BinaryBuilder images;
  for (int64_t i = 0; i < num_rows; ++i) {
    EXPECT_TRUE(images.Append(std::string(1 << 20, static_cast<char>('a' + i))).ok());
  }
  return arrow::RecordBatch::Make(arrow::schema({arrow::field("image", arrow::binary())}), num_rows,
                                  {*images.Finish()});
}

std::vector<int64_t> RowGroups(const std::string& file) {
  const auto rows = OpenRowFiles(*FindRowFiles(file));
  EXPECT_TRUE(rows.ok()) << rows.status();
  std::vector<int64_t> groups;
  for (int64_t i = 0; i < (*rows)->num_blocks(); ++i) groups.push_back((*rows)->block_rows(i));
  return groups;
}

class OneBatch : public columnar::BatchSource {
 public:
  explicit OneBatch(std::shared_ptr<arrow::RecordBatch> batch) : batch_(std::move(batch)) {}
  StatusOr<std::shared_ptr<arrow::RecordBatch>> Next() override {
    return std::exchange(batch_, nullptr);
  }

 private:
  std::shared_ptr<arrow::RecordBatch> batch_;
};

// A writer holds a row group until it is whole.
TEST(ParquetExamplesTest, RowGroupsOfLargeValuesHaveFewRows) {
  const TestFolder folder;
  const auto batch = Images(80);
  std::vector<int64_t> rows(80);
  std::iota(rows.begin(), rows.end(), 0);
  EXPECT_THAT(RowGroups(Write(folder, batch, rows)), ElementsAre(26, 26, 26, 2));
  const std::string converted = folder.path("x.parquet");
  OneBatch source(Images(150));
  const auto num_rows = parquet::WriteParquet(source, converted);
  ASSERT_TRUE(num_rows.ok()) << num_rows.status();
  EXPECT_EQ(*num_rows, 150);
  EXPECT_THAT(RowGroups(converted), ElementsAre(100, 50));
}

// What is fetched from a store is held.
TEST(ParquetReadingTest, MuchIsReadPageByPageFromAStore) {
  constexpr int64_t kMiB = 1 << 20;
  EXPECT_TRUE(ParquetReading("s3://b/k.parquet", 10 * kMiB).arrow.pre_buffer());
  for (const char* path : {"s3://b/k.parquet", "gs://b/k.parquet", "/data/k.parquet"}) {
    const ParquetReading reading(path, 1000 * kMiB);
    EXPECT_FALSE(reading.arrow.pre_buffer()) << path;
    EXPECT_TRUE(reading.pages.is_buffered_stream_enabled()) << path;
    EXPECT_LE(reading.pages.buffer_size(), kMiB) << path;
  }
}

TEST(ParquetExamplesTest, TakesSomeRows) {
  const TestFolder folder;
  const auto batch = ReadAll(Write(folder, Rows(), {1, 3}));
  EXPECT_EQ(JsonText(BatchToJson(**batch)["words"]), R"([null,["b","c"]])");
}

TEST(ParquetExamplesTest, GivesTheFeaturesAskedFor) {
  const TestFolder folder;
  const auto file = Write(folder, Rows(), {0, 1, 2, 3});
  ExamplesOptions options;
  options.features = {{"x", ValueKind::kFloat},
                      {"missing", ValueKind::kBytes},
                      {"none", ValueKind::kInt64},
                      {"id", ValueKind::kNone}};
  const auto batch = ReadAll(file, options);
  ASSERT_TRUE(batch.ok()) << batch.status();
  EXPECT_EQ((*batch)->schema()->field_names(),
            (std::vector<std::string>{"x", "missing", "none", "id"}));
  EXPECT_TRUE((*batch)->column(1)->type()->Equals(arrow::list(arrow::binary())));
  EXPECT_EQ((*batch)->column(2)->null_count(), 4);
  options.features = {{"id", ValueKind::kFloat}};
  EXPECT_THAT(std::string(Message(ReadAll(file, options).status())),
              HasSubstr("feature 'id' holds list<item: int64>, not float"));
}

TEST(ParquetExamplesTest, FeaturesBehindNestedColumnsAreFound) {
  const TestFolder folder;
  const auto fields = arrow::struct_({arrow::field("a", arrow::int64()),
                                      arrow::field("b", arrow::int64())});
  const auto rows = BatchOf({{"deep", fields}, {"x", arrow::int64()}, {"y", arrow::utf8()}},
                            {R"([{"a": 1, "b": 2}])", "[7]", R"(["z"])"});
  const auto batch =
      ReadAll(Write(folder, rows, {0}), {.features = {{{"y"}, {"x", ValueKind::kInt64}}}});
  ASSERT_TRUE(batch.ok()) << batch.status();
  EXPECT_EQ(JsonText(BatchToJson(**batch)), R"({"y":[["z"]],"x":[[7]]})");
}

TEST(ParquetExamplesTest, RawRecordsAreExamples) {
  const TestFolder folder;
  const auto file = Write(folder, Rows(), {0, 1, 2, 3});
  ExamplesOptions options{.features = std::vector<FeatureSpec>{{"id"}}};
  options.raw_record_column = "raw";
  const auto batch = ReadAll(file, options);
  ASSERT_TRUE(batch.ok()) << batch.status();
  const auto& raw = static_cast<const arrow::BinaryArray&>(*(*batch)->GetColumnByName("raw"));
  auto encoder = ExampleEncoder::Make(Rows());
  for (int64_t row = 0; row < 4; ++row) EXPECT_EQ(raw.GetView(row), encoder->Encode(row));
}

TEST(ParquetExamplesTest, AFileWithoutRowsIsFine) {
  const TestFolder folder;
  const auto batch = ReadAll(Write(folder, Rows(), {}));
  ASSERT_TRUE(batch.ok()) << batch.status();
  EXPECT_EQ(*batch, nullptr);
}

TEST(ParquetExamplesTest, ErrorsNameTheFileAndColumn) {
  const TestFolder folder;
  EXPECT_EQ(OpenExamples(folder.path("none.parquet")).status().code(), StatusCode::kNotFound);
  const auto damaged = folder.Write("damaged.parquet", "PAR1 but not much else");
  EXPECT_THAT(std::string(Message(OpenExamples(damaged).status())), HasSubstr("damaged.parquet"));
  const auto nested = BatchOf({{"deep", arrow::list(arrow::list(arrow::int64()))}}, {"[[[1]]]"});
  EXPECT_THAT(std::string(Message(ReadAll(Write(folder, nested, {0})).status())),
              HasSubstr("column 'deep'"));
}

}  // namespace
}  // namespace bessemer::example_gen
