#ifndef BESSEMER_VALIDATION_ROW_RULE_H_
#define BESSEMER_VALIDATION_ROW_RULE_H_

#include <arrow/type_fwd.h>

#include <string>
#include <vector>

#include "bessemer/statistics/row_condition.h"
#include "bessemer/validation/rule_syntax.h"
#include "bessemer/validation/rules.h"

namespace bessemer::validation {

// A rule over rows, ready to run: its SQL is put into the expression language of the row filters.
// Thread-safe.
class RowRule {
 public:
  // INVALID_ARGUMENT, naming the rule, for what that language cannot say (queries, fields, casts).
  static StatusOr<RowRule> Compile(const Rule& rule);

  // The rows in which the condition is false, ascending; see RowCondition::Judge. Where it is
  // missing, because a value is, it is not broken.
  StatusOr<std::vector<int64_t>> BrokenRows(const arrow::RecordBatch& batch) const;

  const Rule& rule() const { return rule_; }
  // Those the rule names, in order.
  const std::vector<std::string>& features() const { return condition_.features(); }
  // The rule in the expression language.
  const std::string& expression() const { return expression_; }

 private:
  RowRule(Rule rule, std::string expression, statistics::RowCondition condition)
      : rule_(std::move(rule)),
        expression_(std::move(expression)),
        condition_(std::move(condition)) {}

  Rule rule_;
  std::string expression_;
  statistics::RowCondition condition_;
};

// The text of a condition in the expression language.
StatusOr<std::string> ToExpressionText(const RuleSyntax& syntax);

}  // namespace bessemer::validation

#endif  // BESSEMER_VALIDATION_ROW_RULE_H_
