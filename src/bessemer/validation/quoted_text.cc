#include "bessemer/validation/quoted_text.h"

#include <fmt/format.h>

#include <cstdint>

namespace bessemer::validation {

namespace {

constexpr size_t kMaxBytes = 100;

// The length of the character at the front, 0 if there is none.
size_t CharacterLength(std::string_view bytes) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(bytes[i]); };
  const uint8_t first = byte(0);
  if (first < 0x80) return 1;
  const size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || bytes.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  const uint8_t second = byte(1);
  if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
      (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f)) {
    return 0;
  }
  return length;
}

}  // namespace

std::string QuotedText(std::string_view value) {
  std::string quoted = "\"";
  std::string_view rest = value;
  while (!rest.empty() && value.size() - rest.size() < kMaxBytes) {
    const size_t length = CharacterLength(rest);
    const auto first = static_cast<unsigned char>(rest[0]);
    if (length == 0 || first < 0x20 || first == 0x7f) {
      quoted += fmt::format("\\x{:02x}", first);
    } else {
      if (first == '"' || first == '\\') quoted += '\\';
      quoted += rest.substr(0, length);
    }
    rest.remove_prefix(length == 0 ? 1 : length);
  }
  return quoted + (rest.empty() ? "\"" : "…\"");
}

}  // namespace bessemer::validation
