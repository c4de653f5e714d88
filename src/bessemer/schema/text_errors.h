#ifndef BESSEMER_SCHEMA_TEXT_ERRORS_H_
#define BESSEMER_SCHEMA_TEXT_ERRORS_H_

#include <string_view>

#include "bessemer/base/status.h"

namespace google::protobuf {
class Message;
}

namespace bessemer::schema {

// Parses protobuf text. INVALID_ARGUMENT "line:column: message" of the first error, also for
// messages nested more than 100 deep; nothing is written to stderr.
Status ParseTextQuietly(std::string_view text, google::protobuf::Message* message);

}  // namespace bessemer::schema

#endif  // BESSEMER_SCHEMA_TEXT_ERRORS_H_
