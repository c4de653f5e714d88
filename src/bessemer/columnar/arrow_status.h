#ifndef BESSEMER_COLUMNAR_ARROW_STATUS_H_
#define BESSEMER_COLUMNAR_ARROW_STATUS_H_

#include <arrow/result.h>
#include <arrow/status.h>

#include "bessemer/base/status.h"

// The edge where Arrow's errors become ours.

namespace bessemer {

Status FromArrow(const arrow::Status& status);

}  // namespace bessemer

#define BESSEMER_RETURN_IF_ARROW_ERROR(expression)                                          \
  do {                                                                                      \
    const ::arrow::Status bessemer_arrow_status_ = (expression);                            \
    if (!bessemer_arrow_status_.ok()) return ::bessemer::FromArrow(bessemer_arrow_status_); \
  } while (false)

// BESSEMER_ASSIGN_OR_RETURN for an arrow::Result.
#define BESSEMER_ASSIGN_OR_RETURN_ARROW(target, expression) \
  BESSEMER_ASSIGN_OR_RETURN_ARROW_INNER_(BESSEMER_CONCAT_(arrow_or_, __LINE__), target, expression)
#define BESSEMER_ASSIGN_OR_RETURN_ARROW_INNER_(variable, target, expression) \
  auto variable = (expression);                                              \
  if (!variable.ok()) return ::bessemer::FromArrow(variable.status());       \
  target = std::move(variable).ValueUnsafe()

#endif  // BESSEMER_COLUMNAR_ARROW_STATUS_H_
