#include "bessemer/evaluation/confidence.h"

#include <cmath>

#include "bessemer/base/random.h"

namespace bessemer::evaluation {
namespace {

// Two-sided 95 % quantile of Student's t with 19 degrees of freedom.
constexpr double kT19 = 2.0930240544082634;

struct Moments {
  double mean, standard_deviation;
};

Moments MomentsOf(const std::vector<double>& values) {
  const auto n = static_cast<double>(values.size());
  double sum = 0;
  for (const double x : values) sum += x;
  const double mean = sum / n;
  double squares = 0;
  for (const double x : values) squares += (x - mean) * (x - mean);
  return {mean, std::sqrt(squares / (n - 1))};
}

ConfidenceInterval IntervalOf(double mean, double standard_error) {
  return {.lower_bound = mean - kT19 * standard_error,
          .upper_bound = mean + kT19 * standard_error,
          .standard_error = standard_error,
          .degrees_of_freedom = kNumSamples - 1};
}

}  // namespace

int PoissonOne(uint64_t example, int resample) {
  const double u =
      Random(Random::Mix(example) + static_cast<uint64_t>(resample) * 0x9e3779b97f4a7c15).Uniform();
  double probability = std::exp(-1.0), cumulative = probability;
  int count = 0;
  while (u >= cumulative && count < 20) {
    ++count;
    probability /= count;
    cumulative += probability;
  }
  return count;
}

ConfidenceInterval JackknifeInterval(double value, const std::vector<double>& estimates) {
  const auto n = static_cast<double>(estimates.size());
  std::vector<double> pseudo;
  for (const double estimate : estimates) pseudo.push_back(n * value - (n - 1) * estimate);
  return IntervalOf(MomentsOf(estimates).mean, MomentsOf(pseudo).standard_deviation / std::sqrt(n));
}

ConfidenceInterval BootstrapInterval(const std::vector<double>& estimates) {
  const Moments moments = MomentsOf(estimates);
  return IntervalOf(moments.mean, moments.standard_deviation);
}

}  // namespace bessemer::evaluation
