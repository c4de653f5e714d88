#ifndef BESSEMER_BASE_JSON_MEMBER_H_
#define BESSEMER_BASE_JSON_MEMBER_H_

#include <string>

#include "bessemer/base/config.h"

namespace bessemer {

// A member of JSON from outside, of which nothing is known: null where `object` is no object or
// lacks the key. The reference is good as long as `object`.
inline const Json& JsonMember(const Json& object, const std::string& key) {
  static const Json null = nullptr;
  if (!object.is_object()) return null;
  const auto found = object.find(key);
  return found == object.end() ? null : *found;
}

// The same for text: "" where there is none.
inline std::string JsonString(const Json& object, const std::string& key) {
  const Json& value = JsonMember(object, key);
  return value.is_string() ? value.get<std::string>() : "";
}

}  // namespace bessemer

#endif  // BESSEMER_BASE_JSON_MEMBER_H_
