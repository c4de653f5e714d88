#ifndef BESSEMER_STATISTICS_OPTIONS_H_
#define BESSEMER_STATISTICS_OPTIONS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "bessemer/base/params.h"
#include "bessemer/base/status.h"

namespace arrow {
class RecordBatch;
}

namespace tensorflow::metadata::v0 {
class Schema;
}

namespace bessemer::statistics {

struct Statistic;

// The steps from a column to a field of nested structs. Ordered lexicographically by steps.
using FeaturePath = std::vector<std::string>;

// "a.b": for messages only.
std::string PathToString(const FeaturePath& path);

// One way to cut rows into slices. A row belongs to the slice of each combination of its values.
// A feature with values takes part only with those; with none, with each value that occurs.
struct SliceSpec {
  std::map<std::string, std::set<std::string>> features;
  // In place of features: a query of the form
  //   SELECT STRUCT(item [AS name], …) [FROM example.feature [AS alias], …] [WHERE condition]
  // which names the slices of a row; see SliceQuery.
  std::string sql;
  // In place of both, a function of the program: the rows of each slice of a batch, ascending, by
  // the slice's name. Called by several threads. A saved state holds the slices, not the function:
  // loaded again it merges and finishes, but takes no rows.
  using RowsByName = std::map<std::string, std::vector<int64_t>>;
  std::function<StatusOr<RowsByName>(const arrow::RecordBatch&)> function = nullptr;
};

// A condition on single rows whose outcomes are counted (see RowCondition).
struct RowConditionSpec {
  std::string text;        // by which the result is found: as its author wrote it
  std::string expression;  // the same in the expression language
};

// What features tell of label_feature, over partitions of a sample of the rows; needs a schema.
struct MutualInformationOptions {
  bool enabled = false;
  int64_t num_partitions = 10;
  int64_t max_examples_per_partition = 1000;
  // A feature that fewer partitions could be worked out for gets no statistic.
  int64_t min_partitions_stat_presence = 1;
  int64_t max_encoding_length = 512;
  int64_t seed = 12345;  // in [0, 2^32)
  bool normalize_by_max = false;
  // Also scikit-learn's estimates, adjusted and normalised, in nats (DS-089 of TFDV's generators).
  bool sklearn = false;
};

// Restricts the lift of label_feature, and cuts a numeric label into buckets.
struct LiftLimits {
  std::vector<double> y_boundaries;  // ascending
  int64_t min_x_count = 0;
  int64_t top_k_per_y = 0;     // 0: no limit
  int64_t bottom_k_per_y = 0;  // 0: no limit
};

// What to compute. Names, defaults and meaning are those of TFDV's StatsOptions where it has them.
//
// Modes. Default: counts, extremes, mean, deviation, uniques, top values are exact; quantiles and
// histograms are exact up to 16384 different values of a feature, beyond within 0.0005 of a rank if
// these are spread smoothly, else as ValueDistribution says (coarser beyond 512 features, see
// README.md); all results are the same for any threads and cut of the data. tfdv_compat: quantiles
// come from the reference's sketch (rank error epsilon; depends on order and cut, so one thread
// reads a source); the answers of TFDV's, also beyond 5701 values, when it reads one source in the
// same order.
struct StatisticsOptions {
  std::shared_ptr<const ::tensorflow::metadata::v0::Schema> schema;  // may be null
  std::string weight_feature;  // "": unweighted. A numeric column, one value in each row
  std::map<FeaturePath, std::string> per_feature_weight_override;
  std::string label_feature;                   // with a schema: lift of each category
  std::vector<std::string> feature_allowlist;  // top-level columns; empty: all
  std::vector<SliceSpec> slices;
  // Rows in which each holds or not are counted; row_conditions::FindRowCounts reads them. Not with
  // sample_rate below 1: what is found must be true of all rows.
  std::vector<RowConditionSpec> row_conditions;
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
  double semantic_domain_stats_sample_rate = 1.0;  // (0, 1]: of the rows, for these only
  bool add_default_generators = true;  // false: leaves the statistics every feature gets out
  // Where the vocabularies are that natural language domains of the schema name: a token in each
  // line, or in each TFRecord of a file "….tfrecord.gz".
  std::map<std::string, std::string> vocab_paths;
  MutualInformationOptions mutual_information;
  LiftLimits lift;
  double sample_rate = 1.0;  // (0, 1]: rows are kept by a hash of their content
  uint64_t sample_seed = 0;
  bool use_sketch_based_topk_uniques = false;
  bool count_empty_values = false;
  bool cross_feature_stats = false;
  // With cross_feature_stats: only these pairs of top-level features; empty: all.
  std::vector<std::pair<std::string, std::string>> feature_crosses;
  bool tfdv_compat = false;
  // Memory for the exact tables of values of all features of the process together; beyond it
  // values go to sorted temporary files (in TMPDIR). Results do not depend on it.
  int64_t max_uniques_bytes = int64_t{160} << 20;
  // The reference's store_output_in_custom_stats: uniques and top values by sketches, written as
  // custom statistics. With use_sketch_based_topk_uniques.
  bool topk_in_custom_stats = false;
  // A program's own statistics, beside those of this library (see statistic.h). A saved state names
  // them and needs them to be loaded.
  std::vector<std::shared_ptr<const Statistic>> custom_statistics;

  // INVALID_ARGUMENT naming the option.
  Status Validate() const;
  // All of it, the schema too; equal options give equal bytes.
  std::string Serialize() const;
  // INVALID_ARGUMENT for bytes that Serialize does not write; FAILED_PRECONDITION if they name
  // custom statistics that `custom` lacks.
  static StatusOr<StatisticsOptions> Parse(
      std::string_view bytes, const std::vector<std::shared_ptr<const Statistic>>& custom = {});
};

// "country", "country=NL", "country,day=3": features by commas, each with a value or for each
// value. Text that begins with "SELECT" is a query.
StatusOr<SliceSpec> ParseSliceSpec(std::string_view text);

// The options as parameters of a component, and back.
std::vector<Param> StatisticsParams();
StatusOr<StatisticsOptions> OptionsFromParams(const ParamValues& params);
Json OptionsToJson(const StatisticsOptions& options);  // of all parameters; without the schema

// The options that TFDV's StatsOptions.to_json writes and TFX's StatisticsGen takes as
// stats_options_json, with or without leading underscores of its fields. Fields that only say how
// TFDV does its work (desired_batch_size, partitions, filtering of reads) are checked and have no
// effect. INVALID_ARGUMENT for text that is not such an object, unknown fields, values out of range
// and what cannot be carried over: functions and objects of Python.
StatusOr<StatisticsOptions> OptionsFromTfdvJson(std::string_view json);

}  // namespace bessemer::statistics

#endif  // BESSEMER_STATISTICS_OPTIONS_H_
