#ifndef BESSEMER_TESTS_CONFORMANCE_PROTOS_H_
#define BESSEMER_TESTS_CONFORMANCE_PROTOS_H_

#include <google/protobuf/message.h>

#include <stdexcept>
#include <string>

#include "bessemer/base/config.h"
#include "bessemer/base/status.h"
#include "bessemer/schema/text_errors.h"

namespace tensorflow::metadata::v0 {
class Anomalies;
class DatasetFeatureStatisticsList;
}  // namespace tensorflow::metadata::v0

namespace bessemer::conformance {

// The message of a case: text format, or {"@proto": full_name, "text": …}. Throws
// std::runtime_error for text that does not parse, which fails the case.
template <typename Proto>
Proto FromText(const Json& text) {
  Proto proto;
  const std::string string = (text.is_object() ? text.at("text") : text).get<std::string>();
  const Status status = schema::ParseTextQuietly(string, &proto);
  if (!status.ok()) throw std::runtime_error(std::string(Message(status)));
  return proto;
}

// The message of serialised bytes written in hexadecimal; throws likewise.
template <typename Proto>
Proto FromHex(const std::string& hex);

std::string BytesOfHex(const std::string& hex);

template <typename Proto>
Proto FromHex(const std::string& hex) {
  Proto proto;
  if (!proto.ParseFromString(BytesOfHex(hex))) throw std::runtime_error("not a message: " + hex);
  return proto;
}

// "" or the fields that differ, one a line. Floats are equal within `fraction` of the greater or
// `margin`; NaN equals NaN; unset and default are the same if `unset_is_default`.
struct ProtoTolerance {
  double fraction = 0;
  double margin = 0;
  bool unset_is_default = false;
};
std::string DiffProtos(const ::google::protobuf::Message& expected,
                       const ::google::protobuf::Message& got,
                       const ProtoTolerance& tolerance = {});

// Data sets by name, features by path, custom statistics by name; unset and default are the same.
std::string DiffStatistics(::tensorflow::metadata::v0::DatasetFeatureStatisticsList expected,
                           ::tensorflow::metadata::v0::DatasetFeatureStatisticsList got,
                           ProtoTolerance tolerance = {.fraction = 1e-9});
// For expectations that people typed in: six digits, seven places.
inline constexpr ProtoTolerance kTypedIn = {.fraction = 1e-6, .margin = 5e-8};
// Severities and types of findings as a set by path; drift and skew values to 1e-6.
std::string DiffAnomalies(const ::tensorflow::metadata::v0::Anomalies& expected,
                          const ::tensorflow::metadata::v0::Anomalies& got);

}  // namespace bessemer::conformance

#endif  // BESSEMER_TESTS_CONFORMANCE_PROTOS_H_
