#include "bessemer/io/optional_file.h"

#include "bessemer/io/file.h"
#include "bessemer/io/object_uri.h"

namespace bessemer::io {

StatusOr<bool> OptionalFileExists(const std::string& path) {
  StatusOr<bool> there = Exists(path);
  if (there.status().code() == StatusCode::kPermissionDenied && IsRemote(path)) return false;
  return there;
}

}  // namespace bessemer::io
