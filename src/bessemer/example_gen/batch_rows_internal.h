#ifndef BESSEMER_EXAMPLE_GEN_BATCH_ROWS_INTERNAL_H_
#define BESSEMER_EXAMPLE_GEN_BATCH_ROWS_INTERNAL_H_

#include <algorithm>
#include <cstdint>

namespace bessemer::example_gen {

// How many rows of a file of columns are read together: so many that they are about 16 MiB, by
// eight bytes a cell or what the file tells of its rows, if that is more. Fewer than 1,024, which
// would cost time, only of rows whose cells are large on average, such as images.
inline int64_t BatchRows(double bytes_of_row, double num_cells) {
  constexpr double kBatchBytes = 16 << 20;
  constexpr double kMinRows = 1024;
  constexpr double kMaxRows = 16384;
  constexpr double kLargeCellBytes = 1024;
  const double by_cells = std::max(kBatchBytes / (8 * std::max(num_cells, 1.0)), kMinRows);
  const double by_bytes = kBatchBytes / std::max(bytes_of_row, 1.0);
  const bool large_cells = bytes_of_row > kLargeCellBytes * num_cells;
  return static_cast<int64_t>(
      std::clamp(std::min(by_cells, by_bytes), large_cells ? 1.0 : kMinRows, kMaxRows));
}

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_BATCH_ROWS_INTERNAL_H_
