#ifndef BESSEMER_PROTO_SERIALIZE_H_
#define BESSEMER_PROTO_SERIALIZE_H_

#include <string>

namespace google::protobuf {
class MessageLite;
}

namespace bessemer::proto {

// The message in binary form, map entries sorted by key: equal messages give equal bytes, which
// protobuf does not promise otherwise. What goes into a file or a fingerprint is written by this.
// Required fields that are missing are left out.
std::string Serialize(const ::google::protobuf::MessageLite& message);

}  // namespace bessemer::proto

#endif  // BESSEMER_PROTO_SERIALIZE_H_
