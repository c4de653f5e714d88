#ifndef BESSEMER_VALIDATION_RULE_SYNTAX_H_
#define BESSEMER_VALIDATION_RULE_SYNTAX_H_

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "bessemer/base/status.h"

namespace bessemer::validation {

// The syntax tree of a rule. Operators are calls: "or", "and", "not", "=", "!=", "<", "<=", ">",
// ">=", "+", "-", "*", "/", "//", "%", "**", "||", "negate", "between", "in", "like", "is_null",
// "case" (condition, value, …, otherwise). Names of functions are in lower case.
struct RuleSyntax {
  enum class Kind {
    kLiteral,  // value
    kName,     // text
    kField,    // args[0] . text
    kIndex,    // args[0] [ args[1] ]; text: "offset", "ordinal", "safe_offset", … or ""
    kCall,     // text(args, keywords)
    kQuery,    // SELECT args[0] FROM UNNEST(args[1]) AS text WHERE args[2] (which may be null)
  };
  Kind kind = Kind::kLiteral;
  size_t position = 0;  // byte offset of the first character
  std::variant<std::monostate, bool, int64_t, double, std::string> value;
  std::string text;
  std::vector<std::unique_ptr<RuleSyntax>> args;
  std::vector<std::pair<std::string, std::unique_ptr<RuleSyntax>>> keywords;
};

// Reads an expression as SQL writes conditions, loosest first:
//   OR · AND · NOT · = == != <> < <= > >= [NOT] BETWEEN a AND b, [NOT] IN (…), [NOT] LIKE 'x%',
//   IS [NOT] NULL · + - || · * / // % · - · ** · x.field x[OFFSET(0)]
//   1 1.5 1e-3 'text' "text" TRUE FALSE NULL · name · `any name` · f(x, key=3) · ( … )
// CASE WHEN c THEN a ELSE b END · (SELECT f(e) FROM UNNEST(list) AS e WHERE …) · EXISTS (SELECT …)
// Words of the language are of any case. Comparisons do not chain. INVALID_ARGUMENT
// "line:column: message" with the line and a caret; nesting is limited to 100, the text to 64 KiB.
StatusOr<std::unique_ptr<RuleSyntax>> ParseRule(std::string_view text);

// INVALID_ARGUMENT of the same form at a byte offset of the text.
Status RuleError(std::string_view text, size_t position, std::string_view message);

// The names the expression mentions that are not of a query's list, in order, each once. A field
// chain counts with its dots: "feature.num_stats.mean".
std::vector<std::string> NamesOf(const RuleSyntax& syntax);

// The chain of fields on a name as one text: "a.b.c"; "" if the syntax is not such a chain.
std::string DottedName(const RuleSyntax& syntax);

}  // namespace bessemer::validation

#endif  // BESSEMER_VALIDATION_RULE_SYNTAX_H_
