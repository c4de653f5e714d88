#include "bessemer/columnar/lists.h"

#include <arrow/json/from_string.h>
#include <arrow/type.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bessemer/columnar/batches.h"

namespace bessemer::columnar {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Array = std::shared_ptr<arrow::Array>;

Array Make(const std::shared_ptr<arrow::DataType>& type, std::string_view json) {
  return arrow::json::ArrayFromJSONString(type, json).ValueOrDie();
}

const auto kInts = arrow::list(arrow::int64());
const auto kLarge = arrow::large_list(arrow::int64());

void ExpectSame(const StatusOr<Array>& got, const Array& wanted) {
  ASSERT_TRUE(got.ok()) << got.status();
  ASSERT_TRUE((*got)->ValidateFull().ok()) << (*got)->ValidateFull().ToString();
  EXPECT_TRUE((*got)->Equals(*wanted)) << (*got)->ToString();
}

TEST(Lists, LengthsAndParentsOfSlicesTooNullsHavingNone) {
  for (const auto& type : {kInts, kLarge}) {
    const Array lists = Make(type, "[[1, 2], null, [], [3], [4, 5]]");
    EXPECT_THAT(ElementLengths(*lists).value(), ElementsAre(2, 0, 0, 1, 2));
    EXPECT_THAT(ParentIndices(*lists).value(), ElementsAre(0, 0, 3, 4, 4));
    EXPECT_THAT(ParentIndices(*lists->Slice(3)).value(), ElementsAre(0, 1, 1));
  }
  EXPECT_THAT(ElementLengths(*Make(arrow::large_binary(), R"(["ab", null, ""])")).value(),
              ElementsAre(2, 0, 0));
  EXPECT_THAT(ElementLengths(*Make(arrow::int64(), "[1]")).status().message().data(),
              HasSubstr("int64"));
  EXPECT_THAT(ParentIndices(*Make(arrow::int64(), "[1]")).status().message().data(),
              HasSubstr("expected list or large_list, got int64"));
}

TEST(Lists, InnermostValueCounts) {
  const Array lists = Make(arrow::list(kInts), "[[[1, 2], [3]], null, [null, [4, null]], [[]]]");
  EXPECT_THAT(InnermostValueCounts(*lists).value(), ElementsAre(3, 0, 2, 0));
  EXPECT_THAT(InnermostValueCounts(*lists->Slice(2, 1)).value(), ElementsAre(2));
}

TEST(Lists, FromParentIndices) {
  const Array values = Make(arrow::int64(), "[1, 2, 3]");
  const std::vector<int64_t> parents = {1, 1, 3};
  ExpectSame(ListsFromParentIndices(5, parents, values, true),
             Make(kLarge, "[null, [1, 2], null, [3], null]"));
  ExpectSame(ListsFromParentIndices(5, parents, values, false),
             Make(kLarge, "[[], [1, 2], [], [3], []]"));
  const auto message = [&](int64_t num, std::vector<int64_t> indices) {
    return std::string(
        Message(ListsFromParentIndices(num, indices, values, true).status()));
  };
  EXPECT_THAT(message(5, {1}), HasSubstr("1 parent indices for 3 values"));
  EXPECT_THAT(message(3, {1, 1, 3}), HasSubstr("parent index 3"));
  EXPECT_THAT(message(5, {2, 1, 3}), HasSubstr("parent index 1 after 2"));
  EXPECT_THAT(message(5, {-1, 1, 3}), HasSubstr("parent index -1"));
}

TEST(Lists, CoordinatesOfAnyDepth) {
  Coordinates flat = CoordinatesOf(*Make(arrow::int64(), "[7, 8]"));
  EXPECT_THAT(flat.indices, ElementsAre(0, 1));
  EXPECT_THAT(flat.dense_shape, ElementsAre(2));
  Coordinates ragged = CoordinatesOf(*Make(arrow::list(kLarge), "[[[1], [2, 3]], null, [[4]]]"));
  EXPECT_THAT(ragged.indices, ElementsAre(0, 0, 0, 0, 1, 0, 0, 1, 1, 2, 0, 0));
  EXPECT_THAT(ragged.dense_shape, ElementsAre(3, 2, 2));
  Coordinates empty = CoordinatesOf(*Make(kInts, "[]"));
  EXPECT_THAT(empty.indices, IsEmpty());
  EXPECT_THAT(empty.dense_shape, ElementsAre(0, 0));
}

TEST(Lists, FillsNulls) {
  for (const auto& type : {kInts, kLarge}) {
    const Array fill = Make(arrow::int64(), "[8, 9]");
    ExpectSame(FillNullLists(Make(type, "[null, [1], []]"), fill),
               Make(type, "[[8, 9], [1], []]"));
    ExpectSame(FillNullLists(Make(type, "[[0], null, [1]]")->Slice(1), fill),
               Make(type, "[[8, 9], [1]]"));
  }
  EXPECT_THAT(std::string(Message(FillNullLists(Make(kInts, "[null]"),
                                                Make(arrow::utf8(), "[]")).status())),
              HasSubstr("cannot be filled with values of string"));
}

TEST(Lists, Singletons) {
  ExpectSame(SingletonLists(Make(arrow::int64(), "[null, 1, 2, null]")),
             Make(kLarge, "[null, [1], [2], null]"));
  ExpectSame(SingletonLists(Make(arrow::int64(), "[]")), Make(kLarge, "[]"));
}

TEST(Lists, BytesAndTheirPositions) {
  const Array bytes = Make(arrow::binary(), R"(["a", null])");
  EXPECT_EQ(CountInvalidUtf8(*bytes).value(), 0);
  EXPECT_FALSE(CountInvalidUtf8(*Make(arrow::int64(), "[1]")).ok());
  EXPECT_THAT(PositionsIn(*Make(arrow::large_utf8(), R"(["b", "x", null, "a"])"),
                          *Make(arrow::binary(), R"(["a", "b", "a", null])")).value(),
              ElementsAre(1, -1, 3, 0));
  EXPECT_EQ(ByteSize(*Make(arrow::int16(), "[1, 2, 3]")).value(), 6);
  EXPECT_EQ(ByteSize(*Make(kInts, "[[1], [2, 3]]")->Slice(1)).value(), 2 * 4 + 2 * 8);
  EXPECT_EQ(ByteSize(*Make(arrow::large_utf8(), R"(["ab", null])")).value(), 3 * 8 + 2 + 1);
  EXPECT_EQ(ByteSize(*Make(arrow::boolean(), "[true, false]")->Slice(1)).value(), 1);
  EXPECT_EQ(ByteSize(*Make(arrow::struct_({arrow::field("a", arrow::int32())}),
                           R"([{"a": 1}, {"a": 2}])")).value(), 8);
  EXPECT_EQ(ByteSize(*Make(arrow::null(), "[null]")).value(), 0);
}

std::shared_ptr<arrow::RecordBatch> Batch(std::vector<std::pair<std::string, Array>> columns) {
  arrow::FieldVector fields;
  arrow::ArrayVector arrays;
  for (const auto& [name, array] : columns) {
    fields.push_back(arrow::field(name, array->type()));
    arrays.push_back(array);
  }
  return arrow::RecordBatch::Make(arrow::schema(fields), arrays[0]->length(), arrays);
}

TEST(Batches, MergeBringsTypesTogether) {
  const auto narrow = arrow::struct_({arrow::field("a", arrow::int64())});
  const auto wide = arrow::struct_(
      {arrow::field("a", arrow::int64()), arrow::field("b", kInts)});
  const auto merged = MergeBatches(
      {Batch({{"x", Make(arrow::null(), "[null]")}, {"s", Make(narrow, R"([{"a": 1}])")}}),
       Batch({{"s", Make(wide, R"([{"a": null, "b": [2]}, null])")},
              {"y", Make(arrow::list(arrow::null()), "[[null], null]")}}),
       Batch({{"x", Make(arrow::utf8(), R"(["t"])")}, {"y", Make(arrow::list(kInts), "[[[3]]]")}})});
  ASSERT_TRUE(merged.ok()) << merged.status();
  ASSERT_TRUE((*merged)->ValidateFull().ok());
  const auto wanted = Batch(
      {{"x", Make(arrow::utf8(), R"([null, null, null, "t"])")},
       {"s", Make(wide, R"([{"a": 1, "b": null}, {"a": null, "b": [2]}, null, null])")},
       {"y", Make(arrow::list(kInts), "[null, [null], null, [[3]]]")}});
  EXPECT_TRUE((*merged)->Equals(*wanted)) << (*merged)->ToString();
  EXPECT_EQ(MergeBatches({}).value()->num_columns(), 0);

  const Status conflict = MergeBatches({Batch({{"x", Make(arrow::utf8(), "[]")}}),
                                        Batch({{"x", Make(arrow::int64(), "[]")}})}).status();
  EXPECT_EQ(conflict.code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(Message(conflict)), HasSubstr("'x' is string in one batch and int64"));
}

TEST(Batches, TakesRows) {
  const auto batch = Batch({{"x", Make(kInts, "[[0], null, [2], [3]]")}});
  const std::vector<int64_t> rows = {2, 3, 0, 0, 1};
  const auto taken = TakeRows(*batch, rows);
  ASSERT_TRUE(taken.ok());
  ExpectSame((*taken)->column(0), Make(kInts, "[[2], [3], [0], [0], null]"));
  EXPECT_EQ(TakeRows(*batch, {}).value()->num_rows(), 0);
  const std::vector<int64_t> beyond = {4};
  EXPECT_THAT(std::string(Message(TakeRows(*batch, beyond).status())),
              HasSubstr("row 4 of a batch of 4 rows"));
  EXPECT_EQ(ByteSize(*Batch({{"x", Make(arrow::int16(), "[1, 2, 3]")}})).value(), 6);
}

}  // namespace
}  // namespace bessemer::columnar
