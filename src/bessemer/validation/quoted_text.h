#ifndef BESSEMER_VALIDATION_QUOTED_TEXT_H_
#define BESSEMER_VALIDATION_QUOTED_TEXT_H_

#include <string>
#include <string_view>

namespace bessemer::validation {

// A value in double quotes for a message: control characters, quotes and bytes that are not UTF-8
// are escaped, more than 100 bytes are cut.
std::string QuotedText(std::string_view value);

}  // namespace bessemer::validation

#endif  // BESSEMER_VALIDATION_QUOTED_TEXT_H_
