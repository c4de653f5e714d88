#ifndef BESSEMER_IO_ARROW_FILE_H_
#define BESSEMER_IO_ARROW_FILE_H_

#include <arrow/io/interfaces.h>

#include <memory>
#include <string>

#include "bessemer/base/status.h"

namespace bessemer::io {

// Files for Arrow's readers and writers, by local path or URI.

// A file that remembers why the disk or the store failed below it. Readers of formats make one kind
// of error of "the store does not answer" and "this is no Parquet": who calls them asks here first.
// Thread-safe as Arrow's files are: ReadAt and failure from several threads.
class StorageFile : public arrow::io::RandomAccessFile {
 public:
  // OK, or the first failure to read what lies within the file: UNAVAILABLE for a store that cannot
  // be reached, that breaks off or gives less than was asked for, PERMISSION_DENIED, NOT_FOUND …
  // Begins with the path. A position outside the file is an error of who reads, not a failure.
  virtual Status failure() const = 0;
};

// For readers that jump: Parquet, ORC, Arrow. Remote files are read by ranges. NOT_FOUND and others
// as of OpenInput.
StatusOr<std::shared_ptr<StorageFile>> OpenRandomAccess(const std::string& path);

// A stream of Arrow that writes through OpenOutput; without Close nothing is promised, and on an
// object store nothing appears. Errors come back as Arrow's, without the path in the message.
StatusOr<std::shared_ptr<arrow::io::OutputStream>> OpenArrowOutput(const std::string& path);

}  // namespace bessemer::io

#endif  // BESSEMER_IO_ARROW_FILE_H_
