#include "bessemer/example_gen/sources/csv/csv_reader.h"

#include <arrow/type.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "bessemer/base/nearest_name.h"
#include "bessemer/base/parallel.h"
#include "bessemer/columnar/utf8.h"
#include "bessemer/example_gen/bad_rows.h"
#include "bessemer/example_gen/sources/csv/csv_columns_internal.h"
#include "bessemer/example_gen/sources/csv/csv_file_internal.h"
#include "bessemer/example_gen/sources/csv/csv_header_internal.h"
#include "bessemer/example_gen/sources/csv/csv_records_internal.h"
#include "bessemer/example_gen/sources/csv/csv_scan_internal.h"
#include "bessemer/example_gen/text_encoding.h"

namespace bessemer::example_gen::csv {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

Status CheckDialect(const CsvOptions& options) {
  const CsvDialect& dialect = options.dialect;
  for (const char c : {dialect.delimiter, dialect.quote, dialect.comment}) {
    if (c == '\n' || c == '\r') {
      return InvalidArgumentError("a line end cannot be the CSV delimiter, quote or comment");
    }
  }
  if (dialect.delimiter == '\0' || dialect.delimiter == dialect.quote ||
      dialect.delimiter == dialect.comment ||
      (dialect.quote != '\0' && dialect.quote == dialect.comment)) {
    return InvalidArgumentError("CSV delimiter, quote and comment must differ");
  }
  if (options.block_bytes < 1) return InvalidArgumentError("block_bytes must be at least 1");
  return OkStatus();
}

std::string MisfitReason(const CsvColumn& column, std::string_view cell) {
  constexpr size_t kMost = 60;
  if (cell.size() > kMost || !columnar::IsUtf8(cell)) {
    return fmt::format("column '{}': a cell of {} bytes is no {}", column.name, cell.size(),
                       CellTypeName(column.type));
  }
  return fmt::format("column '{}': '{}' is no {}", column.name, cell, CellTypeName(column.type));
}

// Text that begins with the mark of another encoding than UTF-8 is in that one.
StatusOr<std::unique_ptr<RandomAccessText>> OpenText(const std::string& path,
                                                     const CsvOptions& options) {
  const bool is_utf8 = options.encoding.empty() || IsUtf8Name(options.encoding);
  BESSEMER_ASSIGN_OR_RETURN(auto text, RandomAccessText::Open(path, options.scratch_dir,
                                                              is_utf8 ? "" : options.encoding));
  if (!options.encoding.empty()) return text;
  std::string begin;
  BESSEMER_RETURN_IF_ERROR(text->Read(0, std::min<int64_t>(4, text->size()), &begin));
  const std::string encoding(EncodingOfMark(begin));
  if (encoding.empty()) return text;
  return RandomAccessText::Open(path, options.scratch_dir, encoding);
}

Status SkipMark(const RandomAccessText& text, CsvBlock* first) {
  const auto size = static_cast<int64_t>(kByteOrderMark.size());
  if (first->begin > 0 || first->end < size) return OkStatus();
  std::string begin;
  BESSEMER_RETURN_IF_ERROR(text.Read(0, size, &begin));
  if (begin == kByteOrderMark) first->begin = size;
  return OkStatus();
}

}  // namespace

struct CsvInput::Impl {
  Status OpenFile(size_t index, const std::string& path);
  StatusOr<std::vector<std::string>> TakeHeader(const RandomAccessText& text,
                                                std::vector<CsvBlock>* file_blocks) const;
  Status SetColumns(const std::vector<std::string>& names);
  Status InferTypes();
  Status InferBlock(int64_t index, TypeInference* types);
  Status ReadText(const CsvBlock& block, std::string* buffer) const;
  // What is wrong with the row a cursor stands at; "" nothing.
  std::string ShapeFault(const CsvRecords& records) const;
  // The first cell of a block that is not UTF-8, for a note: its place and column; "": none.
  std::string ForeignCell(const CsvBlock& block, std::string_view text) const;
  // Its first cell that does not fit the type given to its column; null: none.
  const CsvColumn* Misfit(const std::vector<std::string_view>& cells) const;

  CsvOptions options;
  std::vector<std::unique_ptr<RandomAccessText>> files;
  std::vector<CsvBlock> blocks;
  std::vector<int64_t> first_blocks;
  std::vector<CsvColumn> columns;
  std::vector<size_t> typed;  // columns whose types are given
  std::shared_ptr<arrow::Schema> schema;
  std::string delimiter_hint;  // for files whose header shows another one
  std::vector<std::string> foreign_cells;  // by block
  bool is_strict = false;  // rows that are not UTF-8 are bad rows
  std::unique_ptr<BadRows> bad_rows;
  std::vector<NullHint> null_hints;
  int64_t num_rows = 0;
};

// The names in the first line; the first block then begins behind it.
StatusOr<std::vector<std::string>> CsvInput::Impl::TakeHeader(
    const RandomAccessText& text, std::vector<CsvBlock>* file_blocks) const {
  constexpr int64_t kUsual = 1 << 16;  // a header is rarely longer
  std::string buffer;
  while (!file_blocks->empty()) {
    CsvBlock& first = file_blocks->front();
    for (int64_t end = std::min(first.begin + kUsual, first.end);; end = first.end) {
      BESSEMER_RETURN_IF_ERROR(text.Read(first.begin, end, &buffer));
      const size_t skip =
          first.begin == 0 && buffer.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
      const auto whole = std::string_view(buffer).substr(skip);
      CsvRecords records(options.dialect, whole);
      const bool found = records.Next();
      const bool complete = found && records.fault().empty() && records.end() < whole.size();
      if (!complete && end < first.end) continue;
      if (!found && file_blocks->size() > 1) break;  // nothing but comments
      BESSEMER_ASSIGN_OR_RETURN(std::vector<std::string> names,
                                HeaderNames(text.path(), found, records));
      first.begin = std::min(first.begin + static_cast<int64_t>(skip + records.end() + 1), end);
      first.first_line += CountByte(whole.substr(0, records.end() + 1), '\n');
      return names;
    }
    file_blocks->erase(file_blocks->begin());
  }
  return InvalidArgumentError(
      "{}:1: no header line (the file is empty); give the column names if the file has none",
      text.path());
}

Status CsvInput::Impl::SetColumns(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    const auto& multivalent = options.multivalent_columns;
    columns.push_back({.name = name,
                       .multivalent = std::find(multivalent.begin(), multivalent.end(), name) !=
                                      multivalent.end()});
  }
  if (!options.column_names && names.size() == 1) delimiter_hint = DelimiterHint(names[0]);
  const auto check = [&](const std::string& name) -> Status {
    if (std::find(names.begin(), names.end(), name) != names.end()) return OkStatus();
    return InvalidArgumentError("{}: no column '{}'{}{}", files[0]->path(), name,
                                SuggestName(name, names), delimiter_hint);
  };
  for (const std::string& name : options.multivalent_columns) BESSEMER_RETURN_IF_ERROR(check(name));
  for (const auto& [name, type] : options.column_types) BESSEMER_RETURN_IF_ERROR(check(name));
  for (size_t i = 0; i < columns.size(); ++i) {
    for (const auto* types : {&options.known_types, &options.column_types}) {
      if (const auto type = types->find(names[i]); type != types->end()) {
        columns[i].type = type->second;
      }
    }
    if (columns[i].type != CellType::kUnknown) typed.push_back(i);
  }
  return OkStatus();
}

Status CsvInput::Impl::OpenFile(size_t index, const std::string& path) {
  BESSEMER_ASSIGN_OR_RETURN(std::unique_ptr<RandomAccessText> text, OpenText(path, options));
  files.push_back(std::move(text));
  BESSEMER_ASSIGN_OR_RETURN(std::vector<CsvBlock> file_blocks,
                            CutIntoBlocks(*files.back(), index, options.dialect,
                                          options.block_bytes, options.num_threads));
  std::vector<std::string> names;
  if (!options.column_names || options.replace_header) {
    BESSEMER_ASSIGN_OR_RETURN(names, TakeHeader(*files.back(), &file_blocks));
  }
  if (options.replace_header && names.size() != options.column_names->size()) {
    return InvalidArgumentError("{}:1: {} columns, but {} column_names to replace the header", path,
                                names.size(), options.column_names->size());
  }
  if (options.column_names) names = *options.column_names;
  if (options.column_names && !options.replace_header && !file_blocks.empty()) {
    BESSEMER_RETURN_IF_ERROR(SkipMark(*files.back(), &file_blocks.front()));
  }
  BESSEMER_RETURN_IF_ERROR(
      CheckNames(options.column_names ? "column_names" : fmt::format("{}:1", path), names));
  if (index == 0) {
    BESSEMER_RETURN_IF_ERROR(SetColumns(names));
  } else if (!std::equal(names.begin(), names.end(), columns.begin(), columns.end(),
                         [](const std::string& a, const CsvColumn& b) { return a == b.name; })) {
    return InvalidArgumentError(
        "{}:1: the header differs from that of {}: {}; all files of an input need the same columns "
        "in the same order",
        path, files[0]->path(), FirstDifference(names, columns));
  }
  first_blocks.push_back(static_cast<int64_t>(blocks.size()));
  blocks.insert(blocks.end(), file_blocks.begin(), file_blocks.end());
  return OkStatus();
}

Status CsvInput::Impl::ReadText(const CsvBlock& block, std::string* buffer) const {
  return files[block.file]->Read(block.begin, block.end, buffer);
}

std::string CsvInput::Impl::ShapeFault(const CsvRecords& records) const {
  if (!records.fault().empty()) return std::string(records.fault());
  if (is_strict && !columnar::IsUtf8(records.text())) return "not UTF-8, the given encoding";
  if (records.cells().empty() || records.cells().size() == columns.size()) return "";
  return fmt::format("{} cells, but {} columns{}", records.cells().size(), columns.size(),
                     delimiter_hint);
}

const CsvColumn* CsvInput::Impl::Misfit(const std::vector<std::string_view>& cells) const {
  if (cells.empty()) return nullptr;
  for (const size_t i : typed) {
    if (!Fits(columns[i], options, cells[i])) return &columns[i];
  }
  return nullptr;
}

std::string CsvInput::Impl::ForeignCell(const CsvBlock& block, std::string_view text) const {
  CsvRecords records(options.dialect, text);
  while (records.Next()) {
    const auto& cells = records.cells();
    if (cells.empty() || columnar::IsUtf8(records.text()) || !ShapeFault(records).empty()) continue;
    const auto cell = std::find_if_not(cells.begin(), cells.end(), columnar::IsUtf8);
    if (cell == cells.end()) continue;
    const auto before = text.substr(0, static_cast<size_t>(records.begin()));
    return fmt::format("{}:{}: column '{}'", files[block.file]->path(),
                       block.first_line + CountByte(before, '\n'),
                       columns[static_cast<size_t>(cell - cells.begin())].name);
  }
  return "";
}

Status CsvInput::Impl::InferBlock(int64_t index, TypeInference* types) {
  CsvBlock& block = blocks[static_cast<size_t>(index)];
  std::vector<BadRow> bad;
  thread_local std::string buffer;
  BESSEMER_RETURN_IF_ERROR(ReadText(block, &buffer));
  CsvRecords records(options.dialect, buffer);
  RowPlace place{files[block.file]->path(), block.first_line};
  size_t counted = 0;  // the line of `place` begins here
  while (records.Next()) {
    BadRow row{.reason = ShapeFault(records)};
    if (const CsvColumn* misfit = row.reason.empty() ? Misfit(records.cells()) : nullptr) {
      row.column = misfit->name;
      const auto at = static_cast<size_t>(misfit - columns.data());
      row.reason = MisfitReason(*misfit, records.cells()[at]);
      block.has_misfits = true;
    }
    if (!row.reason.empty()) {
      const auto begin = static_cast<size_t>(records.begin());
      place.line +=
          CountByte(std::string_view(buffer).substr(counted, begin - counted), '\n');
      counted = begin;
      if (options.on_bad_row == OnBadRow::kFail) {
        return InvalidArgumentError("{}:{}: {}; {}", place.file, place.line, row.reason,
                                    kBadRowAdvice);
      }
      row.place = place;
      row.text = records.text();
      bad.push_back(std::move(row));
    } else if (!records.cells().empty()) {
      types->Update(records.cells());
      ++block.num_rows;
    } else if (!options.skip_blank_lines) {
      ++block.num_rows;
    }
  }
  if (!is_strict && !columnar::IsUtf8(buffer)) {
    foreign_cells[static_cast<size_t>(index)] = ForeignCell(block, buffer);
  }
  BESSEMER_RETURN_IF_ERROR(bad_rows->Add(index, bad));
  options.progress->Advance(block.num_rows);
  return options.progress->cancelled() ? CancelledError("stopped while reading CSV") : OkStatus();
}

Status CsvInput::Impl::InferTypes() {
  std::vector<TypeInference> types(blocks.size(), TypeInference(columns, options));
  foreign_cells.resize(blocks.size());
  options.progress->Start("finding types", 0, "rows");
  BESSEMER_RETURN_IF_ERROR(
      ParallelFor(static_cast<int64_t>(blocks.size()), options.num_threads, [&](int64_t block) {
        return InferBlock(block, &types[static_cast<size_t>(block)]);
      }));
  TypeInference all(columns, options);
  for (size_t i = 0; i < blocks.size(); ++i) {
    all.Merge(types[i]);
    num_rows += blocks[i].num_rows;
  }
  null_hints = all.NullHints(columns);
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].type == CellType::kUnknown) columns[i].type = all.types()[i];
    columns[i].is_text = columns[i].type == CellType::kString && all.is_text(i);
  }
  schema = SchemaOf(columns, options.exact_values);
  return OkStatus();
}

CsvInput::CsvInput(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
CsvInput::~CsvInput() = default;

StatusOr<std::unique_ptr<CsvInput>> CsvInput::Open(const std::vector<std::string>& files,
                                                   const CsvOptions& options) {
  BESSEMER_RETURN_IF_ERROR(CheckDialect(options));
  if (files.empty()) return InvalidArgumentError("no CSV files are given");
  auto impl = std::make_unique<Impl>();
  impl->options = options;
  impl->is_strict = IsUtf8Name(options.encoding);
  impl->bad_rows = std::make_unique<BadRows>(options.scratch_dir);
  for (size_t i = 0; i < files.size(); ++i) BESSEMER_RETURN_IF_ERROR(impl->OpenFile(i, files[i]));
  impl->first_blocks.push_back(static_cast<int64_t>(impl->blocks.size()));
  BESSEMER_RETURN_IF_ERROR(impl->InferTypes());
  return std::unique_ptr<CsvInput>(new CsvInput(std::move(impl)));
}

const std::vector<CsvColumn>& CsvInput::columns() const { return impl_->columns; }
int64_t CsvInput::num_rows() const { return impl_->num_rows; }
const BadRows* CsvInput::bad_rows() const { return impl_->bad_rows.get(); }
const std::shared_ptr<arrow::Schema>& CsvInput::schema() const { return impl_->schema; }
const std::vector<NullHint>& CsvInput::null_hints() const { return impl_->null_hints; }
int64_t CsvInput::num_blocks() const { return static_cast<int64_t>(impl_->blocks.size()); }
int64_t CsvInput::first_block(size_t file) const { return impl_->first_blocks[file]; }

int64_t CsvInput::block_bytes(int64_t block) const {
  const CsvBlock& b = impl_->blocks[static_cast<size_t>(block)];
  return b.end - b.begin;
}

int64_t CsvInput::block_rows(int64_t block) const {
  return impl_->blocks[static_cast<size_t>(block)].num_rows;
}

StatusOr<std::shared_ptr<arrow::RecordBatch>> CsvInput::ReadBlock(int64_t block) const {
  const Impl& impl = *impl_;
  const CsvBlock& where = impl.blocks[static_cast<size_t>(block)];
  const std::string& path = impl.files[where.file]->path();
  thread_local std::string buffer;
  BESSEMER_RETURN_IF_ERROR(impl.ReadText(where, &buffer));
  CsvBatchBuilder builder(impl.columns, impl.options, where.num_rows);
  CsvRecords records(impl.options.dialect, buffer);
  int64_t num_rows = 0;
  while (records.Next()) {
    if (!impl.ShapeFault(records).empty()) continue;
    if (where.has_misfits && impl.Misfit(records.cells()) != nullptr) continue;
    if (records.cells().empty() && impl.options.skip_blank_lines) continue;
    if (const Status status = builder.Append(records.cells()); !status.ok()) {
      return WithContext(status, path);
    }
    ++num_rows;
  }
  if (num_rows != where.num_rows) {
    return UnavailableError("{}: the file changed while it was read", path);
  }
  return builder.Finish();
}

namespace {

class BlockSource : public columnar::BatchSource {
 public:
  BlockSource(const CsvInput& input, int64_t block) : input_(input), block_(block) {}

  StatusOr<std::shared_ptr<arrow::RecordBatch>> Next() override {
    if (done_ || input_.block_rows(block_) == 0) return nullptr;
    done_ = true;
    return input_.ReadBlock(block_);
  }

 private:
  const CsvInput& input_;
  int64_t block_;
  bool done_ = false;
};

}  // namespace

StatusOr<std::unique_ptr<columnar::BatchSource>> CsvInput::OpenBlock(int64_t block) const {
  return std::make_unique<BlockSource>(*this, block);
}

RowPlace CsvInput::PlaceOf(int64_t block, int64_t row) const {
  const CsvBlock& where = impl_->blocks[static_cast<size_t>(block)];
  return {impl_->files[where.file]->path(), where.first_line + row};
}

std::string CsvInput::note() const {
  std::string note;
  const auto& foreign = impl_->foreign_cells;
  const auto first = std::find_if(foreign.begin(), foreign.end(),
                                  [](const std::string& cell) { return !cell.empty(); });
  if (first != foreign.end()) {
    note = fmt::format("{} holds bytes that are not UTF-8; {}", *first, kEncodingAdvice);
  }
  if (impl_->null_hints.empty()) return note;
  std::string names;
  std::set<std::string> spellings;
  int64_t num_cells = 0;
  for (const NullHint& hint : impl_->null_hints) {
    names += (names.empty() ? "" : ", ") + hint.column;
    spellings.insert(hint.spellings.begin(), hint.spellings.end());
    num_cells += hint.num_cells;
  }
  return note + (note.empty() ? "" : "\n") +
         fmt::format("only {} cells {} make strings of the numbers in {}; to read them as missing: "
                     "null_spellings: [{}] (--null {})",
                     num_cells, fmt::join(spellings, ", "), names, fmt::join(spellings, ", "),
                     fmt::join(spellings, " --null "));
}

}  // namespace bessemer::example_gen::csv
