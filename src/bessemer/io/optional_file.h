#ifndef BESSEMER_IO_OPTIONAL_FILE_H_
#define BESSEMER_IO_OPTIONAL_FILE_H_

#include <string>

#include "bessemer/base/status.h"

namespace bessemer::io {

// Whether a file that need not be there is, beside one that was read with the same credentials.
// Object stores refuse an object that is absent (403) to those who may read but not list, as they
// refuse one that may not be read: this is false for both. Otherwise as Exists.
StatusOr<bool> OptionalFileExists(const std::string& path);

}  // namespace bessemer::io

#endif  // BESSEMER_IO_OPTIONAL_FILE_H_
