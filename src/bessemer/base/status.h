#ifndef BESSEMER_BASE_STATUS_H_
#define BESSEMER_BASE_STATUS_H_

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Errors are absl::Status. The constructors below format with fmt, since Debian's Abseil has string
// types of its own. A message says what is wrong, where (file, row, feature, key, line) and what to
// do.

namespace bessemer {

using absl::Status;
using absl::StatusCode;
using absl::StatusOr;

inline Status OkStatus() { return Status(); }

inline std::string_view Message(const Status& status) {
  return {status.message().data(), status.message().size()};
}

inline Status MakeStatus(StatusCode code, std::string_view message) {
  return Status(code, absl::string_view(message.data(), message.size()));
}

#define BESSEMER_DEFINE_ERROR(Name)                                                           \
  template <typename... Args>                                                                 \
  Status Name##Error(fmt::format_string<Args...> format, Args&&... args) {                    \
    return MakeStatus(StatusCode::k##Name, fmt::format(format, std::forward<Args>(args)...)); \
  }
BESSEMER_DEFINE_ERROR(InvalidArgument)
BESSEMER_DEFINE_ERROR(NotFound)
BESSEMER_DEFINE_ERROR(AlreadyExists)
BESSEMER_DEFINE_ERROR(FailedPrecondition)
BESSEMER_DEFINE_ERROR(OutOfRange)
BESSEMER_DEFINE_ERROR(DataLoss)
BESSEMER_DEFINE_ERROR(ResourceExhausted)
BESSEMER_DEFINE_ERROR(Unimplemented)
BESSEMER_DEFINE_ERROR(Unavailable)
BESSEMER_DEFINE_ERROR(Aborted)
BESSEMER_DEFINE_ERROR(Cancelled)
BESSEMER_DEFINE_ERROR(DeadlineExceeded)
BESSEMER_DEFINE_ERROR(Internal)
#undef BESSEMER_DEFINE_ERROR

// The same error, its message prefixed with "context: ". OK stays OK.
inline Status WithContext(const Status& status, std::string_view context) {
  if (status.ok()) return status;
  return MakeStatus(status.code(), fmt::format("{}: {}", context, Message(status)));
}

}  // namespace bessemer

#define BESSEMER_RETURN_IF_ERROR(expression)             \
  do {                                                   \
    ::absl::Status bessemer_status_ = (expression);      \
    if (!bessemer_status_.ok()) return bessemer_status_; \
  } while (false)

#define BESSEMER_CONCAT_INNER_(a, b) a##b
#define BESSEMER_CONCAT_(a, b) BESSEMER_CONCAT_INNER_(a, b)

// BESSEMER_ASSIGN_OR_RETURN(auto x, F()): returns F's error, or binds its value.
#define BESSEMER_ASSIGN_OR_RETURN(target, expression) \
  BESSEMER_ASSIGN_OR_RETURN_INNER_(BESSEMER_CONCAT_(bessemer_or_, __LINE__), target, expression)
#define BESSEMER_ASSIGN_OR_RETURN_INNER_(variable, target, expression) \
  auto variable = (expression);                                        \
  if (!variable.ok()) return std::move(variable).status();             \
  target = std::move(variable).value()

#endif  // BESSEMER_BASE_STATUS_H_
