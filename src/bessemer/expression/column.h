#ifndef BESSEMER_EXPRESSION_COLUMN_H_
#define BESSEMER_EXPRESSION_COLUMN_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bessemer/base/config.h"
#include "bessemer/expression/type.h"

namespace arrow {
class Array;
}  // namespace arrow

namespace bessemer::expression {

// The values of an expression over a batch, in one contiguous span of its kind:
//   kScalar  one value                     kList    any number
//   kRow     num_rows values               kVector  num_rows * size values
//   kRagged  values of row r at offsets()[r] … offsets()[r + 1] - 1; offsets()[0] is 0
// An optional row may have validity(): one byte a row, 0 missing; what the slot of a missing row
// holds is not defined.
// Immutable and cheap to copy; keeps alive what it points to.
class Column {
 public:
  Column() = default;

  // A column with its own zeroed storage for `num_values` values, to be filled through Mutable….
  static Column Make(const Type& type, int64_t num_rows, int64_t num_values);
  // num_values follows from the type; not for kList and kRagged.
  static Column Make(const Type& type, int64_t num_rows);
  static Column Constant(int64_t value);
  static Column Constant(float value);
  static Column Constant(std::string_view value);
  static Column List(std::vector<int64_t> values);
  static Column List(std::vector<float> values);
  static Column List(const std::vector<std::string>& values);

  // Reads a feature as `type`, which must be per row. INVALID_ARGUMENT naming the row if the array
  // is of another kind, has a row with too many or too few values, or misses a required one.
  static StatusOr<Column> FromArrow(const std::shared_ptr<arrow::Array>& array, const Type& type);
  // Rows: a plain int64, float or binary array, null where missing. Vectors and ragged: list
  // arrays, null where a ragged row has no values. Scalars become `num_rows` equal rows.
  StatusOr<std::shared_ptr<arrow::Array>> ToArrow(int64_t num_rows) const;

  // Constants (kScalar, kList) to and from {"kind": …, "list": bool, "values": […]}; floats keep
  // their bits, bytes that are not UTF-8 are written as hex.
  Json ToJson() const;
  static StatusOr<Column> FromJson(const Json& json);

  const Type& type() const { return type_; }
  int64_t num_rows() const { return num_rows_; }
  int64_t num_values() const { return num_values_; }
  std::span<const int64_t> ints() const { return {ints_, size_for(Kind::kInt)}; }
  std::span<const float> floats() const { return {floats_, size_for(Kind::kFloat)}; }
  std::span<const std::string_view> bytes() const { return {bytes_, size_for(Kind::kBytes)}; }
  bool has_validity() const { return valid_ != nullptr; }
  bool IsValid(int64_t row) const { return valid_ == nullptr || valid_[row] != 0; }
  const uint8_t* validity() const { return valid_; }
  std::span<const int64_t> offsets() const {
    return {offsets_, offsets_ == nullptr ? 0 : static_cast<size_t>(num_rows_ + 1)};
  }
  // The values [begin, end) of a row of a per-row column; an invalid row has none.
  int64_t begin(int64_t row) const;
  int64_t end(int64_t row) const;

  // Of a column that was made by Make and is not shared yet.
  int64_t* MutableInts() { return const_cast<int64_t*>(ints_); }
  float* MutableFloats() { return const_cast<float*>(floats_); }
  std::string_view* MutableBytes() { return const_cast<std::string_view*>(bytes_); }
  uint8_t* MutableValidity();  // made on first use, all 1
  int64_t* MutableOffsets() { return const_cast<int64_t*>(offsets_); }
  // Copies bytes into the column's arena, where values may point.
  std::string_view Keep(std::string_view bytes);
  // Keeps an object alive as long as the column.
  void Hold(std::shared_ptr<const void> owner) { owners_.push_back(std::move(owner)); }
  void HoldAll(const Column& other);
  // The same values seen as another type of the same kind and number of values.
  Column Retyped(const Type& type) const;
  // Takes rows' boundaries or validity from another column of equal rows.
  void ShareOffsets(const Column& other);
  void ShareValidity(const Column& other);

 private:
  friend class ColumnReader;
  size_t size_for(Kind kind) const {
    return type_.kind == kind ? static_cast<size_t>(num_values_) : 0;
  }

  Type type_;
  int64_t num_rows_ = 0;
  int64_t num_values_ = 0;
  const int64_t* ints_ = nullptr;
  const float* floats_ = nullptr;
  const std::string_view* bytes_ = nullptr;
  const uint8_t* valid_ = nullptr;
  const int64_t* offsets_ = nullptr;
  std::vector<std::shared_ptr<const void>> owners_;
  std::shared_ptr<std::vector<std::unique_ptr<char[]>>> arena_;
  char* arena_at_ = nullptr;
  size_t arena_left_ = 0;
};

}  // namespace bessemer::expression

#endif  // BESSEMER_EXPRESSION_COLUMN_H_
