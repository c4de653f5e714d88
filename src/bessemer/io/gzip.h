#ifndef BESSEMER_IO_GZIP_H_
#define BESSEMER_IO_GZIP_H_

#include <memory>
#include <string>
#include <string_view>

#include "bessemer/io/file.h"

namespace bessemer::io {

// Streams that inflate and deflate gzip (RFC 1952) with ISA-L. Reading accepts several members in a
// row; DATA_LOSS for a damaged or truncated stream, with the path. Writing makes one member with
// time 0, so that equal content gives equal bytes.
std::unique_ptr<InputStream> GunzipInput(std::unique_ptr<InputStream> in);
std::unique_ptr<OutputStream> GzipOutput(std::unique_ptr<OutputStream> out);

}  // namespace bessemer::io

#endif  // BESSEMER_IO_GZIP_H_
