#ifndef BESSEMER_IO_TFRECORD_H_
#define BESSEMER_IO_TFRECORD_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "bessemer/base/status.h"
#include "bessemer/io/file.h"

namespace bessemer::io {

// TFRecord files: per record its length (uint64, little endian), the masked CRC-32C of those eight
// bytes, the data, the masked CRC-32C of the data. Optionally gzip around the whole file.

enum class Compression { kNone, kGzip };

// Not thread-safe. The file is complete when Close has returned OK.
class TFRecordWriter {
 public:
  static StatusOr<std::unique_ptr<TFRecordWriter>> Open(const std::string& path,
                                                        Compression compression);
  Status Write(std::string_view record);
  Status Close();
  int64_t num_records() const { return num_records_; }

 private:
  explicit TFRecordWriter(std::unique_ptr<OutputStream> out) : out_(std::move(out)) {}
  std::unique_ptr<OutputStream> out_;
  int64_t num_records_ = 0;
};

// Reads a file from its start, inflating what compression.h recognises. Not thread-safe.
class TFRecordReader {
 public:
  static StatusOr<std::unique_ptr<TFRecordReader>> Open(const std::string& path);
  // Reads records from a stream as it is (no gzip).
  explicit TFRecordReader(std::unique_ptr<InputStream> in) : in_(std::move(in)) {}

  // The next record, valid until the next call; false at the end. DATA_LOSS for a wrong CRC or a
  // file that ends inside a record, naming file, record number (from 0) and byte offset.
  StatusOr<bool> Next(std::string_view* record);

  int64_t num_records() const { return num_records_; }

 private:
  StatusOr<bool> Fill(size_t size);  // false: the input ended first
  Status Damaged(std::string_view what) const;

  std::unique_ptr<InputStream> in_;
  std::string buffer_;
  size_t begin_ = 0;  // unread bytes: buffer_[begin_, end_)
  size_t end_ = 0;
  int64_t offset_ = 0;  // of begin_ in the uncompressed file
  int64_t num_records_ = 0;
};

}  // namespace bessemer::io

#endif  // BESSEMER_IO_TFRECORD_H_
