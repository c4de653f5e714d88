#include "bessemer/columnar/arrow_status.h"

#include <arrow/util/io_util.h>

#include <cstring>

#include "bessemer/base/errno_code.h"

namespace bessemer {
namespace {

StatusCode Code(const arrow::Status& status) {
  const int error = arrow::internal::ErrnoFromStatus(status);
  if (error != 0) return CodeOfErrno(error);
  switch (status.code()) {
    case arrow::StatusCode::OutOfMemory:
    case arrow::StatusCode::CapacityError:
      return StatusCode::kResourceExhausted;
    case arrow::StatusCode::KeyError:
      return StatusCode::kNotFound;
    case arrow::StatusCode::NotImplemented:
      return StatusCode::kUnimplemented;
    case arrow::StatusCode::IOError:
      return StatusCode::kUnavailable;
    case arrow::StatusCode::Cancelled:
      return StatusCode::kCancelled;
    case arrow::StatusCode::AlreadyExists:
      return StatusCode::kAlreadyExists;
    default:
      return StatusCode::kInvalidArgument;
  }
}

}  // namespace

Status FromArrow(const arrow::Status& status) {
  if (status.ok()) return OkStatus();
  const int error = arrow::internal::ErrnoFromStatus(status);
  const std::string reason = error == 0 ? "" : std::strerror(error);
  if (reason.empty() || status.message().find(reason) != std::string::npos) {
    return MakeStatus(Code(status), status.message());
  }
  return MakeStatus(Code(status), fmt::format("{}: {}", status.message(), reason));
}

}  // namespace bessemer
