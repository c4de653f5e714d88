#ifndef BESSEMER_IO_COMPRESSION_H_
#define BESSEMER_IO_COMPRESSION_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "bessemer/io/file.h"

namespace bessemer::io {

// Streams that are recognised by their first bytes: gzip (RFC 1952), zlib (RFC 1950), zstd
// (RFC 8878), the LZ4 frame format, Snappy's framing format, bzip2.
enum class StreamFormat { kPlain, kGzip, kZlib, kZstd, kLz4, kSnappy, kBzip2 };

// By the first bytes of a file (12, or all of a shorter one). kPlain if they are of none.
StreamFormat DetectStreamFormat(std::string_view first);

// Inflates a stream. Several members or frames in a row are one stream. DATA_LOSS for damaged or
// truncated data, with the path.
StatusOr<std::unique_ptr<InputStream>> DecompressInput(std::unique_ptr<InputStream> in,
                                                       StreamFormat format);

struct MaybeCompressed {
  std::unique_ptr<InputStream> stream;  // of what is inside
  StreamFormat format = StreamFormat::kPlain;
};

// Opens a file and inflates what it recognises, unless `is_plain`, which is shown the first bytes,
// knows better.
StatusOr<MaybeCompressed> OpenMaybeCompressed(
    const std::string& path, const std::function<bool(std::string_view)>& is_plain = nullptr);

// The path without an ending that tells a compression (".gz", ".zst", ".lz4", ".sz", ".snappy",
// ".bz2", ".zz", ".zlib"), for what lies below: "a.csv" for "a.csv.gz".
std::string_view WithoutCompressionSuffix(std::string_view path);

}  // namespace bessemer::io

#endif  // BESSEMER_IO_COMPRESSION_H_
