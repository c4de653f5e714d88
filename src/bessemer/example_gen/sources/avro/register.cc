#include "bessemer/example_gen/source.h"
#include "bessemer/example_gen/sources/avro/avro_file.h"

namespace bessemer::example_gen::avro {
namespace {

StatusOr<std::unique_ptr<RowInput>> OpenFiles(const FileRequest& request) {
  const AvroOptions options{.scratch_dir = request.scratch_dir,
                            .skip_damaged = request.on_bad_row == OnBadRow::kQuarantine};
  return OpenColumnarFiles(
      request.files, request.num_threads,
      [options](const std::string& path) { return OpenAvroFile(path, options); },
      request.scratch_dir);
}

}  // namespace

void Register(SourceRegistry& registry) {
  registry.Add({
      .name = "avro",
      .doc = "Reads Avro container files and splits the rows into examples.\n"
             "A union with null is a value that may be missing; other unions become the widest of "
             "numbers or strings, else features \"parent.branch\". Damaged blocks can be set "
             "aside.",
      .component = "AvroExampleGen",
      .params = {{.name = "tfx_compat",
                  .type = ParamType::kBool,
                  .default_value = false,
                  .doc = "Write 0, 0.0, false, empty strings and empty lists as missing values, "
                         "as TFX's Avro executor does; it loses them."}},
      .suffixes = {".avro"},
      .magic = std::string("Obj\x01", 4),
      .open_files = OpenFiles,
  });
}

}  // namespace bessemer::example_gen::avro
