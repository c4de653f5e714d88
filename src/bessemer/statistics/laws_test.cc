#include <arrow/array/builder_binary.h>
#include <arrow/array/builder_nested.h>
#include <arrow/array/builder_primitive.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "bessemer/base/random.h"
#include "bessemer/columnar/short_form.h"
#include "bessemer/io/file.h"
#include "bessemer/statistics/generate.h"
#include "conformance/arrow_json.h"
#include "tensorflow_metadata/proto/v0/schema.pb.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

// What every statistic must obey, over all that are registered.

namespace bessemer::statistics {
namespace {

using conformance::BatchOf;
using ::testing::HasSubstr;
using ::tensorflow::metadata::v0::DatasetFeatureStatisticsList;
using Batch = std::shared_ptr<arrow::RecordBatch>;

// Rows of every kind the accumulators know: missing rows, empty lists, null leaves, NaN,
// infinities, heavy ties, many different values, nested lists, structs, bytes that are not UTF-8.
Batch RandomBatch(int64_t num_rows, uint64_t seed) {
  Random random(seed);
  Json ints = Json::array(), floats = Json::array(), texts = Json::array(), nested = Json::array(),
       structs = Json::array(), weights = Json::array(), bytes = Json::array(), wide =
           Json::array();
  for (int64_t i = 0; i < num_rows; ++i) {
    const uint64_t kind = random.Below(20);
    ints.push_back(kind == 0 ? Json() : kind == 1 ? Json::array()
                   : Json{random.Below(7), random.Below(3)});
    floats.push_back(kind == 2   ? Json()
                     : kind == 3 ? Json{"NaN"}
                     : kind == 4 && seed % 2 == 0 ? Json{"Infinity"}
                                 : Json{std::ldexp(random.Normal(),
                                                   static_cast<int>(random.Below(40)))});
    texts.push_back(kind == 5 ? Json() : Json{fmt::format("v{}", random.Below(500)), ""});
    bytes.push_back(Json{kind == 6 ? Json{{"b64", "gP8="}} : Json("plain text of four words")});
    nested.push_back(kind == 7 ? Json() : Json{Json{1, 2}, Json(), Json::array({Json()})});
    structs.push_back(kind == 8 ? Json() : Json{Json{{"x", Json{random.Below(9)}}}, Json()});
    weights.push_back(Json{0.25 * static_cast<double>(random.Below(9))});
    wide.push_back(Json{random.Uniform() * 1e6});
  }
  const auto column = [](const char* name, const char* type, Json values) {
    return Json{{"name", name}, {"type", type}, {"values", std::move(values)}};
  };
  const Json encoded = {
      {"@arrow",
       {{"num_rows", num_rows},
        {"columns",
         Json::array({column("i", "list<item: int64>", ints),
             column("f", "list<item: float>", floats),
                      column("s", "large_list<item: string>", texts),
                      column("b", "list<item: binary>", bytes),
                      column("n", "list<item: list<item: int32>>", nested),
                      column("st", "list<item: struct<x: list<item: int64>>>", structs),
                      column("w", "list<item: double>", weights),
                      column("wide", "list<item: double>", wide)})}}}};
  StatusOr<Batch> batch = BatchOf(encoded);
  EXPECT_TRUE(batch.ok()) << Message(batch.status());
  return *batch;
}

// Turns every registered statistic on.
StatisticsOptions Everything() {
  StatisticsOptions options;
  auto schema = std::make_shared<::tensorflow::metadata::v0::Schema>();
  const auto add = [&schema](const char* name, ::tensorflow::metadata::v0::FeatureType type) {
    auto* feature = schema->add_feature();
    feature->set_name(name);
    feature->set_type(type);
    return feature;
  };
  auto* text = add("s", ::tensorflow::metadata::v0::BYTES);
  text->mutable_natural_language_domain()->mutable_coverage()->add_oov_string_tokens("v7");
  text->mutable_natural_language_domain()->add_token_constraints()->set_string_value("v8");
  add("b", ::tensorflow::metadata::v0::BYTES);
  add("i", ::tensorflow::metadata::v0::INT)->mutable_int_domain()->set_is_categorical(true);
  auto* sparse = schema->add_sparse_feature();
  sparse->set_name("sparse");
  sparse->mutable_value_feature()->set_name("f");
  sparse->add_index_feature()->set_name("i");
  auto* weighted = schema->add_weighted_feature();
  weighted->set_name("weighted");
  weighted->mutable_feature()->add_step("s");
  weighted->mutable_weight_feature()->add_step("absent");
  options.schema = std::move(schema);
  options.weight_feature = "w";
  options.label_feature = "i";
  options.enable_semantic_domain_stats = true;
  options.count_empty_values = true;
  options.cross_feature_stats = true;
  options.slices.push_back(*ParseSliceSpec("i=1"));
  options.slices.push_back(*ParseSliceSpec("i"));
  options.slices.push_back(
      *ParseSliceSpec("SELECT STRUCT(i AS kind) FROM example.i WHERE i BETWEEN 2 AND 3"));
  options.row_conditions = {{"i is small", "feature(\"i\") < 5"},
                            {"f or s", "(feature(\"f\") > 0) or is_missing(feature(\"s\"))"},
                            {"w is not 1", "feature(\"w\") != 1"},
                            {"nowhere", "feature(\"absent\") == \"x\""}};
  options.mutual_information.enabled = true;
  options.mutual_information.num_partitions = 2;
  options.mutual_information.max_examples_per_partition = 25;
  options.mutual_information.max_encoding_length = 4;
  options.mutual_information.sklearn = true;
  return options;
}

DatasetStatisticsState StateOf(const std::vector<Batch>& batches,
                               const StatisticsOptions& options) {
  StatusOr<DatasetStatisticsState> state = DatasetStatisticsState::Make(options);
  EXPECT_TRUE(state.ok()) << Message(state.status());
  for (const Batch& batch : batches) {
    const Status status = state->Update(*batch);
    EXPECT_TRUE(status.ok()) << Message(status);
  }
  return std::move(*state);
}

std::string Bytes(const DatasetStatisticsState& state) { return state.Finish().SerializeAsString();
    }

TEST(Laws, EveryStatisticIsOnAndDocumented) {
  StatisticRegistry registry("statistic");
  RegisterPlugins(registry);
  ASSERT_TRUE(registry.status().ok()) << Message(registry.status());
  const StatisticsOptions options = Everything();
  for (const Statistic& statistic : registry.entries()) {
    EXPECT_NE(statistic.make(options), nullptr) << statistic.name;
    EXPECT_FALSE(statistic.doc.empty()) << statistic.name;
  }
}

TEST(Laws, AnyCutAndMergeTreeGivesTheSameBits) {
  const Batch all = RandomBatch(210, 1);
  for (const bool weighted : {true, false}) {
    StatisticsOptions options = Everything();
    if (!weighted) options.weight_feature = "";
    const std::string whole = Bytes(StateOf({all}, options));
    for (const int64_t cut : {1, 7, 100, 210}) {
      std::vector<Batch> pieces;
      for (int64_t begin = 0; begin < 210; begin += cut) pieces.push_back(all->Slice(begin, cut));
      EXPECT_TRUE(whole == Bytes(StateOf(pieces, options))) << "batches of " << cut;
      // Merged from the right, each through its saved form.
      DatasetStatisticsState merged = StateOf({}, options);
      for (auto piece = pieces.rbegin(); piece != pieces.rend() && pieces.size() < 100; ++piece) {
        StatusOr<DatasetStatisticsState> one =
            DatasetStatisticsState::Load(StateOf({*piece}, options).Save());
        ASSERT_TRUE(one.ok()) << Message(one.status());
        ASSERT_TRUE(one->Merge(merged).ok());
        merged = std::move(*one);
      }
      if (pieces.size() < 100) {
        EXPECT_TRUE(whole == Bytes(merged))
            << "shards of " << cut << "\n" << merged.Finish().DebugString().substr(0, 1000);
      }
    }
  }
}

// Values that went to temporary files give what values in memory give, saved states included.
TEST(Laws, MemoryForValuesDoesNotMatter) {
  std::vector<Batch> batches;
  for (int64_t i = 0; i < 6; ++i) {
    Json ids = Json::array();
    for (int64_t row = 0; row < 9000; ++row) {
      ids.push_back(Json{fmt::format("row {} of many, with a long text", (i * 6000 + row) * 7919)});
    }
    batches.push_back(*BatchOf(Json{
        {"@arrow", {{"num_rows", 9000},
                    {"columns", Json::array({Json{{"name", "id"}, {"type", "list<item: string>"},
                                                  {"values", ids}}})}}}}));
  }
  StatisticsOptions options;
  const DatasetStatisticsState in_memory = StateOf(batches, options);
  EXPECT_EQ(in_memory.Finish().datasets(0).features(0).string_stats().unique(), 39000u);
  const std::string path = testing::TempDir() + "/values.state";
  std::string expected;
  for (const size_t half : {0, 3, 6}) {
    options.max_uniques_bytes = 1 << 20;
    DatasetStatisticsState first = StateOf({batches.begin(), batches.begin() + half}, options);
    const DatasetStatisticsState rest = StateOf({batches.begin() + half, batches.end()}, options);
    ASSERT_TRUE(first.Merge(rest).ok());
    EXPECT_TRUE(Bytes(in_memory) == Bytes(first)) << half;
    ASSERT_TRUE(first.status().ok()) << Message(first.status());
    if (expected.empty()) expected = first.Save();
    EXPECT_TRUE(expected == first.Save()) << half;
    ASSERT_TRUE(first.SaveFile(path).ok());
    EXPECT_TRUE(expected == *io::ReadFile(path)) << half;
  }
  const auto loaded = DatasetStatisticsState::Load(expected);
  ASSERT_TRUE(loaded.ok()) << Message(loaded.status());
  EXPECT_TRUE(Bytes(in_memory) == Bytes(*loaded));
}

// Images and documents are told apart and counted without being kept.
TEST(Laws, LargeValuesAreCountedByTheirShortForms) {
  const auto column = [](const char* name, const std::vector<std::string>& values) {
    arrow::BinaryBuilder builder;
    for (const std::string& value : values) EXPECT_TRUE(builder.Append(value).ok());
    return std::pair(arrow::field(name, arrow::binary()), *builder.Finish());
  };
  const std::string image = "\xff\xd8" + std::string(1 << 20, '\1');
  const std::string text(1 << 20, 't');
  const auto images = column("image", {image, image + '\0', image, image + '\1'});
  const auto texts = column("text", {text, text + '0', text, text + '1'});
  const Batch batch = arrow::RecordBatch::Make(arrow::schema({images.first, texts.first}), 4,
                                               {images.second, texts.second});
  for (const bool compat : {false, true}) {
    StatisticsOptions options;
    options.tfdv_compat = compat;
    const DatasetStatisticsState state =
        StateOf({batch->Slice(0, 1), batch->Slice(1, 1), batch->Slice(2, 2)}, options);
    const std::string saved = state.Save();
    EXPECT_LT(saved.size(), compat ? 4u << 20 : 20u << 10);
    const auto loaded = DatasetStatisticsState::Load(saved);
    ASSERT_TRUE(loaded.ok()) << Message(loaded.status());
    for (const DatasetStatisticsState* each : {&state, &*loaded}) {
      const DatasetFeatureStatisticsList list = each->Finish();
      for (const auto& feature : list.datasets(0).features()) {
        const auto& counted = feature.string_stats();
        const bool is_text = feature.path().step(0) == "text";
        EXPECT_EQ(counted.unique(), 3u);
        EXPECT_EQ(counted.invalid_utf8_count(), is_text ? 0u : 4u);
        EXPECT_FLOAT_EQ(counted.avg_length(), 0.5f + static_cast<float>(is_text ? 1 << 20
                                                                        : image.size()));
        EXPECT_EQ(counted.rank_histogram().buckets(0).sample_count(), 2);
        EXPECT_EQ(counted.rank_histogram().buckets(0).label(),
                  !is_text ? "__BYTES_VALUE__" : compat ? text : columnar::ShortForm(text));
      }
    }
  }
}

TEST(Laws, BeyondTheCapacityOfDistributionsToo) {
  std::vector<Batch> batches;
  for (uint64_t seed = 0; seed < 8; ++seed) batches.push_back(RandomBatch(5000, seed));
  const StatisticsOptions options;
  const std::string whole = Bytes(StateOf(batches, options));
  DatasetStatisticsState left = StateOf({batches.begin(), batches.begin() + 3}, options);
  const DatasetStatisticsState right = StateOf({batches.begin() + 3, batches.end()}, options);
  ASSERT_TRUE(left.Merge(right).ok());
  EXPECT_TRUE(whole == Bytes(left));
}

TEST(Laws, ThreadsGiveTheSameBits) {
  for (const bool compat : {false, true}) {
    StatisticsOptions options = Everything();
    options.tfdv_compat = compat;
    std::vector<SourceOpener> sources;
    for (uint64_t i = 0; i < 5; ++i) {
      sources.push_back(SourceOf({RandomBatch(300, 2 * i), RandomBatch(200, 2 * i + 1)}));
    }
    std::string first;
    for (const int threads : {1, 2, 5}) {
      const StatusOr<DatasetStatisticsState> state = GenerateStatistics(sources, options, threads);
      ASSERT_TRUE(state.ok()) << Message(state.status());
      if (first.empty()) first = Bytes(*state);
      EXPECT_TRUE(first == Bytes(*state)) << threads << " threads, compat " << compat;
    }
  }
}

// A program's own statistic: the sum of the lengths of lists.
class Lengths : public Accumulator {
 public:
  Status Update(const BatchView& batch) override {
    for (const FeatureArray& feature : batch.features()) {
      const ListLevel& level = feature.levels[0];
      for (int64_t row = 0; row < level.num_rows; ++row) total_ += level.length(row);
    }
    return OkStatus();
  }
  Status Merge(const Accumulator& other) override {
    total_ += static_cast<const Lengths&>(other).total_;
    return OkStatus();
  }
  void Save(StateWriter* out) const override { out->Varint(total_); }
  void Load(StateReader* in) override { total_ = in->Varint(); }
  void Finish(::tensorflow::metadata::v0::DatasetFeatureStatistics* out) const override {
    auto* stat = MutableFeature({"i"}, out)->add_custom_stats();
    stat->set_name("lengths");
    stat->set_num(static_cast<double>(total_));
  }

 private:
  uint64_t total_ = 0;
};

std::shared_ptr<const Statistic> LengthsStatistic(const char* name) {
  return std::make_shared<const Statistic>(
      Statistic{.name = name,
                .doc = "Lengths of lists",
                .make = [](const StatisticsOptions&) { return std::make_unique<Lengths>(); }});
}

TEST(CustomStatistics, RunMergeAndLoadBesideTheOthers) {
  StatisticsOptions options;
  options.custom_statistics = {LengthsStatistic("lengths")};
  const Batch a = RandomBatch(40, 1);
  const Batch b = RandomBatch(60, 2);
  DatasetStatisticsState state = StateOf({a}, options);
  ASSERT_TRUE(state.Merge(StateOf({b}, options)).ok());
  EXPECT_TRUE(Bytes(state) == Bytes(StateOf({a, b}, options)));
  EXPECT_EQ(state.Merge(StateOf({b}, {})).code(), StatusCode::kFailedPrecondition);

  const std::string saved = state.Save();
  const auto unknown = DatasetStatisticsState::Load(saved);
  EXPECT_EQ(unknown.status().code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(Message(unknown.status())), HasSubstr("'lengths'"));
  const auto loaded = DatasetStatisticsState::Load(saved, options.custom_statistics);
  ASSERT_TRUE(loaded.ok()) << Message(loaded.status());
  EXPECT_TRUE(Bytes(*loaded) == Bytes(state));

  options.custom_statistics = {LengthsStatistic("basic")};
  EXPECT_EQ(DatasetStatisticsState::Make(options).status().code(), StatusCode::kAlreadyExists);
  options.custom_statistics = {nullptr};
  EXPECT_EQ(DatasetStatisticsState::Make(options).status().code(), StatusCode::kInvalidArgument);
}

TEST(FunctionSlices, AreSavedWithoutTheFunction) {
  StatisticsOptions options;
  options.slices.push_back({.features = {},
                            .sql = "",
                            .function = [](const arrow::RecordBatch& batch)
                                -> StatusOr<SliceSpec::RowsByName> {
                              SliceSpec::RowsByName rows;
                              for (int64_t i = 0; i < batch.num_rows(); i += 2) {
                                rows["even"].push_back(i);
                              }
                              return rows;
                            }});
  const Batch batch = RandomBatch(11, 5);
  const DatasetStatisticsState state = StateOf({batch}, options);
  const auto result = state.Finish();
  ASSERT_EQ(result.datasets_size(), 2);
  EXPECT_EQ(result.datasets(1).name(), "even");
  EXPECT_EQ(result.datasets(1).num_examples(), 6);
  auto loaded = DatasetStatisticsState::Load(state.Save());
  ASSERT_TRUE(loaded.ok()) << Message(loaded.status());
  EXPECT_TRUE(Bytes(*loaded) == Bytes(state));
  EXPECT_TRUE(loaded->Merge(state).ok());
  EXPECT_EQ(loaded->Update(*batch).code(), StatusCode::kFailedPrecondition);
}

TEST(Laws, EmptyDataIsNoError) {
  for (const std::vector<Batch>& batches :
       {std::vector<Batch>{}, std::vector<Batch>{RandomBatch(0, 1)}}) {
    const DatasetFeatureStatisticsList result = StateOf(batches, Everything()).Finish();
    EXPECT_EQ(result.datasets(0).num_examples(), 0);
  }
}

TEST(Laws, WeightsOfOneEqualNoWeights) {
  const Batch batch = RandomBatch(300, 3);
  arrow::DoubleBuilder ones;
  for (int i = 0; i < 300; ++i) ASSERT_TRUE(ones.Append(1).ok());
  const Batch with_ones =
      *batch->AddColumn(batch->num_columns(), "one", ones.Finish().ValueOrDie());
  StatisticsOptions options;
  options.weight_feature = "one";
  const DatasetFeatureStatisticsList result = StateOf({with_ones}, options).Finish();
  const auto& dataset = result.datasets(0);
  EXPECT_EQ(dataset.weighted_num_examples(), 300);
  for (const auto& feature : dataset.features()) {
    if (feature.has_num_stats()) {
      const auto& plain = feature.num_stats();
      EXPECT_DOUBLE_EQ(plain.mean(), plain.weighted_numeric_stats().mean());
      EXPECT_DOUBLE_EQ(plain.std_dev(), plain.weighted_numeric_stats().std_dev());
      EXPECT_EQ(plain.median(), plain.weighted_numeric_stats().median());
    }
    for (int i = 0; i < feature.string_stats().top_values_size(); ++i) {
      const auto& weighted = feature.string_stats().weighted_string_stats();
      EXPECT_EQ(feature.string_stats().top_values(i).value(), weighted.top_values(i).value());
    }
  }
}

TEST(SavedState, DamageIsFound) {
  const std::string saved = StateOf({RandomBatch(50, 4)}, Everything()).Save();
  for (size_t size = 0; size < saved.size(); size += 1 + saved.size() / 60) {
    const auto state = DatasetStatisticsState::Load(std::string_view(saved).substr(0, size));
    ASSERT_FALSE(state.ok());
    EXPECT_EQ(state.status().code(), StatusCode::kDataLoss);
  }
  for (size_t i = 0; i < saved.size(); i += 1 + saved.size() / 60) {
    std::string garbled = saved;
    garbled[i] = static_cast<char>(garbled[i] ^ 0x55);
    EXPECT_EQ(DatasetStatisticsState::Load(garbled).status().code(), StatusCode::kDataLoss) << i;
  }
}

TEST(SavedState, OtherOptionsDoNotMerge) {
  StatisticsOptions options;
  DatasetStatisticsState a = StateOf({}, options);
  options.num_top_values = 3;
  const Status status = a.Merge(StateOf({}, options));
  EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(Message(status), HasSubstr("different options"));
  EXPECT_THAT(Message(status), HasSubstr("They differ in num_top_values (20, 3)"));
  options = {};
  options.schema = std::make_shared<::tensorflow::metadata::v0::Schema>();
  options.row_conditions = {{"a > 1", "feature(\"a\") > 1"}};
  EXPECT_THAT(Message(a.Merge(StateOf({}, options))), HasSubstr("They differ in the rules over"));
}

struct BadInput {
  const char* name;
  Json columns;
  const char* weight;
  const char* message;
};

TEST(Laws, BadDataGivesErrors) {
  const auto column = [](const char* name, const char* type, Json values) {
    return Json{{"name", name}, {"type", type}, {"values", std::move(values)}};
  };
  const std::vector<BadInput> inputs = {
      {"repeated column", Json::array({column("a", "list<item: int64>", {{1}}),
          column("a", "list<item: int64>", {{1}})}), "", "two columns"},
      {"missing weight", Json::array({column("a", "list<item: int64>", {{1}})}), "w",
          "not in the data"},
      {"text weight", Json::array({column("w", "list<item: string>", {{"1"}})}), "w", "numeric"},
      {"two weights", Json::array({column("w", "list<item: double>", {{1, 2}})}), "w",
          "exactly one"},
      {"infinite weight", Json::array({column("w", "list<item: double>", {{"Infinity"}})}), "w",
          "finite"},
  };
  for (const BadInput& input : inputs) {
    StatisticsOptions options;
    options.weight_feature = input.weight;
    StatusOr<Batch> batch =
        BatchOf(Json{{"@arrow", {{"num_rows", 1}, {"columns", input.columns}}}});
    ASSERT_TRUE(batch.ok()) << input.name;
    const Status status = DatasetStatisticsState::Make(options)->Update(**batch);
    EXPECT_EQ(status.code(), StatusCode::kInvalidArgument) << input.name;
    EXPECT_THAT(Message(status), HasSubstr(input.message)) << input.name;
  }
}

TEST(Laws, ChangesOfTypeAndNestingAreErrors) {
  const auto one = [](const char* type, Json value) {
    return *BatchOf(Json{{"@arrow",
                          {{"num_rows", 1},
                           {"columns", Json::array({Json{{"name", "a"}, {"type", type},
                               {"values", Json::array({value})}}})}}}});
  };
  const std::vector<std::pair<Batch, Batch>> pairs = {
      {one("list<item: int64>", {1}), one("list<item: double>", {1.5})},
      {one("list<item: int64>", {1}), one("list<item: string>", {"x"})},
      {one("list<item: int64>", {1}), one("list<item: list<item: int64>>", {{1}})}};
  for (const auto& [first, second] : pairs) {
    DatasetStatisticsState together = StateOf({first}, {});
    EXPECT_THAT(Message(together.Update(*second)), HasSubstr("feature 'a'"));
    DatasetStatisticsState merged = StateOf({first}, {});
    EXPECT_THAT(Message(merged.Merge(StateOf({second}, {}))), HasSubstr("feature 'a'"));
  }
}

TEST(Options, AreChecked) {
  StatisticsOptions options;
  options.sample_rate = 0;
  EXPECT_THAT(Message(options.Validate()), HasSubstr("invalid sample_rate 0"));
  options = {};
  options.num_values_histogram_buckets = 1;
  EXPECT_THAT(Message(options.Validate()), HasSubstr("invalid num_values_histogram_buckets 1"));
  options = {};
  options.row_conditions = {{"a < 1", "feature(\"a\") < 1"}};
  EXPECT_TRUE(options.Validate().ok());
  options.sample_rate = 0.5;
  EXPECT_THAT(Message(options.Validate()), HasSubstr("with a sample_rate of 0.5"));
  options = {};
  options.row_conditions = {{"a <", "feature(\"a\") <"}};
  EXPECT_THAT(Message(options.Validate()), HasSubstr("a <: "));
  EXPECT_THAT(Message(ParseSliceSpec("=1").status()), HasSubstr("names no feature"));
  const StatusOr<StatisticsOptions> back = StatisticsOptions::Parse(Everything().Serialize());
  ASSERT_TRUE(back.ok()) << Message(back.status());
  EXPECT_EQ(back->Serialize(), Everything().Serialize());
}

TEST(Sampling, KeepsAboutTheRateWhateverTheCut) {
  StatisticsOptions options;
  options.sample_rate = 0.25;
  const Batch all = RandomBatch(4000, 5);
  const DatasetStatisticsState whole = StateOf({all}, options);
  const auto num_rows = static_cast<double>(whole.Finish().datasets(0).num_examples());
  EXPECT_NEAR(num_rows, 1000, 120);
  EXPECT_TRUE(Bytes(whole) == Bytes(StateOf({all->Slice(0, 1234), all->Slice(1234)}, options)));
}

}  // namespace
}  // namespace bessemer::statistics
