#include "bessemer/columnar/short_form.h"

#include <fmt/format.h>

#include "bessemer/base/hash.h"
#include "bessemer/columnar/utf8.h"

namespace bessemer::columnar {
namespace {

constexpr size_t kHeadBytes = 256;

}  // namespace

std::string ShortForm(std::string_view value) {
  std::string_view head = value.substr(0, kHeadBytes);
  if (!IsUtf8(value)) {
    const Sha256Digest digest = Sha256(value);
    return fmt::format("{}\xff{}", head,
                       std::string_view(reinterpret_cast<const char*>(digest.data()),
                                        digest.size()));
  }
  // Up to the end of a character.
  size_t end = head.size();
  while (end > 0 && end < value.size() && (static_cast<uint8_t>(value[end]) & 0xc0) == 0x80) --end;
  head = head.substr(0, end);
  return fmt::format("{}… ({} bytes, SHA-256 {})", head, value.size(), Sha256Hex(value));
}

}  // namespace bessemer::columnar
