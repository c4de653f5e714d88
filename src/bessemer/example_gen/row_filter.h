#ifndef BESSEMER_EXAMPLE_GEN_ROW_FILTER_H_
#define BESSEMER_EXAMPLE_GEN_ROW_FILTER_H_

#include <arrow/record_batch.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/expression/expression.h"

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
  const std::vector<std::string>& names() const { return names_; }

  // NOT_FOUND for a name that no batch so far had: most likely a misspelling.
  Status CheckNames() const;

 private:
  explicit RowFilter(expression::Expression expression);
  expression::Expression expression_;
  std::vector<std::string> names_;
  std::vector<std::atomic<bool>> seen_;  // of names_
  std::atomic<bool> any_batch_ = false;
};

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_ROW_FILTER_H_
