#include <arrow/array/builder_binary.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bessemer/base/random.h"
#include "bessemer/example_gen/sources/parquet/parquet_file.h"
#include "bessemer/statistics/inputs.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

// Rows of hundreds of columns: read in parts, with distributions that share their memory.

namespace bessemer::statistics {
namespace {

using ::testing::HasSubstr;
using Batch = std::shared_ptr<arrow::RecordBatch>;

// Columns of texts, whole numbers, decimals, and one that is always null.
Batch WideBatch(int num_columns, int64_t num_rows, uint64_t seed) {
  Random random(seed);
  arrow::FieldVector fields;
  arrow::ArrayVector arrays;
  for (int column = 0; column < num_columns; ++column) {
    arrow::StringBuilder texts;
    arrow::Int64Builder wholes;
    arrow::DoubleBuilder decimals;
    for (int64_t row = 0; row < num_rows; ++row) {
      const bool missing = random.Below(10) == 0;
      arrow::Status status;
      if (column % 3 == 0) {
        status = missing ? texts.AppendNull() : texts.Append(fmt::format("t{}", random.Below(90)));
      } else if (column % 3 == 1) {
        status = missing ? wholes.AppendNull()
                         : wholes.Append(static_cast<int64_t>(random.Below(1 << 18)));
      } else {
        status = missing ? decimals.AppendNull() : decimals.Append(random.Normal());
      }
      EXPECT_TRUE(status.ok());
    }
    std::vector<arrow::ArrayBuilder*> builders = {&texts, &wholes, &decimals};
    arrays.push_back(column == 5 ? std::make_shared<arrow::NullArray>(num_rows)
                                 : builders[column % 3]->Finish().ValueOrDie());
    fields.push_back(arrow::field(fmt::format("c{:03}", column), arrays.back()->type()));
  }
  return arrow::RecordBatch::Make(arrow::schema(fields), num_rows, arrays);
}

// The columns from `begin` on, of the form that a part of the rows has.
Batch Columns(const Batch& batch, int begin, int end) {
  arrow::FieldVector fields;
  arrow::ArrayVector arrays;
  for (int i = begin; i < end; ++i) {
    fields.push_back(batch->schema()->field(i));
    arrays.push_back(batch->column(i));
  }
  return arrow::RecordBatch::Make(arrow::schema(fields), batch->num_rows(), arrays);
}

std::string StateOf(const std::vector<Batch>& batches, const StatisticsOptions& options) {
  auto state = DatasetStatisticsState::Make(options);
  EXPECT_TRUE(state.ok()) << Message(state.status());
  for (const Batch& batch : batches) EXPECT_TRUE(state->Update(*batch).ok());
  return state->Save();
}

class OneBatch : public columnar::BatchSource {
 public:
  explicit OneBatch(Batch batch) : batch_(std::move(batch)) {}
  StatusOr<Batch> Next() override { return std::exchange(batch_, nullptr); }

 private:
  Batch batch_;
};

TEST(WideRows, PartsOfTheColumnsGiveTheSameBits) {
  StatisticsOptions options;
  options.enable_semantic_domain_stats = true;
  options.count_empty_values = true;
  ASSERT_TRUE(DatasetStatisticsState::TakesColumnParts(options));
  const std::vector<Batch> batches = {WideBatch(40, 200, 1), WideBatch(40, 100, 2)};
  std::vector<SourceOpener> sources;
  for (const auto& [part, begin, end] : {std::tuple(0, 0, 13), {1, 13, 14}, {2, 14, 40}}) {
    for (const Batch& batch : batches) {
      const auto source = SourceOf({Columns(batch, begin, end)});
      sources.emplace_back([source] { return source(); }, 0, ColumnPart{part, 40});
    }
  }
  const std::string expected = StateOf(batches, options);
  for (const int threads : {1, 2, 4}) {
    const auto state = GenerateStatistics(sources, options, threads);
    ASSERT_TRUE(state.ok()) << Message(state.status());
    EXPECT_TRUE(expected == state->Save()) << threads;
  }
}

TEST(WideRows, WhatLooksAtSeveralColumnsTakesThemTogether) {
  const auto takes = [](const std::function<void(StatisticsOptions*)>& change) {
    StatisticsOptions options;
    change(&options);
    return DatasetStatisticsState::TakesColumnParts(options);
  };
  EXPECT_TRUE(takes([](auto*) {}));
  EXPECT_FALSE(takes([](auto* options) { options->cross_feature_stats = true; }));
  EXPECT_FALSE(takes([](auto* options) { options->weight_feature = "w"; }));
  EXPECT_FALSE(takes([](auto* options) { options->sample_rate = 0.5; }));
  EXPECT_FALSE(takes([](auto* options) { options->slices.push_back(*ParseSliceSpec("a")); }));
}

// Counts the columns of each row: what a program's own statistic may well look at together.
class ColumnsOfRows : public Accumulator {
 public:
  Status Update(const BatchView& batch) override {
    most_ = std::max(most_, batch.features().size());
    return OkStatus();
  }
  Status Merge(const Accumulator& other) override {
    most_ = std::max(most_, static_cast<const ColumnsOfRows&>(other).most_);
    return OkStatus();
  }
  void Save(StateWriter* out) const override { out->Varint(most_); }
  void Load(StateReader* in) override { most_ = in->Varint(); }
  void Finish(::tensorflow::metadata::v0::DatasetFeatureStatistics* out) const override {
    auto* const stat = out->mutable_features(0)->add_custom_stats();
    stat->set_name("columns");
    stat->set_num(static_cast<double>(most_));
  }

 private:
  size_t most_ = 0;
};

TEST(WideRows, OwnStatisticsSeeRowsWholeUnlessTheySayOtherwise) {
  const auto options_with = [](bool by_column) {
    StatisticsOptions options;
    options.custom_statistics = {std::make_shared<const Statistic>(Statistic{
        .name = "columns",
        .doc = "",
        .make = [](const StatisticsOptions&) { return std::make_unique<ColumnsOfRows>(); },
        .by_column = by_column})};
    return options;
  };
  EXPECT_TRUE(DatasetStatisticsState::TakesColumnParts(options_with(true)));
  const std::string path = testing::TempDir() + "/own_statistics.parquet";
  OneBatch source(WideBatch(100, 50, 6));
  ASSERT_TRUE(example_gen::parquet::WriteParquet(source, path).ok());
  const StatisticsOptions options = options_with(false);
  const auto whole = OpenInputs({path}, options);
  ASSERT_TRUE(whole.ok()) << Message(whole.status());
  const auto state = GenerateStatistics(*whole, options, 2);
  ASSERT_TRUE(state.ok()) << Message(state.status());
  EXPECT_EQ(state->Finish().datasets(0).features(0).custom_stats(0).num(), 100);
  // Sources of other options are no way around it.
  const auto parts = OpenInputs({path});
  ASSERT_TRUE(parts.ok()) << Message(parts.status());
  const Status refused = GenerateStatistics(*parts, options, 2).status();
  EXPECT_EQ(refused.code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(Message(refused)), HasSubstr("open them with the same options"));
}

// A value that repeats takes next to nothing as it is stored: no reason to hold all rows at once.
TEST(WideRows, RowGroupsOfRepeatedValuesAreReadInBatches) {
  arrow::StringBuilder texts;
  for (int i = 0; i < 100'000; ++i) ASSERT_TRUE(texts.Append("again and again").ok());
  const std::string path = testing::TempDir() + "/repeated.parquet";
  OneBatch source(arrow::RecordBatch::Make(arrow::schema({arrow::field("t", arrow::utf8())}),
                                           100'000, {texts.Finish().ValueOrDie()}));
  ASSERT_TRUE(example_gen::parquet::WriteParquet(source, path).ok());
  const auto sources = OpenInputs({path});
  ASSERT_TRUE(sources.ok()) << Message(sources.status());
  ASSERT_EQ(sources->size(), 1u);
  const auto opened = sources->front()();
  ASSERT_TRUE(opened.ok()) << Message(opened.status());
  int64_t num_rows = 0;
  while (true) {
    const auto lazy = (*opened)->Next();
    ASSERT_TRUE(lazy.ok()) << Message(lazy.status());
    if (*lazy == nullptr) break;
    const auto batch = (*lazy)();
    ASSERT_TRUE(batch.ok()) << Message(batch.status());
    EXPECT_LE((*batch)->num_rows(), 16384);
    num_rows += (*batch)->num_rows();
  }
  EXPECT_EQ(num_rows, 100'000);
}

TEST(WideRows, ParquetIsReadInParts) {
  const std::vector<Batch> batches = {WideBatch(100, 300, 3), WideBatch(100, 200, 4)};
  std::vector<std::string> paths;
  for (size_t i = 0; i < batches.size(); ++i) {
    paths.push_back(fmt::format("{}/wide_rows_{}.parquet", testing::TempDir(), i));
    // The second file lacks columns.
    OneBatch source(i == 0 ? batches[0] : Columns(batches[1], 0, 60));
    ASSERT_TRUE(example_gen::parquet::WriteParquet(source, paths.back()).ok());
  }
  struct Case {
    const char* name;
    StatisticsOptions options;
    size_t num_sources;  // two for each part
  };
  std::vector<Case> cases = {{"all", {}, 14}, {"some", {}, 2}, {"together", {}, 1}};
  cases[1].options.feature_allowlist = {"c000", "c001", "c070"};
  cases[2].options.slices.push_back(*ParseSliceSpec("c000=t1"));
  for (const Case& c : cases) {
    const auto sources = OpenInputs(paths, c.options);
    ASSERT_TRUE(sources.ok()) << Message(sources.status());
    EXPECT_EQ(sources->size(), c.num_sources) << c.name;
    arrow::FieldVector fields = batches[1]->schema()->fields();
    arrow::ArrayVector arrays = batches[1]->columns();
    for (int i = 60; i < 100; ++i) {
      const auto& type = fields[static_cast<size_t>(i)]->type();
      arrays[static_cast<size_t>(i)] = arrow::MakeArrayOfNull(type, 200).ValueOrDie();
    }
    const Batch second = arrow::RecordBatch::Make(batches[1]->schema(), 200, arrays);
    const std::string expected = StateOf({batches[0], second}, c.options);
    for (const int threads : {1, 2, 5}) {
      const auto state = GenerateStatistics(*sources, c.options, threads);
      ASSERT_TRUE(state.ok()) << Message(state.status());
      EXPECT_TRUE(expected == state->Save()) << c.name << ", " << threads << " threads";
    }
  }
}

// 600 features: their distributions have half the cells, whoever knew when that they are so many.
TEST(WideRows, ShareTheCellsOfDistributions) {
  Random random(5);
  arrow::DoubleBuilder values;
  for (int i = 0; i < 9'000; ++i) ASSERT_TRUE(values.Append(random.Normal()).ok());
  const auto column = values.Finish().ValueOrDie();
  arrow::FieldVector fields;
  for (int i = 0; i < 600; ++i) {
    fields.push_back(arrow::field(fmt::format("c{:03}", i), arrow::float64()));
  }
  const Batch all = arrow::RecordBatch::Make(arrow::schema(fields), 9'000,
                                             arrow::ArrayVector(600, column));
  const Batch few = Columns(all, 0, 300);
  const std::string expected = StateOf({few, all}, {});
  EXPECT_TRUE(expected == StateOf({all, few}, {}));
  auto merged = DatasetStatisticsState::Make({});
  auto other = DatasetStatisticsState::Make({});
  ASSERT_TRUE(merged->Update(*few).ok());
  ASSERT_TRUE(other->Update(*all).ok());
  ASSERT_TRUE(merged->Merge(*other).ok());
  EXPECT_TRUE(expected == merged->Save());
  const auto loaded = DatasetStatisticsState::Load(expected);
  ASSERT_TRUE(loaded.ok()) << Message(loaded.status());
  EXPECT_TRUE(loaded->Finish().SerializeAsString() == merged->Finish().SerializeAsString());
  // 300 features have a cell for each of the 9,000 values; of 600 each has fewer.
  EXPECT_LT(expected.size(), StateOf({few, few}, {}).size() * 2 * 3 / 4);
}

}  // namespace
}  // namespace bessemer::statistics
