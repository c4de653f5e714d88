#include "bessemer/report/artifact_files.h"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/message.h>
#include <google/protobuf/text_format.h>

#include <limits>

#include "bessemer/io/file.h"
#include "bessemer/io/tfrecord.h"
#include "tensorflow_metadata/proto/v0/anomalies.pb.h"
#include "tensorflow_metadata/proto/v0/schema.pb.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::report {
namespace {

namespace tfmd = ::tensorflow::metadata::v0;

// As deep as the binary form may nest; without a limit, text could exhaust the stack.
constexpr int kMaxNesting = 100;

class FirstError : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, int column, const std::string& message) override {
    if (text.empty()) text = fmt::format("line {}, column {}: {}", line + 1, column + 1, message);
  }
  std::string text;
};

Status ParseText(const std::string& text, const std::string& where,
                 google::protobuf::Message* message) {
  google::protobuf::TextFormat::Parser parser;
  FirstError errors;
  parser.RecordErrorsTo(&errors);
  parser.SetRecursionLimit(kMaxNesting);
  if (parser.ParseFromString(text, message)) return OkStatus();
  return DataLossError("{}: not a {} in text form: {}", where, message->GetTypeName(), errors.text);
}

bool IsText(std::string_view path) {
  return path.ends_with(".pbtxt") || path.ends_with(".txt") || path.ends_with(".textproto");
}

// The file a path means: itself, or the first of `names` that is in the folder.
StatusOr<std::string> Resolve(const std::string& path, std::initializer_list<const char*> names) {
  BESSEMER_ASSIGN_OR_RETURN(const bool is_folder, io::IsDirectory(path));
  if (!is_folder) return path;
  for (const char* name : names) {
    std::string file = io::JoinPath(path, name);
    BESSEMER_ASSIGN_OR_RETURN(const bool there, io::Exists(file));
    if (there) return file;
  }
  return NotFoundError("{}: the folder has no {}", path, *names.begin());
}

// A TFRecord file of one message, as older TFX wrote statistics.
StatusOr<std::string> OnlyRecord(const std::string& path) {
  BESSEMER_ASSIGN_OR_RETURN(const auto reader, io::TFRecordReader::Open(path));
  std::string_view record;
  BESSEMER_ASSIGN_OR_RETURN(const bool found, reader->Next(&record));
  if (!found) return DataLossError("{}: the file holds no record", path);
  return std::string(record);
}

}  // namespace

Status ParseMessage(std::string_view bytes, const std::string& where,
                    google::protobuf::Message* message) {
  if (bytes.size() <= static_cast<size_t>(std::numeric_limits<int>::max()) &&
      message->ParsePartialFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return OkStatus();
  }
  return DataLossError("{}: not a {} message ({} bytes): the file is damaged or of another kind",
                       where, message->GetTypeName(), bytes.size());
}

Status ForEachRecord(const std::string& path, const std::function<Status(std::string_view)>& each) {
  BESSEMER_ASSIGN_OR_RETURN(const auto reader, io::TFRecordReader::Open(path));
  std::string_view record;
  while (true) {
    BESSEMER_ASSIGN_OR_RETURN(const bool found, reader->Next(&record));
    if (!found) return OkStatus();
    BESSEMER_RETURN_IF_ERROR(each(record));
  }
}

StatusOr<tfmd::DatasetFeatureStatisticsList> ReadStatistics(const std::string& path) {
  BESSEMER_ASSIGN_OR_RETURN(const std::string file,
                            Resolve(path, {"FeatureStats.pb", "stats_tfrecord"}));
  BESSEMER_ASSIGN_OR_RETURN(const std::string bytes, io::ReadFile(file));
  if (bytes.empty()) return DataLossError("{}: the file is empty; expected statistics", file);
  tfmd::DatasetFeatureStatisticsList list;
  if (IsText(file)) {
    BESSEMER_RETURN_IF_ERROR(ParseText(bytes, file, &list));
    return list;
  }
  const Status binary = ParseMessage(bytes, file, &list);
  if (binary.ok() && list.datasets_size() > 0) return list;
  if (const StatusOr<std::string> record = OnlyRecord(file); record.ok()) {
    BESSEMER_RETURN_IF_ERROR(ParseMessage(*record, file, &list));
    return list;
  }
  BESSEMER_RETURN_IF_ERROR(binary);
  return DataLossError("{}: the file holds no data set; expected statistics", file);
}

StatusOr<tfmd::Schema> ReadSchema(const std::string& path) {
  BESSEMER_ASSIGN_OR_RETURN(const std::string file, Resolve(path, {"schema.pbtxt", "schema.pb"}));
  BESSEMER_ASSIGN_OR_RETURN(const std::string bytes, io::ReadFile(file));
  tfmd::Schema schema;
  if (file.ends_with(".pb")) {
    BESSEMER_RETURN_IF_ERROR(ParseMessage(bytes, file, &schema));
  } else {
    BESSEMER_RETURN_IF_ERROR(ParseText(bytes, file, &schema));
  }
  return schema;
}

StatusOr<tfmd::Anomalies> ReadAnomalies(const std::string& path) {
  BESSEMER_ASSIGN_OR_RETURN(const std::string file,
                            Resolve(path, {"SchemaDiff.pb", "anomalies.pbtxt"}));
  BESSEMER_ASSIGN_OR_RETURN(const std::string bytes, io::ReadFile(file));
  tfmd::Anomalies anomalies;
  if (IsText(file)) {
    BESSEMER_RETURN_IF_ERROR(ParseText(bytes, file, &anomalies));
  } else {
    BESSEMER_RETURN_IF_ERROR(ParseMessage(bytes, file, &anomalies));
  }
  return anomalies;
}

}  // namespace bessemer::report
