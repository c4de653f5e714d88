#ifndef BESSEMER_PIPELINE_FINGERPRINT_H_
#define BESSEMER_PIPELINE_FINGERPRINT_H_

#include <string>
#include <vector>

#include "bessemer/base/config.h"
#include "bessemer/base/status.h"
#include "bessemer/pipeline/definition.h"
#include "bessemer/pipeline/run_record.h"

namespace bessemer::pipeline {

// All that a step's outputs depend on: the versions of this program and of the component,
// parameters, what it found outside the pipeline (`resolved`), and content and properties of its
// inputs. No ids, paths or times. NOT_FOUND if an input's folder is gone.
StatusOr<Json> CacheKey(const Step& step, const Json& resolved, const ArtifactMap& inputs);

// The name of the cache entry: SHA-256 in hex.
std::string Fingerprint(const Json& key);

// What differs between two keys, one difference a line: "parameter 'times' changed from 1 to 2",
// "input 'examples' has other content". Empty for equal keys.
std::vector<std::string> Differences(const Json& before, const Json& now);

}  // namespace bessemer::pipeline

#endif  // BESSEMER_PIPELINE_FINGERPRINT_H_
