#ifndef BESSEMER_EXAMPLE_GEN_SOURCES_JSONL_JSON_CURSOR_INTERNAL_H_
#define BESSEMER_EXAMPLE_GEN_SOURCES_JSONL_JSON_CURSOR_INTERNAL_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace bessemer::example_gen::jsonl {

struct JsonNumber {
  enum class Kind { kInt, kBigInt, kFloat };  // kBigInt: an integer outside int64
  Kind kind = Kind::kInt;
  int64_t integer = 0;
  double number = 0;      // of every kind, the nearest
  std::string_view text;  // as it is written
};

// Reads JSON (RFC 8259) from the start of a text that is UTF-8, value by value. Beside numbers it
// takes NaN, Infinity and -Infinity, which Python writes.
//
// Every Take function passes over white space first and returns false, with fault() set, if what
// follows is something else. After that only fault() may be asked.
class JsonCursor {
 public:
  static constexpr int kMaxDepth = 64;  // of lists and objects

  explicit JsonCursor(std::string_view text)
      : begin_(text.data()), at_(text.data()), end_(text.data() + text.size()) {}

  // The byte the next value or mark begins with, or '\0' at the end.
  char Peek() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\r' || *at_ == '\n')) ++at_;
    return at_ == end_ ? '\0' : *at_;
  }

  bool Take(char mark);                      // one of {}[]:,
  bool TakeWord(std::string_view word);      // null, true, false
  bool TakeNumber(JsonNumber* number);
  bool TakeString(std::string_view* text);   // without escapes; valid until the next TakeString
  bool SkipValue(int depth = 0);  // which must have no key twice in an object
  bool AtEnd();  // nothing but white space is left

  // Walks an object or list whose first byte is next. `f` is called before each value, for an
  // object with its key (which f may keep until it takes a string), and takes the value.
  template <typename F>
  bool TakeObject(F&& f) {
    if (!Take('{')) return false;
    if (Peek() == '}') return Take('}');
    while (true) {
      std::string_view key;
      if (!TakeString(&key) || !Take(':') || !f(key)) return false;
      if (Peek() == '}') return Take('}');
      if (!Take(',')) return false;
    }
  }
  template <typename F>
  bool TakeList(F&& f) {
    if (!Take('[')) return false;
    if (Peek() == ']') return Take(']');
    while (true) {
      if (!f()) return false;
      if (Peek() == ']') return Take(']');
      if (!Take(',')) return false;
    }
  }

  // What is wrong and at which byte (from 1), e.g. "byte 7: expected ':'".
  const std::string& fault() const { return fault_; }
  bool Fail(std::string_view what);  // false

 private:
  bool TakeEscape();
  bool TakeHex(uint32_t* code);

  const char* begin_;
  const char* at_;
  const char* end_;
  std::string buffer_;  // of a string with escapes
  std::string fault_;
};

}  // namespace bessemer::example_gen::jsonl

#endif  // BESSEMER_EXAMPLE_GEN_SOURCES_JSONL_JSON_CURSOR_INTERNAL_H_
