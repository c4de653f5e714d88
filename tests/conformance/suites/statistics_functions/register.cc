#include "conformance/suites/statistics_functions/runs.h"

// Cases of single functions of the statistics library, in whatever file they are.

namespace bessemer::conformance::statistics_functions {
namespace {

std::function<bool(const Case&)> Starting(const char* key, const char* prefix) {
  return [key, prefix](const Case& one) {
    const auto it = one.json.find(key);
    return it != one.json.end() && it->is_string() &&
           it->get<std::string>().starts_with(prefix);
  };
}

}  // namespace

void Register(SuiteRegistry& registry) {
  const auto add = [&](const char* file, const char* kind, const char* doc, const char* key,
                       const char* prefix, std::function<Verdict(const Case&)> run) {
    registry.Add({file, kind, doc, Starting(key, prefix), std::move(run)});
  };
  registry.Add({"tfdv_mi_fn", "", "mutual information of arrays", nullptr,
                RunMutualInformationFunction});
  add("tfdv_python_recorded", "mutual_information_util", "adjusted mutual information of arrays",
      "function", "mutual_information_util.", RunMutualInformationFunction);
  add("tfdv_python_recorded", "mutual_information_compute", "what features tell of a label",
      "kind", "mutual_information_compute", RunMutualInformationCompute);
  add("tfdv_python_recorded", "bin_util", "numbers in bins", "function", "bin_util.", RunBins);
  add("tfdv_python_recorded", "top_k_uniques_stats_util", "top values and rank histograms",
      "function", "top_k_uniques_stats_util.", RunTopValues);
  add("small_cpp", "merge_shards", "parts of statistics joined", "op", "merge_shards",
      RunMergeParts);
  add("tfdv_param_cases", "feature_partitions", "statistics cut into parts", "test",
      "KeyAndSplitByFeatureFnTest.", RunSplitParts);
  add("tfdv_param_cases", "stats_options", "options that are not valid", "test",
      "StatsOptionsTest.", RunOptions);
  add("tfxbsl_param_cases", "kmv_sketch", "numbers of different values", "test", "KmvSketchTest.",
      RunCountingSketch);
  add("tfxbsl_param_cases", "misra_gries_sketch", "most frequent values", "test",
      "MisraGriesSketchTest.", RunCountingSketch);
}

}  // namespace bessemer::conformance::statistics_functions
