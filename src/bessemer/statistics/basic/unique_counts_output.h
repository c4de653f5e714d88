#ifndef BESSEMER_STATISTICS_BASIC_UNIQUE_COUNTS_OUTPUT_H_
#define BESSEMER_STATISTICS_BASIC_UNIQUE_COUNTS_OUTPUT_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "bessemer/statistics/batch_view.h"

namespace tensorflow::metadata::v0 {
class StringStatistics;
class WeightedStringStatistics;
}

namespace bessemer::statistics::basic {

// A value and how often (or with what weight) it occurs.
using RankedValue = std::pair<std::string, double>;

// Which of the ranked values are given: those of at least `threshold`, the first `num_top_values`
// as top values, the first `num_buckets` as buckets of a rank histogram.
struct RankLimits {
  double threshold;
  int64_t num_top_values;
  int64_t num_buckets;
};

// `ranked` is in order. Values that are not UTF-8 are given as kInvalidUtf8Label.
void SetTopValues(const std::vector<RankedValue>& ranked, const RankLimits& limits,
                  ::tensorflow::metadata::v0::StringStatistics* out);
void SetTopValues(const std::vector<RankedValue>& ranked, const RankLimits& limits,
                  ::tensorflow::metadata::v0::WeightedStringStatistics* out);

// The text of a categorical float: six significant digits, as the reference's sketch has it.
std::string FloatLabel(double value);

// A number as Python prints it: the shortest decimal form that reads back, with a point or an
// exponent.
std::string PythonFloat(double value);

// The length of all values of a numeric feature as Python prints them: the shortest decimal form
// that reads back, with a point or an exponent for floats.
int64_t TotalDigits(const FeatureArray& feature);

}  // namespace bessemer::statistics::basic

#endif  // BESSEMER_STATISTICS_BASIC_UNIQUE_COUNTS_OUTPUT_H_
