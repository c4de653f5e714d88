#include "bessemer/example_gen/record_files.h"
#include "bessemer/example_gen/sequence_example.h"
#include "bessemer/example_gen/source.h"
#include "bessemer/example_gen/sources/parquet/parquet_file.h"
#include "bessemer/example_gen/sources/proto_records/proto_columns.h"

namespace bessemer::example_gen::tfrecord {
namespace {

constexpr char kSequenceExample[] = "FORMAT_TF_SEQUENCE_EXAMPLE";
constexpr char kProto[] = "FORMAT_PROTO";
constexpr char kParquet[] = "FORMAT_PARQUET";

StatusOr<std::unique_ptr<RowInput>> OpenFiles(const FileRequest& request) {
  const std::string format = request.params.String("payload_format");
  if (format == kSequenceExample) {
    return RecordFiles::Open(request.files, RecordKind::kSequenceExample, DecodeSequenceExamples);
  }
  if (format == kProto) {
    return RecordFiles::Open(request.files, RecordKind::kOther, proto_records::RawRecords,
                             proto_records::RawRecordSchema());
  }
  if (format == kParquet) return parquet::OpenParquetFiles(request);
  return RecordFiles::Open(request.files, RecordKind::kExample,
                           [](const std::vector<std::string_view>& records) {
                             return DecodeExamples(records);
                           });
}

}  // namespace

void Register(SourceRegistry& registry) {
  registry.Add({
      .name = "tfrecord",
      .doc =
          "Takes TFRecord files of tf.Example in and splits them.\n"
          "Records are written in protobuf's deterministic form, so that equal examples are equal "
          "bytes and fall into the same split. Records of other messages are copied as they are; "
          "Parquet stays Parquet.",
      .component = "ImportExampleGen",
      .params = {{.name = "payload_format",
                  .default_value = "FORMAT_TF_EXAMPLE",
                  .doc = "What the records are, by TFX's names. FORMAT_PROTO: any messages, split "
                         "by their bytes (ImportProtoExampleGen makes features of their fields). "
                         "FORMAT_PARQUET: Parquet files, written as Parquet (ParquetExampleGen "
                         "makes tf.Examples of them).",
                  .choices = {"FORMAT_TF_EXAMPLE", kSequenceExample, kProto, kParquet}}},
      .suffixes = {".tfrecord", ".tfrecords"},
      .open_files = OpenFiles,
      .tfx_class = "tfx.components.example_gen.import_example_gen.component.ImportExampleGen",
  });
}

}  // namespace bessemer::example_gen::tfrecord
