#ifndef BESSEMER_COLUMNAR_UTF8_H_
#define BESSEMER_COLUMNAR_UTF8_H_

#include <string_view>

namespace bessemer::columnar {

// True if every byte sequence is a Unicode scalar value in its shortest form (RFC 3629).
bool IsUtf8(std::string_view bytes);

}  // namespace bessemer::columnar

#endif  // BESSEMER_COLUMNAR_UTF8_H_
