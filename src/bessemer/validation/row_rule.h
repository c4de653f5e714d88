#ifndef BESSEMER_VALIDATION_ROW_RULE_H_
#define BESSEMER_VALIDATION_ROW_RULE_H_

#include <arrow/type_fwd.h>

#include <string>
#include <vector>

#include "bessemer/expression/expression.h"
#include "bessemer/validation/rule_syntax.h"
#include "bessemer/validation/rules.h"

namespace bessemer::validation {

// A rule over rows, ready to run: its SQL is put into the expression language of the row filters.
// Thread-safe.
class RowRule {
 public:
  // INVALID_ARGUMENT, naming the rule, for what that language cannot say (queries, fields, casts).
  static StatusOr<RowRule> Compile(const Rule& rule);

  // The rows in which the condition is false, ascending. Where it is missing, because a value is,
  // it is not broken. A feature that the batch lacks is missing in every row. Of a feature with
  // several values in a row each must fulfil it.
  StatusOr<std::vector<int64_t>> BrokenRows(const arrow::RecordBatch& batch) const;

  const Rule& rule() const { return rule_; }
  const std::vector<std::string>& features() const { return features_; }

 private:
  RowRule(Rule rule, expression::Expression expression, std::vector<std::string> features)
      : rule_(std::move(rule)),
        expression_(std::move(expression)),
        features_(std::move(features)) {}

  Rule rule_;
  expression::Expression expression_;
  std::vector<std::string> features_;
};

// The text of a condition in the expression language.
StatusOr<std::string> ToExpressionText(const RuleSyntax& syntax);

}  // namespace bessemer::validation

#endif  // BESSEMER_VALIDATION_ROW_RULE_H_
