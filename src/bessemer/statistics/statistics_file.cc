#include "bessemer/statistics/statistics_file.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/text_format.h>

#include "bessemer/io/file.h"
#include "bessemer/io/publish.h"
#include "bessemer/io/tfrecord.h"
#include "bessemer/proto/serialize.h"
#include "bessemer/statistics/dataset_state.h"
#include "bessemer/statistics/statistics_parts.h"
#include "tensorflow_metadata/proto/v0/schema.pb.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::statistics {
namespace {

using ::google::protobuf::TextFormat;
using ::tensorflow::metadata::v0::DatasetFeatureStatisticsList;
using ::tensorflow::metadata::v0::Schema;

// As deep as the binary form may nest; without a limit, text could exhaust the stack.
constexpr int kMaxNesting = 100;

// Keeps the first error: protobuf would print it.
class FirstError : public ::google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, ::google::protobuf::io::ColumnNumber column,
                const std::string& message) override {
    if (text_.empty()) text_ = fmt::format("{}:{}: {}", line + 1, column + 1, message);
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// False if these are no records, or none of statistics.
StatusOr<bool> ReadRecords(const std::string& path, DatasetFeatureStatisticsList* list) {
  BESSEMER_ASSIGN_OR_RETURN(const std::unique_ptr<io::TFRecordReader> reader,
                            io::TFRecordReader::Open(path));
  std::string_view record;
  while (true) {
    const StatusOr<bool> more = reader->Next(&record);
    if (more.status().code() == StatusCode::kDataLoss) return false;
    BESSEMER_RETURN_IF_ERROR(more.status());
    if (!*more) return reader->num_records() > 0;
    DatasetFeatureStatisticsList part;
    if (!part.ParseFromArray(record.data(), static_cast<int>(record.size()))) return false;
    list->MergeFrom(part);
  }
}

}  // namespace

StatusOr<DatasetFeatureStatisticsList> ReadStatistics(const std::string& path) {
  if (path.find_first_of("*?") != std::string::npos) return ReadShardedStatistics(path);
  BESSEMER_ASSIGN_OR_RETURN(const bool is_folder, io::IsDirectory(path));
  if (is_folder) return ReadStatistics(io::JoinPath(path, kStatisticsFile));
  BESSEMER_ASSIGN_OR_RETURN(const std::string bytes, io::ReadFile(path));
  if (DatasetStatisticsState::IsState(bytes)) {
    const auto state = DatasetStatisticsState::Load(bytes);
    if (!state.ok()) return WithContext(state.status(), path);
    DatasetFeatureStatisticsList finished = state->Finish();
    BESSEMER_RETURN_IF_ERROR(WithContext(state->status(), path));
    return finished;
  }
  DatasetFeatureStatisticsList list;
  if (list.ParseFromString(bytes)) return list;
  list.Clear();
  BESSEMER_ASSIGN_OR_RETURN(const bool is_records, ReadRecords(path, &list));
  if (is_records) return list;
  list.Clear();
  FirstError error;
  TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  parser.SetRecursionLimit(kMaxNesting);
  if (parser.ParseFromString(bytes, &list)) return list;
  return DataLossError(
      "{}: not statistics: neither a DatasetFeatureStatisticsList in binary or text form nor "
      "TFRecords of it",
      path);
}

StatusOr<DatasetFeatureStatisticsList> ReadShardedStatistics(const std::string& prefix) {
  const bool pattern = prefix.find_first_of("*?") != std::string::npos;
  BESSEMER_ASSIGN_OR_RETURN(const std::vector<std::string> files,
                            io::ListFiles(pattern ? prefix : prefix + "-*-of-*"));
  StatisticsPartsMerger merger;
  for (const std::string& file : files) {
    BESSEMER_ASSIGN_OR_RETURN(auto reader, io::TFRecordReader::Open(file));
    std::string_view record;
    while (true) {
      BESSEMER_ASSIGN_OR_RETURN(const bool more, reader->Next(&record));
      if (!more) break;
      DatasetFeatureStatisticsList part;
      if (!part.ParseFromArray(record.data(), static_cast<int>(record.size()))) {
        return DataLossError("{}: record {} is not a DatasetFeatureStatisticsList", file,
                             reader->num_records());
      }
      BESSEMER_RETURN_IF_ERROR(WithContext(merger.Add(part), file));
    }
  }
  return merger.Get();
}

Status WriteShardedStatistics(const std::string& prefix,
                              const DatasetFeatureStatisticsList& statistics,
                              int64_t num_shards) {
  const std::vector<StatisticsPart> parts = SplitStatistics(statistics, num_shards);
  for (int64_t shard = 0; shard < num_shards; ++shard) {
    BESSEMER_ASSIGN_OR_RETURN(
        const auto writer,
        io::TFRecordWriter::Open(fmt::format("{}-{:05}-of-{:05}", prefix, shard, num_shards),
                                 io::Compression::kNone));
    for (const StatisticsPart& part : parts) {
      if (part.partition == shard) {
        BESSEMER_RETURN_IF_ERROR(writer->Write(proto::Serialize(*part.statistics)));
      }
    }
    BESSEMER_RETURN_IF_ERROR(writer->Close());
  }
  return OkStatus();
}

Status WriteStatistics(const std::string& path, const DatasetFeatureStatisticsList& statistics) {
  for (const char* suffix : {".pbtxt", ".textproto", ".txt"}) {
    if (!path.ends_with(suffix)) continue;
    std::string text;
    if (!TextFormat::PrintToString(statistics, &text)) {
      return InternalError("{}: the statistics cannot be written as text", path);
    }
    return io::WriteFileAtomically(path, text);
  }
  return io::WriteFileAtomically(path, proto::Serialize(statistics));
}

StatusOr<std::shared_ptr<const Schema>> ReadSchema(const std::string& path) {
  BESSEMER_ASSIGN_OR_RETURN(const std::string bytes, io::ReadFile(path));
  auto schema = std::make_shared<Schema>();
  FirstError error;
  TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  parser.SetRecursionLimit(kMaxNesting);
  if (parser.ParseFromString(bytes, schema.get())) return schema;
  schema->Clear();
  if (!path.ends_with(".pbtxt") && schema->ParseFromString(bytes)) return schema;
  return InvalidArgumentError("{}:{} (not a schema)", path, error.text());
}

}  // namespace bessemer::statistics
