#include <arrow/api.h>
#include <arrow/io/file.h>
#include <arrow/json/from_string.h>
#include <arrow/record_batch.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <numeric>

#include "bessemer/example_gen/column_parts_internal.h"
#include "bessemer/example_gen/parquet_writer_internal.h"
#include "bessemer/example_gen/row_files.h"
#include "bessemer/example_gen/test_files.h"

namespace bessemer::example_gen {
namespace {

using ::testing::HasSubstr;
using Batch = std::shared_ptr<arrow::RecordBatch>;

class Batches : public columnar::BatchSource {
 public:
  explicit Batches(std::vector<Batch> batches, Status end = OkStatus())
      : batches_(std::move(batches)), end_(std::move(end)) {}
  StatusOr<Batch> Next() override {
    if (next_ < batches_.size()) return batches_[next_++];
    if (!end_.ok()) return end_;
    return Batch();
  }

 private:
  std::vector<Batch> batches_;
  Status end_;
  size_t next_ = 0;
};

Batch OneColumn(const std::string& name, const std::shared_ptr<arrow::DataType>& type,
                const std::string& json) {
  const auto array = *arrow::json::ArrayFromJSONString(type, json);
  return arrow::RecordBatch::Make(arrow::schema({arrow::field(name, type)}), array->length(),
                                  {array});
}

struct Part {
  std::vector<Batch> batches;
  Status end = OkStatus();
};

StatusOr<std::unique_ptr<columnar::BatchSource>> Open(const std::vector<Part>& parts,
                                                      const std::string& scratch) {
  return ReadByParts(
      parts.size(),
      [&](size_t part) -> StatusOr<std::unique_ptr<columnar::BatchSource>> {
        return std::make_unique<Batches>(parts[part].batches, parts[part].end);
      },
      scratch, "rows");
}

std::string Text(const arrow::Array& column, int64_t row) {
  if (column.type_id() != arrow::Type::DICTIONARY) return (*column.GetScalar(row))->ToString();
  const auto& texts = static_cast<const arrow::DictionaryArray&>(column);
  return texts.IsNull(row) ? "null"
                           : (*texts.dictionary()->GetScalar(texts.GetValueIndex(row)))->ToString();
}

// The rows, or the error.
std::string Read(const std::vector<Part>& parts, const std::string& scratch) {
  const auto source = Open(parts, scratch);
  if (!source.ok()) return std::string(Message(source.status()));
  std::string all;
  while (true) {
    const auto batch = (*source)->Next();
    if (!batch.ok()) return all + std::string(Message(batch.status()));
    if (*batch == nullptr) return all;
    EXPECT_TRUE((*batch)->ValidateFull().ok());
    for (int64_t row = 0; row < (*batch)->num_rows(); ++row) {
      for (const auto& column : (*batch)->columns()) {
        all += Text(*column, row) + " ";
      }
    }
    all += "| ";
  }
}

TEST(ColumnPartsTest, PutsThePartsSideBySide) {
  const TestFolder folder;
  const auto text = arrow::dictionary(arrow::int32(), arrow::utf8());
  const auto list = arrow::list(arrow::int64());
  // Batches that are cut otherwise, empty ones, dictionaries that change.
  const std::vector<Part> parts = {
      {{OneColumn("a", arrow::int64(), "[1, 2]"), OneColumn("a", arrow::int64(), "[]"),
        OneColumn("a", arrow::int64(), "[3, null, 5]")}},
      {{OneColumn("b", text, R"(["x", "y", "x"])"), OneColumn("b", text, R"([null, "z"])")}},
      {{OneColumn("c", list, "[[1], [], null, [2, 3], [4]]")}}};
  std::string rows = Read(parts, folder.path());
  EXPECT_EQ(rows,
            "1 x list<item: int64>[1] 2 y list<item: int64>[] | 3 x null | "
            "null null list<item: int64>[2, 3] 5 z list<item: int64>[4] | ");
  EXPECT_TRUE(std::filesystem::is_empty(folder.path())) << "what waits has no name";
  EXPECT_EQ(Read({parts[0]}, folder.path("none")), "1 2 | | 3 null 5 | ") << "nothing waits";
  EXPECT_EQ(Read({{}, {}}, folder.path()), "");
}

TEST(ColumnPartsTest, ErrorsOfPartsAndOfTheScratchFolderAreTold) {
  const TestFolder folder;
  const Part good = {{OneColumn("a", arrow::int64(), "[1]")}};
  const Part bad = {good.batches, DataLossError("damaged")};
  EXPECT_EQ(Read({bad, good}, folder.path()), "damaged");
  EXPECT_EQ(Read({good, bad}, folder.path()), "1 1 | damaged");
  EXPECT_EQ(Read({{}, good}, folder.path()), "rows: columns are of different lengths");
  EXPECT_EQ(Read({good, {}}, folder.path()), "rows: columns are of different lengths");
  EXPECT_THAT(Read({good, good}, folder.path("none")), HasSubstr("cannot make a temporary file"));
}

TEST(ColumnPartsTest, AFullDiskIsAnError) {
  const TestFolder folder;
  rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit full = {10, before.rlim_max};
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const Part part = {{OneColumn("a", arrow::int64(), "[1]")}};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &full), 0);
  const std::string error = Read({part, part}, folder.path());
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);
  EXPECT_THAT(error, HasSubstr(folder.path()));
  EXPECT_THAT(error, HasSubstr("File too large"));
}

// As many pages as columns: more than may be open at once.
constexpr int kColumns = 300;
constexpr int64_t kRows = 75000;

int64_t ValueAt(int column, int64_t row) { return row * (column + 1) * 1'000'003; }

Batch ManyColumns(int64_t first_row, int64_t num_rows) {
  arrow::FieldVector fields;
  arrow::ArrayVector arrays;
  for (int column = 0; column < kColumns; ++column) {
    arrow::Int64Builder builder;
    for (int64_t row = 0; row < num_rows; ++row) {
      EXPECT_TRUE(builder.Append(ValueAt(column, first_row + row)).ok());
    }
    arrays.push_back(*builder.Finish());
    fields.push_back(arrow::field(fmt::format("c{}", column), arrow::int64()));
  }
  return arrow::RecordBatch::Make(arrow::schema(fields), num_rows, arrays);
}

TEST(ColumnPartsTest, WideRowGroupsOfParquetAreWholeRows) {
  const TestFolder folder;
  const std::string path = folder.path("wide.parquet");
  {
    const auto out = *arrow::io::FileOutputStream::Open(path);
    ParquetWriter writer(ManyColumns(0, 1)->schema(), out,
                         {.codec = arrow::Compression::SNAPPY, .group_bytes = int64_t{1} << 30});
    for (int64_t row = 0; row < kRows; row += 2500) {
      ASSERT_TRUE(writer.Write(*ManyColumns(row, 2500)).ok());
    }
    ASSERT_TRUE(writer.Close().ok());
  }
  const auto files = FindRowFiles(path);
  ASSERT_TRUE(files.ok()) << files.status();
  const auto rows = OpenRowFiles(*files, {.scratch_dir = folder.path()});
  ASSERT_TRUE(rows.ok()) << rows.status();
  ASSERT_EQ((*rows)->num_blocks(), 1);
  std::vector<int> all(kColumns);
  std::iota(all.begin(), all.end(), 0);
  EXPECT_GT((*rows)->column_open_bytes(0, all), 160 << 20);
  EXPECT_LE((*rows)->open_bytes(0), 64 << 20);
  const auto source = (*rows)->OpenBlock(0);
  ASSERT_TRUE(source.ok()) << source.status();
  int64_t row = 0;
  while (true) {
    const auto batch = (*source)->Next();
    ASSERT_TRUE(batch.ok()) << batch.status();
    if (*batch == nullptr) break;
    ASSERT_EQ((*batch)->num_columns(), kColumns);
    for (int column = 0; column < kColumns; ++column) {
      const auto& values = static_cast<const arrow::Int64Array&>(*(*batch)->column(column));
      for (int64_t i = 0; i < values.length(); ++i) {
        ASSERT_EQ(values.Value(i), ValueAt(column, row + i)) << column;
      }
    }
    row += (*batch)->num_rows();
  }
  EXPECT_EQ(row, kRows);
}

}  // namespace
}  // namespace bessemer::example_gen
