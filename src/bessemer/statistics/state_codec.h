#ifndef BESSEMER_STATISTICS_STATE_CODEC_H_
#define BESSEMER_STATISTICS_STATE_CODEC_H_

#include <bit>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "bessemer/base/status.h"

namespace bessemer::statistics {

// Writes an accumulator's state: little-endian, integers as varints. Equal states give equal bytes.
class StateWriter {
 public:
  static constexpr size_t kBlockBytes = 1 << 20;
  using Sink = std::function<Status(std::string_view block)>;

  // Keeps everything for data() and Take().
  StateWriter() = default;
  // Hands blocks of kBlockBytes to `sink`; Flush hands over the last one, which may be shorter.
  explicit StateWriter(Sink sink) : sink_(std::move(sink)) {}

  void Varint(uint64_t value);
  void Signed(int64_t value) {  // zigzag
    Varint((static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63));
  }
  void Bool(bool value) { Varint(value ? 1 : 0); }
  void Fixed64(uint64_t value);
  void Double(double value) { Fixed64(std::bit_cast<uint64_t>(value)); }
  void Int128(__int128 value) {
    Fixed64(static_cast<uint64_t>(value));
    Fixed64(static_cast<uint64_t>(value >> 64));
  }
  void Bytes(std::string_view bytes) {
    Varint(bytes.size());
    out_.append(bytes);
    if (sink_ && out_.size() >= kBlockBytes) Drain(kBlockBytes);
  }
  void Raw(std::string_view bytes) { out_.append(bytes); }  // without its size; short
  const std::string& data() const { return out_; }
  std::string Take() { return std::move(out_); }

  // Keeps the first error: of the sink, or of what was to be written.
  void Check(const Status& status) {
    if (status_.ok()) status_ = status;
  }
  Status Flush() {
    Drain(1);
    return status_;
  }
  const Status& status() const { return status_; }

 private:
  void Drain(size_t min_bytes);  // hands blocks over while at least so much is there

  Sink sink_;
  Status status_;
  std::string out_;
};

// Reads what StateWriter wrote. After the first malformed field every getter returns zero, and
// status() is DATA_LOSS naming the byte offset: a loader reads all its fields, then asks once.
// Sizes that drive allocation must be read with Count, which is bounded by the bytes that are left.
class StateReader {
 public:
  explicit StateReader(std::string_view data) : data_(data) {}

  uint64_t Varint();
  int64_t Signed() {
    const uint64_t z = Varint();
    return static_cast<int64_t>(z >> 1) ^ -static_cast<int64_t>(z & 1);
  }
  bool Bool() { return Varint() == 1; }
  uint64_t Fixed64();
  double Double() { return std::bit_cast<double>(Fixed64()); }
  __int128 Int128() {
    const uint64_t low = Fixed64();
    return static_cast<__int128>((static_cast<unsigned __int128>(Fixed64()) << 64) | low);
  }
  // Valid as long as the data.
  std::string_view Bytes();
  // A number of items of at least `min_bytes_each` bytes.
  uint64_t Count(uint64_t min_bytes_each = 1);

  bool at_end() const { return offset_ == data_.size(); }
  Status status() const { return status_; }
  void Fail(std::string_view what);

 private:
  std::string_view data_;
  size_t offset_ = 0;
  Status status_;
};

}  // namespace bessemer::statistics

#endif  // BESSEMER_STATISTICS_STATE_CODEC_H_
