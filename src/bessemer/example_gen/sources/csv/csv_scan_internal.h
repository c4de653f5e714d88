#ifndef BESSEMER_EXAMPLE_GEN_SOURCES_CSV_CSV_SCAN_INTERNAL_H_
#define BESSEMER_EXAMPLE_GEN_SOURCES_CSV_CSV_SCAN_INTERNAL_H_

#include <cstdint>
#include <string_view>
#include <vector>

// Finding the bytes that give CSV its structure. The portable versions are the reference.

namespace bessemer::example_gen::csv {

// Sets `positions` to the ascending offsets of all `delimiter`, `quote` and '\n' bytes. A quote
// equal to '\n' means: none. Text of less than 4 GiB.
void FindStructure(std::string_view text, char delimiter, char quote,
                   std::vector<uint32_t>* positions);
void FindStructurePortable(std::string_view text, char delimiter, char quote,
                           std::vector<uint32_t>* positions);

int64_t CountByte(std::string_view text, char byte);
int64_t CountBytePortable(std::string_view text, char byte);

}  // namespace bessemer::example_gen::csv

#endif  // BESSEMER_EXAMPLE_GEN_SOURCES_CSV_CSV_SCAN_INTERNAL_H_
