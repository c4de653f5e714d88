#ifndef BESSEMER_EXAMPLE_GEN_SHAPING_RULES_H_
#define BESSEMER_EXAMPLE_GEN_SHAPING_RULES_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "bessemer/base/config.h"
#include "bessemer/base/status.h"
#include "bessemer/example_gen/split.h"

// What is to become of rows on their way in. The rules work in this order, whatever order they are
// given in: deduplicate, sample, split, balance. Features are named as in the input (computed ones
// included), before `rename`.
//
// "The row" below is the record as it would be written: after selection and renaming, without a
// weight feature. Nothing depends on the number of threads or on where shards and blocks are cut;
// where a rule says nothing else, nothing depends on the order of the input either.

namespace bessemer::example_gen::shaping {

// Keeps a fraction of the rows: those whose hash, mixed with the seed, lies below it. The same row
// is in or out in every run with the same seed, and what a smaller fraction keeps a larger one
// keeps, too. With `by`, rows equal in these features stay or go together.
struct SampleRule {
  double fraction = 1;  // from 0 to 1
  uint64_t seed = 0;
  std::vector<std::string> by;  // empty: the row
};

// Of the rows that are equal in all key features keeps one. A row that has a value in none of them
// is nobody's duplicate.
struct DeduplicateRule {
  enum class Keep { kFirst, kLast, kMax, kMin };
  std::vector<std::string> key;  // empty: the whole row
  Keep keep = Keep::kFirst;      // kFirst, kLast: in the order of the input
  // kMax, kMin: of this feature (see ValueOrder); rows without a value lose. Ties are decided by
  // the rows' hashes, so that the order of the input does not matter.
  std::string feature;
};

// TFX's rule (see HashSplitter).
struct HashSplit {
  std::vector<SplitBuckets> splits;
  std::string partition_feature;      // TFX's: bytes or integers, in every row
  // A null row is an error, as in records without the feature; otherwise it is as an empty list.
  bool absent_is_error = false;
  std::vector<std::string> group_by;  // or: rows equal in all of these come into one split
};

// The splits in the ratio of their buckets, in each stratum (the rows equal in all features) exact
// up to one row; which rows is decided by their hashes.
struct StratifiedSplit {
  std::vector<SplitBuckets> splits;
  std::vector<std::string> features;
  uint64_t seed = 0;
};

struct ValueSplit {
  std::string feature;                                      // at most one value a row
  std::vector<std::pair<std::string, std::string>> values;  // text of the value, split
  std::string otherwise;  // for other and missing values; "": they are an error
};

// Consecutive periods of time, earlier first.
struct TimeSplit {
  std::string feature;              // see ValueOrder; at most one value a row
  std::vector<std::string> splits;  // at least two
  // Either the moments at which the second and later splits begin (numbers, or dates as text), …
  std::vector<Json> boundaries;
  // … or the part of the rows each split gets, adding up to 1. A boundary is then the time of the
  // row with which the part is complete, and rows of one time are never torn apart: the part is
  // exact when times are distinct.
  std::vector<double> fractions;
  std::string missing;  // the split of rows without a time; "": they are an error
};

// monostate: the splits of the input stay.
using SplitRule = std::variant<std::monostate, HashSplit, StratifiedSplit, ValueSplit, TimeSplit>;

// Down-samples the classes of a label. Rows without a label are kept and not counted.
struct BalanceRule {
  std::string feature;  // at most one value a row
  // Either the part of the rows of each class to keep, by the text of its value (others: all), by
  // hash of the row, …
  std::map<std::string, double> fractions;
  // … or how many times as many rows as the smallest class has any other may keep; exact.
  std::optional<double> ratio;
  std::vector<std::string> splits;  // only in these; empty: in all
  // Not "": every row is kept, and this float feature says how much it counts: the fraction of its
  // class, 1 in other splits and for rows without a label.
  std::string weight_feature;
  uint64_t seed = 0;
};

struct ShapingRules {
  std::optional<DeduplicateRule> deduplicate;
  std::optional<SampleRule> sample;
  SplitRule split;
  std::optional<BalanceRule> balance;
};

// The names of the splits of a rule, in order; empty for monostate.
std::vector<std::string> SplitNames(const SplitRule& rule);

// INVALID_ARGUMENT, beginning with the name of the rule, for rules that cannot be followed:
// fractions outside their range, splits that do not exist, names that are none.
Status CheckRules(const ShapingRules& rules);

}  // namespace bessemer::example_gen::shaping

#endif  // BESSEMER_EXAMPLE_GEN_SHAPING_RULES_H_
