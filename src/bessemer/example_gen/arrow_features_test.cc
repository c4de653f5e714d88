#include "bessemer/example_gen/arrow_features.h"

#include <arrow/api.h>
#include <arrow/compute/cast.h>
#include <arrow/json/from_string.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bessemer/example_gen/test_files.h"

namespace bessemer::example_gen {
namespace {

using ::testing::HasSubstr;

// The features of one column "x", as JSON, and the faults behind them.
std::string Convert(const std::shared_ptr<arrow::Array>& array, FeatureOptions options = {}) {
  const auto schema = arrow::schema({arrow::field("x", array->type())});
  const auto batch = arrow::RecordBatch::Make(schema, array->length(), {array});
  const FeatureConverter converter(schema, options);
  for (const ArrowFeature& feature : converter.features()) {
    if (!feature.status.ok()) return std::string(Message(feature.status));
  }
  std::vector<RowFault> faults;
  const auto converted = converter.Convert(*batch, &faults);
  if (!converted.ok()) return std::string(Message(converted.status()));
  EXPECT_TRUE((*converted)->ValidateFull().ok());
  std::string text = BatchToJson(**converted).dump();
  for (const RowFault& fault : faults) {
    text += fmt::format(" {} {}: {}", fault.row, fault.feature, fault.reason);
  }
  return text;
}

std::shared_ptr<arrow::Array> FromJson(const std::shared_ptr<arrow::DataType>& type,
                                       const std::string& json) {
  auto array = arrow::json::ArrayFromJSONString(type, json);
  EXPECT_TRUE(array.ok()) << array.status();
  return *array;
}

struct Case {
  const char* name;
  std::shared_ptr<arrow::DataType> type;
  const char* json;
  const char* expected;
  FeatureOptions options = {};
};

class ArrowFeaturesCases : public ::testing::TestWithParam<Case> {};

TEST_P(ArrowFeaturesCases, Convert) {
  const auto& [name, type, json, expected, options] = GetParam();
  const auto whole = FromJson(type, json);
  EXPECT_EQ(Convert(whole, options), expected);
  // Offsets inside the arrays do not matter.
  auto doubled = arrow::Concatenate({whole, whole});
  ASSERT_TRUE(doubled.ok());
  EXPECT_EQ(Convert((*doubled)->Slice(whole->length()), options), expected);
}

const auto kPoint = arrow::struct_({arrow::field("a", arrow::int32()),
                                    arrow::field("b", arrow::utf8())});

INSTANTIATE_TEST_SUITE_P(
    Types, ArrowFeaturesCases,
    ::testing::Values(
        Case{"Bool", arrow::boolean(), "[true, false, null]", R"({"x":[[1],[0],null]})"},
        Case{"Int8", arrow::int8(), "[-128, null]", R"({"x":[[-128],null]})"},
        Case{"Unsigned", arrow::uint64(), "[9223372036854775807, null]",
             R"({"x":[[9223372036854775807],null]})"},
        Case{"UnsignedTooLarge", arrow::uint64(), "[1, 9223372036854775808]",
             R"({"x":[[1],null]} 1 x: 9223372036854775808 does not fit int64)"},
        Case{"Half", arrow::float16(), "[0.5, null]", R"({"x":[[0.5],null]})"},
        Case{"Decimal", arrow::decimal128(10, 2), R"(["12.25", "-0.50", null])",
             R"({"x":[[12.25],[-0.5],null]})"},
        Case{"WholeDecimal", arrow::decimal128(38, 0),
             R"(["9007199254740993", "99999999999999999999"])",
             R"({"x":[[9007199254740993],null]} 1 x: 99999999999999999999 does not fit int64)"},
        Case{"WholeDecimal256", arrow::decimal256(50, 0),
             R"(["-9223372036854775808", "9223372036854775808"])",
             R"({"x":[[-9223372036854775808],null]} 1 x: 9223372036854775808 does not fit int64)"},
        Case{"Date", arrow::date32(), "[19000, -1]", R"({"x":[[19000],[-1]]})"},
        Case{"Date64", arrow::date64(), "[86400000, -86400000]", R"({"x":[[1],[-1]]})"},
        Case{"Timestamp", arrow::timestamp(arrow::TimeUnit::MILLI, "UTC"), "[1500, null]",
             R"({"x":[[1500000],null]})"},
        Case{"TimestampRoundedDown", arrow::timestamp(arrow::TimeUnit::NANO), "[-1, 1999]",
             R"({"x":[[-1],[1]]})"},
        Case{"TimestampSeconds", arrow::timestamp(arrow::TimeUnit::MICRO), "[2500000]",
             R"({"x":[[2]]})", {.timestamp_unit = arrow::TimeUnit::SECOND}},
        Case{"TimestampTooLarge", arrow::timestamp(arrow::TimeUnit::SECOND), "[9223372036854775]",
             R"({"x":[null]} 0 x: <value out of range: 9223372036854775> does not fit int64)",
             {.timestamp_unit = arrow::TimeUnit::NANO}},
        Case{"Time", arrow::time32(arrow::TimeUnit::SECOND), "[3600]", R"({"x":[[3600000000]]})"},
        Case{"Duration", arrow::duration(arrow::TimeUnit::MILLI), "[2]", R"({"x":[[2000]]})"},
        Case{"Text", arrow::utf8(), R"(["a", "", null])", R"({"x":[["a"],[""],null]})"},
        Case{"LargeBinary", arrow::large_binary(), R"(["a"])", R"({"x":[["a"]]})"},
        Case{"View", arrow::utf8_view(), R"(["short", "longer than twelve bytes", null])",
             R"({"x":[["short"],["longer than twelve bytes"],null]})"},
        Case{"FixedBinary", arrow::fixed_size_binary(2), R"(["ab", null])",
             R"({"x":[["ab"],null]})"},
        Case{"Null", arrow::null(), "[null]", R"({"x":[null]})"},
        Case{"List", arrow::list(arrow::int16()), "[[1, 2], [], null]",
             R"({"x":[[1,2],[],null]})"},
        Case{"LargeList", arrow::large_list(arrow::boolean()), "[[true], null]",
             R"({"x":[[1],null]})"},
        Case{"ListView", arrow::list_view(arrow::float32()), "[[1.5], [], null]",
             R"({"x":[[1.5],[],null]})"},
        Case{"FixedList", arrow::fixed_size_list(arrow::date32(), 2), "[[1, 2], null, [3, 4]]",
             R"({"x":[[1,2],null,[3,4]]})"},
        Case{"NullInList", arrow::list(arrow::int32()), "[[1, null, null], [2], null]",
             R"({"x":[[1,null,null],[2],null]} 0 x: a null inside a list, which tf.Example cannot hold)"},
        Case{"NullDropped", arrow::list(arrow::int32()), "[[1, null, 3], [null], [2], null]",
             R"({"x":[[1,3],[],[2],null]})", {.drop_nulls_in_lists = true}},
        Case{"UnsignedInList", arrow::list(arrow::uint64()), "[[1], [2, 9223372036854775808]]",
             R"({"x":[[1],[2,null]]} 1 x: 9223372036854775808 does not fit int64)"},
        Case{"Struct", kPoint, R"([{"a": 1, "b": "u"}, null, {"a": null, "b": "v"}])",
             R"({"x.a":[[1],null,null],"x.b":[["u"],null,["v"]]})"},
        Case{"ListOfStruct", arrow::list(kPoint),
             R"([[{"a": 1, "b": "u"}, {"a": 2, "b": "v"}], [], null])",
             R"({"x.a":[[1,2],[],null],"x.b":[["u","v"],[],null]})"},
        Case{"StructOfStruct", arrow::struct_({arrow::field("p", kPoint)}),
             R"([{"p": {"a": 1, "b": "u"}}, {"p": null}])",
             R"({"x.p.a":[[1],null],"x.p.b":[["u"],null]})"},
        Case{"Map", arrow::map(arrow::utf8(), arrow::int32()), R"([[["k", 1], ["l", 2]], null])",
             R"({"x.key":[["k","l"],null],"x.value":[[1,2],null]})"},
        Case{"ListOfLists", arrow::list(arrow::list(arrow::int32())), "[[[1]]]",
             "feature 'x' holds lists of lists, which tf.Example cannot; write tf.SequenceExample, "
             "or leave it out with columns"},
        Case{"TooDeep", arrow::list(arrow::list(arrow::list(arrow::int32()))), "[]",
             "feature 'x' is 3 lists deep; leave it out with columns, or flatten it first",
             {.nested_lists = true}},
        Case{"Interval", arrow::month_interval(), "[1]",
             "feature 'x': tf.Example holds no values of type month_interval"},
        Case{"AsTfx", arrow::int32(), "[0, 1, null]", R"({"x":[null,[1],null]})",
             {.tfx_compat = true}},
        Case{"TextAsTfx", arrow::utf8(), R"(["", "a"])", R"({"x":[null,["a"]]})",
             {.tfx_compat = true}},
        Case{"BoolAsTfx", arrow::boolean(), "[false, true]", R"({"x":[null,[1]]})",
             {.tfx_compat = true}},
        Case{"ListAsTfx", arrow::list(arrow::int32()), "[[], [0]]", R"({"x":[null,[0]]})",
             {.tfx_compat = true}}),
    [](const auto& info) { return info.param.name; });

TEST(ArrowFeaturesTest, DecodesDictionaries) {
  const auto array = FromJson(arrow::utf8(), R"(["a", "b", "a", null])");
  const auto encoded =
      arrow::DictionaryArray::FromArrays(FromJson(arrow::int8(), "[1, 0, null, 1]"), array);
  ASSERT_TRUE(encoded.ok());
  EXPECT_EQ(Convert(*encoded), R"({"x":[["b"],["a"],null,["b"]]})");
}

TEST(ArrowFeaturesTest, KeepsNestedListsWhenAsked) {
  const auto type = arrow::list(arrow::list(arrow::boolean()));
  const auto schema = arrow::schema({arrow::field("x", type)});
  const auto array = FromJson(type, "[[[true], []], null, [[false, true]]]");
  const FeatureConverter converter(schema, {.nested_lists = true});
  EXPECT_EQ(converter.features()[0].list_levels, 2);
  std::vector<RowFault> faults;
  const auto batch = converter.Convert(*arrow::RecordBatch::Make(schema, 3, {array}), &faults);
  ASSERT_TRUE(batch.ok()) << batch.status();
  const auto wanted =
      FromJson(arrow::list(arrow::list(arrow::int64())), "[[[1], []], null, [[0, 1]]]");
  EXPECT_TRUE((*batch)->column(0)->Equals(wanted)) << (*batch)->column(0)->ToString();
}

TEST(ArrowFeaturesTest, PassesFeaturesOn) {
  const auto array = FromJson(arrow::int32(), "[1, 2]");
  const auto schema = arrow::schema({arrow::field("x", array->type()), arrow::field("y", kPoint)});
  const auto batch = arrow::RecordBatch::Make(
      schema, 2, {array, FromJson(kPoint, R"([{"a": 1, "b": "u"}, null])")});
  const FeatureConverter converter(schema);
  std::vector<RowFault> faults;
  const auto some = converter.Convert(*batch, {2, 0}, &faults);
  ASSERT_TRUE(some.ok());
  EXPECT_EQ((*some)->column(1).get(), array.get());
  EXPECT_THAT((*some)->schema()->field_names(), ::testing::ElementsAre("y.b", "x"));
}

}  // namespace
}  // namespace bessemer::example_gen
