#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "bessemer/statistics/conformance_cases.h"
#include "bessemer/statistics/dataset_state.h"
#include "bessemer/statistics/image_domain/image_domain.h"
#include "bessemer/statistics/lift/lift.h"
#include "bessemer/statistics/natural_language_domain/natural_language_domain.h"
#include "bessemer/statistics/quantile_summary.h"
#include "bessemer/statistics/time_domain/time_domain.h"
#include "bessemer/statistics/uniques_sketch.h"
#include "tensorflow_metadata/proto/v0/schema.pb.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

// The cases of single generators: TFDV's unit tests, whose expectations are typed in to six or
// seven digits.

namespace bessemer::statistics {
namespace {

using ::google::protobuf::TextFormat;
using ::tensorflow::metadata::v0::DatasetFeatureStatistics;
using ::tensorflow::metadata::v0::DatasetFeatureStatisticsList;
using ::tensorflow::metadata::v0::FeatureNameStatistics;
using ::tensorflow::metadata::v0::Schema;

std::string GeneratorOf(const Json& one) {
  if (!one.contains("generator") || !one.at("generator").is_object()) return "";
  return one.at("generator").value("@object", "");
}

void SetWeights(const Json& args, StatisticsOptions* options) {
  if (!args.contains("example_weight_map")) return;
  const Json& weights = args.at("example_weight_map").at("@weights");
  if (weights.at("default").is_string()) options->weight_feature = weights.at("default");
  for (const auto& [path, column] : weights.at("override").items()) {
    options->per_feature_weight_override[{path}] = column.get<std::string>();
  }
}

StatisticsOptions OptionsOf(const Json& args) {
  StatisticsOptions options;
  SetWeights(args, &options);
  const auto number = [&args](const char* name, int64_t fallback) {
    return args.value(name, fallback);
  };
  options.num_top_values = number("num_top_values", 2);
  options.num_rank_histogram_buckets = number("num_rank_histogram_buckets", 128);
  options.frequency_threshold = number("frequency_threshold", 1);
  options.weighted_frequency_threshold = args.value("weighted_frequency_threshold", 1.0);
  options.num_values_histogram_buckets = number("num_values_histogram_buckets", 10);
  options.num_histogram_buckets = number("num_histogram_buckets", 10);
  options.num_quantiles_histogram_buckets = number("num_quantiles_histogram_buckets", 10);
  if (args.contains("schema") && args.at("schema").is_object()) {
    auto schema = std::make_shared<Schema>();
    EXPECT_TRUE(TextFormat::ParseFromString(args.at("schema").at("text"), schema.get()));
    options.schema = std::move(schema);
  }
  return options;
}

// Only what the generator under test writes.
void KeepOnly(const std::string& generator, DatasetFeatureStatistics* dataset) {
  DatasetFeatureStatistics kept;
  for (FeatureNameStatistics& feature : *dataset->mutable_features()) {
    if (generator == "BasicStatsGenerator") {
      auto* text = feature.has_string_stats() ? feature.mutable_string_stats() : nullptr;
      if (text != nullptr) {
        text->clear_unique();
        text->clear_top_values();
        text->clear_rank_histogram();
        text->clear_weighted_string_stats();
      }
    } else if (generator.starts_with("TopKUniques")) {
      if (feature.string_stats().unique() == 0) continue;
      feature.clear_type();
      feature.clear_custom_stats();
      feature.mutable_string_stats()->clear_common_stats();
      feature.mutable_string_stats()->clear_avg_length();
      feature.mutable_string_stats()->clear_invalid_utf8_count();
    } else if (generator.starts_with("Sparse") || generator.starts_with("Weighted")) {
      if (feature.stats_case() != FeatureNameStatistics::STATS_NOT_SET) continue;
    } else {
      continue;
    }
    *kept.add_features() = feature;
  }
  if (generator == "CrossFeatureStatsGenerator") {
    *kept.mutable_cross_features() = dataset->cross_features();
  }
  *dataset = kept;
}

std::string CheckCombiner(const Json& one) {
  const std::string generator = GeneratorOf(one);
  const Json& args = one.at("generator").at("args");
  StatisticsOptions options = OptionsOf(args);
  const bool partitions =
      one.at("source").value("test", "").find("partition") != std::string::npos;
  if (partitions || args.contains("feature_config") || args.contains("feature_crosses") ||
      args.value("store_output_in_custom_stats", false)) {
    return "skip";
  }
  options.use_sketch_based_topk_uniques = generator == "TopKUniquesSketchStatsGenerator";
  options.cross_feature_stats = generator == "CrossFeatureStatsGenerator";
  StatusOr<DatasetStatisticsState> state = DatasetStatisticsState::Make(options);
  if (!state.ok()) return std::string(Message(state.status()));
  const Json& batches = one.contains("batches") ? one.at("batches") : one.at("examples");
  for (const Json& encoded : batches) {
    if (!encoded.is_object()) return "skip";  // slices
    const auto batch = BatchOf(encoded);
    if (!batch.ok()) return std::string(Message(batch.status()));
    const Status status = state->Update(**batch);
    if (status.ok()) continue;
    return one.contains("expected_features") && one.at("expected_features").empty()
               ? ""
               : std::string(Message(status));
  }
  DatasetFeatureStatisticsList actual = state->Finish();
  KeepOnly(generator, actual.mutable_datasets(0));
  DatasetFeatureStatisticsList expected;
  DatasetFeatureStatistics* dataset = expected.add_datasets();
  const auto parse = [](const Json& text, auto* message) {
    return TextFormat::ParseFromString(text.at("text"), message);
  };
  if (one.contains("expected")) {  // a transform generator: pieces of a dataset
    for (const Json& piece : one.at("expected")) {
      DatasetFeatureStatistics part;
      if (!piece.is_object() || !parse(piece, &part)) return "skip";
      for (FeatureNameStatistics& feature : *part.mutable_features()) {
        FeatureNameStatistics* whole = MutableFeature(
            {feature.path().step().begin(), feature.path().step().end()}, dataset);
        feature.clear_path();
        whole->MergeFrom(feature);
      }
    }
  } else {
    for (const Json& feature : one.at("expected_features")) {
      if (!parse(feature, dataset->add_features())) return "expectation unreadable";
    }
    for (const Json& cross : one.at("expected_cross")) {
      if (!parse(cross, dataset->add_cross_features())) return "expectation unreadable";
    }
  }
  if (one.value("subset", false)) {
    DatasetFeatureStatistics kept;
    for (const FeatureNameStatistics& feature : actual.datasets(0).features()) {
      for (const FeatureNameStatistics& wanted : dataset->features()) {
        if (wanted.path().SerializeAsString() == feature.path().SerializeAsString()) {
          *kept.add_features() = feature;
        }
      }
    }
    *actual.mutable_datasets(0)->mutable_features() = kept.features();
  }
  return Difference(expected, actual, 1e-6);
}

// Feeds the arrays of a case to the state of one feature.
template <typename State>
std::string CheckFeature(const Json& one, State state) {
  StatisticsOptions options;
  for (const Json& encoded : one.at("input_arrays")) {
    const auto array = ArrayOf(encoded);
    if (!array.ok()) return std::string(Message(array.status()));
    const auto batch = arrow::RecordBatch::Make(
        arrow::schema({arrow::field("x", (*array)->type())}), (*array)->length(), {*array});
    const StatusOr<BatchView> view = BatchView::Make(*batch, options);
    if (!view.ok()) return std::string(Message(view.status()));
    if (view->features()[0].type) state.Update(view->features()[0]);
  }
  DatasetFeatureStatisticsList expected;
  DatasetFeatureStatisticsList actual;
  if (!TextFormat::ParseFromString(one.at("expected").at("text"),
                                   expected.add_datasets()->add_features())) {
    return "expectation unreadable";
  }
  FeatureNameStatistics* feature = actual.add_datasets()->add_features();
  if (state.HasOutput()) state.Finish(feature);
  return Difference(expected, actual, 1e-6);
}

template <typename State>
std::string CheckDomain(const Json& one, const char* ratio) {
  const Json& args = one.at("generator").at("args");
  if (args.contains("classifier") || args.contains("image_decoder")) return "skip";  // fakes
  typename State::Limits limits;
  limits.min_ratio = args.value(ratio, limits.min_ratio);
  limits.min_values = args.value("values_threshold", limits.min_values);
  return CheckFeature(one, State(limits));
}

std::string CheckLift(const Json& one) {
  const Json& args = one.at("generator").at("args");
  const StatisticsOptions options = OptionsOf(args);
  lift::LiftOptions lift;
  lift.y = args.at("y_path").at("@path").get<FeaturePath>();
  for (const auto& feature : options.schema->feature()) {
    const bool categorical = feature.type() == ::tensorflow::metadata::v0::BYTES ||
                             feature.int_domain().is_categorical() || feature.has_bool_domain();
    if (categorical && feature.name() != lift.y[0]) lift.xs.push_back({feature.name()});
  }
  if (args.contains("y_boundaries")) lift.y_boundaries =
      args.at("y_boundaries").get<std::vector<double>>();
  lift.min_x_count = args.value("min_x_count", 0);
  lift.top_k_per_y = args.value("top_k_per_y", 0);
  lift.bottom_k_per_y = args.value("bottom_k_per_y", 0);
  lift.custom_stats = args.value("output_custom_stats", false);
  lift::LiftAccumulator accumulator(lift);
  for (const Json& encoded : one.at("examples")) {
    if (!encoded.is_object()) return "skip";
    const auto batch = BatchOf(encoded);
    if (!batch.ok()) return std::string(Message(batch.status()));
    const StatusOr<BatchView> view = BatchView::Make(**batch, options);
    if (!view.ok()) return std::string(Message(view.status()));
    const Status status = accumulator.Update(*view);
    if (!status.ok()) return std::string(Message(status));
  }
  DatasetFeatureStatisticsList actual;
  accumulator.Finish(actual.add_datasets());
  DatasetFeatureStatisticsList expected;
  DatasetFeatureStatistics* dataset = expected.add_datasets();
  for (const Json& piece : one.at("expected")) {
    DatasetFeatureStatistics part;
    if (!piece.is_object() || !TextFormat::ParseFromString(piece.at("text"), &part)) return "skip";
    dataset->MergeFrom(part);
  }
  // One entry for each pair of paths, the unweighted series first.
  DatasetFeatureStatistics merged = *dataset;
  merged.clear_cross_features();
  for (const bool weighted : {false, true}) {
    for (const auto& cross : dataset->cross_features()) {
      const auto& series = cross.categorical_cross_stats().lift().lift_series();
      if (series.empty() || (series[0].weighted_y_count() > 0) != weighted) continue;
      auto* known = static_cast<::tensorflow::metadata::v0::CrossFeatureStatistics*>(nullptr);
      for (auto& other : *merged.mutable_cross_features()) {
        if (other.path_x().SerializeAsString() == cross.path_x().SerializeAsString()) known =
            &other;
      }
      if (known == nullptr) {
        *merged.add_cross_features() = cross;
      } else {
        known->mutable_categorical_cross_stats()->MergeFrom(cross.categorical_cross_stats());
      }
    }
  }
  const auto by_path = [](auto* crosses) {
    std::sort(crosses->pointer_begin(), crosses->pointer_end(), [](const auto* a, const auto* b) {
      return a->path_x().SerializeAsString() < b->path_x().SerializeAsString();
    });
  };
  *dataset = merged;
  by_path(dataset->mutable_cross_features());
  by_path(actual.mutable_datasets(0)->mutable_cross_features());
  return Difference(expected, actual, 1e-6);
}

std::string CheckRecorded(const Json& one) {
  const std::string generator = GeneratorOf(one);
  if (generator == "LiftStatsGenerator") return CheckLift(one);
  if (generator == "TimeStatsGenerator") {
    return CheckDomain<time_domain::TimeCounts>(one, "match_ratio");
  }
  if (generator == "NLDomainInferringStatsGenerator") {
    return CheckDomain<natural_language_domain::TextCounts>(one, "match_ratio");
  }
  if (generator == "ImageStatsGenerator") {
    return CheckDomain<image_domain::ImageCounts>(one, "is_image_ratio_threshold");
  }
  if (generator == "BasicStatsGenerator" || generator.starts_with("TopKUniques") ||
      generator == "SparseFeatureStatsGenerator" || generator == "WeightedFeatureStatsGenerator" ||
      generator == "CrossFeatureStatsGenerator") {
    return CheckCombiner(one);
  }
  return "skip";
}

TEST(Conformance, RecordedGenerators) {
  RunSuite("tfdv_python_recorded generators", ReadCases("tfdv_python_recorded.jsonl"), 75,
           CheckRecorded);
}

std::string CheckQuantiles(const Json& one) {
  const std::string test = one.value("test", "");
  const Json& params = one.at("params");
  if (!test.starts_with("QuantilesSketchTest.") || !params.contains("expected")) return "skip";
  if (params.value("num_streams", 1) != 1) return "skip";  // several sketches side by side
  const Json& expected = params.at("expected").at(0);
  QuantilesSketch sketch(0.00001, 1 << 15);
  for (size_t i = 0; i < params.at("values").size(); ++i) {
    const Json& values = params.at("values")[i].at("@array").at("values");
    for (size_t j = 0; j < values.size(); ++j) {
      if (values[j].is_null()) continue;
      double weight = 1;
      if (params.contains("weights") && !params.at("weights").is_null()) {
        weight = NumberOf(params.at("weights")[i].at("@array").at("values")[j]);
      }
      sketch.Add(NumberOf(values[j]), weight);
    }
    if (test.find("compact") != std::string::npos) sketch.Compact();
    if (test.find("pickle") != std::string::npos) {
      StateWriter out;
      sketch.Save(&out);
      QuantilesSketch copy(0.00001, 1 << 15);
      StateReader in(out.data());
      copy.Load(&in);
      if (!in.status().ok()) return std::string(Message(in.status()));
      sketch = copy;
    }
  }
  const Quantiles actual = sketch.Finish(static_cast<int64_t>(expected.size()) - 1);
  for (size_t i = 0; i < expected.size(); ++i) {
    if (actual.values.at(i) != NumberOf(expected[i])) {
      return fmt::format("quantile {}: {} instead of {}", i, actual.values[i],
                         NumberOf(expected[i]));
    }
    if (!params.contains("expected_weights")) continue;
    const double cumulative = NumberOf(params.at("expected_weights").at(0)[i]);
    if (actual.cumulative.at(i) != cumulative) {
      return fmt::format("weight {}: {} instead of {}", i, actual.cumulative[i], cumulative);
    }
  }
  return "";
}

TEST(Conformance, Sketches) {
  RunSuite("tfxbsl_param_cases quantiles", ReadCases("tfxbsl_param_cases.jsonl"), 36,
           CheckQuantiles);
}

TEST(Conformance, Utf8) {
  RunSuite("small_cpp is_valid_utf8", ReadCases("small_cpp.jsonl"), 14,
           [](const Json& one) -> std::string {
    if (one.value("op", "") != "is_valid_utf8") return "skip";
    std::string bytes;
    const std::string hex = one.at("input_hex");
    for (size_t i = 0; i + 1 < hex.size(); i += 2) {
      bytes.push_back(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
    }
    const Json& expected = one.at("expected");
    const bool wanted = expected.is_boolean() ? expected.get<bool>()
        : expected.at("valid").get<bool>();
    return IsValidUtf8(bytes) == wanted ? "" : "differs";
  });
}

}  // namespace
}  // namespace bessemer::statistics
