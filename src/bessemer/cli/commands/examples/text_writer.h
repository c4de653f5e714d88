#ifndef BESSEMER_CLI_COMMANDS_EXAMPLES_TEXT_WRITER_H_
#define BESSEMER_CLI_COMMANDS_EXAMPLES_TEXT_WRITER_H_

#include <cstdint>
#include <string>

#include "bessemer/base/status.h"
#include "bessemer/columnar/feature_column.h"

namespace bessemer::cli::examples {

// Rows as CSV with a header: a missing feature is an empty cell, several values are joined by '|'.
// Deflated if the path ends in ".gz". Returns the number of rows. INVALID_ARGUMENT for a source
// without batches, whose columns nobody knows.
StatusOr<int64_t> WriteCsv(columnar::BatchSource& rows, const std::string& path);

// Rows as JSON objects, one a line: a feature of one value as a scalar where its column holds no
// lists, a missing one left out (see CellToJson for floats and bytes).
StatusOr<int64_t> WriteJsonl(columnar::BatchSource& rows, const std::string& path);

}  // namespace bessemer::cli::examples

#endif  // BESSEMER_CLI_COMMANDS_EXAMPLES_TEXT_WRITER_H_
