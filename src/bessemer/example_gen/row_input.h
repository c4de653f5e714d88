#ifndef BESSEMER_EXAMPLE_GEN_ROW_INPUT_H_
#define BESSEMER_EXAMPLE_GEN_ROW_INPUT_H_

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/columnar/feature_column.h"

namespace bessemer::example_gen {

// A row that is not what its format demands, e.g. of CSV one with another number of cells than
// columns, set aside.
struct BadRow {
  std::string file;
  int64_t line = 0;  // from 1, of its first byte; for formats without lines the record, from 0
  std::string reason;
  std::string text;
};

// The rows of files of one format, or of the result of a query, in blocks: runs of consecutive rows
// (a piece of a text file, a row group, a stripe, a file) that are read independently.
//
// Immutable; all functions may be called by several threads at once.
class RowInput {
 public:
  virtual ~RowInput() = default;

  // The columns of every batch, in the types of the source: what tf.Example cannot hold (nested
  // lists, timestamps, decimals …) is converted by whoever writes examples.
  virtual const std::shared_ptr<arrow::Schema>& schema() const = 0;

  // Blocks are numbered through all files, in order; those of file f are
  // [first_block(f), first_block(f + 1)). A query's result is one file.
  virtual int64_t num_blocks() const = 0;
  virtual int64_t first_block(size_t file) const = 0;  // `file` may be the number of files
  // The size of a block as it is stored: the measure by which shards are cut.
  virtual int64_t block_bytes(int64_t block) const = 0;
  // The good rows of all blocks, or -1 if that is not known before they are read.
  virtual int64_t num_rows() const = 0;

  // The rows of a block. No batch is empty; a block may have none.
  virtual StatusOr<std::unique_ptr<columnar::BatchSource>> OpenBlock(int64_t block) const = 0;

  // Rows set aside, in the order of the input; complete once every block has been read.
  virtual std::vector<BadRow> bad_rows() const { return {}; }

  // A SHA-256 over schema and rows where reading them gave one on the way (a query's result), else
  // "".
  virtual std::string content_hash() const { return {}; }
};

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_ROW_INPUT_H_
