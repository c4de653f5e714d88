#include "bessemer/example_gen/typed_text.h"

#include <arrow/api.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bessemer/example_gen/json_rows.h"

namespace bessemer::example_gen {
namespace {

using ::testing::HasSubstr;

// What a text becomes, as Arrow prints it, or the error.
std::string Read(const std::shared_ptr<arrow::DataType>& type, std::string_view text,
                 BytesForm form = BytesForm::kBase64) {
  auto builder = *arrow::MakeBuilder(type);
  const Status status = AppendTypedText(text, *builder, form);
  if (!status.ok()) return std::string(Message(status));
  return (*(*builder->Finish())->GetScalar(0))->ToString();
}

TEST(TypedTextTest, ValuesOfEveryType) {
  const auto us = arrow::timestamp(arrow::TimeUnit::MICRO);
  const auto utc = arrow::timestamp(arrow::TimeUnit::MICRO, "UTC");
  const auto ns = arrow::timestamp(arrow::TimeUnit::NANO);
  struct Case {
    std::shared_ptr<arrow::DataType> type;
    const char* text;
    const char* want;
  };
  const Case cases[] = {
      {arrow::boolean(), "true", "true"},
      {arrow::boolean(), "FALSE", "false"},
      {arrow::int8(), "-128", "-128"},
      {arrow::int64(), "9223372036854775807", "9223372036854775807"},
      {arrow::float64(), "-1.5e-3", "-0.0015"},
      {arrow::float64(), "NaN", "nan"},
      {arrow::float64(), "Infinity", "inf"},
      {arrow::float64(), "-inf", "-inf"},
      {arrow::float64(), "1e999", "inf"},
      {arrow::decimal128(10, 3), "1.5", "1.500"},
      {arrow::decimal128(10, 3), "-12.340", "-12.340"},
      {arrow::decimal256(76, 38), "0.00000000000000000000000000000000000001", "1E-38"},
      {arrow::utf8(), "", ""},
      {arrow::date32(), "1970-01-02", "1970-01-02"},
      {arrow::date32(), "2000-02-29", "2000-02-29"},
      {arrow::date32(), "0001-01-01", "0001-01-01"},
      {arrow::time64(arrow::TimeUnit::MICRO), "23:59:59.1234567", "23:59:59.123456"},
      {us, "2024-01-02 03:04:05.678", "2024-01-02 03:04:05.678000"},
      {us, "1969-12-31T23:59:59.5", "1969-12-31 23:59:59.500000"},
      {us, "2024-01-02", "2024-01-02 00:00:00.000000"},
      {ns, "2024-01-02 03:04:05.123456789012", "2024-01-02 03:04:05.123456789"},
      {utc, "2024-07-01 12:00:00.000 UTC", "2024-07-01 12:00:00.000000Z"},
      {utc, "2024-07-01 12:00:00+02:00", "2024-07-01 10:00:00.000000Z"},
      {utc, "2024-07-01 12:00:00.000 America/New_York", "2024-07-01 16:00:00.000000Z"},
      {utc, "2024-01-01 12:00:00.000 America/New_York", "2024-01-01 17:00:00.000000Z"},
      {utc, "-1", "1969-12-31 23:59:59.999999Z"},
  };
  for (const Case& c : cases) EXPECT_EQ(Read(c.type, c.text), c.want) << c.type->ToString();
  EXPECT_EQ(Read(arrow::binary(), "aGVsbG8="), "hello");
  EXPECT_EQ(Read(arrow::binary(), "68 65 6c", BytesForm::kHex), "hel");
}

TEST(TypedTextTest, WhatIsNotOfTheTypeIsAnError) {
  const auto us = arrow::timestamp(arrow::TimeUnit::MICRO);
  const std::pair<std::shared_ptr<arrow::DataType>, const char*> cases[] = {
      {arrow::boolean(), "yes"},
      {arrow::int8(), "128"},
      {arrow::int64(), ""},
      {arrow::int64(), "1.0"},
      {arrow::int64(), " 1"},
      {arrow::float64(), "1,5"},
      {arrow::decimal128(3, 1), "1.25"},
      {arrow::decimal128(3, 1), "1000"},
      {arrow::date32(), "2023-02-29"},
      {arrow::date32(), "20240102"},
      {arrow::date32(), "2024-13-01"},
      {us, "2024-01-02 25:00:00"},
      {us, "2024-01-02 03:04:05 UTC"},
      {us, "12345"},
      {arrow::timestamp(arrow::TimeUnit::MICRO, "UTC"), "2024-01-02 03:04:05 Nowhere/City"},
      {arrow::timestamp(arrow::TimeUnit::MICRO, "UTC"), "1.7E9"},
      {arrow::time64(arrow::TimeUnit::MICRO), "24:00:00"},
      {arrow::binary(), "a"},
  };
  for (const auto& [type, text] : cases) {
    EXPECT_THAT(Read(type, text), HasSubstr(fmt::format("'{}' is not a ", text)));
  }
  EXPECT_THAT(Read(arrow::timestamp(arrow::TimeUnit::NANO), "0001-01-01"),
              HasSubstr("cast the column to a timestamp of microseconds"));
}

TEST(JsonRowsTest, PlainAndBigQueryFormsGiveTheSame) {
  const auto schema = arrow::schema(
      {arrow::field("i", arrow::int64()), arrow::field("l", arrow::list(arrow::float64())),
       arrow::field("s", arrow::struct_({arrow::field("a", arrow::utf8()),
                                         arrow::field("b", arrow::list(arrow::int64()))}))});
  auto plain = JsonRows::Make(schema, JsonRows::Form::kPlain);
  auto big = JsonRows::Make(schema, JsonRows::Form::kBigQuery);
  ASSERT_TRUE(plain.ok() && big.ok());
  for (const char* row :
       {R"([1, [1.5, null, "NaN"], ["x", [2, 3]]])", R"([null, [], [null, []]])"}) {
    ASSERT_EQ((*plain)->Append(Json::parse(row)), OkStatus());
  }
  for (const char* row :
       {R"({"f": [{"v": "1"}, {"v": [{"v": "1.5"}, {"v": null}, {"v": "NaN"}]},
           {"v": {"f": [{"v": "x"}, {"v": [{"v": "2"}, {"v": "3"}]}]}}]})",
        R"({"f": [{"v": null}, {"v": []}, {"v": {"f": [{"v": null}, {"v": null}]}}]})"}) {
    ASSERT_EQ((*big)->Append(Json::parse(row)), OkStatus());
  }
  const auto a = *(*plain)->Finish();
  const auto b = *(*big)->Finish();
  EXPECT_TRUE(
      a->Equals(*b, /*check_metadata=*/true, arrow::EqualOptions::Defaults().nans_equal(true)))
      << a->ToString() << b->ToString();
  EXPECT_EQ(a->num_rows(), 2);
}

TEST(JsonRowsTest, ObjectsFillListsOfPairs) {
  const auto schema = arrow::schema(
      {arrow::field("m", arrow::list(arrow::struct_({arrow::field("key", arrow::int32()),
                                                     arrow::field("value", arrow::float64())})))});
  auto rows = JsonRows::Make(schema, JsonRows::Form::kPlain);
  ASSERT_EQ((*rows)->Append(Json::parse(R"([{"7": 0.5, "-1": null}])")), OkStatus());
  const auto list = std::static_pointer_cast<arrow::ListArray>((*(*rows)->Finish())->column(0));
  EXPECT_EQ(list->value_length(0), 2);
}

TEST(JsonRowsTest, ErrorsNameRowAndColumn) {
  const auto schema = arrow::schema(
      {arrow::field("a", arrow::int64()), arrow::field("b", arrow::list(arrow::int64()))});
  struct Case {
    const char* row;
    const char* want;
  };
  for (const Case& c : {Case{"[1]", "row 1: does not have 2 values"},
                        Case{"[1.5, []]", "row 1, column 'a': '1.5' is not a int64"},
                        Case{"[[1], []]", "row 1, column 'a': '[1]' is not a int64"},
                        Case{"[1, 2]", "row 1, column 'b': a list was expected"},
                        Case{"{}", "row 1: does not have 2 values"}}) {
    auto rows = JsonRows::Make(schema, JsonRows::Form::kPlain);
    ASSERT_EQ((*rows)->Append(Json::parse("[1, [2]]")), OkStatus());
    EXPECT_THAT(std::string(Message((*rows)->Append(Json::parse(c.row)))), HasSubstr(c.want));
  }
}

}  // namespace
}  // namespace bessemer::example_gen
