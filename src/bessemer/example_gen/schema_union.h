#ifndef BESSEMER_EXAMPLE_GEN_SCHEMA_UNION_H_
#define BESSEMER_EXAMPLE_GEN_SCHEMA_UNION_H_

#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <memory>
#include <string>
#include <vector>

#include "bessemer/base/status.h"

// One schema for batches of several files.

namespace bessemer::example_gen {

// A type both fit into: equal ones; null and any other; integers, to int64 (uint64 only with
// itself); float and double; string and binary, large or not; lists and structs of such, a struct
// with the children of both. INVALID_ARGUMENT for others.
StatusOr<std::shared_ptr<arrow::DataType>> UnifyTypes(
    const std::shared_ptr<arrow::DataType>& a, const std::shared_ptr<arrow::DataType>& b);

// The columns of all schemas, those of the first first. `names` says where each schema is from:
// INVALID_ARGUMENT names the two that disagree, and the column.
StatusOr<std::shared_ptr<arrow::Schema>> UnifySchemas(
    const std::vector<std::shared_ptr<arrow::Schema>>& schemas,
    const std::vector<std::string>& names);

// The batch with the columns of a schema that UnifySchemas made of its own and others: columns it
// lacks are null. Free if it has that schema already.
StatusOr<std::shared_ptr<arrow::RecordBatch>> ConformBatch(
    const std::shared_ptr<arrow::RecordBatch>& batch,
    const std::shared_ptr<arrow::Schema>& schema);

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_SCHEMA_UNION_H_
