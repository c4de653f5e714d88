// clang++ -fsanitize=fuzzer,address: any text is records, any cell has a type, and the columns
// inferred can be built, whichever way the rows are cut.
#include <arrow/record_batch.h>

#include <cstdlib>

#include "bessemer/example_gen/sources/csv/csv_columns_internal.h"
#include "bessemer/example_gen/sources/csv/csv_records_internal.h"
#include "bessemer/example_gen/sources/csv/csv_scan_internal.h"

namespace bessemer::example_gen::csv {
namespace {

// Calls f with the cells of every row that has as many as the first.
template <typename F>
void VisitRows(const CsvOptions& options, std::string_view text, size_t num_columns, F&& f) {
  CsvRecords records(options.dialect, text);
  while (records.Next()) {
    if (records.fault().empty() && records.cells().size() == num_columns) f(records.cells());
  }
}

void ReadColumns(const CsvOptions& options, std::string_view text) {
  CsvRecords records(options.dialect, text);
  if (!records.Next() || records.cells().empty()) return;
  std::vector<CsvColumn> columns(records.cells().size());
  columns.back().multivalent = true;
  TypeInference whole(columns, options), even(columns, options), odd(columns, options);
  int64_t num_rows = 0;
  VisitRows(options, text, columns.size(), [&](const std::vector<std::string_view>& cells) {
    whole.Update(cells);
    (num_rows++ % 2 == 0 ? even : odd).Update(cells);
  });
  even.Merge(odd);
  if (even.types() != whole.types()) std::abort();
  const auto hints = whole.NullHints(columns), merged = even.NullHints(columns);
  if (hints.size() != merged.size()) std::abort();
  for (size_t i = 0; i < columns.size(); ++i) columns[i].type = whole.types()[i];
  CsvBatchBuilder builder(columns, options, num_rows);
  VisitRows(options, text, columns.size(), [&](const std::vector<std::string_view>& cells) {
    if (!builder.Append(cells).ok()) std::abort();
  });
  const auto batch = builder.Finish();
  if (!batch.ok() || (*batch)->num_rows() != num_rows || !(*batch)->ValidateFull().ok() ||
      !(*batch)->schema()->Equals(*SchemaOf(columns))) {
    std::abort();
  }
}

}  // namespace
}  // namespace bessemer::example_gen::csv

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace bessemer::example_gen::csv;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<uint32_t> fast;
  std::vector<uint32_t> plain;
  FindStructure(text, ',', '"', &fast);
  FindStructurePortable(text, ',', '"', &plain);
  if (fast != plain) std::abort();
  if (CountByte(text, '\n') != CountBytePortable(text, '\n')) std::abort();
  CsvOptions options;
  for (const char comment : {'\0', '#'}) {
    options.dialect.comment = comment;
    CsvRecords records(options.dialect, text);
    size_t bytes = 0;
    while (records.Next()) {
      bytes += records.text().size();
      for (const std::string_view cell : records.cells()) (void)ClassifyCell(cell);
    }
    if (bytes > size) std::abort();
  }
  options.null_spellings = {"NA"};
  ReadColumns(options, text);
  return 0;
}
