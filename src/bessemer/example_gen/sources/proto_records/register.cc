#include "bessemer/example_gen/record_files.h"
#include "bessemer/example_gen/source.h"
#include "bessemer/example_gen/sources/proto_records/proto_columns.h"
#include "bessemer/io/file.h"

namespace bessemer::example_gen::proto_records {
namespace {

StatusOr<std::unique_ptr<RowInput>> OpenFiles(const FileRequest& request) {
  const std::string message = request.params.String("message");
  const std::string path = request.params.String("descriptor_set");
  if (message.empty() != path.empty()) {
    return request.params.Error(message.empty() ? "message" : "descriptor_set",
                                "must be given together with the other of the two");
  }
  if (message.empty()) {
    return RecordFiles::OpenDecoded(request.files, RawRecords, RawRecordSchema());
  }
  BESSEMER_ASSIGN_OR_RETURN(const std::string set, io::ReadFile(path));
  StatusOr<std::shared_ptr<const ProtoDecoder>> decoder = ProtoDecoder::Make(set, message);
  if (!decoder.ok()) return WithContext(decoder.status(), path);
  return RecordFiles::OpenDecoded(
      request.files,
      [decoder = *decoder](const std::vector<std::string_view>& records) {
        return decoder->Decode(records);
      },
      (*decoder)->schema());
}

}  // namespace

void Register(SourceRegistry& registry) {
  registry.Add({
      .name = "proto",
      .doc = "Takes TFRecord files of protobuf messages in and splits them.\n"
             "Each becomes one feature of bytes, \"raw_record\"; or, with a descriptor set and the "
             "message's name, its fields become features.",
      .component = "ImportProtoExampleGen",
      .params = {{.name = "descriptor_set",
                  .doc = "A file that protoc --descriptor_set_out --include_imports wrote."},
                 {.name = "message", .doc = "Full name of the records' message in it."}},
      .open_files = OpenFiles,
  });
}

}  // namespace bessemer::example_gen::proto_records
