#include <arrow/adapters/orc/adapter.h>
#include <arrow/api.h>
#include <arrow/io/file.h>
#include <arrow/ipc/writer.h>
#include <arrow/json/from_string.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <parquet/arrow/writer.h>

#include "bessemer/base/random.h"
#include "bessemer/example_gen/arrow_features.h"
#include "bessemer/example_gen/examples.h"
#include "bessemer/example_gen/row_files.h"
#include "bessemer/example_gen/test_files.h"

// The formats whose files Arrow itself writes: Parquet, ORC, Arrow IPC.

namespace bessemer::example_gen {
namespace {

using ::testing::HasSubstr;

std::shared_ptr<arrow::Table> TableOf(const std::shared_ptr<arrow::Schema>& schema,
                                      const std::vector<std::string>& json) {
  arrow::ArrayVector columns;
  for (size_t i = 0; i < json.size(); ++i) {
    columns.push_back(*arrow::json::ArrayFromJSONString(schema->field(i)->type(), json[i]));
  }
  return arrow::Table::Make(schema, columns);
}

std::shared_ptr<arrow::Table> Rows(int64_t first) {
  const auto point = arrow::struct_({arrow::field("a", arrow::int32())});
  return TableOf(
      arrow::schema({arrow::field("id", arrow::int64()), arrow::field("x", arrow::float64()),
                     arrow::field("name", arrow::utf8()),
                     arrow::field("at", arrow::timestamp(arrow::TimeUnit::NANO)),
                     arrow::field("price", arrow::decimal128(10, 2)),
                     arrow::field("tags", arrow::list(arrow::utf8())),
                     arrow::field("points", arrow::list(point))}),
      {fmt::format("[{}, {}, {}]", first, first + 1, first + 2), "[0.5, null, 2]",
       R"(["p", null, ""])", "[1500, null, 0]", R"(["1.25", null, "-3.00"])",
       R"([["u", "v"], [], null])", R"([[{"a": 1}, {"a": 2}], [], [{"a": 3}]])"});
}

constexpr const char* kRows =
    R"({"id":[[7],[8],[9]],"x":[[0.5],null,[2.0]],"name":[["p"],null,[""]],"at":[[1],null,[0]],)"
    R"("price":[[1.25],null,[-3.0]],"tags":[["u","v"],[],null],"points.a":[[1,2],[],[3]]})";

using Writer = arrow::Status (*)(const arrow::Table&, const std::string&);

arrow::Status WriteParquetFile(const arrow::Table& table, const std::string& path) {
  ARROW_ASSIGN_OR_RAISE(auto out, arrow::io::FileOutputStream::Open(path));
  const auto arrow_properties =
      ::parquet::ArrowWriterProperties::Builder().store_schema()->build();
  ARROW_RETURN_NOT_OK(::parquet::arrow::WriteTable(table, arrow::default_memory_pool(), out, 2,
                                                   ::parquet::default_writer_properties(),
                                                   arrow_properties));
  return out->Close();
}

arrow::Status WriteOrcFile(const arrow::Table& table, const std::string& path) {
  ARROW_ASSIGN_OR_RAISE(auto out, arrow::io::FileOutputStream::Open(path));
  ARROW_ASSIGN_OR_RAISE(auto writer, arrow::adapters::orc::ORCFileWriter::Open(out.get()));
  ARROW_RETURN_NOT_OK(writer->Write(table));
  ARROW_RETURN_NOT_OK(writer->Close());
  return out->Close();
}

template <arrow::Compression::type kCodec, bool kStream>
arrow::Status WriteIpc(const arrow::Table& table, const std::string& path) {
  ARROW_ASSIGN_OR_RAISE(auto out, arrow::io::FileOutputStream::Open(path));
  auto options = arrow::ipc::IpcWriteOptions::Defaults();
  if (kCodec != arrow::Compression::UNCOMPRESSED) {
    ARROW_ASSIGN_OR_RAISE(options.codec, arrow::util::Codec::Create(kCodec));
  }
  ARROW_ASSIGN_OR_RAISE(auto writer,
                        kStream ? arrow::ipc::MakeStreamWriter(out, table.schema(), options)
                                : arrow::ipc::MakeFileWriter(out, table.schema(), options));
  ARROW_RETURN_NOT_OK(writer->WriteTable(table, 2));
  ARROW_RETURN_NOT_OK(writer->Close());
  return out->Close();
}

struct Format {
  const char* name;
  const char* file;  // its name
  Writer write;
};

const Format kFormats[] = {
    {"Parquet", "x.parquet", WriteParquetFile},
    {"Orc", "x.orc", WriteOrcFile},
    {"IpcFile", "x.arrow", WriteIpc<arrow::Compression::UNCOMPRESSED, false>},
    {"IpcFileLz4", "x.feather", WriteIpc<arrow::Compression::LZ4_FRAME, false>},
    {"IpcStreamZstd", "x.arrows", WriteIpc<arrow::Compression::ZSTD, true>},
};

// The features of all rows, or the error.
std::string Read(const std::string& path, std::string_view format = "") {
  const auto files = FindRowFiles(path, format);
  if (!files.ok()) return std::string(Message(files.status()));
  const auto rows = OpenRowFiles(*files);
  if (!rows.ok()) return std::string(Message(rows.status()));
  const FeatureConverter converter((*rows)->schema());
  const auto source = ReadRows(**rows, (*rows)->schema());
  Json all = Json::object();
  int64_t num_rows = 0;
  while (true) {
    const auto batch = source->Next();
    if (!batch.ok()) return std::string(Message(batch.status()));
    if (*batch == nullptr) break;
    num_rows += (*batch)->num_rows();
    std::vector<RowFault> faults;
    const auto features = converter.Convert(**batch, &faults);
    if (!features.ok()) return std::string(Message(features.status()));
    const Json some = BatchToJson(**features);
    for (const auto& [name, cells] : some.items()) {
      Json& column = all[name];
      if (column.is_null()) column = Json::array();
      column.insert(column.end(), cells.begin(), cells.end());
    }
  }
  EXPECT_TRUE((*rows)->num_rows() == num_rows || (*rows)->num_rows() == -1);
  return all.dump();
}

class ColumnarSources : public ::testing::TestWithParam<Format> {};

TEST_P(ColumnarSources, ReadsWhatArrowWrites) {
  const TestFolder folder;
  const std::string path = folder.path(GetParam().file);
  const auto written = GetParam().write(*Rows(7), path);
  ASSERT_TRUE(written.ok()) << written;
  EXPECT_EQ(Read(path), kRows);
  // Without a telling name by the first bytes, where these tell.
  const std::string other = folder.Write("data", folder.Read(GetParam().file));
  if (GetParam().name == std::string_view("IpcStreamZstd")) return;
  EXPECT_EQ(Read(other), kRows);
}

TEST_P(ColumnarSources, UnitesFiles) {
  const TestFolder folder;
  ASSERT_TRUE(GetParam().write(*Rows(0), folder.path(std::string("a") + GetParam().file)).ok());
  const auto other = TableOf(arrow::schema({arrow::field("id", arrow::int32()),
                                            arrow::field("more", arrow::utf8())}),
                             {"[5]", R"(["m"])"});
  ASSERT_TRUE(GetParam().write(*other, folder.path(std::string("b") + GetParam().file)).ok());
  const Json rows = Json::parse(Read(folder.path()));
  EXPECT_EQ(rows["id"].dump(), "[[0],[1],[2],[5]]");
  EXPECT_EQ(rows["more"].dump(), R"([null,null,null,["m"]])");
  EXPECT_EQ(rows["tags"].dump(), R"([["u","v"],[],null,null])");
  const auto clash = TableOf(arrow::schema({arrow::field("id", arrow::utf8())}), {R"(["x"])"});
  ASSERT_TRUE(GetParam().write(*clash, folder.path(std::string("c") + GetParam().file)).ok());
  EXPECT_THAT(Read(folder.path()), HasSubstr("column 'id'"));
  EXPECT_THAT(Read(folder.path()), HasSubstr(std::string("c") + GetParam().file));
}

// Cut and flipped files are errors that name the file, or rows; never worse.
TEST_P(ColumnarSources, SurvivesDamage) {
  const TestFolder folder;
  ASSERT_TRUE(GetParam().write(*Rows(7), folder.path(GetParam().file)).ok());
  const std::string whole = folder.Read(GetParam().file);
  Random random(4);
  int num_errors = 0;
  for (int round = 0; round < 120; ++round) {
    std::string damaged = whole;
    if (round % 3 == 0) {
      damaged.resize(random.Below(whole.size()));
    } else {
      damaged[random.Below(damaged.size())] ^= static_cast<char>(1 << random.Below(8));
    }
    const std::string got = Read(folder.Write(GetParam().file, damaged));
    if (got.starts_with("{")) continue;
    ++num_errors;
    ASSERT_THAT(got, HasSubstr(GetParam().file));
  }
  EXPECT_GT(num_errors, 30);
}

// 40 rows of a MiB each beside a number.
std::shared_ptr<arrow::Table> Images() {
  arrow::BinaryBuilder images;
  arrow::Int64Builder ids;
  for (int i = 0; i < 40; ++i) {
    EXPECT_TRUE(images.Append(std::string(1 << 20, static_cast<char>('a' + i))).ok());
    EXPECT_TRUE(ids.Append(i).ok());
  }
  return arrow::Table::Make(
      arrow::schema({arrow::field("id", arrow::int64()), arrow::field("image", arrow::binary())}),
      {*ids.Finish(), *images.Finish()});
}

arrow::Status WriteOneRowGroup(const arrow::Table& table, const std::string& path) {
  ARROW_ASSIGN_OR_RAISE(auto out, arrow::io::FileOutputStream::Open(path));
  const auto properties = ::parquet::WriterProperties::Builder().disable_dictionary()->build();
  ARROW_RETURN_NOT_OK(
      ::parquet::arrow::WriteTable(table, arrow::default_memory_pool(), out, 1000, properties));
  return out->Close();
}

// The largest batch; all are as long as they should be together.
int64_t LargestBatch(columnar::BatchSource& source) {
  int64_t num_rows = 0;
  int64_t largest = 0;
  while (true) {
    const auto batch = source.Next();
    EXPECT_TRUE(batch.ok()) << batch.status();
    if (!batch.ok() || *batch == nullptr) break;
    num_rows += (*batch)->num_rows();
    largest = std::max(largest, (*batch)->num_rows());
  }
  EXPECT_EQ(num_rows, 40);
  return largest;
}

TEST(ColumnarSource, LargeRowsComeAFewAtATime) {
  const TestFolder folder;
  for (const Format& format : {Format{"Parquet", "x.parquet", WriteOneRowGroup},
                               Format{"Orc", "x.orc", WriteOrcFile}}) {
    const std::string path = folder.path(format.file);
    ASSERT_TRUE(format.write(*Images(), path).ok());
    const auto rows = OpenRowFiles(*FindRowFiles(path));
    ASSERT_TRUE(rows.ok()) << rows.status();
    ASSERT_EQ((*rows)->num_blocks(), 1) << format.name;
    EXPECT_LE(LargestBatch(**(*rows)->OpenBlock(0)), 16) << format.name;
  }
  // As examples, too.
  EXPECT_LE(LargestBatch(**OpenExamples(folder.path("x.parquet"))), 16);
}

TEST(ParquetSource, KnowsWhatColumnsOfLargeValuesHold) {
  const TestFolder folder;
  const std::string path = folder.path("x.parquet");
  ASSERT_TRUE(WriteOneRowGroup(*Images(), path).ok());
  const auto rows = OpenRowFiles(*FindRowFiles(path));
  ASSERT_TRUE(rows.ok()) << rows.status();
  const int64_t ids = (*rows)->column_open_bytes(0, {0});
  const int64_t images = (*rows)->column_open_bytes(0, {1});
  EXPECT_LT(ids, 1 << 10);
  EXPECT_GE(images, 40 << 20);
  EXPECT_LE(images, 90 << 20);  // encoded and decoded
  EXPECT_EQ((*rows)->open_bytes(0), ids + images);
}

// Each block reads the list of all batches: of many small ones it takes several.
TEST(IpcSource, SmallBatchesGoTogether) {
  const TestFolder folder;
  arrow::Int64Builder ids;
  arrow::StringBuilder texts;
  for (int64_t i = 0; i < 2400; ++i) {
    ASSERT_TRUE(ids.Append(i).ok() && texts.Append(std::string(1000, 'x')).ok());
  }
  const auto table = arrow::Table::Make(
      arrow::schema({arrow::field("id", arrow::int64()), arrow::field("text", arrow::utf8())}),
      {*ids.Finish(), *texts.Finish()});
  const std::string path = folder.path("x.arrow");
  ASSERT_TRUE((WriteIpc<arrow::Compression::UNCOMPRESSED, false>(*table, path)).ok());
  const auto rows = OpenRowFiles(*FindRowFiles(path));
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ((*rows)->num_blocks(), 3);
  int64_t next = 0;
  for (int64_t block = 0; block < (*rows)->num_blocks(); ++block) {
    EXPECT_EQ((*rows)->PlaceOf(block, 1).line, next + 1);
    const auto source = (*rows)->OpenBlock(block);
    ASSERT_TRUE(source.ok()) << source.status();
    while (true) {
      const auto batch = (*source)->Next();
      ASSERT_TRUE(batch.ok()) << batch.status();
      if (*batch == nullptr) break;
      EXPECT_EQ(static_cast<const arrow::Int64Array&>(*(*batch)->column(0)).Value(0), next);
      next += (*batch)->num_rows();
    }
  }
  EXPECT_EQ(next, 2400);
}

INSTANTIATE_TEST_SUITE_P(Formats, ColumnarSources, ::testing::ValuesIn(kFormats),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace bessemer::example_gen
