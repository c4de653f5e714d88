#ifndef BESSEMER_STATISTICS_MUTUAL_INFORMATION_NUMBERS_H_
#define BESSEMER_STATISTICS_MUTUAL_INFORMATION_NUMBERS_H_

#include <span>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/statistics/mutual_information/legacy_random.h"

namespace bessemer::statistics::mutual_information {

// The sum as NumPy forms it: by eights up to 128 numbers, above that by halves.
double PairwiseSum(std::span<const double> values);

// Numbers less their mean over their standard deviation (of a sample); all equal ones become 0.
// Missing ones (NaN) become one value above all others by their range and 10. INVALID_ARGUMENT for
// infinite numbers, and if all are missing.
StatusOr<std::vector<double>> Standardized(const std::vector<double>& values);

// The columns side by side, row after row, each number with normal noise of 1e-10 of its column's
// mean magnitude or, if that is below 1, of 1.
std::vector<double> WithNoise(const std::vector<std::vector<double>>& columns,
                              LegacyRandom* random);

}  // namespace bessemer::statistics::mutual_information

#endif  // BESSEMER_STATISTICS_MUTUAL_INFORMATION_NUMBERS_H_
