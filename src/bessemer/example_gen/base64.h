#ifndef BESSEMER_EXAMPLE_GEN_BASE64_H_
#define BESSEMER_EXAMPLE_GEN_BASE64_H_

#include <string>
#include <string_view>

namespace bessemer::example_gen {

// RFC 4648, with padding.
std::string Base64(std::string_view bytes);

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_BASE64_H_
