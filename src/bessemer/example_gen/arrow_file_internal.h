#ifndef BESSEMER_EXAMPLE_GEN_ARROW_FILE_INTERNAL_H_
#define BESSEMER_EXAMPLE_GEN_ARROW_FILE_INTERNAL_H_

#include <arrow/io/type_fwd.h>

#include <exception>
#include <memory>
#include <string>
#include <string_view>

#include "bessemer/base/status.h"

// Arrow's readers of files, at the edge where their errors become ours.

namespace bessemer::example_gen {

// A local file or one of a file system Arrow knows by URI. Errors begin with the path.
StatusOr<std::shared_ptr<arrow::io::RandomAccessFile>> OpenArrowFile(const std::string& path);

// f(), which returns a Status or StatusOr: errors begin with the path; INVALID_ARGUMENT, UNKNOWN
// and exceptions, which are what Arrow calls a malformed file, become DATA_LOSS.
template <typename F>
auto ReadingFile(const std::string& path, std::string_view format, F&& f) -> decltype(f()) {
  Status status;
  try {
    auto result = f();
    if (result.ok()) return result;
    if constexpr (std::is_same_v<decltype(f()), Status>) {
      status = result;
    } else {
      status = result.status();
    }
  } catch (const std::exception& error) {
    std::string_view what = error.what();
    for (const std::string_view code : {"Invalid: ", "IOError: "}) {
      if (what.starts_with(code)) what.remove_prefix(code.size());
    }
    return DataLossError("{}: not readable as {}: {}", path, format, what);
  }
  const StatusCode code = status.code();
  if (code == StatusCode::kInvalidArgument || code == StatusCode::kUnknown ||
      code == StatusCode::kUnavailable) {
    return DataLossError("{}: not readable as {}: {}", path, format, Message(status));
  }
  return WithContext(status, path);
}

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_ARROW_FILE_INTERNAL_H_
