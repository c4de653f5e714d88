#include <benchmark/benchmark.h>

#include "bessemer/schema/infer.h"
#include "bessemer/validation/validate.h"

namespace bessemer::validation {
namespace {

using ::tensorflow::metadata::v0::DatasetFeatureStatistics;
using ::tensorflow::metadata::v0::FeatureNameStatistics;

// Half numbers, half text of 100 values; a tenth of the features differ from `shift` on.
DatasetFeatureStatistics Statistics(int num_features, int shift) {
  DatasetFeatureStatistics statistics;
  statistics.set_num_examples(1000);
  for (int i = 0; i < num_features; ++i) {
    auto* feature = statistics.add_features();
    feature->mutable_path()->add_step(fmt::format("feature_{}", i));
    const int moved = i % 10 == 0 ? shift : 0;
    if (i % 2 == 0) {
      feature->set_type(FeatureNameStatistics::FLOAT);
      auto* numbers = feature->mutable_num_stats();
      numbers->mutable_common_stats()->set_num_non_missing(1000 - moved);
      numbers->mutable_common_stats()->set_num_missing(moved);
      numbers->set_max(1 + moved);
      continue;
    }
    feature->set_type(FeatureNameStatistics::STRING);
    auto* strings = feature->mutable_string_stats();
    strings->mutable_common_stats()->set_num_non_missing(1000);
    for (int v = 0; v < 100; ++v) {
      auto* bucket = strings->mutable_rank_histogram()->add_buckets();
      bucket->set_label(fmt::format("value {}", v + (i % 5 == 1 ? shift : 0)));
      bucket->set_sample_count(10);
    }
  }
  return statistics;
}

void BM_Validate(benchmark::State& state) {
  const auto schema = schema::InferSchema(Statistics(static_cast<int>(state.range(0)), 0));
  const auto statistics = Statistics(static_cast<int>(state.range(0)), 1);
  ValidateOptions options;
  options.with_edits = state.range(1) != 0;
  for (auto _ : state) {
    auto anomalies = Validate(statistics, *schema, options);
    benchmark::DoNotOptimize(anomalies);
  }
}
BENCHMARK(BM_Validate)->Args({500, 0})->Args({500, 1})->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace bessemer::validation
