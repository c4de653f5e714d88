#include "bessemer/columnar/feature_column.h"

#include <arrow/api.h>
#include <gtest/gtest.h>

namespace bessemer::columnar {
namespace {

std::shared_ptr<arrow::Array> List(const std::vector<std::optional<std::vector<int64_t>>>& rows) {
  auto values = std::make_shared<arrow::Int64Builder>();
  arrow::ListBuilder builder(arrow::default_memory_pool(), values);
  for (const auto& row : rows) {
    if (!row) {
      EXPECT_TRUE(builder.AppendNull().ok());
      continue;
    }
    EXPECT_TRUE(builder.Append().ok());
    EXPECT_TRUE(values->AppendValues(*row).ok());
  }
  return *builder.Finish();
}

TEST(FeatureColumnTest, ReadsRaggedRows) {
  const auto column = FeatureColumn::Make(List({{{1, 2}}, std::nullopt, {{}}, {{3}}}));
  ASSERT_TRUE(column.ok());
  EXPECT_EQ(column->layout(), FeatureColumn::Layout::kRagged);
  EXPECT_EQ(column->num_present(), 3);
  EXPECT_FALSE(column->IsPresent(1));
  EXPECT_EQ(column->begin(2), column->end(2));
  EXPECT_EQ(column->begin(3), 2);
}

TEST(FeatureColumnTest, SlicedColumnsKeepTheirOffsets) {
  const auto column = FeatureColumn::Make(List({{{1, 2}}, {{3}}, {{4, 5}}})->Slice(1));
  ASSERT_TRUE(column.ok());
  EXPECT_EQ(column->num_rows(), 2);
  const auto& values = static_cast<const arrow::Int64Array&>(*column->values());
  EXPECT_EQ(values.Value(column->begin(0)), 3);
  EXPECT_EQ(values.Value(column->begin(1)), 4);
}

TEST(FeatureColumnTest, ReadsPlainRows) {
  arrow::FloatBuilder builder;
  EXPECT_TRUE(builder.AppendValues({1.f, 2.f}, {true, false}).ok());
  const auto column = FeatureColumn::Make(*builder.Finish());
  ASSERT_TRUE(column.ok());
  EXPECT_TRUE(column->IsPresent(0));
  EXPECT_FALSE(column->IsPresent(1));
  EXPECT_EQ(column->end(0) - column->begin(0), 1);
}

TEST(FeatureColumnTest, RefusesNestedLists) {
  auto inner = std::make_shared<arrow::Int64Builder>();
  auto middle = std::make_shared<arrow::ListBuilder>(arrow::default_memory_pool(), inner);
  arrow::ListBuilder outer(arrow::default_memory_pool(), middle);
  const auto column = FeatureColumn::Make(*outer.Finish());
  EXPECT_EQ(column.status().code(), StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace bessemer::columnar
