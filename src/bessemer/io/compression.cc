#include "bessemer/io/compression.h"

#include <arrow/util/compression.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "bessemer/columnar/arrow_status.h"
#include "bessemer/io/crc32c.h"
#include "bessemer/io/gzip.h"

namespace bessemer::io {
namespace {

constexpr size_t kReadSize = 1 << 17;
constexpr std::string_view kSnappyMagic("\xff\x06\x00\x00sNaPpY", 10);

// Reads `size` bytes or what is left of them.
StatusOr<size_t> ReadFully(InputStream& in, char* buffer, size_t size) {
  size_t done = 0;
  while (done < size) {
    BESSEMER_ASSIGN_OR_RETURN(const size_t got, in.Read(buffer + done, size - done));
    if (got == 0) break;
    done += got;
  }
  return done;
}

// zlib, zstd, LZ4 and bzip2 by Arrow's codecs.
class CodecInput : public InputStream {
 public:
  CodecInput(std::unique_ptr<InputStream> in, std::unique_ptr<arrow::util::Codec> codec,
             std::shared_ptr<arrow::util::Decompressor> decompressor)
      : in_(std::move(in)),
        codec_(std::move(codec)),
        decompressor_(std::move(decompressor)),
        buffer_(kReadSize, '\0') {
    path_ = in_->path();
  }

  StatusOr<size_t> Read(char* out, size_t size) override {
    while (true) {
      if (begin_ == end_ && !at_end_) {
        BESSEMER_ASSIGN_OR_RETURN(end_, in_->Read(buffer_.data(), buffer_.size()));
        begin_ = 0;
        at_end_ = end_ == 0;
      }
      if (decompressor_->IsFinished()) {
        if (begin_ == end_ && at_end_) return 0;
        if (begin_ == end_) continue;
        BESSEMER_RETURN_IF_ERROR(Damaged(decompressor_->Reset()));  // another frame follows
      }
      const auto result = decompressor_->Decompress(
          static_cast<int64_t>(end_ - begin_),
          reinterpret_cast<const uint8_t*>(buffer_.data() + begin_), static_cast<int64_t>(size),
          reinterpret_cast<uint8_t*>(out));
      BESSEMER_RETURN_IF_ERROR(Damaged(result.status()));
      begin_ += static_cast<size_t>(result->bytes_read);
      if (result->bytes_written > 0) return static_cast<size_t>(result->bytes_written);
      if (result->bytes_read == 0 && at_end_ && !decompressor_->IsFinished()) {
        return DataLossError("{}: truncated {} data", path_, codec_->name());
      }
      if (result->bytes_read == 0 && result->need_more_output) {
        return InternalError("{}: the {} decoder wants more room", path_, codec_->name());
      }
    }
  }

 private:
  Status Damaged(const arrow::Status& status) const {
    if (status.ok()) return OkStatus();
    return DataLossError("{}: damaged {} data: {}", path_, codec_->name(), status.message());
  }

  std::unique_ptr<InputStream> in_;
  std::unique_ptr<arrow::util::Codec> codec_;
  std::shared_ptr<arrow::util::Decompressor> decompressor_;
  std::string buffer_;
  size_t begin_ = 0;
  size_t end_ = 0;
  bool at_end_ = false;
};

// Snappy's framing format: chunks of at most 64 KiB, each with the masked CRC-32C of its content.
class SnappyInput : public InputStream {
 public:
  SnappyInput(std::unique_ptr<InputStream> in, std::unique_ptr<arrow::util::Codec> codec)
      : in_(std::move(in)), codec_(std::move(codec)) {
    path_ = in_->path();
  }

  StatusOr<size_t> Read(char* out, size_t size) override {
    while (used_ == content_.size()) {
      BESSEMER_ASSIGN_OR_RETURN(const bool more, ReadChunk());
      if (!more) return 0;
    }
    const size_t count = std::min(size, content_.size() - used_);
    std::memcpy(out, content_.data() + used_, count);
    used_ += count;
    return count;
  }

 private:
  static constexpr size_t kMaxContent = 1 << 16;

  StatusOr<bool> ReadChunk() {
    char header[4];
    BESSEMER_ASSIGN_OR_RETURN(const size_t got, ReadFully(*in_, header, 4));
    if (got == 0) return false;
    if (got < 4) return DataLossError("{}: truncated snappy data", path_);
    const auto byte = [&](int i) { return static_cast<uint32_t>(static_cast<uint8_t>(header[i])); };
    const uint32_t type = byte(0);
    const size_t size = byte(1) | byte(2) << 8 | byte(3) << 16;
    chunk_.resize(size);
    BESSEMER_ASSIGN_OR_RETURN(const size_t read, ReadFully(*in_, chunk_.data(), size));
    if (read < size) return DataLossError("{}: truncated snappy data", path_);
    content_.clear();
    used_ = 0;
    if (type >= 0x80) return true;  // stream identifier, padding or to be skipped
    if (type > 1 || size < 4) return DataLossError("{}: damaged snappy data", path_);
    BESSEMER_RETURN_IF_ERROR(TakeContent(type == 0));
    uint32_t crc;
    std::memcpy(&crc, chunk_.data(), 4);
    if (crc == MaskCrc(Crc32c(content_))) return true;
    return DataLossError("{}: damaged snappy data: wrong checksum", path_);
  }

  Status TakeContent(bool compressed) {
    if (!compressed) {
      content_.assign(chunk_, 4);
      return OkStatus();
    }
    content_.resize(kMaxContent);
    const auto size = codec_->Decompress(
        static_cast<int64_t>(chunk_.size() - 4),
        reinterpret_cast<const uint8_t*>(chunk_.data() + 4), static_cast<int64_t>(kMaxContent),
        reinterpret_cast<uint8_t*>(content_.data()));
    if (!size.ok()) return DataLossError("{}: damaged snappy data", path_);
    content_.resize(static_cast<size_t>(*size));
    return OkStatus();
  }

  std::unique_ptr<InputStream> in_;
  std::unique_ptr<arrow::util::Codec> codec_;
  std::string chunk_;
  std::string content_;
  size_t used_ = 0;
};

// Gives back bytes that were read ahead.
class Prefixed : public InputStream {
 public:
  Prefixed(std::string prefix, std::unique_ptr<InputStream> in)
      : prefix_(std::move(prefix)), in_(std::move(in)) {
    path_ = in_->path();
  }
  StatusOr<size_t> Read(char* buffer, size_t size) override {
    if (used_ == prefix_.size()) return in_->Read(buffer, size);
    const size_t count = std::min(size, prefix_.size() - used_);
    std::memcpy(buffer, prefix_.data() + used_, count);
    used_ += count;
    return count;
  }

 private:
  std::string prefix_;
  size_t used_ = 0;
  std::unique_ptr<InputStream> in_;
};

arrow::Result<std::unique_ptr<arrow::util::Codec>> MakeCodec(StreamFormat format) {
  using arrow::Compression;
  arrow::util::GZipCodecOptions zlib;
  zlib.gzip_format = arrow::util::GZipFormat::ZLIB;
  switch (format) {
    case StreamFormat::kZlib:
      return arrow::util::Codec::Create(Compression::GZIP, zlib);
    case StreamFormat::kZstd:
      return arrow::util::Codec::Create(Compression::ZSTD);
    case StreamFormat::kLz4:
      return arrow::util::Codec::Create(Compression::LZ4_FRAME);
    case StreamFormat::kBzip2:
      return arrow::util::Codec::Create(Compression::BZ2);
    default:
      return arrow::util::Codec::Create(Compression::SNAPPY);
  }
}

}  // namespace

StreamFormat DetectStreamFormat(std::string_view first) {
  if (first.starts_with("\x1f\x8b")) return StreamFormat::kGzip;
  if (first.starts_with("\x28\xb5\x2f\xfd")) return StreamFormat::kZstd;
  if (first.starts_with("\x04\x22\x4d\x18")) return StreamFormat::kLz4;
  if (first.starts_with(kSnappyMagic)) return StreamFormat::kSnappy;
  if (first.starts_with("BZh") && first.size() >= 10 &&
      first.substr(4, 6) == "\x31\x41\x59\x26\x53\x59") {
    return StreamFormat::kBzip2;
  }
  // The usual levels of zlib; the fourth, "x^", may begin a text.
  for (const std::string_view zlib : {"x\x01", "x\x9c", "x\xda"}) {
    if (first.starts_with(zlib)) return StreamFormat::kZlib;
  }
  return StreamFormat::kPlain;
}

StatusOr<std::unique_ptr<InputStream>> DecompressInput(std::unique_ptr<InputStream> in,
                                                       StreamFormat format) {
  if (format == StreamFormat::kPlain) return in;
  if (format == StreamFormat::kGzip) return GunzipInput(std::move(in));
  BESSEMER_ASSIGN_OR_RETURN_ARROW(std::unique_ptr<arrow::util::Codec> codec, MakeCodec(format));
  if (format == StreamFormat::kSnappy) {
    return std::make_unique<SnappyInput>(std::move(in), std::move(codec));
  }
  BESSEMER_ASSIGN_OR_RETURN_ARROW(auto decompressor, codec->MakeDecompressor());
  return std::make_unique<CodecInput>(std::move(in), std::move(codec), std::move(decompressor));
}

StatusOr<MaybeCompressed> OpenMaybeCompressed(
    const std::string& path, const std::function<bool(std::string_view)>& is_plain) {
  BESSEMER_ASSIGN_OR_RETURN(std::unique_ptr<InputStream> in, OpenInput(path));
  std::string first(12, '\0');
  BESSEMER_ASSIGN_OR_RETURN(const size_t size, ReadFully(*in, first.data(), first.size()));
  first.resize(size);
  MaybeCompressed opened;
  if (is_plain == nullptr || !is_plain(first)) opened.format = DetectStreamFormat(first);
  auto whole = std::make_unique<Prefixed>(std::move(first), std::move(in));
  BESSEMER_ASSIGN_OR_RETURN(opened.stream, DecompressInput(std::move(whole), opened.format));
  return opened;
}

std::string_view WithoutCompressionSuffix(std::string_view path) {
  for (const std::string_view suffix :
       {".gz", ".zst", ".lz4", ".sz", ".snappy", ".bz2", ".zz", ".zlib"}) {
    if (path.size() > suffix.size() && path.ends_with(suffix)) {
      return path.substr(0, path.size() - suffix.size());
    }
  }
  return path;
}

}  // namespace bessemer::io
