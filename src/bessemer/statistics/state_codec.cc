#include "bessemer/statistics/state_codec.h"

#include <cstring>

namespace bessemer::statistics {

void StateWriter::Varint(uint64_t value) {
  while (value >= 0x80) {
    out_.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out_.push_back(static_cast<char>(value));
  if (sink_ && out_.size() >= kBlockBytes) Drain(kBlockBytes);
}

void StateWriter::Drain(size_t min_bytes) {
  if (!sink_) return;
  size_t begin = 0;
  while (out_.size() - begin >= min_bytes) {
    const std::string_view block = std::string_view(out_).substr(begin, kBlockBytes);
    if (status_.ok()) status_ = sink_(block);
    begin += block.size();
  }
  out_.erase(0, begin);
}

void StateWriter::Fixed64(uint64_t value) {
  char bytes[8];
  for (int i = 0; i < 8; ++i) bytes[i] = static_cast<char>(value >> (8 * i));
  out_.append(bytes, sizeof bytes);
  if (sink_ && out_.size() >= kBlockBytes) Drain(kBlockBytes);
}

void StateReader::Fail(std::string_view what) {
  if (status_.ok()) {
    status_ = DataLossError("the statistics state is damaged at byte {}: {}; generate it again",
                            offset_, what);
  }
  offset_ = data_.size();
}

uint64_t StateReader::Varint() {
  uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    if (offset_ >= data_.size()) {
      Fail("it ends inside a number");
      return 0;
    }
    const uint8_t byte = static_cast<uint8_t>(data_[offset_++]);
    value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  Fail("a number is too long");
  return 0;
}

uint64_t StateReader::Fixed64() {
  if (data_.size() - offset_ < 8) {
    Fail("it ends inside a number");
    return 0;
  }
  uint64_t value = 0;
  for (int i = 0; i < 8; ++i) {
    value |= static_cast<uint64_t>(static_cast<uint8_t>(data_[offset_ + i])) << (8 * i);
  }
  offset_ += 8;
  return value;
}

std::string_view StateReader::Bytes() {
  const uint64_t size = Varint();
  if (size > data_.size() - offset_) {
    Fail("it ends inside a text");
    return {};
  }
  const std::string_view bytes = data_.substr(offset_, size);
  offset_ += size;
  return bytes;
}

uint64_t StateReader::Count(uint64_t min_bytes_each) {
  const uint64_t count = Varint();
  if (count > (data_.size() - offset_) / min_bytes_each) {
    Fail("a list is longer than the state");
    return 0;
  }
  return count;
}

}  // namespace bessemer::statistics
