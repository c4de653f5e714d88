#include "bessemer/columnar/utf8.h"

#include <cstdint>
#include <cstring>

namespace bessemer::columnar {

bool IsUtf8(std::string_view bytes) {
  const auto* p = reinterpret_cast<const uint8_t*>(bytes.data());
  const uint8_t* const end = p + bytes.size();
  while (p < end) {
    if (end - p >= 8) {
      uint64_t word;
      std::memcpy(&word, p, 8);
      if ((word & 0x8080808080808080ull) == 0) {
        p += 8;
        continue;
      }
    }
    const uint8_t lead = *p++;
    if (lead < 0x80) continue;
    int num_more;
    uint8_t first_min = 0x80;
    uint8_t first_max = 0xbf;
    if (lead >= 0xc2 && lead <= 0xdf) {
      num_more = 1;
    } else if (lead >= 0xe0 && lead <= 0xef) {
      num_more = 2;
      if (lead == 0xe0) first_min = 0xa0;  // shorter form exists
      if (lead == 0xed) first_max = 0x9f;  // surrogates
    } else if (lead >= 0xf0 && lead <= 0xf4) {
      num_more = 3;
      if (lead == 0xf0) first_min = 0x90;
      if (lead == 0xf4) first_max = 0x8f;  // above U+10FFFF
    } else {
      return false;
    }
    if (end - p < num_more) return false;
    if (*p < first_min || *p > first_max) return false;
    ++p;
    for (int i = 1; i < num_more; ++i, ++p) {
      if ((*p & 0xc0) != 0x80) return false;
    }
  }
  return true;
}

}  // namespace bessemer::columnar
