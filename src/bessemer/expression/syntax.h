#ifndef BESSEMER_EXPRESSION_SYNTAX_H_
#define BESSEMER_EXPRESSION_SYNTAX_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bessemer/base/status.h"

namespace bessemer::expression {

// The syntax tree. Operators are calls of the functions that implement them ("add", "less", "and").
struct Syntax {
  enum class Kind { kInt, kFloat, kString, kList, kFeature, kCall };

  Kind kind = Kind::kInt;
  int position = 0;  // byte offset of the first character, for messages
  int64_t int_value = 0;
  double float_value = 0;
  std::string text;  // kString: the bytes; kFeature and kCall: the name
  std::vector<std::unique_ptr<Syntax>> args;  // kCall: positional; kList: items
  std::vector<std::pair<std::string, std::unique_ptr<Syntax>>> keywords;  // kCall
};

// Reads one expression. Grammar, loosest first:
//   or · and · not · == != < <= > >= (not chained) · + - · * / // % · unary - + · ** (right)
//   literals 1 1.5 1e-3 "text" 'text' true false [1, 2] · names · `any name` · feature("any name")
//   calls f(x, y, key=3) · if(c, a, b) · ( … )
// Text literals know \n \t \r \\ \" \' \xHH. Comments run from # to the end of the line.
// INVALID_ARGUMENT "line:column: message" followed by the line and a caret. Nesting is limited to
// 200, the text to 64 KiB.
StatusOr<std::unique_ptr<Syntax>> ParseSyntax(std::string_view text);

// `message` at a byte offset of `text`: the form of every error of this library.
Status ErrorAt(StatusCode code, std::string_view text, int position, std::string_view message);

}  // namespace bessemer::expression

#endif  // BESSEMER_EXPRESSION_SYNTAX_H_
