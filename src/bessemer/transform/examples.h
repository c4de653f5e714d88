#ifndef BESSEMER_TRANSFORM_EXAMPLES_H_
#define BESSEMER_TRANSFORM_EXAMPLES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "bessemer/base/progress.h"
#include "bessemer/base/status.h"
#include "bessemer/transform/analysis.h"

// Transforms over the TFRecord files of Examples artifacts.

namespace bessemer::transform {

// Reads the features that the transform needs, each file a shard. The graph must outlive it.
Dataset ExamplesDataset(const TransformGraph& graph, std::vector<std::string> files);

// Applies the transform to file i of n and writes
// "<directory>/transformed_examples-<i>-of-<n>.gz"; files in parallel, rows in their order. Missing
// outputs are left out of the record. Returns the number of rows. Errors name file and feature.
StatusOr<int64_t> TransformFiles(const TransformGraph& graph,
                                 const std::vector<std::string>& files,
                                 const std::string& directory, int num_threads = 0,
                                 Progress* progress = &Progress::None());

}  // namespace bessemer::transform

#endif  // BESSEMER_TRANSFORM_EXAMPLES_H_
