#ifndef BESSEMER_EXPRESSION_LEXER_H_
#define BESSEMER_EXPRESSION_LEXER_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "bessemer/base/status.h"

namespace bessemer::expression {

struct Token {
  enum class Kind { kEnd, kInt, kFloat, kString, kName, kQuotedName, kOperator };

  Kind kind = Kind::kEnd;
  int position = 0;
  std::string text;  // name, decoded string, or operator
  int64_t int_value = 0;
  double float_value = 0;

  bool Is(std::string_view op) const { return kind == Kind::kOperator && text == op; }
  bool IsWord(std::string_view word) const { return kind == Kind::kName && text == word; }
};

// Cuts a text into tokens. Integers beyond int64 are an error, not a float.
class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}
  StatusOr<Token> Next();

 private:
  Status Error(int position, std::string_view message) const;
  void SkipSpace();
  StatusOr<Token> Number();
  StatusOr<Token> Text(char quote);
  StatusOr<char> Escape(int start);

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace bessemer::expression

#endif  // BESSEMER_EXPRESSION_LEXER_H_
