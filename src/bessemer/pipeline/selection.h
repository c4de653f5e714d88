#ifndef BESSEMER_PIPELINE_SELECTION_H_
#define BESSEMER_PIPELINE_SELECTION_H_

#include <string>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/pipeline/definition.h"

namespace bessemer::pipeline {

// A part of a pipeline. Empty: all of it.
struct PartialRun {
  std::vector<std::string> from;  // with everything after them
  std::vector<std::string> to;    // with everything before them
  std::vector<std::string> only;  // these and no others; not together with the two above
};

enum class Selected {
  kRun,
  kReuse,  // not selected, but a selected step needs what it made in an earlier run
  kSkip,
};

// By step, in the order of the pipeline: TFX's rule for partial runs. INVALID_ARGUMENT for unknown
// steps, with the nearest name, and if nothing is left to run.
StatusOr<std::vector<Selected>> SelectSteps(const Pipeline& pipeline, const PartialRun& part);

}  // namespace bessemer::pipeline

#endif  // BESSEMER_PIPELINE_SELECTION_H_
