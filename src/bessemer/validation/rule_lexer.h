#ifndef BESSEMER_VALIDATION_RULE_LEXER_H_
#define BESSEMER_VALIDATION_RULE_LEXER_H_

#include <string>
#include <string_view>

#include "bessemer/base/status.h"

namespace bessemer::validation {

struct RuleToken {
  enum class Kind { kEnd, kName, kQuotedName, kInt, kFloat, kString, kOperator };
  Kind kind = Kind::kEnd;
  size_t position = 0;
  std::string text;  // of a name its bytes, of a string its value, of an operator its sign

  bool Is(std::string_view op) const { return kind == Kind::kOperator && text == op; }
  // Whether it is this word of the language, given in lower case.
  bool IsWord(std::string_view word) const;
};

// Cuts a rule into tokens. Strings stand in single or double quotes and know \n \t \r \\ \' \" and
// doubled quotes.
class RuleLexer {
 public:
  explicit RuleLexer(std::string_view text) : text_(text) {}
  StatusOr<RuleToken> Next();

 private:
  StatusOr<RuleToken> Quoted(char quote, RuleToken::Kind kind);
  RuleToken Number();

  std::string_view text_;
  size_t at_ = 0;
};

// In lower case, ASCII only.
std::string LowerCase(std::string_view text);

}  // namespace bessemer::validation

#endif  // BESSEMER_VALIDATION_RULE_LEXER_H_
