#ifndef BESSEMER_VALIDATION_FEATURE_SKEW_H_
#define BESSEMER_VALIDATION_FEATURE_SKEW_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bessemer/base/progress.h"
#include "bessemer/base/status.h"
#include "tensorflow_data_validation/skew/protos/feature_skew_results.pb.h"

namespace bessemer::example_gen {
class RowInput;
}

// Do two data sets hold the same values for the same examples? Rows are paired by identifier
// features and compared feature by feature, e.g. what a model was trained on with what it was given
// when it served.

namespace bessemer::validation {

struct FeatureSkewOptions {
  // Rows with equal values of all of these belong together. At least one.
  std::vector<std::string> identifiers;
  std::vector<std::string> ignored = {};  // not compared; identifiers never are
  // So many pairs that differ are kept: always the same ones, chosen by a hash of the pair.
  int64_t sample_size = 0;
  // Floats are rounded to so many decimal digits before they are compared, those of identifiers
  // too. No value: they are compared bit by bit.
  std::optional<int> float_round_digits = {};
  // Identifiers that occur more than once on a side: compare every pair (true) or none (false).
  bool allow_duplicate_identifiers = false;
  // Features whose pairs of values are counted: text, at most one value a row.
  std::vector<std::string> confusion_features = {};

  // Whether a name above that no row and no column has is INVALID_ARGUMENT, with the nearest one,
  // rather than a feature that is missing everywhere.
  bool names_must_exist = false;

  int num_threads = 0;                  // 0: all processors
  int64_t memory_bytes = 256 << 20;     // beyond it, rows wait in scratch_dir
  std::string scratch_dir = {};         // must exist; empty: the system's folder for such files
  Progress* progress = &Progress::None();  // counts rows
};

struct FeatureSkewResult {
  // By name, over all pairs compared. A feature of a row counts as there (base_count, test_count)
  // if it has a value; two without values match if both or neither are present, otherwise they are
  // counted nowhere. diff_count = base_only + test_only + mismatch_count.
  std::vector<::tensorflow::data_validation::FeatureSkew> features;
  // Pairs in which some feature does not match.
  std::vector<::tensorflow::data_validation::SkewPair> samples;
  // Identifiers on both sides, on one only, more than once, and rows that lack one.
  ::tensorflow::data_validation::MatchStats match_stats;
  // Of confusion_features, by feature, base and test value; "__MISSING_VALUE__" for none.
  std::vector<::tensorflow::data_validation::ConfusionCount> confusion;
};

// Compares the rows of two sets of files of any format (see GroupBySource). The
// result is the same for any number of threads, order of files, and cut of rows into them.
//
// INVALID_ARGUMENT without identifiers, for a feature both compared by and ignored as one, and for
// a confusion feature of numbers or several values; errors of reading name file and record. Cost:
// one pass over the files, and a second over what did not fit into memory; rows that share
// identifiers are held in memory together.
StatusOr<FeatureSkewResult> DetectFeatureSkew(const std::vector<std::string>& base_files,
                                              const std::vector<std::string>& test_files,
                                              const FeatureSkewOptions& options);
// The same of rows that were opened, e.g. with parameters of their format.
StatusOr<FeatureSkewResult> DetectFeatureSkew(std::unique_ptr<example_gen::RowInput> base_rows,
                                              std::unique_ptr<example_gen::RowInput> test_rows,
                                              const FeatureSkewOptions& options);

// Writes the result as TFX does: uncompressed TFRecords skew_stats, sample_pairs, match_stats and,
// if `with_confusion`, confusion, each "-00000-of-00001", in a folder that is made.
Status WriteFeatureSkew(const FeatureSkewResult& result, bool with_confusion,
                        const std::string& folder);

// A table for people: features that differ first; then a line on how rows were matched.
std::string FeatureSkewTable(const FeatureSkewResult& result);

}  // namespace bessemer::validation

#endif  // BESSEMER_VALIDATION_FEATURE_SKEW_H_
