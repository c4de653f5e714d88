#ifndef BESSEMER_EXAMPLE_GEN_SOURCES_ORC_ORC_FILE_H_
#define BESSEMER_EXAMPLE_GEN_SOURCES_ORC_ORC_FILE_H_

#include <memory>
#include <string>

#include "bessemer/base/status.h"
#include "bessemer/example_gen/columnar_files.h"

namespace bessemer::example_gen::orc {

// An ORC file; its stripes are blocks. DATA_LOSS for one that is damaged.
StatusOr<std::unique_ptr<ColumnarFile>> OpenOrcFile(const std::string& path);

}  // namespace bessemer::example_gen::orc

#endif  // BESSEMER_EXAMPLE_GEN_SOURCES_ORC_ORC_FILE_H_
