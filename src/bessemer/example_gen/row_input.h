#ifndef BESSEMER_EXAMPLE_GEN_ROW_INPUT_H_
#define BESSEMER_EXAMPLE_GEN_ROW_INPUT_H_

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/columnar/feature_column.h"
#include "bessemer/example_gen/example_codec.h"

namespace bessemer::example_gen {

class BadRows;  // bad_rows.h

// What becomes of a row that is not what its format demands, or that examples cannot hold.
enum class OnBadRow { kFail, kQuarantine };

// Where a row stands, for messages.
struct RowPlace {
  std::string file;  // or what stands for it, e.g. "the query's result"
  int64_t line = 0;  // from 1, of its first byte; for formats without lines the record, from 0
};

// Serialised records one after the other. Not thread-safe.
class RecordSource {
 public:
  virtual ~RecordSource() = default;
  // The next record, valid until the next call; false at the end.
  virtual StatusOr<bool> Next(std::string_view* record) = 0;
};

// What the records of a file are.
enum class RecordKind { kExample, kSequenceExample, kOther };

// The records of an input whose rows are stored one serialised message each. Immutable;
// thread-safe.
class RecordAccess {
 public:
  virtual ~RecordAccess() = default;
  virtual RecordKind kind() const = 0;
  // The records of a block, in order; errors name the file and the record.
  virtual StatusOr<std::unique_ptr<RecordSource>> OpenRecords(int64_t block) const = 0;
  // Records as columns: what OpenBlock gives for them. Errors name the record, counted from 0.
  virtual StatusOr<std::shared_ptr<arrow::RecordBatch>> Decode(
      const std::vector<std::string_view>& records) const = 0;
};

// The rows of files of one format, or of the result of a query, in blocks: runs of consecutive rows
// (a piece of a text file, a row group, a stripe, a file) that are read independently.
//
// Immutable; all functions may be called by several threads at once.
class RowInput {
 public:
  virtual ~RowInput() = default;

  // The columns of every batch, in the types of the source: what tf.Example cannot hold (nested
  // lists, timestamps, decimals …) is converted by whoever writes examples. Null, only for inputs
  // with records(), if nothing but reading them all would tell: a batch then has the columns its
  // own rows give (see FindSchema in row_files.h).
  virtual const std::shared_ptr<arrow::Schema>& schema() const = 0;

  // Blocks are numbered through all files, in order; those of file f are
  // [first_block(f), first_block(f + 1)). A query's result is one file.
  virtual int64_t num_blocks() const = 0;
  virtual int64_t first_block(size_t file) const = 0;  // `file` may be the number of files
  // The size of a block as it is stored: the measure by which shards are cut.
  virtual int64_t block_bytes(int64_t block) const = 0;
  // The rows of a block, or -1 if that is not known before it is read.
  virtual int64_t block_rows(int64_t block) const;
  // What an open block holds in memory beside a batch, about: whoever reads several at once keeps
  // the sum of it within bounds. Twice its size unless a format knows better.
  virtual int64_t open_bytes(int64_t block) const;
  // The good rows of all blocks, or -1 if that is not known before they are read.
  virtual int64_t num_rows() const = 0;

  // The rows of a block. No batch is empty; a block may have none.
  virtual StatusOr<std::unique_ptr<columnar::BatchSource>> OpenBlock(int64_t block) const = 0;

  // Whether reading some columns of a block costs no more than these.
  virtual bool reads_columns() const { return false; }
  // The rows of a block with some of the columns of schema(), ascending. INVALID_ARGUMENT unless
  // reads_columns().
  virtual StatusOr<std::unique_ptr<columnar::BatchSource>> OpenColumns(
      int64_t block, const std::vector<int>& columns) const;
  // As open_bytes(), of what OpenColumns gives.
  virtual int64_t column_open_bytes(int64_t block, const std::vector<int>& columns) const;

  // Where row `row` of a block stands, counted from 0 over its batches.
  virtual RowPlace PlaceOf(int64_t block, int64_t row) const;

  // Inputs that hold their rows as serialised messages: examples are written from these, without
  // decoding where nothing needs columns. Null: rows are columns only.
  virtual const RecordAccess* records() const { return nullptr; }

  // What an example gets for a null cell.
  virtual MissingCell missing_cell() const { return MissingCell::kNoKind; }

  // Rows set aside; complete once every block has been read. Null: the format has no bad rows, or
  // they are errors.
  virtual const BadRows* bad_rows() const { return nullptr; }

  // Lines for people about what was found, e.g. spellings that look like missing values; or "".
  virtual std::string note() const { return ""; }

  // A SHA-256 over schema and rows where reading them gave one on the way (a query's result), else
  // "".
  virtual std::string content_hash() const { return {}; }
};

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_ROW_INPUT_H_
