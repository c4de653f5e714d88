#ifndef BESSEMER_STATISTICS_SCATTERED_INTERNAL_H_
#define BESSEMER_STATISTICS_SCATTERED_INTERNAL_H_

#include <cstddef>

namespace bessemer::statistics {

// Calls visit(i) for each of num_slots, a power of two or 0, by steps of the golden section. Slots
// are in the order of hashes: taken from first to last, they would fill the table they are merged
// into from its start, in ever longer runs, and merging would take quadratic time.
template <typename F>
void ForEachSlotScattered(size_t num_slots, F&& visit) {
  const size_t step = static_cast<size_t>(0.618 * static_cast<double>(num_slots)) | 1;
  for (size_t n = 0, i = 0; n < num_slots; ++n, i = (i + step) & (num_slots - 1)) visit(i);
}

}  // namespace bessemer::statistics

#endif  // BESSEMER_STATISTICS_SCATTERED_INTERNAL_H_
