#ifndef BESSEMER_EXAMPLE_GEN_COLUMNAR_FILES_H_
#define BESSEMER_EXAMPLE_GEN_COLUMNAR_FILES_H_

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/example_gen/row_input.h"

namespace bessemer::example_gen {

// Where bad rows of a block go; without `rows` they are errors.
struct BadRowPlace {
  BadRows* rows = nullptr;
  int64_t block = 0;  // of the input
};

// What is known of one file of a format that keeps its own schema. Holds no open file: there may be
// thousands. Immutable; thread-safe.
class ColumnarFile {
 public:
  struct Block {
    int64_t bytes = 0;
    int64_t num_rows = -1;  // -1: not known before it is read
  };

  virtual ~ColumnarFile() = default;
  const std::shared_ptr<arrow::Schema>& schema() const { return schema_; }
  const std::vector<Block>& blocks() const { return blocks_; }
  // Batches of the file's own schema; errors begin with the path.
  virtual StatusOr<std::unique_ptr<columnar::BatchSource>> OpenBlock(
      int64_t block, const BadRowPlace& bad) const = 0;

  // The rows of the file before a block, for messages: a format whose blocks do not say how many
  // they have may read for it.
  virtual int64_t RowsBefore(int64_t block) const;

  // Formats that keep columns apart: batches of some of the columns, ascending; perhaps of none.
  virtual bool reads_columns() const { return false; }
  virtual StatusOr<std::unique_ptr<columnar::BatchSource>> OpenColumns(
      int64_t block, const std::vector<int>& columns) const;

  // What RowInput has of the same names. By default a block is held as it is stored and as a batch.
  virtual int64_t OpenBytes(int64_t block) const {
    constexpr int64_t kMostBytes = int64_t{1} << 40;  // of damaged files
    return 2 * std::clamp<int64_t>(blocks_[static_cast<size_t>(block)].bytes, 0, kMostBytes);
  }
  virtual int64_t ColumnOpenBytes(int64_t block, const std::vector<int>& /*columns*/) const {
    return OpenBytes(block);
  }

 protected:
  std::shared_ptr<arrow::Schema> schema_;
  std::vector<Block> blocks_;
};

using ColumnarOpener =
    std::function<StatusOr<std::unique_ptr<ColumnarFile>>(const std::string& path)>;

// Files of one format as one input: opened in parallel, their schemas united (see schema_union.h).
// INVALID_ARGUMENT names two files whose columns do not fit together. Bad rows wait in
// `scratch_dir`.
StatusOr<std::unique_ptr<RowInput>> OpenColumnarFiles(const std::vector<std::string>& files,
                                                      int num_threads,
                                                      const ColumnarOpener& open,
                                                      const std::string& scratch_dir = "/tmp");

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_COLUMNAR_FILES_H_
