#include "conformance/suites/tfdv_python_recorded/generators.h"

#include <algorithm>
#include <map>

#include "bessemer/statistics/batch_view.h"
#include "bessemer/statistics/dataset_state.h"
#include "bessemer/statistics/image_domain/image_domain.h"
#include "bessemer/statistics/natural_language_domain/natural_language_domain.h"
#include "bessemer/statistics/per_feature.h"
#include "bessemer/statistics/time_domain/time_domain.h"
#include "conformance/arrow_json.h"
#include "conformance/protos.h"
#include "tensorflow_metadata/proto/v0/schema.pb.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::conformance::tfdv_python_recorded {
namespace {

using statistics::BatchView;
using statistics::DatasetStatisticsState;
using statistics::StatisticsOptions;
using ::tensorflow::metadata::v0::DatasetFeatureStatistics;
using ::tensorflow::metadata::v0::DatasetFeatureStatisticsList;
using ::tensorflow::metadata::v0::FeatureNameStatistics;
using ::tensorflow::metadata::v0::Schema;

void SetWeights(const Json& args, StatisticsOptions* options) {
  if (!args.contains("example_weight_map")) return;
  const Json& weights = args.at("example_weight_map").at("@weights");
  if (weights.at("default").is_string()) options->weight_feature = weights.at("default");
  for (const auto& [path, column] : weights.at("override").items()) {
    options->per_feature_weight_override[{path}] = column.get<std::string>();
  }
}

bool HasTopCustomStats(const FeatureNameStatistics& feature) {
  for (const auto& stat : feature.custom_stats()) {
    if (stat.name() == "uniques_sketch_num_uniques") return true;
  }
  return false;
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
      if (feature.string_stats().unique() == 0 && !HasTopCustomStats(feature)) continue;
      feature.clear_type();
      if (!HasTopCustomStats(feature)) feature.clear_custom_stats();
      feature.mutable_string_stats()->clear_common_stats();
      feature.mutable_string_stats()->clear_avg_length();
      feature.mutable_string_stats()->clear_invalid_utf8_count();
      if (HasTopCustomStats(feature)) feature.clear_string_stats();
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

// A transform generator gives pieces of a dataset; false if a piece is none.
bool MergePieces(const Json& pieces, DatasetFeatureStatistics* dataset) {
  for (const Json& piece : pieces) {
    if (!piece.is_object()) return false;
    auto part = FromText<DatasetFeatureStatistics>(piece);
    for (FeatureNameStatistics& feature : *part.mutable_features()) {
      FeatureNameStatistics* whole = statistics::MutableFeature(
          {feature.path().step().begin(), feature.path().step().end()}, dataset);
      feature.clear_path();
      whole->MergeFrom(feature);
    }
  }
  return true;
}

// Only the features of `got` that `expected` has.
void KeepExpected(const DatasetFeatureStatistics& expected, DatasetFeatureStatistics* got) {
  DatasetFeatureStatistics kept;
  for (const FeatureNameStatistics& feature : got->features()) {
    for (const FeatureNameStatistics& wanted : expected.features()) {
      if (wanted.path().SerializeAsString() == feature.path().SerializeAsString()) {
        *kept.add_features() = feature;
      }
    }
  }
  *got->mutable_features() = kept.features();
}

Status UpdateAll(const Json& batches, DatasetStatisticsState* state) {
  for (const Json& encoded : batches) {
    if (!encoded.is_object()) return UnimplementedError("batches of several slices");
    BESSEMER_ASSIGN_OR_RETURN(const auto batch, BatchOf(encoded));
    BESSEMER_RETURN_IF_ERROR(state->Update(*batch));
  }
  return OkStatus();
}

Verdict RunOnDataset(const std::string& generator, const Json& json);

bool IsSliced(const Json& list) { return !list.empty() && list[0].is_array(); }

// Pairs of a slice and what belongs to it, slice by slice.
Verdict RunOnSlices(const std::string& generator, const Json& json) {
  std::map<std::string, Json> slices;
  for (const char* part : {"examples", "expected"}) {
    for (const Json& pair : json.at(part)) {
      const auto [it, added] = slices.try_emplace(pair.at(0).get<std::string>(), json);
      if (added) it->second["examples"] = it->second["expected"] = Json::array();
      it->second[part].push_back(pair.at(1));
    }
  }
  for (const auto& [slice, one] : slices) {
    Verdict verdict = RunOnDataset(generator, one);
    if (!verdict.passed()) return verdict;
  }
  return Passed();
}

Verdict RunOnDataset(const std::string& generator, const Json& json) {
  if (json.contains("examples") && IsSliced(json["examples"])) {
    return RunOnSlices(generator, json);
  }
  const Json& args = json.at("generator").at("args");
  const std::string test = json.at("source").value("test", "");
  if (args.contains("feature_config")) {
    return NotApplicable("the case has options that are an object of Python");
  }
  if (test.find("partition") != std::string::npos) {
    return NotApplicable("the case leaves features out by a setting of the Python test");
  }
  StatisticsOptions options = GeneratorOptions(args);
  options.topk_in_custom_stats = args.value("store_output_in_custom_stats", false);
  if (args.contains("feature_crosses")) {
    for (const Json& cross : args["feature_crosses"]) {
      options.feature_crosses.emplace_back(cross.at(0), cross.at(1));
    }
  }
  options.use_sketch_based_topk_uniques = generator == "TopKUniquesSketchStatsGenerator";
  options.cross_feature_stats = generator == "CrossFeatureStatsGenerator";
  auto state = DatasetStatisticsState::Make(options);
  if (!state.ok()) return Failed(state.status());
  const Status updated = UpdateAll(json.contains("batches") ? json["batches"]
                                                            : json.at("examples"), &*state);
  if (updated.code() == StatusCode::kUnimplemented) {
    return NotImplemented(std::string(Message(updated)));
  }
  if (!updated.ok()) {
    const bool error = json.contains("expected_features") && json["expected_features"].empty();
    return error ? Passed() : Failed(updated);
  }
  DatasetFeatureStatisticsList got = state->Finish();
  KeepOnly(generator, got.mutable_datasets(0));

  DatasetFeatureStatisticsList expected;
  DatasetFeatureStatistics* dataset = expected.add_datasets();
  if (json.contains("expected")) {
    if (!MergePieces(json["expected"], dataset)) {
      return NotImplemented("expected statistics of several slices");
    }
  } else {
    for (const Json& feature : json.at("expected_features")) {
      *dataset->add_features() = FromText<FeatureNameStatistics>(feature);
    }
    for (const Json& cross : json.at("expected_cross")) {
      *dataset->add_cross_features() =
          FromText<::tensorflow::metadata::v0::CrossFeatureStatistics>(cross);
    }
  }
  if (json.value("subset", false)) KeepExpected(*dataset, got.mutable_datasets(0));
  return FromDifference(DiffStatistics(expected, got, kTypedIn));
}

// Feeds the arrays of a case to the state of one feature.
template <typename State>
Verdict RunOnFeature(const Json& json, const char* ratio) {
  const Json& args = json.at("generator").at("args");
  if (args.contains("classifier") || args.contains("image_decoder")) {
    return NotApplicable("the case replaces the detector by a fake written in Python");
  }
  typename State::Limits limits;
  limits.min_ratio = args.value(ratio, limits.min_ratio);
  limits.min_values = args.value("values_threshold", limits.min_values);
  State state(limits);
  const StatisticsOptions options;
  for (const Json& encoded : json.at("input_arrays")) {
    const auto array = ArrayOf(encoded);
    if (!array.ok()) return Failed(array.status());
    const auto batch = arrow::RecordBatch::Make(
        arrow::schema({arrow::field("x", (*array)->type())}), (*array)->length(), {*array});
    const auto view = BatchView::Make(*batch, options);
    if (!view.ok()) return Failed(view.status());
    if (view->features()[0].type) state.Update(view->features()[0]);
  }
  DatasetFeatureStatisticsList expected;
  DatasetFeatureStatisticsList got;
  *expected.add_datasets()->add_features() = FromText<FeatureNameStatistics>(json.at("expected"));
  FeatureNameStatistics* feature = got.add_datasets()->add_features();
  if (state.HasOutput()) state.Finish(feature);
  return FromDifference(DiffStatistics(expected, got, kTypedIn));
}

}  // namespace

StatisticsOptions GeneratorOptions(const Json& args) {
  StatisticsOptions options;
  options.tfdv_compat = true;
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
  if (args.contains("schema") && args["schema"].is_object()) {
    options.schema = std::make_shared<Schema>(FromText<Schema>(args["schema"]));
  }
  return options;
}

Verdict RunGenerator(const Case& one) {
  const Json& json = one.json;
  const std::string generator =
      json.at("generator").is_object() ? json["generator"].value("@object", "") : "";
  if (generator == "LiftStatsGenerator") return RunLift(json);
  if (generator == "TimeStatsGenerator") {
    return RunOnFeature<statistics::time_domain::TimeCounts>(json, "match_ratio");
  }
  if (generator == "NLDomainInferringStatsGenerator") {
    return RunOnFeature<statistics::natural_language_domain::TextCounts>(json, "match_ratio");
  }
  if (generator == "ImageStatsGenerator") {
    return RunOnFeature<statistics::image_domain::ImageCounts>(json, "is_image_ratio_threshold");
  }
  for (const char* known : {"BasicStatsGenerator", "TopKUniquesStatsGenerator",
                            "TopKUniquesSketchStatsGenerator", "SparseFeatureStatsGenerator",
                            "WeightedFeatureStatsGenerator", "CrossFeatureStatsGenerator"}) {
    if (generator == known) return RunOnDataset(generator, json);
  }
  if (generator == "NLStatsGenerator" || generator == "EmptyValueCounterGenerator") {
    return RunCustomStats(json);
  }
  if (generator == "NonStreamingCustomStatsGenerator") return RunPartitioned(json);
  return NotImplemented("generator " + generator);
}

}  // namespace bessemer::conformance::tfdv_python_recorded
