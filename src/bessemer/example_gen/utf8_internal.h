#ifndef BESSEMER_EXAMPLE_GEN_UTF8_INTERNAL_H_
#define BESSEMER_EXAMPLE_GEN_UTF8_INTERNAL_H_

#include <arrow/util/utf8.h>

#include <string_view>

namespace bessemer::example_gen {

inline bool IsUtf8(std::string_view text) {
  static const bool initialized = (arrow::util::InitializeUTF8(), true);
  return initialized && arrow::util::ValidateUTF8(text);
}

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_UTF8_INTERNAL_H_
