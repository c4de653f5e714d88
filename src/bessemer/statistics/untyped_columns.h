#ifndef BESSEMER_STATISTICS_UNTYPED_COLUMNS_H_
#define BESSEMER_STATISTICS_UNTYPED_COLUMNS_H_

#include <arrow/record_batch.h>

#include <memory>

#include "bessemer/base/status.h"
#include "bessemer/expression/expression.h"

namespace bessemer::statistics {

// An expression bound to columns, and these.
struct BoundColumns {
  expression::BoundExpression bound;
  std::shared_ptr<arrow::RecordBatch> columns;
};

// Binds an expression to the columns of a batch. One of null type, which has no values that would
// tell, fits a number as well as a text: each becomes what the expression wants, so that it does
// not matter which columns a batch has values of. (More than six of them all become the same.) The
// error is that of whole numbers in their place.
StatusOr<BoundColumns> BindColumns(const expression::Expression& expression,
                                   const arrow::RecordBatch& batch);

}  // namespace bessemer::statistics

#endif  // BESSEMER_STATISTICS_UNTYPED_COLUMNS_H_
