#include "bessemer/validation/rule_evaluator.h"

namespace bessemer::validation {

using Kind = RuleSyntax::Kind;
using List = RuleValue::List;

Status RuleEvaluator::Fail(const RuleSyntax& at, const Status& status) const {
  // Errors of what is inside name their place already.
  if (Message(status).find('^') != std::string_view::npos) return status;
  return MakeStatus(status.code(), Message(RuleError(text_, at.position, Message(status))));
}

StatusOr<RuleValue> RuleEvaluator::Evaluate(const RuleSyntax& syntax, RuleScope& scope) {
  auto value = Visit(syntax, scope);
  if (!value.ok()) return Fail(syntax, value.status());
  return value;
}

StatusOr<bool> RuleEvaluator::Holds(const RuleSyntax& syntax, RuleScope& scope) {
  BESSEMER_ASSIGN_OR_RETURN(const std::optional<bool> holds, Condition(syntax, scope));
  if (!holds.has_value()) {
    return Fail(syntax, FailedPreconditionError("the result is null: a value is not known"));
  }
  return *holds;
}

StatusOr<std::optional<bool>> RuleEvaluator::Condition(const RuleSyntax& syntax,
                                                       RuleScope& scope) {
  BESSEMER_ASSIGN_OR_RETURN(const RuleValue value, Evaluate(syntax, scope));
  if (value.is_null()) return std::optional<bool>();
  if (value.As<bool>() == nullptr) {
    return Fail(syntax, InvalidArgumentError("expected a condition, this is {}", KindOf(value)));
  }
  return std::optional<bool>(*value.As<bool>());
}

StatusOr<RuleValue> RuleEvaluator::Visit(const RuleSyntax& syntax, RuleScope& scope) {
  switch (syntax.kind) {
    case Kind::kLiteral:
      if (const auto* flag = std::get_if<bool>(&syntax.value)) return RuleValue(*flag);
      if (const auto* whole = std::get_if<int64_t>(&syntax.value)) return RuleValue(*whole);
      if (const auto* number = std::get_if<double>(&syntax.value)) return RuleValue(*number);
      if (const auto* text = std::get_if<std::string>(&syntax.value)) return RuleValue(*text);
      return RuleValue();
    case Kind::kName:
      return VisitName(syntax, scope);
    case Kind::kField: {
      BESSEMER_ASSIGN_OR_RETURN(const RuleValue value, Evaluate(*syntax.args[0], scope));
      if (const auto* message = value.As<RuleValue::MessageRef>()) {
        return FieldOf(*message, syntax.text);
      }
      if (value.is_null()) return RuleValue();
      return InvalidArgumentError("{} has no field '{}'", KindOf(value), syntax.text);
    }
    case Kind::kIndex:
      return VisitIndex(syntax, scope);
    case Kind::kCall:
      return VisitCall(syntax, scope);
    case Kind::kQuery: {
      BESSEMER_ASSIGN_OR_RETURN(const RuleValue result, VisitQuery(syntax, scope));
      const auto* list = result.As<List>();
      if (list == nullptr) return result;
      if ((*list)->size() > 1) return InvalidArgumentError("the query gives more than one value");
      return (*list)->empty() ? RuleValue() : (**list)[0];
    }
  }
  return InternalError("a part of a rule of unknown kind");
}

StatusOr<RuleValue> RuleEvaluator::VisitName(const RuleSyntax& syntax, RuleScope& scope) {
  for (auto i = bound_.rbegin(); i != bound_.rend(); ++i) {
    if (i->first == syntax.text) return i->second;
  }
  BESSEMER_ASSIGN_OR_RETURN(std::optional<RuleValue> value, scope.Name(syntax.text));
  if (value.has_value()) return *std::move(value);
  return NotFoundError("unknown name '{}'", syntax.text);
}

StatusOr<RuleValue> RuleEvaluator::VisitIndex(const RuleSyntax& syntax, RuleScope& scope) {
  BESSEMER_ASSIGN_OR_RETURN(const RuleValue value, Evaluate(*syntax.args[0], scope));
  BESSEMER_ASSIGN_OR_RETURN(const RuleValue at, Evaluate(*syntax.args[1], scope));
  if (value.is_null() || at.is_null()) return RuleValue();
  const auto* list = value.As<List>();
  if (list == nullptr || at.As<int64_t>() == nullptr) {
    return InvalidArgumentError("{} has no elements to index by {}", KindOf(value), KindOf(at));
  }
  const bool from_one = syntax.text == "ordinal" || syntax.text == "safe_ordinal";
  const int64_t index = *at.As<int64_t>() - (from_one ? 1 : 0);
  if (index >= 0 && index < static_cast<int64_t>((*list)->size())) {
    return (**list)[static_cast<size_t>(index)];
  }
  if (syntax.text.starts_with("safe")) return RuleValue();
  return OutOfRangeError("the list has {} elements, there is none at {}", (*list)->size(),
                         *at.As<int64_t>());
}

StatusOr<RuleValue> RuleEvaluator::VisitLogic(const RuleSyntax& call, RuleScope& scope) {
  const bool decides = call.text == "or";  // the value that settles it whatever the other is
  BESSEMER_ASSIGN_OR_RETURN(const auto left, Condition(*call.args[0], scope));
  if (left == decides) return RuleValue(decides);
  BESSEMER_ASSIGN_OR_RETURN(const auto right, Condition(*call.args[1], scope));
  if (right == decides) return RuleValue(decides);
  return left.has_value() && right.has_value() ? RuleValue(!decides) : RuleValue();
}

StatusOr<RuleValue> RuleEvaluator::VisitCase(const RuleSyntax& call, RuleScope& scope) {
  if (call.text == "if" && call.args.size() != 3) {
    return InvalidArgumentError("if takes 3 arguments, not {}", call.args.size());
  }
  for (size_t i = 0; i + 2 < call.args.size(); i += 2) {
    BESSEMER_ASSIGN_OR_RETURN(const auto holds, Condition(*call.args[i], scope));
    if (holds == true) return Evaluate(*call.args[i + 1], scope);
  }
  return Evaluate(*call.args.back(), scope);
}

StatusOr<RuleValue> RuleEvaluator::VisitIn(const RuleSyntax& call, RuleScope& scope) {
  BESSEMER_ASSIGN_OR_RETURN(const RuleValue wanted, Evaluate(*call.args[0], scope));
  std::vector<RuleValue> items;
  if (call.text == "in_list") {
    const bool is_query = call.args[1]->kind == Kind::kQuery;
    BESSEMER_ASSIGN_OR_RETURN(const RuleValue list, is_query ? VisitQuery(*call.args[1], scope)
                                                             : Evaluate(*call.args[1], scope));
    if (list.is_null()) return RuleValue();
    if (list.As<List>() == nullptr) {
      items.push_back(list);
    } else {
      items = **list.As<List>();
    }
  } else {
    for (size_t i = 1; i < call.args.size(); ++i) {
      BESSEMER_ASSIGN_OR_RETURN(RuleValue item, Evaluate(*call.args[i], scope));
      items.push_back(std::move(item));
    }
  }
  if (wanted.is_null()) return RuleValue();
  bool unknown = false;
  for (const RuleValue& item : items) {
    BESSEMER_ASSIGN_OR_RETURN(const RuleValue equal, CallRuleFunction("=", {wanted, item}));
    if (equal.is_null()) {
      unknown = true;
    } else if (*equal.As<bool>()) {
      return RuleValue(true);
    }
  }
  return unknown ? RuleValue() : RuleValue(false);
}

StatusOr<RuleValue> RuleEvaluator::VisitQuery(const RuleSyntax& query, RuleScope& scope) {
  BESSEMER_ASSIGN_OR_RETURN(const RuleValue source, Evaluate(*query.args[1], scope));
  std::vector<RuleValue> elements;
  if (const auto* list = source.As<List>()) {
    elements = **list;
  } else if (!source.is_null()) {
    return InvalidArgumentError("unnest needs a list, this is {}", KindOf(source));
  }
  const RuleSyntax& select = *query.args[0];
  const bool aggregates = select.kind == Kind::kCall && IsAggregate(select.text);
  if (aggregates && select.args.size() > 1) {
    return InvalidArgumentError("{} takes one argument", select.text);
  }
  auto results = std::make_shared<std::vector<RuleValue>>();
  for (RuleValue& element : elements) {
    bound_.emplace_back(query.text, std::move(element));
    std::optional<bool> wanted = true;
    StatusOr<RuleValue> result = RuleValue(true);
    if (query.args[2] != nullptr) {
      auto condition = Condition(*query.args[2], scope);
      if (condition.ok()) {
        wanted = *condition;
      } else {
        result = condition.status();
      }
    }
    if (result.ok() && wanted == true) {
      if (!aggregates) {
        result = Evaluate(select, scope);
      } else if (!select.args.empty()) {
        result = Evaluate(*select.args[0], scope);
      }
    }
    bound_.pop_back();
    if (!result.ok()) return result.status();
    if (wanted == true) results->push_back(*std::move(result));
  }
  if (aggregates) return Aggregate(select.text, *results);
  return RuleValue(List(std::move(results)));
}

StatusOr<RuleValue> RuleEvaluator::VisitCall(const RuleSyntax& call, RuleScope& scope) {
  if (call.text == "and" || call.text == "or") return VisitLogic(call, scope);
  if (call.text == "case" || call.text == "if") return VisitCase(call, scope);
  if (call.text == "in" || call.text == "in_list") return VisitIn(call, scope);
  if (call.text == "exists" && call.args.size() == 1 && call.args[0]->kind == Kind::kQuery) {
    BESSEMER_ASSIGN_OR_RETURN(const RuleValue found, VisitQuery(*call.args[0], scope));
    const auto* list = found.As<List>();
    return RuleValue(list == nullptr || !(*list)->empty());
  }
  BESSEMER_ASSIGN_OR_RETURN(std::optional<RuleValue> value, scope.Call(call, *this));
  if (value.has_value()) return *std::move(value);
  if (!call.keywords.empty()) {
    return InvalidArgumentError("{} has no option '{}'", call.text, call.keywords[0].first);
  }
  std::vector<RuleValue> args;
  for (const auto& arg : call.args) {
    BESSEMER_ASSIGN_OR_RETURN(RuleValue evaluated, Evaluate(*arg, scope));
    args.push_back(std::move(evaluated));
  }
  if (call.text != "between") return CallRuleFunction(call.text, args);
  BESSEMER_ASSIGN_OR_RETURN(const RuleValue low, CallRuleFunction(">=", {args[0], args[1]}));
  BESSEMER_ASSIGN_OR_RETURN(const RuleValue high, CallRuleFunction("<=", {args[0], args[2]}));
  const auto* is_above = low.As<bool>();
  const auto* is_below = high.As<bool>();
  if ((is_above != nullptr && !*is_above) || (is_below != nullptr && !*is_below)) {
    return RuleValue(false);
  }
  return is_above == nullptr || is_below == nullptr ? RuleValue() : RuleValue(true);
}

}  // namespace bessemer::validation
