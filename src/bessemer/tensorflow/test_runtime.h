#ifndef BESSEMER_TENSORFLOW_TEST_RUNTIME_H_
#define BESSEMER_TENSORFLOW_TEST_RUNTIME_H_

#include <gtest/gtest.h>

// BESSEMER_NEEDS_TENSORFLOW() is the first statement of a test (or of its fixture's SetUp, or the
// last before the first session) that loads the TensorFlow library. Under a sanitizer it skips the
// test: the library must be opened with RTLD_DEEPBIND, for which a sanitizer ends the process.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define BESSEMER_NEEDS_TENSORFLOW() \
  GTEST_SKIP() << "TensorFlow cannot be loaded into a process with a sanitizer"
#else
#define BESSEMER_NEEDS_TENSORFLOW() static_cast<void>(0)
#endif

#endif  // BESSEMER_TENSORFLOW_TEST_RUNTIME_H_
