#include "bessemer/example_gen/batch_expression.h"

#include <arrow/api.h>
#include <arrow/json/from_string.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bessemer/base/json_text.h"
#include "bessemer/example_gen/test_files.h"

namespace bessemer::example_gen {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::shared_ptr<arrow::RecordBatch> Flights() {
  return arrow::RecordBatch::Make(
      arrow::schema({arrow::field("miles", arrow::int64()),
                     arrow::field("carrier", arrow::binary()),
                     arrow::field("none", arrow::null())}),
      3,
      {*arrow::json::ArrayFromJSONString(arrow::int64(), "[100, null, 7]"),
       *arrow::json::ArrayFromJSONString(arrow::binary(), R"(["AA", "UA", null])"),
       std::make_shared<arrow::NullArray>(3)});
}

StatusOr<std::string> Compute(const std::vector<std::pair<std::string, std::string>>& columns) {
  BESSEMER_ASSIGN_OR_RETURN(const auto computed, ComputedColumns::Parse(columns));
  BESSEMER_ASSIGN_OR_RETURN(const auto batch, computed->Append(Flights()));
  BESSEMER_RETURN_IF_ERROR(computed->CheckNames());
  Json json = BatchToJson(*batch);
  for (const char* name : {"miles", "carrier", "none"}) json.erase(name);
  return JsonText(json);
}

TEST(ComputedColumnsTest, StandBehindTheOthers) {
  EXPECT_EQ(*Compute({{"km", "miles * 2"}, {"m", "km * 1000"}, {"late", "miles > 50"}}),
            R"({"km":[[200],null,[14]],"m":[[200000],null,[14000]],"late":[[1],null,[0]]})");
  EXPECT_EQ(*Compute({{"filled", "fill(none, 1.5)"}}), R"({"filled":[[1.5],[1.5],[1.5]]})");
  EXPECT_EQ(*Compute({{"is_aa", "carrier == \"AA\""}}), R"({"is_aa":[[1],[0],null]})");
  EXPECT_EQ(*Compute({}), "{}");
}

TEST(ComputedColumnsTest, KnowWhatTheyRead) {
  const auto computed = ComputedColumns::Parse({{"km", "miles * 2"}, {"m", "km * miles"}});
  EXPECT_THAT((*computed)->inputs(), ElementsAre("miles"));
  EXPECT_THAT((*computed)->names(), ElementsAre("km", "m"));
}

TEST(ComputedColumnsTest, ErrorsNameTheColumn) {
  const auto error = [](const char* name, const char* text) {
    return std::string(Message(Compute({{name, text}}).status()));
  };
  EXPECT_THAT(error("km", "miles *"), HasSubstr("column 'km': 1:"));
  EXPECT_THAT(error("miles", "miles * 2"), HasSubstr("has a feature of this name"));
  EXPECT_THAT(error("x", "carrier * 2"), HasSubstr("column 'x': "));
  EXPECT_THAT(error("x", "mils * 2"), HasSubstr("no row of the input has a feature 'mils'"));
}

}  // namespace
}  // namespace bessemer::example_gen
