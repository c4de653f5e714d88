#ifndef BESSEMER_EVALUATION_CONFIDENCE_H_
#define BESSEMER_EVALUATION_CONFIDENCE_H_

#include <cstdint>
#include <vector>

#include "bessemer/evaluation/evaluation.h"

namespace bessemer::evaluation {

// The number of jackknife buckets and of bootstrap resamples, as TFMA's.
inline constexpr int kNumSamples = 20;

// How often an example occurs in a resample: Poisson distributed with mean 1, a function of its
// arguments alone.
int PoissonOne(uint64_t example, int resample);

// 95 % interval of the delete-one-bucket estimates: their mean ± t · s.e., where s.e. is the
// standard deviation of the pseudo-values 20·value − 19·estimate by √20; 19 degrees of freedom.
ConfidenceInterval JackknifeInterval(double value, const std::vector<double>& estimates);

// The mean of the estimates ± t · their standard deviation; 19 degrees of freedom.
ConfidenceInterval BootstrapInterval(const std::vector<double>& estimates);

}  // namespace bessemer::evaluation

#endif  // BESSEMER_EVALUATION_CONFIDENCE_H_
