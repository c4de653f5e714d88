#ifndef BESSEMER_VALIDATION_ROW_OUTPUT_INTERNAL_H_
#define BESSEMER_VALIDATION_ROW_OUTPUT_INTERNAL_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bessemer/validation/row_scan.h"

namespace bessemer::validation {

// What is written for a row: a record, or lines. `batch` is null for a record that does not decode;
// `record` is empty for a row of a table, which is encoded.
StatusOr<std::string> FormatBadRow(RowOutput output, const BadRowSample& sample,
                                   const std::shared_ptr<arrow::RecordBatch>& batch,
                                   int64_t row_of_batch, std::string_view record);

// Joins parts (TFRecords of what FormatBadRow gave; some may not exist) to the output, which
// replaces an existing file once it is whole. At most `limit` rows; 0: all.
Status WriteBadRows(const std::vector<std::string>& parts, int64_t limit, const std::string& out);

}  // namespace bessemer::validation

#endif  // BESSEMER_VALIDATION_ROW_OUTPUT_INTERNAL_H_
