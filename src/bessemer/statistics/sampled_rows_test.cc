#include "bessemer/statistics/sampled_rows.h"

#include <arrow/array.h>
#include <arrow/array/builder_dict.h>
#include <arrow/type.h>
#include <gtest/gtest.h>

#include <functional>

#include "conformance/arrow_json.h"

namespace bessemer::statistics {
namespace {

using conformance::BatchOf;
using Batch = std::shared_ptr<arrow::RecordBatch>;

constexpr int kNumRows = 400;

Json Column(const char* name, const char* type, const std::function<Json(int)>& value) {
  Json values = Json::array();
  for (int i = 0; i < kNumRows; ++i) values.push_back(value(i));
  return {{"name", name}, {"type", type}, {"values", std::move(values)}};
}

Batch BatchWith(Json columns) {
  auto batch = BatchOf(Json{{"@arrow", {{"num_rows", kNumRows}, {"columns", std::move(columns)}}}});
  EXPECT_TRUE(batch.ok()) << Message(batch.status());
  return *batch;
}

Json Id() { return Column("id", "list<item: int64>", [](int i) { return Json{i}; }); }
Json Word() {
  return Column("word", "list<item: string>",
                [](int i) { return i % 3 == 0 ? Json() : Json{fmt::format("w{}", i % 7)}; });
}

// The ids that are left, as text.
std::string Sampled(const Batch& batch, double rate = 0.4, uint64_t seed = 7) {
  const auto rows = SampleRows(*batch, rate, seed);
  EXPECT_TRUE(rows.ok()) << Message(rows.status());
  std::string ids;
  const auto column = (*rows)->GetColumnByName("id");
  for (int64_t i = 0; i < column->length(); ++i) {
    const auto value = *column->GetScalar(i);
    const auto* const list = dynamic_cast<const arrow::BaseListScalar*>(value.get());
    ids += (list == nullptr ? value : *list->value->GetScalar(0))->ToString() + " ";
  }
  return ids;
}

TEST(SampledRows, TakesAFractionOfTheRows) {
  const Batch batch = BatchWith(Json::array({Id(), Word()}));
  const auto some = SampleRows(*batch, 0.4, 7);
  EXPECT_GT((*some)->num_rows(), 120);
  EXPECT_LT((*some)->num_rows(), 200);
  EXPECT_EQ((*SampleRows(*batch, 1, 7))->num_rows(), kNumRows);
  EXPECT_NE(Sampled(batch, 0.4, 7), Sampled(batch, 0.4, 8));
  EXPECT_EQ(Sampled(batch->Slice(0, 150)) + Sampled(batch->Slice(150)), Sampled(batch));
}

// Batches of examples have the columns that their own rows have values of, and formats have types
// of their own: neither says anything of the rows.
TEST(SampledRows, LooksAtValuesOnly) {
  const std::string expected = Sampled(BatchWith(Json::array({Id(), Word()})));
  const auto absent = [](int) { return Json(); };
  EXPECT_EQ(Sampled(BatchWith(Json::array({Word(), Id()}))), expected) << "order";
  EXPECT_EQ(Sampled(BatchWith(Json::array(
                {Id(), Column("x", "list<item: double>", absent), Word()}))),
            expected)
      << "a column without values";
  EXPECT_EQ(Sampled(BatchWith(Json::array({Id(), Word(), Column("x", "null", absent)}))), expected)
      << "a column without type";
  EXPECT_EQ(Sampled(BatchWith(Json::array(
                {Column("id", "list<element: int32>", [](int i) { return Json{i}; }), Word()}))),
            expected)
      << "the name of the elements, the width of integers";
  EXPECT_EQ(Sampled(BatchWith(Json::array(
                {Column("id", "int64", [](int i) { return Json(i); }), Word()}))),
            expected)
      << "a value by itself";
  EXPECT_NE(Sampled(BatchWith(Json::array({Id()}))), expected) << "another row";
}

TEST(SampledRows, TellsLongListsApart) {
  const auto lists = [](int last) {
    return Column("id", "list<item: int64>", [last](int i) {
      Json list = Json::array();
      for (int k = 0; k < 30; ++k) list.push_back(k == 15 ? last * i : k == 0 ? i : 1);
      return list;
    });
  };
  EXPECT_NE(Sampled(BatchWith(Json::array({lists(1)}))),
            Sampled(BatchWith(Json::array({lists(2)}))));
}

TEST(SampledRows, ADictionaryIsItsValues) {
  arrow::StringDictionaryBuilder builder;
  for (int i = 0; i < kNumRows; ++i) {
    ASSERT_TRUE((i % 3 == 0 ? builder.AppendNull() : builder.Append(fmt::format("w{}", i % 7)))
                    .ok());
  }
  const Batch batch = BatchWith(Json::array({Id(), Word()}));
  const auto words = builder.Finish().ValueOrDie();
  EXPECT_EQ(Sampled(*batch->SetColumn(1, arrow::field("word", words->type()), words)),
            Sampled(batch));
}

}  // namespace
}  // namespace bessemer::statistics
