#ifndef BESSEMER_IO_ARROW_FILE_H_
#define BESSEMER_IO_ARROW_FILE_H_

#include <arrow/io/type_fwd.h>

#include <memory>
#include <string>

#include "bessemer/base/status.h"

namespace bessemer::io {

// Files for Arrow's readers and writers, by local path or URI.

// For readers that jump: Parquet, ORC, Arrow. Remote files are read by ranges. NOT_FOUND and others
// as of OpenInput. Thread-safe as Arrow's files are: ReadAt from several threads.
StatusOr<std::shared_ptr<arrow::io::RandomAccessFile>> OpenRandomAccess(const std::string& path);

// A stream of Arrow that writes through OpenOutput; without Close nothing is promised, and on an
// object store nothing appears. Errors come back as Arrow's, without the path in the message.
StatusOr<std::shared_ptr<arrow::io::OutputStream>> OpenArrowOutput(const std::string& path);

}  // namespace bessemer::io

#endif  // BESSEMER_IO_ARROW_FILE_H_
