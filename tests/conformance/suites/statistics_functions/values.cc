#include <algorithm>
#include <limits>
#include <map>

#include "bessemer/statistics/batch_view.h"
#include "bessemer/statistics/basic/unique_counts_output.h"
#include "bessemer/statistics/uniques_sketch.h"
#include "conformance/arrow_json.h"
#include "conformance/protos.h"
#include "conformance/suites/statistics_functions/runs.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::conformance::statistics_functions {
namespace {

using statistics::basic::RankedValue;
using ::tensorflow::metadata::v0::DatasetFeatureStatisticsList;
using ::tensorflow::metadata::v0::FeatureNameStatistics;

std::vector<RankedValue> Ranked(const Json& list) {
  std::vector<RankedValue> ranked;
  for (const Json& pair : list) {
    ranked.emplace_back(pair.at(0).is_string() || pair.at(0).is_object() ? BytesOf(pair.at(0))
                                                                         : pair.at(0).dump(),
                        NumberOf(pair.at(1)));
  }
  std::sort(ranked.begin(), ranked.end(), [](const RankedValue& a, const RankedValue& b) {
    return a.second != b.second ? a.second > b.second : a.first > b.first;
  });
  return ranked;
}

template <typename From>
void AddRanks(From* from, const char* name, FeatureNameStatistics* out) {
  auto* stat = out->add_custom_stats();
  stat->set_name(name);
  stat->mutable_rank_histogram()->Swap(from->mutable_rank_histogram());
}

}  // namespace

// Bins are those of the lift of a number: from a boundary up to below the next.
Verdict RunBins(const Case& one) {
  const std::string function = one.json.at("function");
  const Json& args = one.json.at("args");
  std::vector<double> bounds;
  for (const Json& bound : args.at(1)) bounds.push_back(NumberOf(bound));
  if (function == "bin_util.get_boundaries") {
    const size_t bin = args.at(0).get<size_t>();
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    const double low = bin == 0 ? -kInfinity : bounds.at(bin - 1);
    const double high = bin == bounds.size() ? kInfinity : bounds.at(bin);
    const Json& expected = one.json.at("output");
    const bool equal = NumberOf(expected.at(0)) == low && NumberOf(expected.at(1)) == high;
    return equal ? Passed() : Failed(fmt::format("got [{}, {})", low, high));
  }
  if (function != "bin_util.bin_array") return NotImplemented("function " + function);
  const auto array = ArrayOf(args.at(0));
  if (!array.ok()) return Failed(array.status());
  const auto batch = arrow::RecordBatch::Make(
      arrow::schema({arrow::field("x", (*array)->type())}), (*array)->length(), {*array});
  const statistics::StatisticsOptions options;
  const auto view = statistics::BatchView::Make(*batch, options);
  if (!view.ok()) return Failed(view.status());
  std::vector<double> values;
  std::vector<int64_t> positions;
  statistics::LeafNumbers(view->features()[0], &values, &positions);
  Json indices = Json::array();
  Json bins = Json::array();
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i] != values[i]) continue;
    indices.push_back(positions[i]);
    bins.push_back(std::upper_bound(bounds.begin(), bounds.end(), values[i]) - bounds.begin());
  }
  return Same(one.json.at("output").dump(), Json::array({indices, bins}).dump());
}

Verdict RunTopValues(const Case& one) {
  const std::string function = one.json.at("function");
  const bool custom = function.ends_with("make_feature_stats_proto_topk_uniques_custom_stats");
  if (!custom && !function.ends_with("make_feature_stats_proto_topk_uniques")) {
    return NotImplemented("function " + function);
  }
  const Json& kwargs = one.json.at("kwargs");
  const auto argument = [&](const char* name, size_t position) -> Json {
    if (const auto it = kwargs.find(name); it != kwargs.end()) return *it;
    return position < one.json.at("args").size() ? one.json["args"][position] : Json();
  };
  FeatureNameStatistics got;
  const Json path = argument("feature_path", 0);
  for (const std::string step : path.at("@path")) got.mutable_path()->add_step(step);
  auto* text = got.mutable_string_stats();
  text->set_unique(argument("num_unique", 1).get<uint64_t>());
  const int64_t top = argument("num_top_values", 4);
  const int64_t buckets = argument("num_rank_histogram_buckets", 6);
  statistics::basic::SetTopValues(
      Ranked(argument("value_count_list", 2)),
      {NumberOf(argument("frequency_threshold", 5)), top, buckets}, text);
  const Json weighted = argument("weighted_value_count_list", 3);
  if (!weighted.empty()) {
    statistics::basic::SetTopValues(
        Ranked(weighted), {NumberOf(argument("weighted_frequency_threshold", 7)), top, buckets},
        text->mutable_weighted_string_stats());
  }
  if (custom) {
    AddRanks(text, "topk_sketch_rank_histogram", &got);
    if (!weighted.empty()) {
      AddRanks(text->mutable_weighted_string_stats(), "weighted_topk_sketch_rank_histogram", &got);
    }
    auto* stat = got.add_custom_stats();
    stat->set_name("uniques_sketch_num_uniques");
    stat->set_num(static_cast<double>(text->unique()));
    got.clear_string_stats();
  }
  DatasetFeatureStatisticsList expected_list;
  DatasetFeatureStatisticsList got_list;
  *expected_list.add_datasets()->add_features() =
      FromText<FeatureNameStatistics>(one.json.at("output"));
  *got_list.add_datasets()->add_features() = got;
  return FromDifference(DiffStatistics(expected_list, got_list));
}

// The cases hold values only: what is expected is that they are counted.
Verdict RunCountingSketch(const Case& one) {
  const std::string test = one.json.at("test");
  const Json& params = one.json.at("params");
  if (!params.contains("values")) return NotImplemented(test);
  std::map<std::string, double> counts;
  statistics::KmvSketch kmv(128);
  statistics::MisraGriesSketch top({.num_buckets = 128});
  for (const Json& value : params.at("values")) {
    if (value.is_null()) continue;
    const std::string text = value.is_string() || value.is_object() ? BytesOf(value)
                                                                    : value.dump();
    ++counts[text];
    kmv.Add(text);
    top.Add(text);
  }
  if (test.starts_with("Kmv")) return Same(counts.size(), kmv.Estimate());
  std::map<std::string, double> got;
  for (const auto& [value, count] : top.Estimate()) got[value] = count;
  return got == counts ? Passed() : Failed("the counts differ");
}

}  // namespace bessemer::conformance::statistics_functions
