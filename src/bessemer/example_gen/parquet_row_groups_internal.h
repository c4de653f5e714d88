#ifndef BESSEMER_EXAMPLE_GEN_PARQUET_ROW_GROUPS_INTERNAL_H_
#define BESSEMER_EXAMPLE_GEN_PARQUET_ROW_GROUPS_INTERNAL_H_

#include <arrow/status.h>
#include <arrow/type_fwd.h>

#include <cstdint>

namespace parquet::arrow {
class FileWriter;
}

namespace bessemer::example_gen {

// Batches into row groups of about `group_bytes` in memory: a writer holds a row group until it is
// whole, and 65,536 rows of images would be gigabytes. A row of more is a group of its own. Where
// groups end depends on what batches hold, not on who made them.
class ParquetRowGroups {
 public:
  explicit ParquetRowGroups(int64_t group_bytes) : group_bytes_(group_bytes) {}
  ::arrow::Status Write(const ::arrow::RecordBatch& batch, ::parquet::arrow::FileWriter& writer);

 private:
  const int64_t group_bytes_;
  int64_t written_bytes_ = 0;  // to the group being written
};

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_PARQUET_ROW_GROUPS_INTERNAL_H_
