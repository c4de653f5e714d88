#include <arrow/util/compression.h>
#include <arrow/util/crc32.h>

#include <cstring>

#include "bessemer/columnar/arrow_status.h"
#include "bessemer/example_gen/sources/avro/avro_file.h"

namespace bessemer::example_gen::avro {
namespace {

constexpr size_t kMaxContent = size_t{1} << 30;

Status Damaged(std::string_view codec) {
  return InvalidArgumentError("a block that is not {} data, or damaged", codec);
}

StatusOr<std::string> Inflate(arrow::util::Codec& codec, std::string_view bytes,
                              std::string_view name) {
  BESSEMER_ASSIGN_OR_RETURN_ARROW(const auto decompressor, codec.MakeDecompressor());
  std::string content(std::max<size_t>(4 * bytes.size(), 1 << 12), '\0');
  size_t used = 0;
  while (!decompressor->IsFinished()) {
    if (used == content.size()) content.resize(2 * content.size());
    if (content.size() > kMaxContent) {
      return InvalidArgumentError("a block of more than 1 GiB");
    }
    const auto result = decompressor->Decompress(
        static_cast<int64_t>(bytes.size()), reinterpret_cast<const uint8_t*>(bytes.data()),
        static_cast<int64_t>(content.size() - used),
        reinterpret_cast<uint8_t*>(content.data() + used));
    if (!result.ok()) return Damaged(name);
    bytes.remove_prefix(static_cast<size_t>(result->bytes_read));
    used += static_cast<size_t>(result->bytes_written);
    if (result->bytes_read == 0 && result->bytes_written == 0 && used < content.size()) {
      return Damaged(name);
    }
  }
  // Behind deflate data some writers leave part of a checksum.
  if (!bytes.empty() && name != "deflate") return Damaged(name);
  content.resize(used);
  return content;
}

// Raw Snappy, then the CRC-32 of the content, big-endian.
StatusOr<std::string> Unsnap(std::string_view bytes) {
  if (bytes.size() < 5) return Damaged("snappy");
  const std::string_view body = bytes.substr(0, bytes.size() - 4);
  uint64_t size = 0;
  for (size_t i = 0; i < 5 && i < body.size(); ++i) {
    const auto byte = static_cast<uint8_t>(body[i]);
    size |= static_cast<uint64_t>(byte & 0x7f) << (7 * i);
    if (byte < 0x80) break;
  }
  // Each byte of the compressed form stands for at most 64.
  if (size > kMaxContent || size > 64 * body.size() + 64) return Damaged("snappy");
  BESSEMER_ASSIGN_OR_RETURN_ARROW(const auto codec,
                                  arrow::util::Codec::Create(arrow::Compression::SNAPPY));
  std::string content(size, '\0');
  const auto got = codec->Decompress(
      static_cast<int64_t>(body.size()), reinterpret_cast<const uint8_t*>(body.data()),
      static_cast<int64_t>(size), reinterpret_cast<uint8_t*>(content.data()));
  if (!got.ok() || *got != static_cast<int64_t>(size)) return Damaged("snappy");
  uint32_t wanted = 0;
  for (const char c : bytes.substr(bytes.size() - 4)) {
    wanted = wanted << 8 | static_cast<uint8_t>(c);
  }
  if (arrow::internal::crc32(0, content.data(), content.size()) != wanted) {
    return InvalidArgumentError("a block with a wrong checksum");
  }
  return content;
}

}  // namespace

StatusOr<std::string> DecompressAvroBlock(std::string_view codec, std::string bytes) {
  if (codec.empty() || codec == "null") return bytes;
  if (codec == "snappy") return Unsnap(bytes);
  if (codec == "deflate") {
    arrow::util::GZipCodecOptions raw;
    raw.gzip_format = arrow::util::GZipFormat::DEFLATE;
    BESSEMER_ASSIGN_OR_RETURN_ARROW(const auto made,
                                    arrow::util::Codec::Create(arrow::Compression::GZIP, raw));
    return Inflate(*made, bytes, codec);
  }
  if (codec == "zstandard" || codec == "bzip2") {
    BESSEMER_ASSIGN_OR_RETURN_ARROW(
        const auto made, arrow::util::Codec::Create(codec == "bzip2" ? arrow::Compression::BZ2
                                                                     : arrow::Compression::ZSTD));
    return Inflate(*made, bytes, codec);
  }
  return InvalidArgumentError(
      "the codec '{}' is not known; write null, deflate, snappy, zstandard or bzip2", codec);
}

}  // namespace bessemer::example_gen::avro
