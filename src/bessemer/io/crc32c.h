#ifndef BESSEMER_IO_CRC32C_H_
#define BESSEMER_IO_CRC32C_H_

#include <cstdint>
#include <string_view>

namespace bessemer::io {

// CRC-32C (Castagnoli polynomial, RFC 3720 appendix B.4). Uses the SSE4.2 instruction where the
// processor has it.
uint32_t Crc32c(std::string_view data);
// The table version: the reference.
uint32_t Crc32cPortable(std::string_view data);

// TFRecord's masked form: rotated right by 15 and offset, so that a CRC of data that holds CRCs
// stays useful.
inline uint32_t MaskCrc(uint32_t crc) { return ((crc >> 15) | (crc << 17)) + 0xa282ead8u; }

}  // namespace bessemer::io

#endif  // BESSEMER_IO_CRC32C_H_
