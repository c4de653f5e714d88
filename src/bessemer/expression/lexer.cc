#include "bessemer/expression/lexer.h"

#include <charconv>

#include "bessemer/expression/syntax.h"

namespace bessemer::expression {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsNameStart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80) != 0;
}
bool IsNamePart(char c) { return IsNameStart(c) || IsDigit(c); }

int HexDigit(char c) {
  if (IsDigit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

Status Lexer::Error(int position, std::string_view message) const {
  return ErrorAt(StatusCode::kInvalidArgument, text_, position, message);
}

void Lexer::SkipSpace() {
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c == '#') {
      while (at_ < text_.size() && text_[at_] != '\n') ++at_;
    } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      ++at_;
    } else {
      return;
    }
  }
}

StatusOr<Token> Lexer::Next() {
  SkipSpace();
  Token token;
  token.position = static_cast<int>(at_);
  if (at_ == text_.size()) return token;
  const char c = text_[at_];
  if (IsDigit(c) || (c == '.' && at_ + 1 < text_.size() && IsDigit(text_[at_ + 1]))) {
    return Number();
  }
  if (c == '"' || c == '\'' || c == '`') return Text(c);
  if (IsNameStart(c)) {
    const size_t start = at_;
    while (at_ < text_.size() && IsNamePart(text_[at_])) ++at_;
    token.kind = Token::Kind::kName;
    token.text = std::string(text_.substr(start, at_ - start));
    return token;
  }
  token.kind = Token::Kind::kOperator;
  for (const std::string_view op : {"**", "//", "==", "!=", "<=", ">=", "+", "-", "*", "/", "%", 
                                    "<", ">", "(", ")", ",", "=", "[", "]"}) {
    if (text_.substr(at_).starts_with(op)) {
      token.text = std::string(op);
      at_ += op.size();
      return token;
    }
  }
  if (c == '&' || c == '|' || c == '!') {
    return Error(token.position, "logic is written 'and', 'or' and 'not'");
  }
  if (static_cast<unsigned char>(c) < 32 || c == 127) {
    return Error(token.position, fmt::format("unexpected byte 0x{:02x}", static_cast<uint8_t>(c)));
  }
  return Error(token.position, fmt::format("unexpected '{}'", c));
}

StatusOr<Token> Lexer::Number() {
  Token token;
  token.position = static_cast<int>(at_);
  const char* begin = text_.data() + at_;
  const char* end = text_.data() + text_.size();
  const auto integer = std::from_chars(begin, end, token.int_value);
  const bool is_float = integer.ptr < end && (*integer.ptr == '.' || *integer.ptr == 'e' ||
                                              *integer.ptr == 'E');
  const char* stop = integer.ptr;
  if (is_float || *begin == '.') {
    token.kind = Token::Kind::kFloat;
    const auto real = std::from_chars(begin, end, token.float_value);
    if (real.ec == std::errc::result_out_of_range) {
      return Error(token.position, "this number is too large or too small for a float");
    }
    stop = real.ptr;
  } else {
    token.kind = Token::Kind::kInt;
    if (integer.ec == std::errc::result_out_of_range) {
      return Error(token.position, "this number does not fit in 64 bits; write it with a '.'");
    }
  }
  at_ = stop - text_.data();
  if (at_ < text_.size() && IsNamePart(text_[at_])) {
    return Error(static_cast<int>(at_),
                 "a name cannot begin with a digit; write `name` in backquotes");
  }
  return token;
}

StatusOr<char> Lexer::Escape(int start) {
  if (at_ >= text_.size()) return Error(start, "this text has no closing quote");
  const char c = text_[at_++];
  switch (c) {
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case 'r':
      return '\r';
    case '\\':
    case '"':
    case '\'':
    case '`':
      return c;
    case 'x': {
      const int high = at_ < text_.size() ? HexDigit(text_[at_]) : -1;
      const int low = at_ + 1 < text_.size() ? HexDigit(text_[at_ + 1]) : -1;
      if (high < 0 || low < 0) {
        return Error(static_cast<int>(at_) - 2, "\\x takes two hexadecimal digits");
      }
      at_ += 2;
      return static_cast<char>(high * 16 + low);
    }
    default:
      return Error(static_cast<int>(at_) - 2,
                   "unknown escape; known: \\n \\t \\r \\\\ \\\" \\' \\xHH");
  }
}

StatusOr<Token> Lexer::Text(char quote) {
  Token token;
  token.position = static_cast<int>(at_);
  token.kind = quote == '`' ? Token::Kind::kQuotedName : Token::Kind::kString;
  ++at_;
  while (true) {
    if (at_ >= text_.size()) return Error(token.position, "this text has no closing quote");
    char c = text_[at_++];
    if (c == quote) return token;
    if (c == '\\') {
      BESSEMER_ASSIGN_OR_RETURN(c, Escape(token.position));
    }
    token.text.push_back(c);
  }
}

}  // namespace bessemer::expression
