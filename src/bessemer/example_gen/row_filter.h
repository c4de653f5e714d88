#ifndef BESSEMER_EXAMPLE_GEN_ROW_FILTER_H_
#define BESSEMER_EXAMPLE_GEN_ROW_FILTER_H_

#include <arrow/record_batch.h>

#include <memory>
#include <string>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/example_gen/batch_expression.h"

namespace bessemer::example_gen {

// Keeps the rows for which an expression is true, neither false nor missing. The types are those of
// each batch, so that data without a schema can be filtered. Thread-safe.
class RowFilter {
 public:
  // INVALID_ARGUMENT for text that is no expression, with its place.
  static StatusOr<std::unique_ptr<RowFilter>> Parse(const std::string& text);

  // 1 for each row to keep, else 0. A feature the batch lacks is missing in each of its rows.
  StatusOr<std::vector<uint8_t>> Keep(const arrow::RecordBatch& batch);

  // The features it looks at.
  const std::vector<std::string>& names() const { return condition_->names(); }

  // NOT_FOUND for a name that no batch so far had: most likely a misspelling.
  Status CheckNames() const { return condition_->CheckNames("where"); }

 private:
  explicit RowFilter(std::unique_ptr<BatchExpression> condition)
      : condition_(std::move(condition)) {}
  std::unique_ptr<BatchExpression> condition_;
};

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_ROW_FILTER_H_
