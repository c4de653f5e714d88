#ifndef BESSEMER_IO_GZIP_H_
#define BESSEMER_IO_GZIP_H_

#include <functional>
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

// Opens a file and inflates it if it begins with gzip's magic number, unless `is_plain`, which is
// shown the first bytes (12, or all of a shorter file), knows better.
StatusOr<std::unique_ptr<InputStream>> OpenMaybeGzip(
    const std::string& path, const std::function<bool(std::string_view)>& is_plain = nullptr);

}  // namespace bessemer::io

#endif  // BESSEMER_IO_GZIP_H_
