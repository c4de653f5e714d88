#ifndef BESSEMER_EXAMPLE_GEN_JSON_ROWS_H_
#define BESSEMER_EXAMPLE_GEN_JSON_ROWS_H_

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <string_view>

#include "bessemer/base/config.h"
#include "bessemer/base/status.h"

namespace arrow {
class RecordBatchBuilder;
}

namespace bessemer::example_gen {

// Rows that a warehouse sends as JSON, into batches of known columns.
//
// Two forms of a row are read:
//   kPlain     [1, "a", [1, 2], ["nested", 3]]: values in the order of the columns; a struct is a
//              list of its fields' values, and a list of structs (key, value) may be an object
//   kBigQuery  {"f": [{"v": "1"}, {"v": [{"v": "2"}]}, {"v": {"f": [{"v": "x"}]}}]}
// Leaves are null, booleans, numbers, or text as AppendTypedText reads it. Not thread-safe.
class JsonRows {
 public:
  enum class Form { kPlain, kBigQuery };

  static StatusOr<std::unique_ptr<JsonRows>> Make(std::shared_ptr<arrow::Schema> schema, Form form);
  ~JsonRows();

  // INVALID_ARGUMENT "row 12, column 'x': …" (rows are numbered from 0 over all batches) for a
  // value that is not of its column's type; the batch is lost then. A null where BigQuery has a
  // repeated field is an empty list.
  Status Append(const Json& row);

  int64_t num_pending() const { return num_pending_; }  // rows since the last Finish
  StatusOr<std::shared_ptr<arrow::RecordBatch>> Finish();

 private:
  JsonRows(std::shared_ptr<arrow::Schema> schema, Form form);

  std::shared_ptr<arrow::Schema> schema_;
  const Form form_;
  std::unique_ptr<arrow::RecordBatchBuilder> builder_;
  int64_t num_rows_ = 0;
  int64_t num_pending_ = 0;
};

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_JSON_ROWS_H_
