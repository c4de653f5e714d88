#ifndef BESSEMER_COMPONENTS_EXAMPLE_FILES_H_
#define BESSEMER_COMPONENTS_EXAMPLE_FILES_H_

#include <string>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/components/component.h"

namespace bessemer::components {

// The files of the splits of several Examples artifacts: artifact by artifact, split by split, each
// in the order of example_gen::ListExampleFiles, whose errors it passes on.
StatusOr<std::vector<std::string>> ExampleFiles(const std::vector<Artifact>& artifacts,
                                                const std::vector<std::string>& splits);

}  // namespace bessemer::components

#endif  // BESSEMER_COMPONENTS_EXAMPLE_FILES_H_
