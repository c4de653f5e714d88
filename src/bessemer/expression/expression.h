#ifndef BESSEMER_EXPRESSION_EXPRESSION_H_
#define BESSEMER_EXPRESSION_EXPRESSION_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/expression/graph.h"
#include "bessemer/expression/type.h"

namespace arrow {
class Array;
class RecordBatch;
}  // namespace arrow

// A small language over the columns of a batch: `is_present(arr_delay) and distance > 500`. It
// serves row filters, slices and rules, and is the syntax of a transform.
//
// Missing values. A row without a value gives a missing result wherever its value is needed: in
// arithmetic, comparisons and functions. `and`, `or` and `not` know three truth values: false and
// missing is false, true or missing is true. is_missing, is_present and fill look at missing values
// themselves. A filter keeps the rows whose condition is true: neither false nor missing. NaN is
// a value, not missing; every comparison with NaN but != is false.

namespace bessemer::expression {

// An expression with types. Const use is thread-safe.
class BoundExpression {
 public:
  const Type& type() const { return graph_.nodes()[root_].type; }
  const std::string& text() const { return text_; }
  // The features it reads, in order of first use.
  std::vector<std::string> features() const { return graph_.FeaturesOf({root_}); }

  // One value a row (plain array, null: missing) or a list array: see Column::ToArrow. Errors name
  // the expression and the feature.
  StatusOr<std::shared_ptr<arrow::Array>> Evaluate(const arrow::RecordBatch& batch) const;
  StatusOr<Column> EvaluateColumn(const arrow::RecordBatch& batch) const;

  // The rows that are true, ascending. A ragged or vector condition is true if any value of the row
  // is. Errors unless the expression is numeric; a float is true if it is neither 0 nor NaN.
  StatusOr<std::vector<int64_t>> EvaluatePredicate(const arrow::RecordBatch& batch) const;
  // The batch with those rows only.
  StatusOr<std::shared_ptr<arrow::RecordBatch>> Filter(
      const std::shared_ptr<arrow::RecordBatch>& batch) const;

 private:
  friend class Expression;
  BoundExpression(std::string text, Graph graph, int root)
      : text_(std::move(text)), graph_(std::move(graph)), root_(root) {}

  std::string text_;
  Graph graph_;
  int root_;
};

// A parsed expression, before the columns are known. Immutable.
class Expression {
 public:
  static StatusOr<Expression> Parse(std::string_view text);

  // INVALID_ARGUMENT or NOT_FOUND "line:column: …" with the text, a caret and the nearest name.
  StatusOr<BoundExpression> Bind(const InputTypes& types,
                                 const FunctionRegistry& functions = StandardFunctions()) const;

  const std::string& text() const { return text_; }
  const Syntax& syntax() const { return *syntax_; }
  // The names it mentions, in order of first mention: what a reader must deliver.
  std::vector<std::string> features() const;

 private:
  std::string text_;
  std::shared_ptr<const Syntax> syntax_;
};

}  // namespace bessemer::expression

#endif  // BESSEMER_EXPRESSION_EXPRESSION_H_
