#ifndef BESSEMER_EXAMPLE_GEN_SOURCES_CSV_CSV_COLUMNS_INTERNAL_H_
#define BESSEMER_EXAMPLE_GEN_SOURCES_CSV_CSV_COLUMNS_INTERNAL_H_

#include <arrow/array/builder_binary.h>
#include <arrow/array/builder_nested.h>
#include <arrow/array/builder_primitive.h>

#include <memory>
#include <string_view>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/example_gen/sources/csv/csv_reader.h"

namespace bessemer::example_gen::csv {

// Calls f with each part of a multivalent cell.
template <typename F>
void SplitCell(std::string_view cell, char delimiter, F&& f) {
  while (true) {
    const size_t at = cell.find(delimiter);
    f(cell.substr(0, at));
    if (at == std::string_view::npos) return;
    cell.remove_prefix(at + 1);
  }
}

// The types of columns that have none yet, as cells are seen; states of blocks are merged by the
// larger type.
class TypeInference {
 public:
  TypeInference(const std::vector<CsvColumn>& columns, const CsvOptions& options);
  void Update(const std::vector<std::string_view>& cells);
  void Merge(const TypeInference& other);
  const std::vector<CellType>& types() const { return types_; }
  // Whether all cells of a column are UTF-8; only with CsvOptions::exact_values.
  bool is_text(size_t column) const { return text_[column]; }
  // What would change if the usual words for "nothing" (NA, null, …) were missing cells.
  std::vector<NullHint> NullHints(const std::vector<CsvColumn>& columns) const;

 private:
  // Of a column that is kString: what it would be without words for "nothing", and those seen.
  struct Relaxed {
    CellType type = CellType::kUnknown;
    int64_t num_cells = 0;
    uint32_t words = 0;  // a bit each
  };

  void UpdateColumn(size_t column, std::string_view cell);
  void UpdateRelaxed(size_t column, CellType before, std::string_view cell);

  const CsvOptions& options_;
  std::vector<bool> multivalent_;
  std::vector<bool> known_;
  std::vector<CellType> types_;
  std::vector<bool> text_;
  std::vector<Relaxed> relaxed_;
};

// Cells into arrays of known types.
class CsvBatchBuilder {
 public:
  CsvBatchBuilder(const std::vector<CsvColumn>& columns, const CsvOptions& options,
                  int64_t num_rows);
  Status Append(const std::vector<std::string_view>& cells);
  StatusOr<std::shared_ptr<arrow::RecordBatch>> Finish();

 private:
  struct Column {
    CellType type;
    bool multivalent;
    std::shared_ptr<arrow::Int64Builder> int64;
    std::shared_ptr<arrow::FloatBuilder> float32;
    std::shared_ptr<arrow::DoubleBuilder> float64;  // instead, with exact_values
    std::shared_ptr<arrow::BinaryBuilder> binary;
    std::shared_ptr<arrow::ArrayBuilder> values;  // one of the above
    std::shared_ptr<arrow::ListBuilder> list;     // around it, if multivalent
  };
  static arrow::Status AppendValue(Column& column, std::string_view cell);
  arrow::Status AppendCell(Column& column, std::string_view cell);

  const std::vector<CsvColumn>& columns_;
  const CsvOptions& options_;
  int64_t num_rows_ = 0;
  std::vector<Column> builders_;
};

// The schema of the batches.
std::shared_ptr<arrow::Schema> SchemaOf(const std::vector<CsvColumn>& columns,
                                        bool exact_values = false);

// Whether a cell can be read as the type of its column, which is known.
bool Fits(const CsvColumn& column, const CsvOptions& options, std::string_view cell);

// A cell that is missing: empty, or one of the null spellings.
bool IsMissing(const CsvOptions& options, std::string_view cell);

}  // namespace bessemer::example_gen::csv

#endif  // BESSEMER_EXAMPLE_GEN_SOURCES_CSV_CSV_COLUMNS_INTERNAL_H_
