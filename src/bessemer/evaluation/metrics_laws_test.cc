#include <gtest/gtest.h>

#include <cmath>

#include "bessemer/base/random.h"
#include "bessemer/evaluation/evaluation.h"
#include "bessemer/evaluation/test_batches.h"

// What must hold for every metric of the registry.

namespace bessemer::evaluation {
namespace {

// Parameters that some classes cannot do without.
std::string RequiredConfig(const MetricClass& metric) {
  Json config = Json::object();
  for (const Param& param : metric.params) {
    if (!param.required) continue;
    if (param.type == ParamType::kString) {
      config[param.name] = "gain";
    } else {
      config[param.name] = 0.5;
    }
  }
  if (metric.name == "NDCG") config["top_k_list"] = {1, 3};
  return config.empty() ? "" : config.dump();
}

// Which data a class takes: most take pairs, some class ids or one-hot labels.
enum class Shape { kBinary, kSparse, kDense };

Shape ShapeOf(const std::string& name) {
  if (name.starts_with("Sparse") || name.starts_with("MultiClass") ||
      name.starts_with("MultiLabel")) {
    return Shape::kSparse;
  }
  return name.starts_with("Categorical") || name.starts_with("TopK") ? Shape::kDense
                                                                     : Shape::kBinary;
}

Json Rows(Shape shape, int count, uint64_t seed) {
  Random random(seed);
  Json rows = Json::array();
  for (int i = 0; i < count; ++i) {
    const auto label = static_cast<int>(random.Below(shape == Shape::kBinary ? 2 : 3));
    Json row = {{"gain", {static_cast<double>(random.Below(4)) + 0.0}},
                {"query", {fmt::format("q{}", random.Below(7))}},
                {"one", {1.0}},
                {"carrier", {random.Below(2) ? "UA" : "AA"}}};
    Json prediction = Json::array(), other = Json::array(), dense = Json::array();
    for (int c = 0; c < (shape == Shape::kBinary ? 1 : 3); ++c) {
      prediction.push_back(static_cast<double>(random.Below(1000)) / 1000 + 1e-4);
      other.push_back(static_cast<double>(random.Below(1000)) / 1000 + 1e-4);
      dense.push_back(c == label ? 1.0 : 0.0);
    }
    row["prediction"] = prediction;
    row["other"] = other;
    row["label"] = shape == Shape::kDense ? dense : Json::array({static_cast<double>(label)});
    rows.push_back(row);
  }
  return rows;
}

EvalConfig ConfigFor(const MetricClass& metric, bool weighted) {
  Json spec = {{"metrics", {{{"class_name", metric.name}}}}};
  const std::string own = RequiredConfig(metric);
  if (!own.empty()) spec["metrics"][0]["config"] = own;
  if (metric.needs_query) spec["query_key"] = "query";
  Json model = {{"label_key", "label"}, {"prediction_key", "prediction"}};
  if (weighted) model["example_weight_key"] = "one";
  Json json = {{"model_specs", {model}},
               {"slicing_specs", {Json::object(), {{"feature_keys", {"carrier"}}}}},
               {"metrics_specs", {spec}}};
  if (metric.compares_models) {
    json["model_specs"][0]["name"] = "new";
    model["name"] = "old";
    model["is_baseline"] = true;
    model["prediction_key"] = "other";
    json["model_specs"].push_back(model);
  }
  auto config = EvalConfigFromJson(json);
  EXPECT_TRUE(config.ok()) << config.status();
  return *WithDefaults(*config, metric.compares_models, false);
}

std::shared_ptr<const EvaluationState::Setup> SetupFor(const MetricClass& metric,
                                                       bool weighted = false) {
  auto setup = EvaluationState::Setup::Make(ConfigFor(metric, weighted));
  EXPECT_TRUE(setup.ok()) << metric.name << ": " << setup.status();
  return *setup;
}

std::vector<double> Numbers(const EvalResult& result) {
  std::vector<double> numbers;
  for (const SliceResult& slice : result.slices) {
    for (const auto& [key, value] : slice.values) {
      const std::vector<double> some = Elements(value);
      numbers.insert(numbers.end(), some.begin(), some.end());
      if (const auto* plot = std::get_if<PlotPtr>(&value)) {
        numbers.push_back(static_cast<double>(std::hash<std::string>()((*plot)->DebugString())));
      }
      if (const auto* error = std::get_if<MetricError>(&value)) ADD_FAILURE() << error->message;
    }
  }
  return numbers;
}

void ExpectNear(const std::vector<double>& a, const std::vector<double>& b, double tolerance) {
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    if (std::isnan(a[i]) && std::isnan(b[i])) continue;
    EXPECT_NEAR(a[i], b[i], tolerance * std::max(1.0, std::abs(a[i]))) << "number " << i;
  }
}

EvalResult Evaluated(const std::shared_ptr<const EvaluationState::Setup>& setup, const Json& rows) {
  EvaluationState state(setup);
  EXPECT_TRUE(state.Update(BatchFromRows(rows), 0).ok());
  return state.Finish();
}

class MetricLaws : public ::testing::TestWithParam<std::string> {
 protected:
  const MetricClass& metric() const { return **AllMetrics().Find(GetParam()); }
  Shape shape() const { return ShapeOf(GetParam()); }
};

TEST_P(MetricLaws, SaysWhatItIs) {
  EXPECT_GT(metric().doc.size(), 5u);
  EXPECT_FALSE(metric().default_name.empty());
  for (const Param& param : metric().params) EXPECT_FALSE(param.doc.empty()) << param.name;
}

TEST_P(MetricLaws, NothingGivesNothingAndOneRowGivesAValue) {
  const auto setup = SetupFor(metric());
  EXPECT_TRUE(EvaluationState(setup).Finish().slices.empty());
  const EvalResult one = Evaluated(setup, Rows(shape(), 1, 3));
  ASSERT_EQ(one.slices.size(), 2u);
  EXPECT_FALSE(one.slices[0].values.empty());
}

TEST_P(MetricLaws, AnySplitAndAnyMergeGiveTheSame) {
  const auto setup = SetupFor(metric());
  const Json rows = Rows(shape(), 60, 4);
  const std::vector<double> whole = Numbers(Evaluated(setup, rows));
  const bool is_plot = metric().is_plot;
  for (const int cut : {1, 17, 59}) {
    Json first = Json::array(), second = Json::array();
    for (int i = 0; i < 60; ++i) (i < cut ? first : second).push_back(rows[i]);
    EvaluationState a(setup), b(setup), merged(setup);
    ASSERT_TRUE(a.Update(BatchFromRows(first), 0).ok());
    ASSERT_TRUE(b.Update(BatchFromRows(second), cut).ok());
    merged.Merge(a);
    merged.Merge(b);
    if (!is_plot) ExpectNear(Numbers(merged.Finish()), whole, 1e-9);
    EXPECT_EQ(merged.Finish().slices[0].values.size(),
              Evaluated(setup, rows).slices[0].values.size());
  }
}

TEST_P(MetricLaws, ASavedStateIsTheStateAndADamagedOneIsNoticed) {
  const auto setup = SetupFor(metric());
  EvaluationState state(setup);
  ASSERT_TRUE(state.Update(BatchFromRows(Rows(shape(), 40, 5)), 0).ok());
  std::string bytes;
  state.Save(&bytes);
  EvaluationState loaded(setup);
  ASSERT_TRUE(loaded.Load(bytes).ok());
  EXPECT_EQ(Numbers(loaded.Finish()).size(), Numbers(state.Finish()).size());
  ExpectNear(Numbers(loaded.Finish()), Numbers(state.Finish()), 0);
  EXPECT_EQ(EvaluationState(setup).Load(bytes.substr(0, bytes.size() - 1)).code(),
            StatusCode::kDataLoss);
  EXPECT_EQ(EvaluationState(setup).Load(bytes + "x").code(), StatusCode::kDataLoss);
}

TEST_P(MetricLaws, WeightsOfOneAreNoWeights) {
  const Json rows = Rows(shape(), 30, 6);
  ExpectNear(Numbers(Evaluated(SetupFor(metric(), true), rows)),
             Numbers(Evaluated(SetupFor(metric(), false), rows)), 0);
}

TEST_P(MetricLaws, NotANumberDoesNoHarm) {
  const auto setup = SetupFor(metric());
  Json rows = Rows(shape(), 12, 7);
  rows[3]["prediction"][0] = "NaN";
  rows[4]["prediction"][0] = "Infinity";
  EvaluationState state(setup);
  ASSERT_TRUE(state.Update(BatchFromRows(rows), 0).ok());
  EXPECT_FALSE(state.Finish().slices.empty());
}

TEST_P(MetricLaws, ThreadsDoNotChangeABit) {
  const auto setup = SetupFor(metric());
  std::vector<ShardReader> shards;
  for (int s = 0; s < 5; ++s) {
    shards.push_back([s, this](const std::function<Status(const Batch&)>& emit) {
      return emit(BatchFromRows(Rows(shape(), 20, 100 + s)));
    });
  }
  auto one = Evaluate(setup, shards, 1, &Progress::None());
  auto four = Evaluate(setup, shards, 4, &Progress::None());
  ASSERT_TRUE(one.ok() && four.ok());
  ExpectNear(Numbers(*four), Numbers(*one), 0);
}

std::vector<std::string> Names() {
  std::vector<std::string> names;
  for (const MetricClass& metric : AllMetrics().entries()) names.push_back(metric.name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Registry, MetricLaws, ::testing::ValuesIn(Names()),
                         [](const auto& info) { return info.param; });

TEST(RegistryTest, HasNoDuplicates) { EXPECT_TRUE(AllMetrics().status().ok()); }

}  // namespace
}  // namespace bessemer::evaluation
