#include "bessemer/example_gen/source.h"
#include "bessemer/example_gen/sources/orc/orc_file.h"

namespace bessemer::example_gen::orc {
namespace {

StatusOr<std::unique_ptr<RowInput>> OpenFiles(const FileRequest& request) {
  return OpenColumnarFiles(request.files, request.num_threads, OpenOrcFile, request.scratch_dir);
}

}  // namespace

void Register(SourceRegistry& registry) {
  registry.Add({
      .name = "orc",
      .doc = "Reads ORC files and splits the rows into examples.\n"
             "Stripes are read in parallel; types and nested columns become features as those of "
             "Parquet do.",
      .component = "OrcExampleGen",
      .suffixes = {".orc"},
      .magic = "ORC",
      .open_files = OpenFiles,
  });
}

}  // namespace bessemer::example_gen::orc
