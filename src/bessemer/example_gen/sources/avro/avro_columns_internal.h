#ifndef BESSEMER_EXAMPLE_GEN_SOURCES_AVRO_AVRO_COLUMNS_INTERNAL_H_
#define BESSEMER_EXAMPLE_GEN_SOURCES_AVRO_AVRO_COLUMNS_INTERNAL_H_

#include <arrow/array/builder_base.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/example_gen/sources/avro/avro_schema_internal.h"

namespace bessemer::example_gen::avro {

// Reads Avro's binary encoding. Every Read function is false at bytes that are not what they should
// be.
class AvroCursor {
 public:
  explicit AvroCursor(std::string_view bytes)
      : begin_(bytes.data()),
        at_(bytes.data()),
        end_(bytes.data() + bytes.size()),
        empty_left_((int64_t{1} << 20) + 1024 * static_cast<int64_t>(bytes.size())),
        nulls_left_(std::min((int64_t{1} << 22) + 4096 * static_cast<int64_t>(bytes.size()),
                             int64_t{1} << 28)) {}

  bool AtEnd() const { return at_ == end_; }
  int64_t position() const { return at_ - begin_; }

  bool ReadLong(int64_t* value) {
    uint64_t bits = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (at_ == end_) return false;
      const auto byte = static_cast<uint8_t>(*at_++);
      bits |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) {
        *value = static_cast<int64_t>(bits >> 1) ^ -static_cast<int64_t>(bits & 1);
        return shift < 63 || byte < 2;
      }
    }
    return false;
  }
  bool ReadInt(int32_t* value) {
    int64_t wide;
    if (!ReadLong(&wide) || wide < INT32_MIN || wide > INT32_MAX) return false;
    *value = static_cast<int32_t>(wide);
    return true;
  }
  template <typename T>
  bool ReadFixed(T* value) {  // little-endian
    if (end_ - at_ < static_cast<int64_t>(sizeof(T))) return false;
    std::memcpy(value, at_, sizeof(T));
    at_ += sizeof(T);
    return true;
  }
  bool ReadRaw(int64_t size, std::string_view* bytes) {
    if (size < 0 || end_ - at_ < size) return false;
    *bytes = {at_, static_cast<size_t>(size)};
    at_ += size;
    return true;
  }
  bool ReadBytes(std::string_view* bytes) {
    int64_t size;
    return ReadLong(&size) && ReadRaw(size, bytes);
  }
  // Counts a value that takes no bytes, as null does: a few bytes may claim any number of them, and
  // more than a million and 1024 for each byte are false.
  bool TakeEmpty() { return empty_left_-- > 0; }
  // The same for columns that get a null each from one byte, as those of a missing record do.
  bool TakeNulls(int64_t count) { return (nulls_left_ -= count) >= 0; }

 private:
  const char* begin_;
  const char* at_;
  const char* end_;
  int64_t empty_left_;
  int64_t nulls_left_;
};

// Values of one schema on their way into an array of ArrowTypeOf(schema).
class AvroColumn {
 public:
  virtual ~AvroColumn() = default;
  // Takes the next value. INVALID_ARGUMENT says what is wrong with the bytes.
  virtual Status Append(AvroCursor& cursor) = 0;
  Status AppendNull();
  int64_t num_builders() const;  // to which a null is appended: it and all below it
  const std::shared_ptr<arrow::ArrayBuilder>& builder() const { return builder_; }

 protected:
  explicit AvroColumn(std::shared_ptr<arrow::ArrayBuilder> builder)
      : builder_(std::move(builder)) {}
  std::shared_ptr<arrow::ArrayBuilder> builder_;
};

using AvroColumns = std::vector<std::unique_ptr<AvroColumn>>;

std::unique_ptr<AvroColumn> MakeAvroColumn(const AvroSchema& schema);
std::unique_ptr<AvroColumn> MakeAvroUnion(const AvroSchema& schema);

// The builder of structs of `columns`, of which some may be null and are left out.
std::shared_ptr<arrow::ArrayBuilder> StructOf(const AvroSchema& schema, const AvroColumns& columns);

// INVALID_ARGUMENT: bytes end inside `what` ("an int"), or are none.
Status CutOff(std::string_view what);
// The next symbol of an enum.
Status ReadSymbol(const AvroSchema& schema, AvroCursor& cursor, std::string_view* symbol);

}  // namespace bessemer::example_gen::avro

#endif  // BESSEMER_EXAMPLE_GEN_SOURCES_AVRO_AVRO_COLUMNS_INTERNAL_H_
