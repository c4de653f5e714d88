#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "bessemer/statistics/conformance_cases.h"
#include "bessemer/statistics/dataset_state.h"
#include "bessemer/statistics/histograms.h"
#include "tensorflow_metadata/proto/v0/schema.pb.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::statistics {
namespace {

using ::google::protobuf::TextFormat;
using ::tensorflow::metadata::v0::DatasetFeatureStatisticsList;
using ::tensorflow::metadata::v0::Histogram;
using ::tensorflow::metadata::v0::Schema;

std::shared_ptr<const Schema> SchemaOf(const std::string& text) {
  auto schema = std::make_shared<Schema>();
  EXPECT_TRUE(TextFormat::ParseFromString(text, schema.get()));
  return schema;
}

// Sets what a case's options say; false for an option that is not ours.
bool SetOptions(const Json& json, StatisticsOptions* o) {
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
      o->schema = SchemaOf(value.at("text"));
    } else if (name != "add_default_generators" && name != "experimental_filter_read_paths" &&
               name != "experimental_num_feature_partitions" &&
               name != "experimental_result_partitions") {
      return false;
    }
  }
  return true;
}

StatusOr<DatasetFeatureStatisticsList> Generate(const Json& batches,
                                                const StatisticsOptions& options) {
  BESSEMER_ASSIGN_OR_RETURN(DatasetStatisticsState state, DatasetStatisticsState::Make(options));
  for (const Json& encoded : batches) {
    BESSEMER_ASSIGN_OR_RETURN(const auto batch, BatchOf(encoded));
    BESSEMER_RETURN_IF_ERROR(state.Update(*batch));
  }
  return state.Finish();
}

// The cases come from TFDV's in-memory generation, which estimates uniques by sketches.
std::string CheckGenerated(const Json& one, bool compat) {
  StatisticsOptions options;
  options.tfdv_compat = compat;
  options.use_sketch_based_topk_uniques = compat;
  if (!one.at("schema").is_null()) {
    const Json& schema = one.at("schema");
    options.schema = SchemaOf(schema.is_string() ? schema : schema.at("text"));
  }
  if (!SetOptions(one.at("options"), &options)) return "skip";
  // Options are checked as they were given.
  if (one.contains("expected_error") &&
      !one.at("options").value("experimental_use_sketch_based_topk_uniques", false)) {
    options.use_sketch_based_topk_uniques = false;
  }
  const StatusOr<DatasetFeatureStatisticsList> actual = Generate(one.at("batches"), options);
  if (one.contains("expected_error")) return actual.ok() ? "an error was expected" : "";
  if (!actual.ok()) return std::string(Message(actual.status()));
  DatasetFeatureStatisticsList expected;
  if (!TextFormat::ParseFromString(one.at("expected"), &expected)) return "expectation unreadable";
  return Difference(expected, *actual);
}

TEST(Conformance, GeneratedStatistics) {
  RunSuite("tfdv_stats_generated", ReadCases("tfdv_stats_generated.jsonl"), 166,
           [](const Json& one) { return CheckGenerated(one, false); });
}

TEST(Conformance, GeneratedStatisticsCompat) {
  RunSuite("tfdv_stats_generated --tfdv-compat", ReadCases("tfdv_stats_generated.jsonl"), 187,
           [](const Json& one) { return CheckGenerated(one, true); });
}

Quantiles QuantilesFrom(const Json& values, const Json& cumulative) {
  Quantiles quantiles;
  for (const Json& value : values) quantiles.values.push_back(NumberOf(value));
  for (const Json& value : cumulative) quantiles.cumulative.push_back(NumberOf(value));
  return quantiles;
}

std::string CompareHistogram(const Json& output, const Histogram& actual) {
  DatasetFeatureStatisticsList a;
  DatasetFeatureStatisticsList b;
  Histogram expected;
  if (!TextFormat::ParseFromString(output.at("text"), &expected)) return "expectation unreadable";
  *a.add_datasets()->add_features()->mutable_num_stats()->add_histograms() = expected;
  *b.add_datasets()->add_features()->mutable_num_stats()->add_histograms() = actual;
  return Difference(a, b);
}

std::string CheckFunction(const Json& one) {
  const std::string name = one.value("function", "");
  if (!name.starts_with("quantiles_util.")) return "skip";
  static const std::vector<std::string> kNames = {"quantiles",  "cumulative_counts", "finite_min",
                                                  "finite_max", "num_buckets",       "num_pos_inf"};
  Json args = one.at("args");
  const auto arg = [&](size_t i, const std::string& key) -> Json {
    return i < args.size() ? args[i] : one.at("kwargs").at(key);
  };
  if (name == "quantiles_util.generate_equi_width_histogram") {
    return CompareHistogram(
        one.at("output"),
        EquiWidthHistogram(QuantilesFrom(arg(0, kNames[0]), arg(1, kNames[1])),
                           NumberOf(arg(2, kNames[2])), NumberOf(arg(3, kNames[3])),
                           arg(4, kNames[4]).get<int64_t>(), NumberOf(arg(5, kNames[5]))));
  }
  if (name == "quantiles_util.generate_quantiles_histogram") {
    return CompareHistogram(one.at("output"), QuantilesHistogram(QuantilesFrom(
                                                  arg(0, kNames[0]), arg(1, kNames[1]))));
  }
  if (name == "quantiles_util.find_median") {
    const double median = FindMedian(QuantilesFrom(arg(0, kNames[0]), Json::array()));
    const double expected = NumberOf(one.at("output"));
    return median == expected ? "" : fmt::format("{} instead of {}", median, expected);
  }
  if (name == "quantiles_util.rebin_quantiles") {
    const auto rebinned = RebinQuantiles(QuantilesFrom(arg(0, kNames[0]), arg(1, kNames[1])),
                                         arg(2, "reduction_factor").get<int64_t>());
    if (!rebinned.ok()) return one.at("output").is_null() ? "" : "an error";
    const Quantiles expected = QuantilesFrom(one.at("output").at(0), one.at("output").at(1));
    return rebinned->values == expected.values && rebinned->cumulative == expected.cumulative
               ? ""
               : "differs";
  }
  return "skip";
}

TEST(Conformance, QuantileFunctions) {
  RunSuite("tfdv_quantiles_fn", ReadCases("tfdv_quantiles_fn.jsonl"), 276, CheckFunction);
  RunSuite("tfdv_python_recorded quantiles_util", ReadCases("tfdv_python_recorded.jsonl"), 166,
           CheckFunction);
}

}  // namespace
}  // namespace bessemer::statistics
