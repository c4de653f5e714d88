#ifndef BESSEMER_BASE_VERSION_H_
#define BESSEMER_BASE_VERSION_H_

#include <string_view>

namespace bessemer {

// The version of this program, e.g. "0.1.0".
std::string_view Version();

}  // namespace bessemer

#endif  // BESSEMER_BASE_VERSION_H_
