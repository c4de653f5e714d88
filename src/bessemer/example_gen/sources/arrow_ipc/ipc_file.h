#ifndef BESSEMER_EXAMPLE_GEN_SOURCES_ARROW_IPC_IPC_FILE_H_
#define BESSEMER_EXAMPLE_GEN_SOURCES_ARROW_IPC_IPC_FILE_H_

#include <memory>
#include <string>

#include "bessemer/base/status.h"
#include "bessemer/example_gen/columnar_files.h"

namespace bessemer::example_gen::arrow_ipc {

// A file of Arrow's IPC format (also called Feather 2), whose record batches are blocks, or of its
// stream format, which is one block. DATA_LOSS for one that is damaged.
StatusOr<std::unique_ptr<ColumnarFile>> OpenIpcFile(const std::string& path);

}  // namespace bessemer::example_gen::arrow_ipc

#endif  // BESSEMER_EXAMPLE_GEN_SOURCES_ARROW_IPC_IPC_FILE_H_
