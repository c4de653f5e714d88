#include "bessemer/validation/rule_lexer.h"

#include <algorithm>
#include <array>

#include "bessemer/validation/rule_syntax.h"

namespace bessemer::validation {

namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsNameStart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// The longer ones first.
constexpr std::array<std::string_view, 22> kOperators = {
    "==", "!=", "<>", "<=", ">=", "||", "**", "//", "=", "<", ">",
    "+",  "-",  "*",  "/",  "%",  "(",  ")",  "[",  "]", ",", "."};

}  // namespace

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return lower;
}

bool RuleToken::IsWord(std::string_view word) const {
  return kind == Kind::kName && LowerCase(text) == word;
}

StatusOr<RuleToken> RuleLexer::Quoted(char quote, RuleToken::Kind kind) {
  RuleToken token{.kind = kind, .position = at_, .text = {}};
  for (++at_; at_ < text_.size(); ++at_) {
    char c = text_[at_];
    if (c == quote) {
      ++at_;
      if (at_ == text_.size() || text_[at_] != quote) return token;
    } else if (c == '\\' && kind == RuleToken::Kind::kString && at_ + 1 < text_.size()) {
      c = text_[++at_];
      c = c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
    }
    token.text += c;
  }
  return RuleError(text_, token.position, fmt::format("this {} has no end", quote));
}

RuleToken RuleLexer::Number() {
  RuleToken token{.kind = RuleToken::Kind::kInt, .position = at_, .text = {}};
  const auto digits = [&] {
    while (at_ < text_.size() && IsDigit(text_[at_])) ++at_;
  };
  digits();
  if (at_ < text_.size() && text_[at_] == '.') {
    token.kind = RuleToken::Kind::kFloat;
    ++at_;
    digits();
  }
  if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
    const size_t sign = at_ + 1 < text_.size() && (text_[at_ + 1] == '-' || text_[at_ + 1] == '+');
    if (at_ + 1 + sign < text_.size() && IsDigit(text_[at_ + 1 + sign])) {
      token.kind = RuleToken::Kind::kFloat;
      at_ += 1 + sign;
      digits();
    }
  }
  token.text = std::string(text_.substr(token.position, at_ - token.position));
  return token;
}

StatusOr<RuleToken> RuleLexer::Next() {
  while (at_ < text_.size() && IsBlank(text_[at_])) ++at_;
  RuleToken token{.kind = RuleToken::Kind::kEnd, .position = at_, .text = {}};
  if (at_ == text_.size()) return token;
  const char c = text_[at_];
  if (c == '\'' || c == '"') return Quoted(c, RuleToken::Kind::kString);
  if (c == '`') return Quoted(c, RuleToken::Kind::kQuotedName);
  const bool is_point = c == '.' && at_ + 1 < text_.size() && IsDigit(text_[at_ + 1]);
  if (IsDigit(c) || is_point) return Number();
  if (IsNameStart(c)) {
    while (at_ < text_.size() && (IsNameStart(text_[at_]) || IsDigit(text_[at_]))) ++at_;
    token.kind = RuleToken::Kind::kName;
    token.text = std::string(text_.substr(token.position, at_ - token.position));
    return token;
  }
  for (const std::string_view op : kOperators) {
    if (text_.substr(at_, op.size()) != op) continue;
    at_ += op.size();
    token.kind = RuleToken::Kind::kOperator;
    token.text = std::string(op);
    return token;
  }
  return RuleError(text_, at_, "this sign is not part of the language");
}

}  // namespace bessemer::validation
