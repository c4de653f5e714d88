#include "bessemer/example_gen/source.h"
#include "bessemer/example_gen/sources/arrow_ipc/ipc_file.h"

namespace bessemer::example_gen::arrow_ipc {
namespace {

StatusOr<std::unique_ptr<RowInput>> OpenFiles(const FileRequest& request) {
  return OpenColumnarFiles(request.files, request.num_threads, OpenIpcFile, request.scratch_dir);
}

}  // namespace

void Register(SourceRegistry& registry) {
  registry.Add({
      .name = "arrow",
      .doc = "Reads Arrow IPC files and streams and splits the rows into examples.\n"
             "Record batches of a file are read in parallel, a stream in order; buffers may be "
             "compressed with lz4 or zstd.",
      .component = "ArrowExampleGen",
      .suffixes = {".arrow", ".arrows", ".feather", ".ipc"},
      .magic = "ARROW1",
      .open_files = OpenFiles,
  });
}

}  // namespace bessemer::example_gen::arrow_ipc
