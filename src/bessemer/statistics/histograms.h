#ifndef BESSEMER_STATISTICS_HISTOGRAMS_H_
#define BESSEMER_STATISTICS_HISTOGRAMS_H_

#include <cstdint>
#include <span>

#include "bessemer/statistics/quantile_summary.h"

namespace tensorflow::metadata::v0 {
class Histogram;
}

// Histograms from quantiles, by TFDV's rules. `quantiles.values` is sorted, `quantiles.cumulative`
// holds as many elements: the weight up to and including each value. Empty quantiles give a
// histogram without buckets.

namespace bessemer::statistics {

// The middle boundary; of an even number the mean of the two middle ones. 0 if there is none.
double FindMedian(const Quantiles& quantiles);

// Keeps the first and every `factor`-th following boundary. INVALID_ARGUMENT unless `factor` ≥ 1
// divides the number of intervals.
StatusOr<Quantiles> RebinQuantiles(const Quantiles& quantiles, int64_t factor);

// One QUANTILES bucket for each interval: (low, high], the first closed. Intervals with the same
// upper bound share their weight evenly; the weight of the smallest value goes to the first
// interval and those equal to it.
::tensorflow::metadata::v0::Histogram QuantilesHistogram(const Quantiles& quantiles);

// `num_buckets` STANDARD buckets of equal width between the finite extremes, filled from the
// quantiles by linear interpolation; so counts are fractions. One bucket where the extremes are
// equal. Infinite values get point buckets of their own at the ends; `num_pos_inf` is the weight of
// +inf. No buckets where the width overflows; one bucket [finite_min, finite_max] of the whole
// weight where nothing is finite (the extremes are then themselves infinite).
::tensorflow::metadata::v0::Histogram EquiWidthHistogram(const Quantiles& quantiles,
                                                         double finite_min, double finite_max,
                                                         int64_t num_buckets, double num_pos_inf);

// The same from the values themselves: `summary` is exact and sorted by value, so counts are sums
// of weights. A value on a bound between two buckets counts in the left one. Without finite values
// there are the point buckets of infinities alone; extremes that are far apart do not overflow.
::tensorflow::metadata::v0::Histogram EquiWidthHistogram(std::span<const SummaryEntry> summary,
                                                         int64_t num_buckets);

}  // namespace bessemer::statistics

#endif  // BESSEMER_STATISTICS_HISTOGRAMS_H_
