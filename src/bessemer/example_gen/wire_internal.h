#ifndef BESSEMER_EXAMPLE_GEN_WIRE_INTERNAL_H_
#define BESSEMER_EXAMPLE_GEN_WIRE_INTERNAL_H_

#include <cstdint>
#include <string_view>

// The protobuf wire format, as far as tf.Example needs it.

namespace bessemer::example_gen::wire {

enum WireType : uint32_t {
  kVarint = 0,
  kFixed64 = 1,
  kBytes = 2,
  kStartGroup = 3,
  kEndGroup = 4,
  kFixed32 = 5,
};

constexpr uint32_t Tag(uint32_t field, WireType type) { return field << 3 | type; }

// Reads a message from its bytes. Every Read returns false, and leaves the position undefined, when
// the bytes end too early or are not what a protobuf parser accepts.
class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : p_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool AtEnd() const { return p_ == end_; }

  bool ReadVarint(uint64_t* value) {
    if (p_ != end_ && static_cast<int8_t>(*p_) >= 0) {
      *value = static_cast<uint8_t>(*p_++);
      return true;
    }
    return ReadLongVarint(value);
  }

  // A field number and wire type; the field number is at least 1.
  // At most five bytes; what the fifth has beyond 32 bits is dropped, as protobuf does.
  bool ReadTag(uint32_t* tag) {
    uint32_t value = 0;
    for (int shift = 0; shift < 35 && p_ != end_; shift += 7) {
      const auto byte = static_cast<uint8_t>(*p_++);
      value |= static_cast<uint32_t>(byte & 127) << shift;
      if (byte < 128) {
        *tag = value;
        return value >= 8;
      }
    }
    return false;
  }

  bool ReadBytes(std::string_view* bytes) {
    uint64_t size;
    if (!ReadVarint(&size) || size > static_cast<uint64_t>(end_ - p_)) return false;
    *bytes = {p_, static_cast<size_t>(size)};
    p_ += size;
    return true;
  }

  bool ReadFixed32(uint32_t* value) {
    if (end_ - p_ < 4) return false;
    __builtin_memcpy(value, p_, 4);
    p_ += 4;
    return true;
  }

  // Passes over the value of a field that is not wanted.
  bool Skip(uint32_t tag) { return SkipNested(tag, 100); }

 private:
  bool ReadLongVarint(uint64_t* value) {
    uint64_t result = 0;
    for (int shift = 0; shift < 70 && p_ != end_; shift += 7) {
      const uint64_t byte = static_cast<uint8_t>(*p_++);
      result |= shift < 64 ? (byte & 0x7f) << shift : 0;
      if (byte < 0x80) {
        *value = result;
        return true;
      }
    }
    return false;
  }

  bool SkipFixed(int64_t size) {
    if (end_ - p_ < size) return false;
    p_ += size;
    return true;
  }

  bool SkipNested(uint32_t tag, int depth) {
    uint64_t number;
    std::string_view bytes;
    switch (tag & 7) {
      case kVarint:
        return ReadVarint(&number);
      case kFixed64:
        return SkipFixed(8);
      case kBytes:
        return ReadBytes(&bytes);
      case kFixed32:
        return SkipFixed(4);
      case kStartGroup:
        return depth > 0 && SkipGroup(tag >> 3, depth - 1);
      default:
        return false;
    }
  }

  bool SkipGroup(uint32_t field, int depth) {
    uint32_t tag;
    while (ReadTag(&tag)) {
      if ((tag & 7) == kEndGroup) return tag >> 3 == field;
      if (!SkipNested(tag, depth)) return false;
    }
    return false;
  }

  const char* p_;
  const char* end_;
};

// Field numbers of tensorflow/core/example/{example,feature}.proto.
inline constexpr uint32_t kExampleFeatures = Tag(1, kBytes);
inline constexpr uint32_t kFeaturesEntry = Tag(1, kBytes);
inline constexpr uint32_t kEntryKey = Tag(1, kBytes);
inline constexpr uint32_t kEntryValue = Tag(2, kBytes);
inline constexpr uint32_t kFeatureBytes = Tag(1, kBytes);
inline constexpr uint32_t kFeatureFloat = Tag(2, kBytes);
inline constexpr uint32_t kFeatureInt64 = Tag(3, kBytes);

}  // namespace bessemer::example_gen::wire

#endif  // BESSEMER_EXAMPLE_GEN_WIRE_INTERNAL_H_
