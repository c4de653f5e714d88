// clang++ -fsanitize=fuzzer,address: any text is records, and any cell has a type.
#include <cstdlib>

#include "bessemer/example_gen/sources/csv/csv_records_internal.h"
#include "bessemer/example_gen/sources/csv/csv_scan_internal.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace bessemer::example_gen;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<uint32_t> fast;
  std::vector<uint32_t> plain;
  FindStructure(text, ',', '"', &fast);
  FindStructurePortable(text, ',', '"', &plain);
  if (fast != plain) std::abort();
  for (const char comment : {'\0', '#'}) {
    CsvRecords records({.comment = comment}, text);
    size_t bytes = 0;
    while (records.Next()) {
      bytes += records.text().size();
      for (const std::string_view cell : records.cells()) (void)ClassifyCell(cell);
    }
    if (bytes > size) std::abort();
  }
  return 0;
}
