#include "bessemer/io/tfrecord.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "bessemer/io/compression.h"
#include "bessemer/io/crc32c.h"
#include "bessemer/io/gzip.h"

namespace bessemer::io {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr size_t kHeaderSize = 12;
constexpr size_t kFooterSize = 4;
constexpr size_t kReadSize = 1 << 18;
constexpr uint64_t kMaxRecordSize = uint64_t{1} << 31;  // a message cannot be larger

template <typename T>
T Load(const char* p) {
  T value;
  std::memcpy(&value, p, sizeof(value));
  return value;
}

// The length of a first record of 0x8b1f (35,615) bytes looks like gzip; its checksum does not.
bool BeginsRecord(std::string_view first) {
  return first.size() >= kHeaderSize &&
         Load<uint32_t>(first.data() + 8) == MaskCrc(Crc32c(first.substr(0, 8)));
}

}  // namespace

StatusOr<std::unique_ptr<TFRecordWriter>> TFRecordWriter::Open(const std::string& path,
                                                               Compression compression) {
  BESSEMER_ASSIGN_OR_RETURN(std::unique_ptr<OutputStream> out, OpenOutput(path));
  if (compression == Compression::kGzip) out = GzipOutput(std::move(out));
  return std::unique_ptr<TFRecordWriter>(new TFRecordWriter(std::move(out)));
}

Status TFRecordWriter::Write(std::string_view record) {
  char header[kHeaderSize];
  const uint64_t length = record.size();
  std::memcpy(header, &length, 8);
  const uint32_t length_crc = MaskCrc(Crc32c({header, 8}));
  std::memcpy(header + 8, &length_crc, 4);
  const uint32_t data_crc = MaskCrc(Crc32c(record));
  char footer[kFooterSize];
  std::memcpy(footer, &data_crc, 4);
  BESSEMER_RETURN_IF_ERROR(out_->Write({header, kHeaderSize}));
  BESSEMER_RETURN_IF_ERROR(out_->Write(record));
  BESSEMER_RETURN_IF_ERROR(out_->Write({footer, kFooterSize}));
  ++num_records_;
  return OkStatus();
}

Status TFRecordWriter::Close() { return out_->Close(); }

StatusOr<std::unique_ptr<TFRecordReader>> TFRecordReader::Open(const std::string& path) {
  BESSEMER_ASSIGN_OR_RETURN(MaybeCompressed in, OpenMaybeCompressed(path, BeginsRecord));
  return std::make_unique<TFRecordReader>(std::move(in.stream));
}

StatusOr<bool> TFRecordReader::Fill(size_t size) {
  while (end_ - begin_ < size) {
    if (begin_ > 0) {
      std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    // Grown as data arrives: a damaged length must not allocate gigabytes.
    if (buffer_.size() < end_ + kReadSize) buffer_.resize(std::max(end_ + kReadSize, 2 * end_));
    BESSEMER_ASSIGN_OR_RETURN(const size_t got,
                              in_->Read(buffer_.data() + end_, buffer_.size() - end_));
    if (got == 0) return false;
    end_ += got;
  }
  return true;
}

Status TFRecordReader::Damaged(std::string_view what) const {
  return DataLossError("{}: record {} at byte {}: {}", in_->path(), num_records_, offset_, what);
}

StatusOr<bool> TFRecordReader::Next(std::string_view* record) {
  BESSEMER_ASSIGN_OR_RETURN(const bool has_header, Fill(kHeaderSize));
  if (!has_header) {
    if (end_ == begin_) return false;
    return Damaged("the file ends inside a record header (truncated?)");
  }
  const char* header = buffer_.data() + begin_;
  const uint64_t length = Load<uint64_t>(header);
  if (Load<uint32_t>(header + 8) != MaskCrc(Crc32c({header, 8}))) {
    return Damaged("wrong checksum of the length (not a TFRecord file, or damaged)");
  }
  if (length > kMaxRecordSize) return Damaged("a record of more than 2 GiB");
  const size_t size = kHeaderSize + length + kFooterSize;
  BESSEMER_ASSIGN_OR_RETURN(const bool whole, Fill(size));
  if (!whole) return Damaged("the file ends inside a record (truncated?)");
  const char* data = buffer_.data() + begin_ + kHeaderSize;
  *record = {data, length};
  if (Load<uint32_t>(data + length) != MaskCrc(Crc32c(*record))) {
    return Damaged("wrong checksum of the data (damaged)");
  }
  begin_ += size;
  offset_ += static_cast<int64_t>(size);
  ++num_records_;
  return true;
}

}  // namespace bessemer::io
