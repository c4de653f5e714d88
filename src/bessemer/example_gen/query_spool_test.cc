#include "bessemer/example_gen/query_spool.h"

#include <arrow/api.h>
#include <arrow/json/from_string.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "bessemer/base/parallel.h"
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

std::shared_ptr<arrow::Schema> TestSchema() {
  return arrow::schema({arrow::field("id", arrow::int64()), arrow::field("name", arrow::utf8()),
                        arrow::field("ok", arrow::boolean()),
                        arrow::field("tags", arrow::list(arrow::utf8())),
                        arrow::field("none", arrow::null())});
}

// `num_rows` rows with nulls, empty and long strings, and lists.
Batch TestRows(int64_t num_rows) {
  std::string json = "[";
  for (int64_t i = 0; i < num_rows; ++i) {
    json += fmt::format(
        R"({}[{}, {}, {}, {}, null])", i ? "," : "", i % 7 ? fmt::format("{}", i) : "null",
        i % 5 ? fmt::format("\"{}\"", std::string(static_cast<size_t>(i % 50), 'x')) : "null",
        i % 3 ? (i % 2 ? "true" : "false") : "null",
        i % 4 ? (i % 2 ? "[]" : R"(["a", null, "ü"])") : "null");
  }
  const auto rows =
      arrow::json::ArrayFromJSONString(arrow::struct_(TestSchema()->fields()), json + "]");
  return *arrow::RecordBatch::FromStructArray(*rows);
}

std::vector<Batch> Cut(const Batch& rows, int64_t size) {
  std::vector<Batch> batches;
  for (int64_t i = 0; i < rows->num_rows(); i += size) batches.push_back(rows->Slice(i, size));
  return batches;
}

class QuerySpoolTest : public ::testing::Test {
 protected:
  StatusOr<std::unique_ptr<RowInput>> Spool(std::vector<Batch> batches,
                                            std::shared_ptr<arrow::Schema> schema = TestSchema(),
                                            Status end = OkStatus()) {
    Batches source(std::move(batches), std::move(end));
    return SpoolQuery(schema, source,
                      {.scratch_dir = folder_.path(), .block_bytes = 2000, .block_rows = 64});
  }

  static Batch ReadAll(const RowInput& input) {
    std::vector<Batch> blocks(static_cast<size_t>(input.num_blocks()));
    const Status status = ParallelFor(input.num_blocks(), 4, [&](int64_t block) -> Status {
      BESSEMER_ASSIGN_OR_RETURN(const auto source, input.OpenBlock(block));
      BESSEMER_ASSIGN_OR_RETURN(blocks[static_cast<size_t>(block)], source->Next());
      BESSEMER_ASSIGN_OR_RETURN(const Batch end, source->Next());
      return end == nullptr ? OkStatus() : InternalError("a block of two batches");
    });
    EXPECT_TRUE(status.ok()) << status;
    return *arrow::ConcatenateRecordBatches(blocks);
  }

  TestFolder folder_;
};

TEST_F(QuerySpoolTest, GivesTheRowsAndTheirHashHoweverBatchesWereCut) {
  const Batch rows = TestRows(1000);
  const auto whole = Spool({rows});
  ASSERT_TRUE(whole.ok()) << whole.status();
  EXPECT_EQ((*whole)->num_rows(), 1000);
  EXPECT_GT((*whole)->num_blocks(), 16);
  EXPECT_EQ((*whole)->first_block(0), 0);
  EXPECT_EQ((*whole)->first_block(1), (*whole)->num_blocks());
  EXPECT_TRUE(ReadAll(**whole)->Equals(*rows));
  EXPECT_EQ((*whole)->PlaceOf(1, 2).file, "the query's result");
  EXPECT_GT((*whole)->PlaceOf(1, 2).line, (*whole)->PlaceOf(0, 2).line);
  for (const int64_t size : {1, 3, 64, 999}) {
    SCOPED_TRACE(size);
    const auto cut = Spool(Cut(rows, size));
    ASSERT_TRUE(cut.ok()) << cut.status();
    EXPECT_EQ((*cut)->content_hash(), (*whole)->content_hash());
    ASSERT_EQ((*cut)->num_blocks(), (*whole)->num_blocks());
    for (int64_t block = 0; block < (*cut)->num_blocks(); ++block) {
      EXPECT_EQ((*cut)->block_bytes(block), (*whole)->block_bytes(block));
    }
    EXPECT_TRUE(ReadAll(**cut)->Equals(*rows));
  }
}

TEST_F(QuerySpoolTest, HashTellsRowsOrderAndColumnsApart) {
  const Batch rows = TestRows(20);
  const std::string hash = (*Spool({rows}))->content_hash();
  EXPECT_EQ(hash.size(), 64u);
  EXPECT_NE((*Spool({rows->Slice(0, 19)}))->content_hash(), hash);
  EXPECT_NE((*Spool({rows->Slice(10), rows->Slice(0, 10)}))->content_hash(), hash);
  const Batch renamed = *rows->RenameColumns({"key", "name", "ok", "tags", "none"});
  EXPECT_NE((*Spool({renamed}, renamed->schema()))->content_hash(), hash);
}

TEST_F(QuerySpoolTest, HashIgnoresWhatLiesUnderNulls) {
  const auto bitmap = *arrow::AllocateBitmap(2);
  bitmap->mutable_data()[0] = 2;
  const auto schema = arrow::schema({arrow::field("x", arrow::int64())});
  std::string hashes[2];
  for (int64_t under = 0; under < 2; ++under) {
    const std::vector<int64_t> values = {under, 7};
    const auto array =
        std::make_shared<arrow::Int64Array>(2, arrow::Buffer::FromVector(values), bitmap);
    hashes[under] =
        (*Spool({arrow::RecordBatch::Make(schema, 2, {array})}, schema))->content_hash();
  }
  EXPECT_EQ(hashes[0], hashes[1]);
}

// An input like another, but for the hash.
class WithoutHash : public RowInput {
 public:
  explicit WithoutHash(const RowInput& rows) : rows_(rows) {}
  const std::shared_ptr<arrow::Schema>& schema() const override { return rows_.schema(); }
  int64_t num_blocks() const override { return rows_.num_blocks(); }
  int64_t first_block(size_t file) const override { return rows_.first_block(file); }
  int64_t block_bytes(int64_t block) const override { return rows_.block_bytes(block); }
  int64_t num_rows() const override { return rows_.num_rows(); }
  StatusOr<std::unique_ptr<columnar::BatchSource>> OpenBlock(int64_t block) const override {
    return rows_.OpenBlock(block);
  }

 private:
  const RowInput& rows_;
};

TEST_F(QuerySpoolTest, HashIsFoundByReadingWhereReadingGaveNone) {
  const auto input = Spool({TestRows(300)});
  ASSERT_TRUE(input.ok()) << input.status();
  EXPECT_EQ(*ContentHashOf(**input), (*input)->content_hash());
  EXPECT_EQ(*ContentHashOf(WithoutHash(**input)), (*input)->content_hash());
}

TEST_F(QuerySpoolTest, EmptyResultHasNoBlocks) {
  const auto input = Spool({});
  ASSERT_TRUE(input.ok()) << input.status();
  EXPECT_EQ((*input)->num_rows(), 0);
  EXPECT_EQ((*input)->num_blocks(), 0);
  EXPECT_TRUE((*input)->schema()->Equals(TestSchema()));
  EXPECT_EQ((*input)->content_hash().size(), 64u);
}

TEST_F(QuerySpoolTest, DecodesDictionaries) {
  const auto type = arrow::dictionary(arrow::int8(), arrow::utf8());
  const auto schema = arrow::schema({arrow::field("mood", type)});
  const auto array = *arrow::json::DictArrayFromJSONString(type, "[1, null, 0]", R"(["a", "b"])");
  const auto input = Spool({arrow::RecordBatch::Make(schema, 3, {array})}, schema);
  ASSERT_TRUE(input.ok()) << input.status();
  EXPECT_TRUE((*input)->schema()->field(0)->type()->Equals(arrow::utf8()));
  EXPECT_EQ(BatchToJson(*ReadAll(**input)), Json::parse(R"({"mood": [["b"], null, ["a"]]})"));
}

TEST_F(QuerySpoolTest, LeavesNoFileAndReadsAfterwards) {
  const auto input = Spool(Cut(TestRows(500), 10));
  ASSERT_TRUE(input.ok()) << input.status();
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
  EXPECT_EQ(ReadAll(**input)->num_rows(), 500);
}

TEST_F(QuerySpoolTest, AResultThatBreaksOffIsAnError) {
  const auto input = Spool({TestRows(100)}, TestSchema(), UnavailableError("connection lost"));
  EXPECT_EQ(input.status().code(), StatusCode::kUnavailable);
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

TEST_F(QuerySpoolTest, ErrorsNameTheColumn) {
  const auto twice =
      arrow::schema({arrow::field("a", arrow::int64()), arrow::field("a", arrow::utf8())});
  EXPECT_THAT(std::string(Message(Spool({}, twice).status())),
              HasSubstr("two columns called 'a'; name one of them otherwise with AS"));
  const auto odd =
      arrow::schema({arrow::field("u", arrow::sparse_union({arrow::field("x", arrow::int8())}))});
  EXPECT_THAT(std::string(Message(Spool({}, odd).status())), HasSubstr("column 'u': sparse_union"));
  EXPECT_THAT(std::string(Message(Spool({}, arrow::schema({})).status())),
              HasSubstr("the query has no columns"));
  const Batch other = *TestRows(1)->RenameColumns({"key", "name", "ok", "tags", "none"});
  EXPECT_EQ(Spool({other}).status().code(), StatusCode::kInternal);
}

class Stop : public Progress {
 public:
  bool cancelled() const override { return true; }
};

TEST_F(QuerySpoolTest, StopsWhenAsked) {
  Stop stop;
  Batches source({TestRows(10)});
  const auto input =
      SpoolQuery(TestSchema(), source, {.scratch_dir = folder_.path(), .progress = &stop});
  EXPECT_EQ(input.status().code(), StatusCode::kCancelled);
}

}  // namespace
}  // namespace bessemer::example_gen
