#ifndef BESSEMER_EXAMPLE_GEN_COLUMN_PARTS_INTERNAL_H_
#define BESSEMER_EXAMPLE_GEN_COLUMN_PARTS_INTERNAL_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "bessemer/base/status.h"
#include "bessemer/columnar/feature_column.h"

namespace bessemer::example_gen {

// Opens the columns of one part, those of part 0 first.
using PartOpener =
    std::function<StatusOr<std::unique_ptr<columnar::BatchSource>>(size_t part)>;

// Rows whole, read a part of their columns at a time, for formats that hold something of each
// column that is being read: every part but the last is first read to its end into a file without a
// name in `scratch_dir` (Arrow IPC, LZ4), and comes back from there beside the last. So one part is
// open at a time. Batches may be cut otherwise than the parts' own. DATA_LOSS, with `name`, if the
// parts are of different lengths; RESOURCE_EXHAUSTED if the disk is full; else the parts' errors.
StatusOr<std::unique_ptr<columnar::BatchSource>> ReadByParts(size_t num_parts,
                                                             const PartOpener& open,
                                                             const std::string& scratch_dir,
                                                             const std::string& name);

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_COLUMN_PARTS_INTERNAL_H_
