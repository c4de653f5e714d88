#ifndef BESSEMER_EXAMPLE_GEN_SOURCES_CSV_CSV_READER_H_
#define BESSEMER_EXAMPLE_GEN_SOURCES_CSV_CSV_READER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bessemer/base/progress.h"
#include "bessemer/base/status.h"
#include "bessemer/columnar/feature_column.h"
#include "bessemer/example_gen/sources/csv/csv_cell.h"
#include "bessemer/example_gen/row_input.h"

namespace bessemer::example_gen::csv {

struct CsvDialect {
  char delimiter = ',';
  char quote = '"';     // '\0': quotes mean nothing
  char comment = '\0';  // records that begin with it are passed over; '\0': none
};

struct CsvOptions {
  CsvDialect dialect;
  // Given: the names of the columns; the files have no header line.
  std::optional<std::vector<std::string>> column_names;
  bool replace_header = false;  // they have one, which those names, as many as it has, replace
  // As Utf8Converter takes it: text that is none in it is INVALID_ARGUMENT, of UTF-8 a bad row. "":
  // UTF-8, in which cells of other bytes are bytes, as in TFX; but UTF-16 and UTF-32 if a file
  // begins with a byte order mark of theirs. Other encodings than UTF-8 are converted to a scratch
  // file.
  std::string encoding;
  std::vector<std::string> null_spellings;  // cells equal to one are missing, as empty ones are
  // Of these types, e.g. zip codes as kString; a row with another cell is a bad row.
  std::map<std::string, CellType> column_types;
  std::map<std::string, CellType> known_types;  // the same, for those the files have
  bool skip_blank_lines = true;                  // false: a row in which every cell is missing
  std::vector<std::string> multivalent_columns;  // cells hold lists
  char secondary_delimiter = '|';                // of those
  bool exact_values = false;  // double for kFloat, utf8 for kString where all cells are text
  OnBadRow on_bad_row = OnBadRow::kFail;
  int num_threads = 0;               // 0: all processors
  int64_t block_bytes = 1 << 20;     // unit of work; the content read does not depend on it
  std::string scratch_dir = "/tmp";  // compressed files are inflated to it
  Progress* progress = &Progress::None();
};

struct CsvColumn {
  std::string name;
  CellType type = CellType::kUnknown;  // kUnknown: every cell is missing
  bool multivalent = false;
  bool is_text = false;  // of kString: every cell is UTF-8; only with exact_values
};

// A column of strings that would hold numbers if its cells NA, null or the like were missing.
struct NullHint {
  std::string column;
  CellType type = CellType::kUnknown;  // that it would have
  std::vector<std::string> spellings;  // to give as null_spellings
  int64_t num_cells = 0;               // that hold one of them
};

// A set of CSV files with one header and one type per column: RFC 4180 with the freedoms of
// Python's csv.reader (see CsvRecords) and the types of TFX (see csv_cell.h), over all files
// together.
//
// Open reads everything once, in parallel by blocks of whole records, to find header, types and row
// counts; ReadBlock then decodes a block. Memory is about one block per thread.
// Immutable once open; ReadBlock may be called by several threads.
class CsvInput : public RowInput {
 public:
  // NOT_FOUND for a missing file. INVALID_ARGUMENT for a file without header (an empty file),
  // headers that differ or are not UTF-8, duplicate column names, an unknown encoding, and,
  // with kFail, the first bad row: messages name file, line and what was found.
  static StatusOr<std::unique_ptr<CsvInput>> Open(const std::vector<std::string>& files,
                                                  const CsvOptions& options);
  ~CsvInput() override;

  const std::vector<CsvColumn>& columns() const;
  const std::vector<NullHint>& null_hints() const;  // in column order; not for given column_types
  int64_t block_rows(int64_t block) const;

  // The rows of a block. Columns are plain int64, float or binary with nulls for missing cells,
  // lists of those if multivalent, or null-typed, in header order. UNAVAILABLE when the file has
  // changed since Open.
  StatusOr<std::shared_ptr<arrow::RecordBatch>> ReadBlock(int64_t block) const;

  const std::shared_ptr<arrow::Schema>& schema() const override;
  int64_t num_rows() const override;
  int64_t num_blocks() const override;
  int64_t first_block(size_t file) const override;
  int64_t block_bytes(int64_t block) const override;
  StatusOr<std::unique_ptr<columnar::BatchSource>> OpenBlock(int64_t block) const override;
  RowPlace PlaceOf(int64_t block, int64_t row) const override;  // exact without quoted line ends
  // What TFX writes for an empty cell.
  MissingCell missing_cell() const override { return MissingCell::kEmptyList; }
  const BadRows* bad_rows() const override;
  std::string note() const override;  // on null_hints, and on the first cell that is not UTF-8

 private:
  struct Impl;
  explicit CsvInput(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace bessemer::example_gen::csv

#endif  // BESSEMER_EXAMPLE_GEN_SOURCES_CSV_CSV_READER_H_
