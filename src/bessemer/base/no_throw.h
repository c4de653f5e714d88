#ifndef BESSEMER_BASE_NO_THROW_H_
#define BESSEMER_BASE_NO_THROW_H_

#include <exception>
#include <new>
#include <type_traits>

#include "bessemer/base/status.h"

namespace bessemer {

// f(), which returns Status or StatusOr; an exception becomes its error: RESOURCE_EXHAUSTED if
// memory ran out, else INTERNAL. Stands where threads, steps and the program begin, so that what a
// library below throws unexpectedly fails one piece of work and never ends the process.
template <typename F>
auto NoThrow(F&& f) -> std::invoke_result_t<F> {
  try {
    return f();
  } catch (const std::bad_alloc&) {
    return ResourceExhaustedError("out of memory");
  } catch (const std::exception& error) {
    return InternalError("unexpected exception: {}", error.what());
  }
}

}  // namespace bessemer

#endif  // BESSEMER_BASE_NO_THROW_H_
