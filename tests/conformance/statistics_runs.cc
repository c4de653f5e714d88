#include "conformance/statistics_runs.h"

#include <algorithm>

#include "bessemer/statistics/dataset_state.h"
#include "bessemer/statistics/histograms.h"
#include "conformance/arrow_json.h"
#include "conformance/protos.h"
#include "tensorflow_metadata/proto/v0/schema.pb.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::conformance {
namespace {

using ::tensorflow::metadata::v0::DatasetFeatureStatisticsList;
using ::tensorflow::metadata::v0::Histogram;
using ::tensorflow::metadata::v0::Schema;
using statistics::Quantiles;
using statistics::StatisticsOptions;

// Of how the reference distributes its work: they change no result.
constexpr const char* kWithoutMeaning[] = {
    "add_default_generators", "experimental_filter_read_paths",
    "experimental_num_feature_partitions", "experimental_result_partitions"};

Quantiles QuantilesFrom(const Json& values, const Json& cumulative) {
  Quantiles quantiles;
  for (const Json& value : values) quantiles.values.push_back(NumberOf(value));
  for (const Json& value : cumulative) quantiles.cumulative.push_back(NumberOf(value));
  return quantiles;
}

Verdict CompareHistogram(const Json& output, const Histogram& got) {
  return FromDifference(DiffProtos(FromText<Histogram>(output), got,
                                   {.fraction = 1e-9, .unset_is_default = true}));
}

}  // namespace

Status SetOptions(const Json& json, StatisticsOptions* o) {
  for (const auto& [name, value] : json.items()) {
    if (value.is_null()) continue;
    if (name == "weight_feature") o->weight_feature = value;
    else if (name == "num_top_values") o->num_top_values = value;
    else if (name == "frequency_threshold") o->frequency_threshold = value;
    else if (name == "weighted_frequency_threshold") o->weighted_frequency_threshold = value;
    else if (name == "num_rank_histogram_buckets") o->num_rank_histogram_buckets = value;
    else if (name == "num_values_histogram_buckets") o->num_values_histogram_buckets = value;
    else if (name == "num_histogram_buckets") o->num_histogram_buckets = value;
    else if (name == "num_quantiles_histogram_buckets") o->num_quantiles_histogram_buckets = value;
    else if (name == "epsilon") o->epsilon = value;
    else if (name == "infer_type_from_schema") o->infer_type_from_schema = value;
    else if (name == "enable_semantic_domain_stats") o->enable_semantic_domain_stats = value;
    else if (name == "experimental_use_sketch_based_topk_uniques")
      o->use_sketch_based_topk_uniques = value;
    else if (name == "feature_allowlist") o->feature_allowlist = value;
    else if (name == "label_feature") o->label_feature = value;
    else if (name == "sample_rate") o->sample_rate = value;
    else if (name == "per_feature_weight_override") {
      for (const auto& [path, column] : value.items()) {
        o->per_feature_weight_override[{path}] = column.get<std::string>();
      }
    } else if (name == "schema") {
      o->schema = std::make_shared<Schema>(FromText<Schema>(value));
    } else if (std::find(std::begin(kWithoutMeaning), std::end(kWithoutMeaning), name) ==
               std::end(kWithoutMeaning)) {
      return UnimplementedError("option {}", name);
    }
  }
  return OkStatus();
}

StatusOr<DatasetFeatureStatisticsList> Generate(const Json& batches,
                                                const StatisticsOptions& options) {
  BESSEMER_ASSIGN_OR_RETURN(auto state, statistics::DatasetStatisticsState::Make(options));
  for (const Json& encoded : batches) {
    BESSEMER_ASSIGN_OR_RETURN(const auto batch, BatchOf(encoded));
    BESSEMER_RETURN_IF_ERROR(state.Update(*batch));
  }
  DatasetFeatureStatisticsList result = state.Finish();
  // The cases come from generate_statistics_in_memory, which does not call the set-up of the
  // generator for natural language domains: unlike in a pipeline, it then writes nothing.
  for (auto& dataset : *result.mutable_datasets()) {
    for (auto& feature : *dataset.mutable_features()) {
      auto* stats = feature.mutable_custom_stats();
      stats->erase(std::remove_if(stats->begin(), stats->end(), [](const auto& stat) {
                     return stat.name() == "nl_statistics";
                   }), stats->end());
    }
  }
  return result;
}

bool IsQuantilesFunction(const Case& one) {
  return one.json.value("function", "").starts_with("quantiles_util.");
}

Verdict RunQuantilesFunction(const Case& one) {
  const Json& args = one.json.at("args");
  const Json& output = one.json.at("output");
  const auto arg = [&](size_t i, const char* key) -> Json {
    return i < args.size() ? args[i] : one.json.at("kwargs").at(key);
  };
  const auto quantiles = [&] {
    return QuantilesFrom(arg(0, "quantiles"), arg(1, "cumulative_counts"));
  };
  const std::string name = one.json.value("function", "").substr(15);
  if (name == "generate_equi_width_histogram") {
    return CompareHistogram(
        output, statistics::EquiWidthHistogram(
                    quantiles(), NumberOf(arg(2, "finite_min")), NumberOf(arg(3, "finite_max")),
                    arg(4, "num_buckets").get<int64_t>(), NumberOf(arg(5, "num_pos_inf"))));
  }
  if (name == "generate_quantiles_histogram") {
    return CompareHistogram(output, statistics::QuantilesHistogram(quantiles()));
  }
  if (name == "find_median") {
    return Same(NumberOf(output), statistics::FindMedian(
                                      QuantilesFrom(arg(0, "quantiles"), Json::array())));
  }
  if (name == "rebin_quantiles") {
    const auto rebinned =
        statistics::RebinQuantiles(quantiles(), arg(2, "reduction_factor").get<int64_t>());
    Verdict verdict;
    if (DecidedByError(output.is_null(), rebinned.status(), &verdict)) return verdict;
    const Quantiles expected = QuantilesFrom(output.at(0), output.at(1));
    if (rebinned->values != expected.values) {
      return Failed(fmt::format("quantiles: expected {}, got {}", fmt::join(expected.values, " "),
                                fmt::join(rebinned->values, " ")));
    }
    return Same(fmt::format("{}", fmt::join(expected.cumulative, " ")),
                fmt::format("{}", fmt::join(rebinned->cumulative, " ")));
  }
  return NotImplemented("function quantiles_util." + name);
}

}  // namespace bessemer::conformance
