#ifndef BESSEMER_EXAMPLE_GEN_SOURCES_CSV_CSV_FILE_INTERNAL_H_
#define BESSEMER_EXAMPLE_GEN_SOURCES_CSV_CSV_FILE_INTERNAL_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/example_gen/random_access_text.h"
#include "bessemer/example_gen/sources/csv/csv_reader.h"

namespace bessemer::example_gen::csv {

// A run of whole records.
struct CsvBlock {
  size_t file = 0;
  int64_t begin = 0;
  int64_t end = 0;
  int64_t first_line = 1;  // of the file, from 1
  int64_t num_rows = 0;
  bool has_misfits = false;  // rows with cells of another type than their column's
};

// Cuts a file at record boundaries near multiples of `block_bytes`: finds the lines that open a
// quoted cell in all pieces in parallel, then walks over them to see which records go on over
// several lines. `num_threads` as in ParallelFor. Linear time, whatever the number of quotes that
// are never closed. INVALID_ARGUMENT for a line of more than 1 GiB.
StatusOr<std::vector<CsvBlock>> CutIntoBlocks(const RandomAccessText& text, size_t file,
                                              const CsvDialect& dialect, int64_t block_bytes,
                                              int num_threads);

}  // namespace bessemer::example_gen::csv

#endif  // BESSEMER_EXAMPLE_GEN_SOURCES_CSV_CSV_FILE_INTERNAL_H_
