#include "bessemer/example_gen/record_files.h"
#include "bessemer/example_gen/sequence_example.h"
#include "bessemer/example_gen/source.h"

namespace bessemer::example_gen::sequence_example {
namespace {

StatusOr<std::unique_ptr<RowInput>> OpenFiles(const FileRequest& request) {
  return RecordFiles::Open(request.files, RecordKind::kSequenceExample, DecodeSequenceExamples);
}

}  // namespace

void Register(SourceRegistry& registry) {
  registry.Add({
      .name = "sequence_example",
      .doc = "Takes TFRecord files of tf.SequenceExample in and splits them.\n"
             "Records stay tf.SequenceExamples, in protobuf's deterministic form.",
      .component = "ImportSequenceExampleGen",
      .open_files = OpenFiles,
  });
}

}  // namespace bessemer::example_gen::sequence_example
