#ifndef BESSEMER_BASE_ERRNO_CODE_H_
#define BESSEMER_BASE_ERRNO_CODE_H_

#include "bessemer/base/status.h"

namespace bessemer {

// The kind of error that an errno of the file system is: NOT_FOUND, RESOURCE_EXHAUSTED (disk or
// quota full), PERMISSION_DENIED, INVALID_ARGUMENT (paths that can be no file); UNAVAILABLE for all
// others.
StatusCode CodeOfErrno(int error);

}  // namespace bessemer

#endif  // BESSEMER_BASE_ERRNO_CODE_H_
