#ifndef BESSEMER_EXAMPLE_GEN_SOURCES_JSONL_JSONL_READER_H_
#define BESSEMER_EXAMPLE_GEN_SOURCES_JSONL_JSONL_READER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bessemer/base/progress.h"
#include "bessemer/base/status.h"
#include "bessemer/example_gen/row_input.h"

namespace bessemer::example_gen::jsonl {

struct JsonlOptions {
  // "INT", "FLOAT" or "STRING" by path, e.g. "user.zip_code"; the values of a list have its path.
  // STRING takes numbers and booleans as they are written.
  std::map<std::string, std::string> column_types;
  OnBadRow on_bad_row = OnBadRow::kFail;
  int num_threads = 0;            // 0: all processors
  int64_t block_bytes = 1 << 20;  // unit of work; the content read does not depend on it
  std::string scratch_dir = "/tmp";
  Progress* progress = &Progress::None();
};

// Files of JSON objects, one a line, with one type for every place of them over all files.
//
// Members become columns in the order of first appearance: booleans, int64, double (where any row
// has a fraction, an exponent, NaN or Infinity), strings, lists, structs; a member that is null or
// missing in every row is of type null. Blank lines and a byte order mark at the start are passed
// over.
//
// A line that is no JSON object in UTF-8, has a key twice in one object, a value that column_types
// does not allow, or is more than 64 levels deep is a bad row; so is, with kQuarantine, one with an
// integer outside int64 where no row has a float (else that is an error). Kinds that clash, e.g. a
// string where another row has a number, are an error whatever on_bad_row says: it names both
// lines.
//
// Opening reads everything once, in parallel, to find types, row counts and bad rows; OpenBlock
// then decodes. Memory is about one block per thread. NOT_FOUND for a missing file.
StatusOr<std::unique_ptr<RowInput>> OpenJsonl(const std::vector<std::string>& files,
                                              const JsonlOptions& options);

}  // namespace bessemer::example_gen::jsonl

#endif  // BESSEMER_EXAMPLE_GEN_SOURCES_JSONL_JSONL_READER_H_
