#include <arrow/array.h>
#include <arrow/array/builder_nested.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <gtest/gtest.h>

#include <map>

#include "bessemer/example_gen/sources/parquet/parquet_file.h"
#include "bessemer/statistics/generate.h"
#include "bessemer/statistics/inputs.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

// Columns of types that statistics do not walk, beside others.

namespace bessemer::statistics {
namespace {

using Batch = std::shared_ptr<arrow::RecordBatch>;

class OneBatch : public columnar::BatchSource {
 public:
  explicit OneBatch(Batch batch) : batch_(std::move(batch)) {}
  StatusOr<Batch> Next() override { return std::exchange(batch_, nullptr); }

 private:
  Batch batch_;
};

constexpr int64_t kNumRows = 30;

std::shared_ptr<arrow::Array> Numbers() {
  arrow::UInt64Builder numbers;
  for (int64_t row = 0; row < kNumRows; ++row) {
    EXPECT_TRUE(numbers.Append(row == 7 ? UINT64_MAX : static_cast<uint64_t>(row)).ok());
  }
  return numbers.Finish().ValueOrDie();
}

// {v: number}, each third one missing.
std::shared_ptr<arrow::Array> Structs() {
  auto values = std::make_shared<arrow::Int64Builder>();
  arrow::StructBuilder structs(arrow::struct_({arrow::field("v", arrow::int64())}),
                               arrow::default_memory_pool(), {values});
  for (int64_t row = 0; row < kNumRows; ++row) {
    EXPECT_TRUE((row % 3 == 0 ? structs.AppendNull() : structs.Append()).ok());
    if (row % 3 == 0) continue;
    EXPECT_TRUE(values->Append(row).ok());
  }
  return structs.Finish().ValueOrDie();
}

std::shared_ptr<arrow::Array> Maps() {
  auto keys = std::make_shared<arrow::Int64Builder>();
  auto items = std::make_shared<arrow::DoubleBuilder>();
  arrow::MapBuilder maps(arrow::default_memory_pool(), keys, items);
  for (int64_t row = 0; row < kNumRows; ++row) {
    EXPECT_TRUE(maps.Append().ok() && keys->Append(row).ok() && items->Append(0.5).ok());
  }
  return maps.Finish().ValueOrDie();
}

// The statistics of each feature, by its path, of a Parquet file with these columns.
std::map<std::string, std::string> StatisticsOf(
    const std::map<std::string, std::shared_ptr<arrow::Array>>& columns) {
  arrow::FieldVector fields;
  arrow::ArrayVector arrays;
  for (const auto& [name, array] : columns) {
    fields.push_back(arrow::field(name, array->type()));
    arrays.push_back(array);
  }
  const std::string path = testing::TempDir() + "/nested_rows.parquet";
  OneBatch rows(arrow::RecordBatch::Make(arrow::schema(fields), kNumRows, arrays));
  EXPECT_TRUE(example_gen::parquet::WriteParquet(rows, path).ok());
  const auto sources = OpenInputs({path}, {});
  EXPECT_TRUE(sources.ok()) << sources.status();
  const auto state = GenerateStatistics(*sources, {}, 2);
  EXPECT_TRUE(state.ok()) << state.status();
  std::map<std::string, std::string> features;
  const auto list = state->Finish();
  for (const auto& feature : list.datasets(0).features()) {
    features[fmt::format("{}", fmt::join(feature.path().step(), "/"))] =
        feature.SerializeAsString();
  }
  return features;
}

TEST(NestedRows, AMapLeavesOtherColumnsAsTheyAre) {
  const auto without = StatisticsOf({{"n", Numbers()}, {"s", Structs()}});
  ASSERT_EQ(without.size(), 3u);
  ASSERT_TRUE(without.contains("s/v"));
  auto with = StatisticsOf({{"m", Maps()}, {"n", Numbers()}, {"s", Structs()}});
  for (const auto& [path, statistics] : without) EXPECT_TRUE(with[path] == statistics) << path;
  EXPECT_GT(with.size(), without.size());
}

}  // namespace
}  // namespace bessemer::statistics
