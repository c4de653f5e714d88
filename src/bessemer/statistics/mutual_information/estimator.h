#ifndef BESSEMER_STATISTICS_MUTUAL_INFORMATION_ESTIMATOR_H_
#define BESSEMER_STATISTICS_MUTUAL_INFORMATION_ESTIMATOR_H_

#include <cstdint>
#include <limits>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/statistics/mutual_information/legacy_random.h"

namespace bessemer::statistics::mutual_information {

// One column of values: categories, as numbers that say no more than which are equal (a missing
// value is a category of its own), or numbers, missing ones NaN.
struct Variable {
  bool categorical = false;
  std::vector<int64_t> categories;
  std::vector<double> numbers;

  size_t size() const { return categorical ? categories.size() : numbers.size(); }
};

// Which of the two estimators of Kraskov et al.: the first has the smaller statistical error, the
// second (the default of the reference) the smaller systematic one.
enum class EstimateMethod { kSmallerData, kLargerData };

struct EstimateOptions {
  int64_t k = 3;  // neighbours, at least 3
  EstimateMethod method = EstimateMethod::kLargerData;
  std::vector<double> weights;  // of the rows; empty: 1 each
};

// Mutual information in bits between two lists of variables over the same rows, at least 0.
//
// For numbers the estimators of Kraskov, Stögbauer and Grassberger (Estimating mutual information,
// 2004), for numbers with categories that of Ross (Mutual information between discrete and
// continuous data sets, 2014); mixes by
//   I(C0 D0; C1 D1) = I(C0 C1; D0 D1) + I(C0; C1) + I(D0; D1) - I(C0; D0) - I(C1; D1).
// Numbers are scaled to unit variance and get noise of 1e-10 from `random`, so that no two are
// equal; missing numbers become one value far from all others. `each` may be null; else it gets
// the share of each row, whose mean is the result before it is cut off at 0 term by term.
//
// INVALID_ARGUMENT for: an empty side; columns or weights of different lengths; k below 3; infinite
// numbers; a column of missing numbers only; fewer than k + 1 rows where two numeric sides meet;
// combinations of categories that are all different where categories meet numbers.
StatusOr<double> MutualInformation(const std::vector<Variable>& side0,
                                   const std::vector<Variable>& side1,
                                   const EstimateOptions& options, LegacyRandom* random,
                                   std::vector<double>* each = nullptr);

// What is left of the mutual information after that with the rows of side0 in random order is taken
// off, at least 0: features of many values look informative by chance alone. Draws as the reference
// does for `seed`. Errors as above.
StatusOr<double> AdjustedMutualInformation(const std::vector<Variable>& side0,
                                           const std::vector<Variable>& side1,
                                           const EstimateOptions& options, uint32_t seed);

// The logarithmic derivative of the gamma function, for x > 0; relative error about 1e-15.
double Digamma(double x);

}  // namespace bessemer::statistics::mutual_information

#endif  // BESSEMER_STATISTICS_MUTUAL_INFORMATION_ESTIMATOR_H_
