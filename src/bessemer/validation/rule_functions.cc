#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <optional>

#include "bessemer/base/nearest_name.h"
#include "bessemer/validation/rule_lexer.h"
#include "bessemer/validation/rule_value.h"


// The operators and functions of rules.

namespace bessemer::validation {

namespace {

using Args = std::vector<RuleValue>;
using Result = StatusOr<RuleValue>;

Status WrongKind(std::string_view name, const Args& args) {
  std::string kinds;
  for (const RuleValue& arg : args) {
    kinds += fmt::format("{}{}", kinds.empty() ? "" : " and ", KindOf(arg));
  }
  return InvalidArgumentError("{} does not apply to {}", name, kinds);
}

Status Overflow(std::string_view name) {
  return OutOfRangeError("{} gives an integer beyond 64 bits", name);
}

Status DivisionByZero() { return OutOfRangeError("division by zero"); }

bool BothInts(const Args& args) {
  return args[0].As<int64_t>() != nullptr && args[1].As<int64_t>() != nullptr;
}

Result Arithmetic(std::string_view op, const Args& args) {
  if (!args[0].is_number() || !args[1].is_number()) return WrongKind(op, args);
  const double a = args[0].number();
  const double b = args[1].number();
  if (op == "/") return b == 0 ? Result(DivisionByZero()) : Result(a / b);
  if (!BothInts(args)) {
    if (op == "+") return RuleValue(a + b);
    if (op == "-") return RuleValue(a - b);
    if (op == "*") return RuleValue(a * b);
    if (b == 0) return DivisionByZero();
    return op == "//" ? RuleValue(std::floor(a / b)) : RuleValue(std::fmod(a, b));
  }
  const int64_t i = *args[0].As<int64_t>();
  const int64_t j = *args[1].As<int64_t>();
  int64_t result = 0;
  if (op == "+" || op == "-" || op == "*") {
    const bool overflow = op == "+"   ? __builtin_add_overflow(i, j, &result)
                          : op == "-" ? __builtin_sub_overflow(i, j, &result)
                                      : __builtin_mul_overflow(i, j, &result);
    return overflow ? Result(Overflow(op)) : Result(result);
  }
  if (j == 0) return DivisionByZero();
  if (j == -1) return op == "//" ? (i == INT64_MIN ? Result(Overflow(op)) : Result(-i))
                                 : Result(int64_t{0});
  return op == "//" ? RuleValue(i / j) : RuleValue(i % j);
}

// -1, 0, 1; 2 for NaN, which compares with nothing; no value: not comparable.
std::optional<int> Order(const RuleValue& a, const RuleValue& b) {
  const auto sign = [](const auto& x, const auto& y) { return x < y ? -1 : x > y ? 1 : 0; };
  if (const auto* constant = a.As<RuleValue::EnumRef>()) {
    if (b.As<std::string>() != nullptr) {
      return (*constant)->name() == *b.As<std::string>() ? 0 : 1;
    }
    return Order(RuleValue(int64_t{(*constant)->number()}), b);
  }
  if (const auto* constant = b.As<RuleValue::EnumRef>()) {
    if (a.As<std::string>() != nullptr) {
      return (*constant)->name() == *a.As<std::string>() ? 0 : 1;
    }
    return Order(a, RuleValue(int64_t{(*constant)->number()}));
  }
  if (a.As<int64_t>() != nullptr && b.As<int64_t>() != nullptr) {
    return sign(*a.As<int64_t>(), *b.As<int64_t>());
  }
  if (a.is_number() && b.is_number()) {
    if (std::isnan(a.number()) || std::isnan(b.number())) return 2;
    return sign(a.number(), b.number());
  }
  if (a.As<std::string>() != nullptr && b.As<std::string>() != nullptr) {
    return sign(*a.As<std::string>(), *b.As<std::string>());
  }
  if (a.As<bool>() != nullptr && b.As<bool>() != nullptr) {
    return sign(*a.As<bool>(), *b.As<bool>());
  }
  return std::nullopt;
}

Result Compare(std::string_view op, const Args& args) {
  const std::optional<int> order = Order(args[0], args[1]);
  if (!order.has_value()) return WrongKind(op, args);
  if (*order == 2) return RuleValue(op == "!=");
  if (op == "=") return RuleValue(*order == 0);
  if (op == "!=") return RuleValue(*order != 0);
  if (op == "<") return RuleValue(*order < 0);
  if (op == "<=") return RuleValue(*order <= 0);
  if (op == ">") return RuleValue(*order > 0);
  return RuleValue(*order >= 0);
}

// % is any text, _ one byte, a backslash takes the next sign as it is.
bool Like(std::string_view text, std::string_view pattern) {
  size_t t = 0, p = 0, star = std::string_view::npos, mark = 0;
  while (t < text.size()) {
    const bool escaped = p + 1 < pattern.size() && pattern[p] == '\\';
    if (p < pattern.size() && !escaped && pattern[p] == '%') {
      star = p++;
      mark = t;
    } else if (p < pattern.size() &&
               (escaped ? pattern[p + 1] == text[t] : pattern[p] == '_' || pattern[p] == text[t])) {
      p += escaped ? 2 : 1;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '%') ++p;
  return p == pattern.size();
}

struct Entry {
  size_t min_args;
  size_t max_args;
  std::function<Result(std::string_view name, const Args& args)> call;
};

Entry OfNumber(double (*function)(double)) {
  return {1, 1, [function](std::string_view name, const Args& args) -> Result {
            if (!args[0].is_number()) return WrongKind(name, args);
            return RuleValue(function(args[0].number()));
          }};
}

Entry OfText(RuleValue (*function)(const Args& args), size_t num_args) {
  return {num_args, num_args, [function](std::string_view name, const Args& args) -> Result {
            for (const RuleValue& arg : args) {
              if (arg.As<std::string>() == nullptr) return WrongKind(name, args);
            }
            return function(args);
          }};
}

const std::string& Text(const Args& args, size_t i) { return *args[i].As<std::string>(); }

Result Extreme(std::string_view name, const Args& args) {
  const RuleValue* best = &args[0];
  for (const RuleValue& arg : args) {
    const std::optional<int> order = Order(arg, *best);
    if (!order.has_value()) return WrongKind(name, args);
    if (*order == (name == "least" ? -1 : 1)) best = &arg;
  }
  return *best;
}

Result Abs(std::string_view name, const Args& args) {
  if (const auto* whole = args[0].As<int64_t>()) {
    return *whole == INT64_MIN ? Result(Overflow(name)) : Result(std::abs(*whole));
  }
  if (!args[0].is_number()) return WrongKind(name, args);
  return RuleValue(std::abs(args[0].number()));
}

Result Round(std::string_view name, const Args& args) {
  const bool has_digits = args.size() == 2;
  if (!args[0].is_number() || (has_digits && args[1].As<int64_t>() == nullptr)) {
    return WrongKind(name, args);
  }
  const double scale =
      has_digits ? std::pow(10.0, static_cast<double>(*args[1].As<int64_t>())) : 1.0;
  return RuleValue(std::round(args[0].number() * scale) / scale);
}

Result Cast(std::string_view name, const Args& args) {
  const std::string& type = Text(args, 1);
  const RuleValue& from = args[0];
  if (type == "string") {
    if (from.As<std::string>() != nullptr) return from;
    if (const auto* c = from.As<RuleValue::EnumRef>()) return RuleValue((*c)->name());
    if (const auto* whole = from.As<int64_t>()) return RuleValue(std::to_string(*whole));
    if (from.is_number()) return RuleValue(fmt::format("{}", from.number()));
  } else if (type == "int64") {
    if (const auto* c = from.As<RuleValue::EnumRef>()) return RuleValue(int64_t{(*c)->number()});
    if (from.As<int64_t>() != nullptr) return from;
    if (from.is_number() && std::abs(from.number()) < 9.2e18) {
      return RuleValue(static_cast<int64_t>(std::round(from.number())));
    }
  } else if (type == "float64" || type == "double") {
    if (from.is_number()) return RuleValue(from.number());
  } else {
    return InvalidArgumentError("cast knows the types string, int64 and float64, not '{}'", type);
  }
  return WrongKind(name, {args[0]});
}

const std::map<std::string, Entry, std::less<>>& Functions() {
  static const auto* const functions = new std::map<std::string, Entry, std::less<>>{
      {"abs", {1, 1, Abs}},
      {"sqrt", OfNumber(std::sqrt)},
      {"exp", OfNumber(std::exp)},
      {"ln", OfNumber(std::log)},
      {"log", OfNumber(std::log)},
      {"log10", OfNumber(std::log10)},
      {"floor", OfNumber(std::floor)},
      {"ceil", OfNumber(std::ceil)},
      {"round", {1, 2, Round}},
      {"is_nan", {1, 1, [](std::string_view name, const Args& args) -> Result {
         if (!args[0].is_number()) return WrongKind(name, args);
         return RuleValue(std::isnan(args[0].number()));
       }}},
      {"is_inf", {1, 1, [](std::string_view name, const Args& args) -> Result {
         if (!args[0].is_number()) return WrongKind(name, args);
         return RuleValue(std::isinf(args[0].number()));
       }}},
      {"pow", {2, 2, [](std::string_view name, const Args& args) -> Result {
         if (!args[0].is_number() || !args[1].is_number()) return WrongKind(name, args);
         return RuleValue(std::pow(args[0].number(), args[1].number()));
       }}},
      {"mod", {2, 2, [](std::string_view, const Args& args) { return Arithmetic("%", args); }}},
      {"div", {2, 2, [](std::string_view, const Args& args) { return Arithmetic("//", args); }}},
      {"safe_divide", {2, 2, [](std::string_view, const Args& args) -> Result {
         if (args[1].is_number() && args[1].number() == 0) return RuleValue();
         return Arithmetic("/", args);
       }}},
      {"least", {1, 100, Extreme}},
      {"greatest", {1, 100, Extreme}},
      {"cast", {2, 2, Cast}},
      {"array_length", {1, 1, [](std::string_view name, const Args& args) -> Result {
         const auto* list = args[0].As<RuleValue::List>();
         if (list == nullptr) return WrongKind(name, args);
         return RuleValue(static_cast<int64_t>((*list)->size()));
       }}},
      {"length", OfText([](const Args& args) {
         return RuleValue(static_cast<int64_t>(Text(args, 0).size()));
       }, 1)},
      {"lower", OfText([](const Args& args) { return RuleValue(LowerCase(Text(args, 0))); }, 1)},
      {"starts_with", OfText([](const Args& args) {
         return RuleValue(Text(args, 0).starts_with(Text(args, 1)));
       }, 2)},
      {"ends_with", OfText([](const Args& args) {
         return RuleValue(Text(args, 0).ends_with(Text(args, 1)));
       }, 2)},
  };
  return *functions;
}

bool IsOneOf(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Result CallOperator(std::string_view name, const Args& args) {
  if (name == "not") {
    if (args[0].As<bool>() == nullptr) return WrongKind(name, args);
    return RuleValue(!*args[0].As<bool>());
  }
  if (name == "negate") {
    if (args[0].As<int64_t>() != nullptr) return Arithmetic("-", {RuleValue(int64_t{0}), args[0]});
    if (!args[0].is_number()) return WrongKind(name, args);
    return RuleValue(-args[0].number());
  }
  if (name == "like" || name == "||") {
    if (args[0].As<std::string>() == nullptr || args[1].As<std::string>() == nullptr) {
      return WrongKind(name, args);
    }
    if (name == "||") return RuleValue(Text(args, 0) + Text(args, 1));
    return RuleValue(Like(Text(args, 0), Text(args, 1)));
  }
  if (name == "**") return CallRuleFunction("pow", args);
  if (IsOneOf(name, {"=", "!=", "<", "<=", ">", ">="})) return Compare(name, args);
  return Arithmetic(name, args);
}

}  // namespace

StatusOr<RuleValue> CallRuleFunction(std::string_view name, const std::vector<RuleValue>& args) {
  if (name == "is_null") return RuleValue(args[0].is_null());
  if (name == "coalesce" || name == "ifnull") {
    for (const RuleValue& arg : args) {
      if (!arg.is_null()) return arg;
    }
    return RuleValue();
  }
  const bool is_operator =
      IsOneOf(name, {"not", "negate", "like", "||", "**", "=", "!=", "<", "<=", ">", ">=", "+",
                     "-", "*", "/", "//", "%"});
  const auto found = Functions().find(name == "power" ? "pow" : name);
  if (!is_operator) {
    if (found == Functions().end()) {
      return NotFoundError("unknown function '{}'{}", name,
                           SuggestName(name, RuleFunctionNames()));
    }
    if (args.size() < found->second.min_args || args.size() > found->second.max_args) {
      return InvalidArgumentError("{} takes {} argument{}, not {}", name, found->second.min_args,
                                  found->second.min_args == 1 ? "" : "s", args.size());
    }
  }
  for (const RuleValue& arg : args) {
    if (arg.is_null()) return RuleValue();
  }
  return is_operator ? CallOperator(name, args) : found->second.call(name, args);
}

const std::vector<std::string>& RuleFunctionNames() {
  static const auto* const names = [] {
    auto* all = new std::vector<std::string>{"coalesce", "ifnull", "if", "exists"};
    for (const auto& [name, entry] : Functions()) all->push_back(name);
    return all;
  }();
  return *names;
}

bool IsAggregate(std::string_view name) {
  return IsOneOf(name, {"sum", "count", "countif", "min", "max", "avg", "logical_and",
                        "logical_or"});
}

StatusOr<RuleValue> Aggregate(std::string_view name, const std::vector<RuleValue>& values) {
  Args present;
  for (const RuleValue& value : values) {
    if (!value.is_null()) present.push_back(value);
  }
  if (name == "count") return RuleValue(static_cast<int64_t>(present.size()));
  if (IsOneOf(name, {"countif", "logical_and", "logical_or"})) {
    int64_t num_true = 0;
    for (const RuleValue& value : present) {
      if (value.As<bool>() == nullptr) return WrongKind(name, {value});
      num_true += *value.As<bool>();
    }
    if (name == "countif") return RuleValue(num_true);
    if (present.empty()) return RuleValue();
    const auto total = static_cast<int64_t>(present.size());
    return RuleValue(name == "logical_or" ? num_true > 0 : num_true == total);
  }
  if (present.empty()) return RuleValue();
  if (name == "min" || name == "max") return Extreme(name == "min" ? "least" : "greatest", present);
  RuleValue sum = present[0];
  if (!sum.is_number()) return WrongKind(name, {sum});
  for (size_t i = 1; i < present.size(); ++i) {
    BESSEMER_ASSIGN_OR_RETURN(sum, Arithmetic("+", {sum, present[i]}));
  }
  if (name == "sum") return sum;
  return RuleValue(sum.number() / static_cast<double>(present.size()));
}

}  // namespace bessemer::validation
