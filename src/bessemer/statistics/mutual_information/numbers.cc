#include "bessemer/statistics/mutual_information/numbers.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "bessemer/statistics/mutual_information/estimator.h"

namespace bessemer::statistics::mutual_information {
namespace {

constexpr double kMissingDistance = 10;
constexpr double kNoise = 1e-10;

}  // namespace

double PairwiseSum(std::span<const double> values) {
  constexpr size_t kBlock = 128;
  const size_t size = values.size();
  if (size < 8) {
    double sum = 0;
    for (const double value : values) sum += value;
    return sum;
  }
  if (size <= kBlock) {
    double r[8];
    for (size_t i = 0; i < 8; ++i) r[i] = values[i];
    size_t i = 8;
    for (; i < size - size % 8; i += 8) {
      for (size_t j = 0; j < 8; ++j) r[j] += values[i + j];
    }
    double sum = ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]));
    for (; i < size; ++i) sum += values[i];
    return sum;
  }
  size_t half = size / 2;
  half -= half % 8;
  return PairwiseSum(values.subspan(0, half)) + PairwiseSum(values.subspan(half));
}

StatusOr<std::vector<double>> Standardized(const std::vector<double>& values) {
  double min = std::numeric_limits<double>::infinity();
  double max = -min;
  std::vector<double> present = values;  // missing ones as 0
  size_t count = 0;
  for (double& value : present) {
    if (std::isnan(value)) {
      value = 0;
      continue;
    }
    if (std::isinf(value)) {
      return InvalidArgumentError("mutual information takes no infinite numbers");
    }
    min = std::min(min, value);
    max = std::max(max, value);
    ++count;
  }
  if (count == 0) return InvalidArgumentError("all numbers of a variable are missing");
  std::vector<double> result(values.size());
  if (min == max) {
    min = max = 0;
  } else {
    const double mean = PairwiseSum(present) / static_cast<double>(count);
    std::vector<double> squares(values.size());
    for (size_t i = 0; i < values.size(); ++i) {
      const double difference = std::isnan(values[i]) ? 0 : values[i] - mean;
      squares[i] = difference * difference;
    }
    const double deviation = std::sqrt(PairwiseSum(squares) / static_cast<double>(count - 1));
    for (size_t i = 0; i < values.size(); ++i) result[i] = (values[i] - mean) / deviation;
    min = (min - mean) / deviation;
    max = (max - mean) / deviation;
  }
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(values[i])) result[i] = 2 * max - min + kMissingDistance;
  }
  return result;
}

std::vector<double> WithNoise(const std::vector<std::vector<double>>& columns,
                              LegacyRandom* random) {
  const size_t num_rows = columns[0].size();
  std::vector<double> scales;
  for (const std::vector<double>& column : columns) {
    double total = 0;
    for (const double value : column) total += std::fabs(value);
    scales.push_back(kNoise * std::max(1.0, total / static_cast<double>(num_rows)));
  }
  std::vector<double> coordinates;
  coordinates.reserve(num_rows * columns.size());
  for (size_t row = 0; row < num_rows; ++row) {
    for (size_t i = 0; i < columns.size(); ++i) {
      coordinates.push_back(columns[i][row] + scales[i] * random->Normal());
    }
  }
  return coordinates;
}

double Digamma(double x) {
  double result = 0;
  for (; x < 12; ++x) result -= 1 / x;
  const double f = 1 / (x * x);
  // Asymptotic series by the Bernoulli numbers.
  return result + std::log(x) - 0.5 / x -
         f * (1.0 / 12 -
              f * (1.0 / 120 -
                   f * (1.0 / 252 - f * (1.0 / 240 - f * (1.0 / 132 - f * (691.0 / 32760))))));
}

}  // namespace bessemer::statistics::mutual_information
