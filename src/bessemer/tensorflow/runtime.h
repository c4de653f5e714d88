#ifndef BESSEMER_TENSORFLOW_RUNTIME_H_
#define BESSEMER_TENSORFLOW_RUNTIME_H_

#include <string>

#include "bessemer/base/status.h"

namespace bessemer::tf {

// The TensorFlow library, loaded into this process at first need and never unloaded. Sessions load
// it by themselves; a process that makes none never does. Costs about 0.3 s and 250 MB of address
// space once.

// The folder searched: the environment's BESSEMER_TENSORFLOW_DIR, else where the build found the
// `tensorflow` Python package. It must hold libtensorflow_framework.so.2 and libtensorflow_cc.so.2.
std::string RuntimeDirectory();

// OK once the library is loaded. NOT_FOUND if a file is missing, FAILED_PRECONDITION if it is no
// TensorFlow 2 or too old; a later call tries again. Thread-safe. TensorFlow's own log is silenced
// unless TF_CPP_MIN_LOG_LEVEL is set: the first call writes to the environment.
Status LoadRuntime();

// "2.21.0"; loads the library.
StatusOr<std::string> RuntimeVersion();

}  // namespace bessemer::tf

#endif  // BESSEMER_TENSORFLOW_RUNTIME_H_
