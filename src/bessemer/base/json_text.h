#ifndef BESSEMER_BASE_JSON_TEXT_H_
#define BESSEMER_BASE_JSON_TEXT_H_

#include <string>

#include "bessemer/base/config.h"

namespace bessemer {

// The text of a JSON value: on one line, or over several with `indent` spaces a level. Unlike
// dump() it never throws: bytes of a string that are not UTF-8 become U+FFFD. Infinities and NaN
// become null.
inline std::string JsonText(const Json& json, int indent = -1) {
  return json.dump(indent, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

}  // namespace bessemer

#endif  // BESSEMER_BASE_JSON_TEXT_H_
