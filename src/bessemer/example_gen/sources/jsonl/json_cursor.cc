#include <fmt/format.h>

#include <charconv>
#include <limits>
#include <set>

#include "bessemer/example_gen/sources/jsonl/json_cursor_internal.h"

namespace bessemer::example_gen::jsonl {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

void AppendUtf8(uint32_t code, std::string* out) {
  if (code < 0x80) {
    *out += static_cast<char>(code);
  } else if (code < 0x800) {
    *out += static_cast<char>(0xc0 | code >> 6);
    *out += static_cast<char>(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    *out += static_cast<char>(0xe0 | code >> 12);
    *out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    *out += static_cast<char>(0x80 | (code & 0x3f));
  } else {
    *out += static_cast<char>(0xf0 | code >> 18);
    *out += static_cast<char>(0x80 | (code >> 12 & 0x3f));
    *out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    *out += static_cast<char>(0x80 | (code & 0x3f));
  }
}

}  // namespace

bool JsonCursor::Fail(std::string_view what) {
  if (fault_.empty()) fault_ = fmt::format("byte {}: {}", at_ - begin_ + 1, what);
  return false;
}

bool JsonCursor::Take(char mark) {
  if (Peek() != mark || at_ == end_) return Fail(fmt::format("expected '{}'", mark));
  ++at_;
  return true;
}

bool JsonCursor::TakeWord(std::string_view word) {
  Peek();
  const auto left = static_cast<size_t>(end_ - at_);
  if (left < word.size() || std::string_view(at_, word.size()) != word) {
    return Fail("expected a value");
  }
  at_ += word.size();
  return true;
}

bool JsonCursor::TakeNumber(JsonNumber* number) {
  Peek();
  const char* const start = at_;
  const char* p = at_;
  if (p != end_ && *p == '-') ++p;
  const auto take_word = [&](std::string_view word, double value) {
    at_ = p;
    if (!TakeWord(word)) return false;
    *number = {JsonNumber::Kind::kFloat, 0, *start == '-' ? -value : value,
               {start, static_cast<size_t>(at_ - start)}};
    return true;
  };
  if (p != end_ && *p == 'I') return take_word("Infinity", std::numeric_limits<double>::infinity());
  if (p == start && p != end_ && *p == 'N') {
    return take_word("NaN", std::numeric_limits<double>::quiet_NaN());
  }
  const char* const digits = p;
  while (p != end_ && IsDigit(*p)) ++p;
  if (p == digits) return Fail("expected a value");
  if (*digits == '0' && p - digits > 1) return Fail("a number with a leading zero");
  bool integer = true;
  if (p != end_ && *p == '.') {
    const char* const fraction = ++p;
    while (p != end_ && IsDigit(*p)) ++p;
    if (p == fraction) return Fail("a number without digits behind its point");
    integer = false;
  }
  if (p != end_ && (*p == 'e' || *p == 'E')) {
    ++p;
    if (p != end_ && (*p == '+' || *p == '-')) ++p;
    const char* const exponent = p;
    while (p != end_ && IsDigit(*p)) ++p;
    if (p == exponent) return Fail("a number without digits in its exponent");
    integer = false;
  }
  at_ = p;
  number->text = {start, static_cast<size_t>(p - start)};
  number->kind = JsonNumber::Kind::kFloat;
  if (integer) {
    const auto [end, error] = std::from_chars(start, p, number->integer);
    number->kind = error == std::errc() ? JsonNumber::Kind::kInt : JsonNumber::Kind::kBigInt;
    number->number = static_cast<double>(number->integer);
    if (error == std::errc()) return true;
  }
  // Beyond the range of double from_chars says only that; infinity and zero are the nearest then.
  const auto [end, error] = std::from_chars(start, p, number->number);
  if (error == std::errc::result_out_of_range) {
    number->number = std::strtod(std::string(number->text).c_str(), nullptr);
  }
  return true;
}

bool JsonCursor::TakeHex(uint32_t* code) {
  *code = 0;
  if (end_ - at_ < 4) return Fail("an escape that is cut off");
  const auto [end, error] = std::from_chars(at_, at_ + 4, *code, 16);
  if (error != std::errc() || end != at_ + 4) return Fail("an escape without four hex digits");
  at_ += 4;
  return true;
}

// What follows a backslash.
bool JsonCursor::TakeEscape() {
  if (at_ == end_) return Fail("a string that is never closed");
  static constexpr std::string_view kFrom = "\"\\/bfnrt";
  static constexpr std::string_view kTo = "\"\\/\b\f\n\r\t";
  const char c = *at_;
  if (const size_t found = kFrom.find(c); found != std::string_view::npos) {
    buffer_ += kTo[found];
    ++at_;
    return true;
  }
  if (c != 'u') return Fail("an escape that does not exist");
  ++at_;
  uint32_t code;
  if (!TakeHex(&code)) return false;
  if (code >= 0xdc00 && code < 0xe000) return Fail("half of a surrogate pair");
  if (code >= 0xd800 && code < 0xdc00) {
    if (end_ - at_ < 6 || at_[0] != '\\' || at_[1] != 'u') return Fail("half of a surrogate pair");
    at_ += 2;
    uint32_t low;
    if (!TakeHex(&low)) return false;
    if (low < 0xdc00 || low >= 0xe000) return Fail("half of a surrogate pair");
    code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
  }
  AppendUtf8(code, &buffer_);
  return true;
}

bool JsonCursor::TakeString(std::string_view* text) {
  if (!Take('"')) return false;
  const char* start = at_;
  bool escaped = false;
  buffer_.clear();
  while (true) {
    while (at_ != end_ && *at_ != '"' && *at_ != '\\' && static_cast<uint8_t>(*at_) >= 0x20) ++at_;
    if (at_ == end_) return Fail("a string that is never closed");
    if (static_cast<uint8_t>(*at_) < 0x20) return Fail("a control character in a string");
    const std::string_view run(start, static_cast<size_t>(at_ - start));
    const char c = *at_++;
    if (c == '"') {
      if (!escaped) {
        *text = run;
        return true;
      }
      buffer_.append(run);
      *text = buffer_;
      return true;
    }
    escaped = true;
    buffer_.append(run);
    if (!TakeEscape()) return false;
    start = at_;
  }
}

bool JsonCursor::SkipValue(int depth) {
  if (depth > kMaxDepth) return Fail("lists and objects more than 64 deep");
  std::string_view text;
  JsonNumber number;
  switch (Peek()) {
    case '{': {
      std::set<std::string, std::less<>> seen;
      return TakeObject([&](std::string_view key) {
        if (!seen.emplace(key).second) return Fail(fmt::format("the key '{}' twice", key));
        return SkipValue(depth + 1);
      });
    }
    case '[':
      return TakeList([&] { return SkipValue(depth + 1); });
    case '"':
      return TakeString(&text);
    case 't':
      return TakeWord("true");
    case 'f':
      return TakeWord("false");
    case 'n':
      return TakeWord("null");
    default:
      return TakeNumber(&number);
  }
}

bool JsonCursor::AtEnd() { return Peek() == '\0' && at_ == end_; }

}  // namespace bessemer::example_gen::jsonl
