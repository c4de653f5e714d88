#ifndef BESSEMER_COLUMNAR_SHORT_FORM_H_
#define BESSEMER_COLUMNAR_SHORT_FORM_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace bessemer::columnar {

// Values of more bytes than this, such as images and documents, are large: whoever remembers many
// remembers their short forms.
inline constexpr size_t kLargeValueBytes = 1024;

// What stands for a large value, different for different values by SHA-256 and never large itself.
// Of text: its first characters, up to 256 bytes, and "… (1048576 bytes, SHA-256 <64 digits>)". Of
// bytes that are no UTF-8, and then no UTF-8 either: the first 256, 0xFF and the 32 of SHA-256.
// About 1 ns a byte.
std::string ShortForm(std::string_view value);

}  // namespace bessemer::columnar

#endif  // BESSEMER_COLUMNAR_SHORT_FORM_H_
