#ifndef BESSEMER_EXAMPLE_GEN_BATCH_EXPRESSION_H_
#define BESSEMER_EXAMPLE_GEN_BATCH_EXPRESSION_H_

#include <arrow/record_batch.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/expression/expression.h"

namespace bessemer::example_gen {

// An expression over batches, whose types are those of each batch, so that data without a schema
// can be worked on. A feature a batch lacks is missing in each of its rows. Thread-safe.
class BatchExpression {
 public:
  // INVALID_ARGUMENT for text that is no expression, with its place.
  static StatusOr<std::unique_ptr<BatchExpression>> Parse(const std::string& text);

  // Calls evaluate(bound, input) with the expression bound to the types of an input that has the
  // features it names. A column without any value fits a number as well as a string: `evaluate` is
  // called once, with what the expression wants.
  Status Evaluate(const arrow::RecordBatch& batch,
                  const std::function<Status(const expression::BoundExpression& bound,
                                             const arrow::RecordBatch& input)>& evaluate);

  const std::vector<std::string>& names() const { return names_; }  // of the features it reads
  // NOT_FOUND for a name that no batch so far had: most likely a misspelling. `what` comes first.
  Status CheckNames(std::string_view what) const;

 private:
  explicit BatchExpression(expression::Expression expression);

  expression::Expression expression_;
  std::vector<std::string> names_;
  std::vector<std::atomic<bool>> seen_;  // of names_
  std::atomic<bool> any_batch_ = false;
};

// Features computed from others, e.g. {"km", "distance * 1.609"}. Thread-safe.
class ComputedColumns {
 public:
  // By name, in order; a later one may use those before it. INVALID_ARGUMENT for text that is no
  // expression, naming the column.
  static StatusOr<std::unique_ptr<ComputedColumns>> Parse(
      const std::vector<std::pair<std::string, std::string>>& columns);

  // The batch with the columns behind its own: plain ones, null where missing, or lists.
  // INVALID_ARGUMENT if the batch has a column of that name already, or has the wrong types.
  StatusOr<std::shared_ptr<arrow::RecordBatch>> Append(std::shared_ptr<arrow::RecordBatch> batch);

  // The features of the input that are read.
  std::vector<std::string> inputs() const;
  std::vector<std::string> names() const;  // of the columns
  Status CheckNames() const;               // as BatchExpression's

 private:
  std::vector<std::pair<std::string, std::unique_ptr<BatchExpression>>> columns_;
};

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_BATCH_EXPRESSION_H_
