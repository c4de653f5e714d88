#ifndef BESSEMER_STATISTICS_OPTIONS_H_
#define BESSEMER_STATISTICS_OPTIONS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "bessemer/base/params.h"
#include "bessemer/base/status.h"

namespace tensorflow::metadata::v0 {
class Schema;
}

namespace bessemer::statistics {

// The steps from a column to a field of nested structs. Ordered lexicographically by steps.
using FeaturePath = std::vector<std::string>;

// "a.b": for messages only.
std::string PathToString(const FeaturePath& path);

// One way to cut rows into slices. A row belongs to the slice of each combination of its values.
// A feature with values takes part only with those; with none, with each value that occurs.
struct SliceSpec {
  std::map<std::string, std::set<std::string>> features;
};

// What to compute. Names, defaults and meaning are those of TFDV's StatsOptions where it has them.
//
// Modes. Default: counts, extremes, mean, deviation, uniques, top values are exact; quantiles and
// histograms are exact up to 16384 different values of a feature and within 0.0005 of a rank beyond
// (see ValueDistribution); every result is the same for any number of threads and any cut of the
// data. tfdv_compat: quantiles come from the reference's sketch (rank error epsilon; depends on
// order and cut, so each source is read by one thread); the same answers as TFDV's, also beyond
// 5701 values, when TFDV reads one source in the same order.
struct StatisticsOptions {
  std::shared_ptr<const ::tensorflow::metadata::v0::Schema> schema;  // may be null
  std::string weight_feature;  // "": unweighted. A numeric column, one value in each row
  std::map<FeaturePath, std::string> per_feature_weight_override;
  std::string label_feature;                   // with a schema: lift of each category
  std::vector<std::string> feature_allowlist;  // top-level columns; empty: all
  std::vector<SliceSpec> slices;
  int64_t num_top_values = 20;
  int64_t frequency_threshold = 1;
  double weighted_frequency_threshold = 1.0;
  int64_t num_rank_histogram_buckets = 1000;
  int64_t num_values_histogram_buckets = 10;
  int64_t num_histogram_buckets = 10;
  int64_t num_quantiles_histogram_buckets = 10;
  double epsilon = 0.01;  // of the reference's sketch: tfdv_compat only
  bool infer_type_from_schema = false;  // of TFDV's own CSV reader: no effect here
  bool enable_semantic_domain_stats = false;
  double sample_rate = 1.0;  // (0, 1]: rows are kept by a hash of their content
  uint64_t sample_seed = 0;
  bool use_sketch_based_topk_uniques = false;
  bool count_empty_values = false;
  bool cross_feature_stats = false;
  bool tfdv_compat = false;
  // A feature whose exact table of values grows beyond this many bytes goes on with the sketches of
  // use_sketch_based_topk_uniques, enlarged; results then depend on the cut, within their error.
  int64_t max_uniques_bytes = int64_t{1} << 31;

  // INVALID_ARGUMENT naming the option.
  Status Validate() const;
  // All of it, the schema too; equal options give equal bytes.
  std::string Serialize() const;
  // INVALID_ARGUMENT for bytes that Serialize does not write.
  static StatusOr<StatisticsOptions> Parse(std::string_view bytes);
};

// "country", "country=NL", "country,day=3": features by commas, each with a value or for each
// value.
StatusOr<SliceSpec> ParseSliceSpec(std::string_view text);

// The options as parameters of a component, and back.
std::vector<Param> StatisticsParams();
StatusOr<StatisticsOptions> OptionsFromParams(const ParamValues& params);

}  // namespace bessemer::statistics

#endif  // BESSEMER_STATISTICS_OPTIONS_H_
