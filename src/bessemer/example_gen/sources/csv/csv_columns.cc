#include <arrow/array.h>
#include <arrow/type.h>

#include <algorithm>
#include <iterator>

#include "bessemer/columnar/arrow_status.h"
#include "bessemer/columnar/utf8.h"
#include "bessemer/example_gen/sources/csv/csv_columns_internal.h"

namespace bessemer::example_gen::csv {

bool IsMissing(const CsvOptions& options, std::string_view cell) {
  if (cell.empty()) return true;
  return !options.null_spellings.empty() &&
         std::find(options.null_spellings.begin(), options.null_spellings.end(), cell) !=
             options.null_spellings.end();
}

namespace {

constexpr std::string_view kNullWords[] = {"NA",   "N/A", "n/a", "null", "NULL",
                                           "None", "nil", "-",   "?"};

// The bit of a word for "nothing", or 0.
uint32_t NullWord(std::string_view cell) {
  if (cell.size() > 4) return 0;
  for (size_t i = 0; i < std::size(kNullWords); ++i) {
    if (cell == kNullWords[i]) return 1u << i;
  }
  return 0;
}

}  // namespace

bool Fits(const CsvColumn& column, const CsvOptions& options, std::string_view cell) {
  if (column.type == CellType::kString || IsMissing(options, cell)) return true;
  const auto fits = [&](std::string_view part) {
    int64_t integer = 0;
    double number = 0;
    return column.type == CellType::kInt ? ParsePythonInt(part, &integer) == IntParse::kOk
                                         : ParsePythonFloat(part, &number);
  };
  if (!column.multivalent) return fits(cell);
  bool all = true;
  SplitCell(cell, options.secondary_delimiter, [&](std::string_view part) { all &= fits(part); });
  return all;
}

TypeInference::TypeInference(const std::vector<CsvColumn>& columns, const CsvOptions& options)
    : options_(options),
      types_(columns.size(), CellType::kUnknown),
      text_(columns.size(), options.exact_values),
      relaxed_(columns.size()) {
  for (const CsvColumn& column : columns) {
    multivalent_.push_back(column.multivalent);
    known_.push_back(column.type != CellType::kUnknown);
  }
}

void TypeInference::UpdateColumn(size_t column, std::string_view cell) {
  CellType& type = types_[column];
  if (multivalent_[column]) {
    // An empty part of a list is a value, and only strings have an empty one.
    SplitCell(cell, options_.secondary_delimiter, [&](std::string_view part) {
      type = std::max(type, part.empty() ? CellType::kString : ClassifyCell(part));
    });
    return;
  }
  if (type == CellType::kFloat && cell.size() <= 18) {  // too short for an integer outside int64
    double number;
    if (!ParsePythonFloat(cell, &number)) type = CellType::kString;
    return;
  }
  type = std::max(type, ClassifyCell(cell));
}

// `before` is the column's type without this cell.
void TypeInference::UpdateRelaxed(size_t column, CellType before, std::string_view cell) {
  Relaxed& relaxed = relaxed_[column];
  if (before != CellType::kString) relaxed.type = before;
  if (const uint32_t word = NullWord(cell); word != 0) {
    relaxed.words |= word;
    ++relaxed.num_cells;
  } else {
    relaxed.type = std::max(relaxed.type, ClassifyCell(cell));
  }
}

void TypeInference::Update(const std::vector<std::string_view>& cells) {
  for (size_t i = 0; i < types_.size(); ++i) {
    const CellType before = types_[i];
    if (options_.exact_values && text_[i]) text_[i] = columnar::IsUtf8(cells[i]);
    if (known_[i]) continue;
    if (before == CellType::kString && relaxed_[i].type == CellType::kString) continue;
    if (IsMissing(options_, cells[i])) continue;
    if (before != CellType::kString) UpdateColumn(i, cells[i]);
    if (types_[i] == CellType::kString) UpdateRelaxed(i, before, cells[i]);
  }
}

void TypeInference::Merge(const TypeInference& other) {
  for (size_t i = 0; i < types_.size(); ++i) {
    const auto relaxed_type = [i](const TypeInference& x) {
      return x.types_[i] == CellType::kString ? x.relaxed_[i].type : x.types_[i];
    };
    relaxed_[i].type = std::max(relaxed_type(*this), relaxed_type(other));
    relaxed_[i].num_cells += other.relaxed_[i].num_cells;
    relaxed_[i].words |= other.relaxed_[i].words;
    types_[i] = std::max(types_[i], other.types_[i]);
    text_[i] = text_[i] && other.text_[i];
  }
}

std::vector<NullHint> TypeInference::NullHints(const std::vector<CsvColumn>& columns) const {
  std::vector<NullHint> hints;
  for (size_t i = 0; i < types_.size(); ++i) {
    const Relaxed& relaxed = relaxed_[i];
    const bool numeric = relaxed.type == CellType::kInt || relaxed.type == CellType::kFloat;
    if (types_[i] != CellType::kString || !numeric || relaxed.num_cells == 0) continue;
    NullHint hint{columns[i].name, relaxed.type, {}, relaxed.num_cells};
    for (size_t word = 0; word < std::size(kNullWords); ++word) {
      if (relaxed.words >> word & 1) hint.spellings.emplace_back(kNullWords[word]);
    }
    hints.push_back(std::move(hint));
  }
  return hints;
}

namespace {

std::shared_ptr<arrow::DataType> ArrowTypeOf(const CsvColumn& column, bool exact_values) {
  switch (column.type) {
    case CellType::kInt:
      return arrow::int64();
    case CellType::kFloat:
      return exact_values ? arrow::float64() : arrow::float32();
    case CellType::kString:
      return column.is_text ? arrow::utf8() : arrow::binary();
    default:
      return arrow::null();
  }
}

}  // namespace

std::shared_ptr<arrow::Schema> SchemaOf(const std::vector<CsvColumn>& columns, bool exact_values) {
  std::vector<std::shared_ptr<arrow::Field>> fields;
  for (const CsvColumn& column : columns) {
    std::shared_ptr<arrow::DataType> type = ArrowTypeOf(column, exact_values);
    if (column.multivalent && column.type != CellType::kUnknown) type = arrow::list(type);
    fields.push_back(arrow::field(column.name, type));
  }
  return arrow::schema(std::move(fields));
}

CsvBatchBuilder::CsvBatchBuilder(const std::vector<CsvColumn>& columns, const CsvOptions& options,
                                 int64_t num_rows)
    : columns_(columns), options_(options) {
  for (const CsvColumn& csv : columns) {
    Column column{.type = csv.type, .multivalent = csv.multivalent};
    switch (csv.type) {
      case CellType::kUnknown:
        break;
      case CellType::kInt:
        column.values = column.int64 = std::make_shared<arrow::Int64Builder>();
        break;
      case CellType::kFloat:
        if (options.exact_values) {
          column.values = column.float64 = std::make_shared<arrow::DoubleBuilder>();
        } else {
          column.values = column.float32 = std::make_shared<arrow::FloatBuilder>();
        }
        break;
      case CellType::kString:
        column.binary = csv.is_text ? std::make_shared<arrow::StringBuilder>()
                                    : std::make_shared<arrow::BinaryBuilder>();
        column.values = column.binary;
        break;
    }
    // A failure to reserve shows up again when a value is appended.
    if (column.values != nullptr) (void)column.values->Reserve(num_rows);
    if (column.multivalent && column.values != nullptr) {
      column.list =
          std::make_shared<arrow::ListBuilder>(arrow::default_memory_pool(), column.values);
    }
    builders_.push_back(std::move(column));
  }
}

arrow::Status CsvBatchBuilder::AppendValue(Column& column, std::string_view cell) {
  if (column.type == CellType::kInt) {
    int64_t value = 0;
    if (ParsePythonInt(cell, &value) != IntParse::kOk) {
      return arrow::Status::IOError("a cell is no longer an integer");
    }
    return column.int64->Append(value);
  }
  if (column.type == CellType::kFloat) {
    double value = 0;
    if (!ParsePythonFloat(cell, &value)) {
      return arrow::Status::IOError("a cell is no longer a number");
    }
    if (column.float64 != nullptr) return column.float64->Append(value);
    return column.float32->Append(static_cast<float>(value));
  }
  return column.binary->Append(cell.data(), static_cast<int32_t>(cell.size()));
}

arrow::Status CsvBatchBuilder::AppendCell(Column& column, std::string_view cell) {
  if (column.values == nullptr) return arrow::Status::OK();
  const bool missing = IsMissing(options_, cell);
  if (column.list == nullptr) {
    return missing ? column.values->AppendNull() : AppendValue(column, cell);
  }
  if (missing) return column.list->AppendNull();
  arrow::Status status = column.list->Append();
  SplitCell(cell, options_.secondary_delimiter, [&](std::string_view part) {
    if (status.ok()) status = AppendValue(column, part);
  });
  return status;
}

Status CsvBatchBuilder::Append(const std::vector<std::string_view>& cells) {
  for (size_t i = 0; i < builders_.size(); ++i) {
    const arrow::Status status =
        AppendCell(builders_[i], cells.empty() ? std::string_view() : cells[i]);
    if (!status.ok()) {
      return WithContext(FromArrow(status), fmt::format("column '{}'", columns_[i].name));
    }
  }
  ++num_rows_;
  return OkStatus();
}

StatusOr<std::shared_ptr<arrow::RecordBatch>> CsvBatchBuilder::Finish() {
  std::vector<std::shared_ptr<arrow::Field>> fields;
  std::vector<std::shared_ptr<arrow::Array>> arrays;
  for (size_t i = 0; i < builders_.size(); ++i) {
    Column& column = builders_[i];
    std::shared_ptr<arrow::Array> array;
    if (column.values == nullptr) {
      array = std::make_shared<arrow::NullArray>(num_rows_);
    } else {
      arrow::ArrayBuilder& builder = column.list != nullptr ? *column.list : *column.values;
      BESSEMER_ASSIGN_OR_RETURN_ARROW(array, builder.Finish());
    }
    fields.push_back(arrow::field(columns_[i].name, array->type()));
    arrays.push_back(std::move(array));
  }
  return arrow::RecordBatch::Make(arrow::schema(std::move(fields)), num_rows_, std::move(arrays));
}

}  // namespace bessemer::example_gen::csv
