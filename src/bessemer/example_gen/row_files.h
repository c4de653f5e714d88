#ifndef BESSEMER_EXAMPLE_GEN_ROW_FILES_H_
#define BESSEMER_EXAMPLE_GEN_ROW_FILES_H_

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bessemer/base/config.h"
#include "bessemer/base/status.h"
#include "bessemer/columnar/feature_column.h"
#include "bessemer/example_gen/source.h"

// Files of any format that a source reads, for tools.

namespace bessemer::example_gen {

// The source that reads a file: by the ending of its name (a compression's ending left aside), else
// by the bytes it begins with. A file of a name with "tfrecord", as TFX gives it, is not opened.
// INVALID_ARGUMENT if nothing tells.
StatusOr<const Source*> SourceOfFile(const std::string& path);

// The source of bytes without a name that tells, by their beginning; null: nothing tells.
const Source* SourceOfBytes(std::string_view begin);

// "xz" or "zip" if the bytes begin so, which no source can read; else "".
std::string_view ForeignArchive(std::string_view begin);

// A source of files by name. INVALID_ARGUMENT for one that there is not, or that runs queries.
StatusOr<const Source*> FindFileSource(std::string_view name);

struct RowFiles {
  const Source* source = nullptr;
  std::vector<std::string> files;
};

// Files by their sources, in the order of first appearance.
StatusOr<std::vector<RowFiles>> GroupBySource(const std::vector<std::string>& files);

// The files behind a path: a file, a pattern, a folder of files, or a folder of Split-* folders
// (all splits, sorted by name). With a `format` all are of this source. NOT_FOUND if there are
// none, INVALID_ARGUMENT if formats are mixed.
StatusOr<RowFiles> FindRowFiles(const std::string& path, std::string_view format = "");

struct RowOptions {
  Json params = Json::object();  // of the source; checked
  OnBadRow on_bad_row = OnBadRow::kFail;
  std::map<std::string, std::string> known_types = {};  // see FileRequest
  bool exact_values = false;
  int num_threads = 0;
  std::string scratch_dir;  // for copies of remote files, and for wide rows; "": $TMPDIR or /tmp
  Progress* progress = &Progress::None();
};

// Those of the parameters that a source declares.
Json ParamsOf(const Source& source, const Json& params);

StatusOr<std::unique_ptr<RowInput>> OpenRowFiles(const RowFiles& files,
                                                 const RowOptions& options = {});
// Runs a query. INVALID_ARGUMENT for a source of files.
StatusOr<std::unique_ptr<RowInput>> RunRowQuery(const Source& source, const std::string& query,
                                                const RowOptions& options = {});

// The schema all batches of an input fit into. Reads everything, in parallel, if the input does not
// know it; columns are then sorted by name. INVALID_ARGUMENT names the file and column that do not
// fit.
StatusOr<std::shared_ptr<arrow::Schema>> FindSchema(const RowInput& rows, int num_threads = 0);

// All rows in order, every batch of the schema; `rows` must live longer.
std::unique_ptr<columnar::BatchSource> ReadRows(const RowInput& rows,
                                                std::shared_ptr<arrow::Schema> schema);

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_ROW_FILES_H_
