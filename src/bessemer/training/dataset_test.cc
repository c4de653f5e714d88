#include "bessemer/training/dataset.h"

#include <arrow/builder.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace bessemer::training {
namespace {

using ::testing::ElementsAre;

std::shared_ptr<arrow::Array> Floats(const std::vector<float>& values) {
  arrow::FloatBuilder builder;
  EXPECT_TRUE(builder.AppendValues(values).ok());
  return *builder.Finish();
}

Batches Batch(const std::vector<float>& x, const std::vector<float>& y) {
  return {arrow::RecordBatch::Make(
      arrow::schema({arrow::field("x", arrow::float32()), arrow::field("y", arrow::float32())}),
      static_cast<int64_t>(x.size()), {Floats(x), Floats(y)})};
}

TEST(DatasetTest, NumbersAreStandardisedAndCutMidwayBetweenValues) {
  const Batches train = Batch({1, 2, 3, 3, 2, 1}, {0.5, 1, 2, 3, 4, 5});
  DataOptions options;
  options.label = "y";
  options.number_buckets = 10;
  const auto plan = PlanInputs(train, nullptr, options);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->label.task, Task::kRegression);
  ASSERT_EQ(plan->features.size(), 2u);
  EXPECT_EQ(plan->features[0].kind, FeatureInput::Kind::kNumber);
  EXPECT_EQ(plan->features[1].kind, FeatureInput::Kind::kBucket);
  EXPECT_THAT(plan->features[1].boundaries, ElementsAre(1.5f, 2.5f));
  EXPECT_EQ(plan->features[1].num_ids, 4);

  // Values that differ in the last bit stay in their bucket; what is no number is unknown.
  const float below = std::nextafter(2.0f, 0.0f);
  const auto data =
      MakeDataset(Batch({below, 2, 3, NAN, INFINITY}, {1, 1, 1, 1, 1}), *plan, "eval");
  ASSERT_TRUE(data.ok()) << data.status();
  EXPECT_THAT(data->ids, ElementsAre(1, 1, 2, 3, 3));
  EXPECT_EQ(data->numbers[1], 0);
  EXPECT_EQ(data->numbers[3], 0);
  EXPECT_EQ(data->numbers[4], 0);
}

TEST(DatasetTest, ManyValuesAreCutIntoEqualParts) {
  std::vector<float> x, y;
  for (int i = 0; i < 1000; ++i) {
    x.push_back(static_cast<float>((i * 7) % 1000));
    y.push_back(static_cast<float>(i) + 0.5f);
  }
  DataOptions options;
  options.label = "y";
  options.number_buckets = 4;
  const auto plan = PlanInputs(Batch(x, y), nullptr, options);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_THAT(plan->features[1].boundaries, ElementsAre(249.5f, 499.5f, 749.5f));
}

}  // namespace
}  // namespace bessemer::training
