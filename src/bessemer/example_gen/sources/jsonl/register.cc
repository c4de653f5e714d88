#include "bessemer/example_gen/source.h"
#include "bessemer/example_gen/sources/jsonl/jsonl_reader.h"

namespace bessemer::example_gen::jsonl {
namespace {

StatusOr<std::unique_ptr<RowInput>> OpenFiles(const FileRequest& request) {
  JsonlOptions options{.on_bad_row = request.on_bad_row,
                       .num_threads = request.num_threads,
                       .scratch_dir = request.scratch_dir,
                       .progress = request.progress};
  if (request.params.Has("column_types")) {
    for (const auto& [path, type] : request.params.Value("column_types").items()) {
      options.column_types[path] = type.is_string() ? type.get<std::string>() : "?";
    }
  }
  return OpenJsonl(request.files, options);
}

}  // namespace

void Register(SourceRegistry& registry) {
  registry.Add({
      .name = "jsonl",
      .doc = "Reads files of JSON objects, one a line, and splits the rows into examples.\n"
             "Types are found over all files together; nested objects become features "
             "\"parent.child\", lists features of several values.",
      .component = "JsonExampleGen",
      .params = {{.name = "column_types",
                  .type = ParamType::kMap,
                  .doc = "INT, FLOAT or STRING by path, e.g. {user.zip: STRING}: a row with "
                         "another value is a bad row. Others are inferred."}},
      .suffixes = {".jsonl", ".ndjson", ".json"},
      .open_files = OpenFiles,
  });
}

}  // namespace bessemer::example_gen::jsonl
