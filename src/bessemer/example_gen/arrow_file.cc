#include <arrow/io/interfaces.h>

#include "bessemer/example_gen/arrow_file_internal.h"
#include "bessemer/io/arrow_file.h"

namespace bessemer::example_gen {

StatusOr<std::shared_ptr<arrow::io::RandomAccessFile>> OpenArrowFile(const std::string& path) {
  return io::OpenRandomAccess(path);
}

}  // namespace bessemer::example_gen
