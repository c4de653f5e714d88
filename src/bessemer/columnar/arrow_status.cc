#include "bessemer/columnar/arrow_status.h"

#include <arrow/util/io_util.h>

#include <cerrno>

namespace bessemer {
namespace {

StatusCode Code(const arrow::Status& status) {
  switch (arrow::internal::ErrnoFromStatus(status)) {
    case ENOENT:
    case ENOTDIR:
      return StatusCode::kNotFound;
    case ENOSPC:
    case EDQUOT:
      return StatusCode::kResourceExhausted;
    case EACCES:
    case EPERM:
      return StatusCode::kPermissionDenied;
    default:
      break;
  }
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
  return MakeStatus(Code(status), status.message());
}

}  // namespace bessemer
