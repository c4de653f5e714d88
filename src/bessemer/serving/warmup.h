#ifndef BESSEMER_SERVING_WARMUP_H_
#define BESSEMER_SERVING_WARMUP_H_

#include <cstdint>
#include <string>
#include <vector>

#include "bessemer/base/status.h"

namespace bessemer::serving {

// Writes <model>/assets.extra/tf_serving_warmup_requests: a TFRecord of PredictionLog with one
// Predict request for each of the first `num_examples` (at most 1000) records of `examples_file`
// and each signature that takes serialised examples. INVALID_ARGUMENT if no signature does.
Status WriteWarmup(const std::string& model, const std::vector<std::string>& signatures,
                   const std::string& model_name, const std::string& examples_file,
                   int64_t num_examples);

}  // namespace bessemer::serving

#endif  // BESSEMER_SERVING_WARMUP_H_
