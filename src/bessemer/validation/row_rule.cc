#include "bessemer/validation/row_rule.h"

#include <arrow/record_batch.h>

#include <map>

namespace bessemer::validation {

namespace {

using Kind = RuleSyntax::Kind;

std::string QuotedForExpression(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    if (static_cast<unsigned char>(c) < 0x20) {
      quoted += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

StatusOr<std::string> LiteralText(const RuleSyntax& syntax) {
  if (const auto* flag = std::get_if<bool>(&syntax.value)) {
    return std::string(*flag ? "true" : "false");
  }
  if (const auto* whole = std::get_if<int64_t>(&syntax.value)) return fmt::format("({})", *whole);
  if (const auto* number = std::get_if<double>(&syntax.value)) {
    const std::string text = fmt::format("{}", *number);
    return fmt::format("({}{})", text, text.find_first_of(".e") == std::string::npos ? ".0" : "");
  }
  if (const auto* text = std::get_if<std::string>(&syntax.value)) return QuotedForExpression(*text);
  return InvalidArgumentError("NULL has no value here; write x IS NULL");
}

// A LIKE pattern as a regular expression for the whole text.
std::string PatternOfLike(std::string_view like) {
  std::string pattern = "(?s)^";
  for (size_t i = 0; i < like.size(); ++i) {
    if (like[i] == '%') {
      pattern += ".*";
    } else if (like[i] == '_') {
      pattern += '.';
    } else {
      if (like[i] == '\\' && i + 1 < like.size()) ++i;
      if (std::string_view("\\^$.|?*+()[]{}").find(like[i]) != std::string_view::npos) {
        pattern += '\\';
      }
      pattern += like[i];
    }
  }
  return pattern + "$";
}

StatusOr<std::vector<std::string>> ArgumentTexts(const RuleSyntax& call) {
  std::vector<std::string> texts;
  for (const auto& arg : call.args) {
    BESSEMER_ASSIGN_OR_RETURN(std::string text, ToExpressionText(*arg));
    texts.push_back(std::move(text));
  }
  return texts;
}

StatusOr<std::string> IsNullText(const RuleSyntax& call) {
  BESSEMER_ASSIGN_OR_RETURN(const std::string text, ToExpressionText(*call.args[0]));
  return fmt::format("is_missing({})", text);
}

StatusOr<std::string> CallText(const RuleSyntax& call) {
  if (call.text == "is_null") return IsNullText(call);
  if (call.text == "like") {
    const auto* pattern = std::get_if<std::string>(&call.args[1]->value);
    if (pattern == nullptr) return InvalidArgumentError("LIKE needs a text as its pattern");
    BESSEMER_ASSIGN_OR_RETURN(const std::string text, ToExpressionText(*call.args[0]));
    return fmt::format("regex_match({}, {})", text,
                       QuotedForExpression(PatternOfLike(*pattern)));
  }
  BESSEMER_ASSIGN_OR_RETURN(const std::vector<std::string> args, ArgumentTexts(call));
  static const auto* const operators = new std::map<std::string, std::string>{
      {"=", "=="}, {"!=", "!="}, {"<", "<"}, {"<=", "<="}, {">", ">"},     {">=", ">="},
      {"+", "+"},  {"-", "-"},   {"*", "*"}, {"/", "/"},   {"//", "//"},   {"%", "%"},
      {"**", "**"}, {"and", "and"}, {"or", "or"}};
  const auto op = operators->find(call.text);
  if (op != operators->end()) return fmt::format("({} {} {})", args[0], op->second, args[1]);
  if (call.text == "not") return fmt::format("(not {})", args[0]);
  if (call.text == "negate") return fmt::format("(-{})", args[0]);
  if (call.text == "||") return fmt::format("concat({}, {})", args[0], args[1]);
  if (call.text == "between") {
    return fmt::format("(({0} >= {1}) and ({0} <= {2}))", args[0], args[1], args[2]);
  }
  if (call.text == "in") {
    std::string text;
    for (size_t i = 1; i < args.size(); ++i) {
      text += fmt::format("{}({} == {})", i == 1 ? "" : " or ", args[0], args[i]);
    }
    return fmt::format("({})", text);
  }
  if (call.text == "case") {
    std::string text = args.back();
    for (size_t i = args.size() - 1; i >= 2; i -= 2) {
      text = fmt::format("if({}, {}, {})", args[i - 2], args[i - 1], text);
    }
    return text;
  }
  if (call.text == "cast" || call.text == "in_list" || call.text == "exists") {
    return InvalidArgumentError("a rule over rows has no {}", call.text);
  }
  std::string options;
  for (const auto& [name, value] : call.keywords) {
    BESSEMER_ASSIGN_OR_RETURN(const std::string text, LiteralText(*value));
    options += fmt::format("{}{}={}", args.empty() && options.empty() ? "" : ", ", name, text);
  }
  return fmt::format("{}({}{})", call.text, fmt::join(args, ", "), options);
}

}  // namespace

StatusOr<std::string> ToExpressionText(const RuleSyntax& syntax) {
  switch (syntax.kind) {
    case Kind::kLiteral:
      return LiteralText(syntax);
    case Kind::kName:
    case Kind::kField: {
      const std::string name = DottedName(syntax);
      if (name.empty()) return InvalidArgumentError("a rule over rows has no fields");
      return fmt::format("feature({})", QuotedForExpression(name));
    }
    case Kind::kCall:
      return CallText(syntax);
    default:
      return InvalidArgumentError("a rule over rows has no queries and no list elements");
  }
}

StatusOr<RowRule> RowRule::Compile(const Rule& rule) {
  const std::string context = fmt::format("rule '{}'", rule.name);
  const auto syntax = ParseRule(rule.row);
  if (!syntax.ok()) return WithContext(syntax.status(), context);
  const auto text = ToExpressionText(**syntax);
  if (!text.ok()) return WithContext(text.status(), context);
  auto condition = statistics::RowCondition::Parse(*text);
  if (!condition.ok()) return WithContext(condition.status(), context);
  return RowRule(rule, *text, *std::move(condition));
}

StatusOr<std::vector<int64_t>> RowRule::BrokenRows(const arrow::RecordBatch& batch) const {
  const auto outcomes = condition_.Judge(batch);
  if (!outcomes.ok()) {
    return WithContext(outcomes.status(), fmt::format("rule '{}'", rule_.name));
  }
  std::vector<int64_t> rows;
  for (size_t row = 0; row < outcomes->size(); ++row) {
    if ((*outcomes)[row] == statistics::RowOutcome::kBroken) {
      rows.push_back(static_cast<int64_t>(row));
    }
  }
  return rows;
}

}  // namespace bessemer::validation
