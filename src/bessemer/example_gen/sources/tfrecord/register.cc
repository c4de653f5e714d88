#include "bessemer/example_gen/record_files.h"
#include "bessemer/example_gen/sequence_example.h"
#include "bessemer/example_gen/source.h"

namespace bessemer::example_gen::tfrecord {
namespace {

constexpr char kSequenceExample[] = "FORMAT_TF_SEQUENCE_EXAMPLE";

StatusOr<std::unique_ptr<RowInput>> OpenFiles(const FileRequest& request) {
  if (request.params.String("payload_format") == kSequenceExample) {
    return RecordFiles::Open(request.files, RecordKind::kSequenceExample, DecodeSequenceExamples);
  }
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
          "bytes and fall into the same split.",
      .component = "ImportExampleGen",
      .params = {{.name = "payload_format",
                  .default_value = "FORMAT_TF_EXAMPLE",
                  .doc = "What the records are, by TFX's names.",
                  .choices = {"FORMAT_TF_EXAMPLE", kSequenceExample}}},
      .suffixes = {".tfrecord", ".tfrecords"},
      .open_files = OpenFiles,
      .tfx_class = "tfx.components.example_gen.import_example_gen.component.ImportExampleGen",
  });
}

}  // namespace bessemer::example_gen::tfrecord
