#ifndef BESSEMER_EXAMPLE_GEN_ARROW_FILE_INTERNAL_H_
#define BESSEMER_EXAMPLE_GEN_ARROW_FILE_INTERNAL_H_

#include <exception>
#include <string>
#include <string_view>
#include <type_traits>

#include "bessemer/base/status.h"
#include "bessemer/io/arrow_file.h"

// The edge where errors of Arrow's readers of files become ours.

namespace bessemer::example_gen {

// f(), which reads `file` and returns a Status or StatusOr: errors begin with the path. If the disk
// or the store has failed, that is the error, with its code, whatever the reader made of it.
// Otherwise INVALID_ARGUMENT, UNKNOWN, UNAVAILABLE and exceptions, which are what Arrow calls a
// malformed file, become DATA_LOSS.
template <typename F>
auto ReadingFile(const std::string& path, std::string_view format, const io::StorageFile& file,
                 F&& f) -> decltype(f()) {
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
    if (Status failure = file.failure(); !failure.ok()) return failure;
    std::string_view what = error.what();
    for (const std::string_view code : {"Invalid: ", "IOError: "}) {
      if (what.starts_with(code)) what.remove_prefix(code.size());
    }
    return DataLossError("{}: not readable as {}: {}", path, format, what);
  }
  if (Status failure = file.failure(); !failure.ok()) return failure;
  const StatusCode code = status.code();
  if (code == StatusCode::kInvalidArgument || code == StatusCode::kUnknown ||
      code == StatusCode::kUnavailable) {
    return DataLossError("{}: not readable as {}: {}", path, format, Message(status));
  }
  return WithContext(status, path);
}

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_ARROW_FILE_INTERNAL_H_
