#ifndef BESSEMER_CONFORMANCE_SUITES_TFDV_PARAM_CASES_COVARIANCE_H_
#define BESSEMER_CONFORMANCE_SUITES_TFDV_PARAM_CASES_COVARIANCE_H_

#include "conformance/suite.h"

namespace bessemer::conformance::tfdv_param_cases {

// Covariances of each two columns of vectors: given ones, or random ones of a mean and variance.
Verdict RunCovariance(const Case& one);

}  // namespace bessemer::conformance::tfdv_param_cases

#endif  // BESSEMER_CONFORMANCE_SUITES_TFDV_PARAM_CASES_COVARIANCE_H_
