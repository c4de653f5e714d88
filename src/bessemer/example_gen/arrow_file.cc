#include <arrow/filesystem/filesystem.h>
#include <arrow/io/file.h>

#include "bessemer/columnar/arrow_status.h"
#include "bessemer/example_gen/arrow_file_internal.h"

namespace bessemer::example_gen {

StatusOr<std::shared_ptr<arrow::io::RandomAccessFile>> OpenArrowFile(const std::string& path) {
  const auto open = [&]() -> arrow::Result<std::shared_ptr<arrow::io::RandomAccessFile>> {
    if (path.find("://") == std::string::npos) return arrow::io::ReadableFile::Open(path);
    std::string inner;
    ARROW_ASSIGN_OR_RAISE(const auto system, arrow::fs::FileSystemFromUri(path, &inner));
    return system->OpenInputFile(inner);
  };
  auto file = open();
  if (!file.ok()) return WithContext(FromArrow(file.status()), path);
  return *std::move(file);
}

}  // namespace bessemer::example_gen
