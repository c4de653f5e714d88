#ifndef BESSEMER_VALIDATION_RULE_EVALUATOR_H_
#define BESSEMER_VALIDATION_RULE_EVALUATOR_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bessemer/validation/rule_syntax.h"
#include "bessemer/validation/rule_value.h"

namespace bessemer::validation {

class RuleEvaluator;

// What names and functions mean where a rule stands. No value: the scope does not know the name.
class RuleScope {
 public:
  virtual ~RuleScope() = default;
  virtual StatusOr<std::optional<RuleValue>> Name(const std::string& name) { return std::nullopt; }
  // `call` is not evaluated yet: a feature's name may be an argument.
  virtual StatusOr<std::optional<RuleValue>> Call(const RuleSyntax& call,
                                                  RuleEvaluator& evaluator) {
    return std::nullopt;
  }
};

// Evaluates rules as SQL does: null is unknown, and and or know three truth values. Not
// thread-safe.
class RuleEvaluator {
 public:
  explicit RuleEvaluator(std::string_view text) : text_(text) {}

  // Errors name the place in the text.
  StatusOr<RuleValue> Evaluate(const RuleSyntax& syntax, RuleScope& scope);
  // The same for a condition: FAILED_PRECONDITION if the result is null, INVALID_ARGUMENT if it is
  // neither true nor false.
  StatusOr<bool> Holds(const RuleSyntax& syntax, RuleScope& scope);

 private:
  Status Fail(const RuleSyntax& at, const Status& status) const;
  StatusOr<RuleValue> Visit(const RuleSyntax& syntax, RuleScope& scope);
  StatusOr<RuleValue> VisitName(const RuleSyntax& syntax, RuleScope& scope);
  StatusOr<RuleValue> VisitIndex(const RuleSyntax& syntax, RuleScope& scope);
  StatusOr<RuleValue> VisitCall(const RuleSyntax& call, RuleScope& scope);
  StatusOr<RuleValue> VisitLogic(const RuleSyntax& call, RuleScope& scope);
  StatusOr<RuleValue> VisitCase(const RuleSyntax& call, RuleScope& scope);
  StatusOr<RuleValue> VisitIn(const RuleSyntax& call, RuleScope& scope);
  StatusOr<RuleValue> VisitQuery(const RuleSyntax& query, RuleScope& scope);
  StatusOr<std::optional<bool>> Condition(const RuleSyntax& syntax, RuleScope& scope);

  std::string_view text_;
  std::vector<std::pair<std::string, RuleValue>> bound_;  // the elements of queries around
};

}  // namespace bessemer::validation

#endif  // BESSEMER_VALIDATION_RULE_EVALUATOR_H_
