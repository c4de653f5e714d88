#ifndef BESSEMER_REPORT_ARTIFACT_FILES_H_
#define BESSEMER_REPORT_ARTIFACT_FILES_H_

#include <functional>
#include <string>
#include <string_view>

#include "bessemer/base/status.h"

namespace google::protobuf {
class Message;
}
namespace tensorflow::metadata::v0 {
class Anomalies;
class DatasetFeatureStatisticsList;
class Schema;
}  // namespace tensorflow::metadata::v0

// Reading what TFX components leave on disk. Every error names the file and what was expected in
// it; damaged content is DATA_LOSS.

namespace bessemer::report {

// A binary message, the same as text (.pbtxt), or one record of a TFRecord file. A folder stands
// for the FeatureStats.pb in it (older: the file stats_tfrecord). Empty files are DATA_LOSS.
StatusOr<::tensorflow::metadata::v0::DatasetFeatureStatisticsList> ReadStatistics(
    const std::string& path);

// Text or binary; a folder stands for the schema.pbtxt in it.
StatusOr<::tensorflow::metadata::v0::Schema> ReadSchema(const std::string& path);

// Binary or text (.pbtxt); a folder stands for the SchemaDiff.pb in it (older: anomalies.pbtxt).
// An empty file is a data set without anomalies.
StatusOr<::tensorflow::metadata::v0::Anomalies> ReadAnomalies(const std::string& path);

// Calls `each` with every record of a TFRecord file.
Status ForEachRecord(const std::string& path, const std::function<Status(std::string_view)>& each);

// Parses `bytes` as `message`, or DATA_LOSS: "<where>: not a <type> message".
Status ParseMessage(std::string_view bytes, const std::string& where,
                    google::protobuf::Message* message);

}  // namespace bessemer::report

#endif  // BESSEMER_REPORT_ARTIFACT_FILES_H_
