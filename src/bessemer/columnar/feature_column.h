#ifndef BESSEMER_COLUMNAR_FEATURE_COLUMN_H_
#define BESSEMER_COLUMNAR_FEATURE_COLUMN_H_

#include <arrow/array.h>
#include <arrow/record_batch.h>

#include <cstdint>
#include <memory>
#include <string_view>

#include "bessemer/base/status.h"

namespace bessemer::columnar {

// A feature of a batch, whatever Arrow layout it has: per row absent, or a list of values.
//
// Two layouts are read:
//   plain   an array of int, float, string or binary: a null row is absent, any other row has
//           exactly one value;
//   ragged  list<T> or large_list<T> of those: a null row is absent, an empty list is present with
//           no values. A null leaf is a value that is null.
// Null-typed columns are absent in every row. Nested lists and structs are not feature columns;
// statistics walks them with its own code.
//
// A FeatureColumn borrows nothing it does not keep alive: it holds the array. Copying is cheap.
// Immutable, so safe to share between threads.
class FeatureColumn {
 public:
  enum class Layout { kAbsent, kPlain, kRagged };

  // INVALID_ARGUMENT for a layout or value type that is not listed above.
  static StatusOr<FeatureColumn> Make(std::shared_ptr<arrow::Array> array);

  Layout layout() const { return layout_; }
  int64_t num_rows() const { return array_->length(); }
  bool IsPresent(int64_t row) const { return array_->IsValid(row); }
  int64_t num_present() const { return array_->length() - array_->null_count(); }

  // The values of row r are values()[begin(r)] … values()[end(r) - 1]. For the plain layout an
  // absent row still owns one (null) slot of values(): ask IsPresent first.
  int64_t begin(int64_t row) const {
    return offsets32_ ? offsets32_[row] : offsets64_ ? offsets64_[row] : row;
  }
  int64_t end(int64_t row) const { return begin(row + 1); }

  // The flat values; for the ragged layout only the part this column's rows refer to is meaningful.
  const std::shared_ptr<arrow::Array>& values() const { return values_; }
  const std::shared_ptr<arrow::DataType>& value_type() const { return values_->type(); }
  const std::shared_ptr<arrow::Array>& array() const { return array_; }

 private:
  Layout layout_ = Layout::kAbsent;
  std::shared_ptr<arrow::Array> array_;
  std::shared_ptr<arrow::Array> values_;
  const int32_t* offsets32_ = nullptr;
  const int64_t* offsets64_ = nullptr;
};

// Calls f(std::type_identity<ArrowArrayType>()) with the concrete class of a numeric array: int8 …
// uint64, half_float excluded, float, double. The one numeric dispatch; returns f's result, or
// INVALID_ARGUMENT for another type. f must return Status.
template <typename F>
Status DispatchNumeric(const arrow::DataType& type, F&& f) {
  switch (type.id()) {
    case arrow::Type::INT8:
      return f(std::type_identity<arrow::Int8Array>());
    case arrow::Type::INT16:
      return f(std::type_identity<arrow::Int16Array>());
    case arrow::Type::INT32:
      return f(std::type_identity<arrow::Int32Array>());
    case arrow::Type::INT64:
      return f(std::type_identity<arrow::Int64Array>());
    case arrow::Type::UINT8:
      return f(std::type_identity<arrow::UInt8Array>());
    case arrow::Type::UINT16:
      return f(std::type_identity<arrow::UInt16Array>());
    case arrow::Type::UINT32:
      return f(std::type_identity<arrow::UInt32Array>());
    case arrow::Type::UINT64:
      return f(std::type_identity<arrow::UInt64Array>());
    case arrow::Type::FLOAT:
      return f(std::type_identity<arrow::FloatArray>());
    case arrow::Type::DOUBLE:
      return f(std::type_identity<arrow::DoubleArray>());
    default:
      return InvalidArgumentError("{} is not a numeric type", type.ToString());
  }
}

// The same for string, binary and their large forms. GetView of these classes returns the bytes.
template <typename F>
Status DispatchBytes(const arrow::DataType& type, F&& f) {
  switch (type.id()) {
    case arrow::Type::STRING:
    case arrow::Type::BINARY:
      return f(std::type_identity<arrow::BinaryArray>());
    case arrow::Type::LARGE_STRING:
    case arrow::Type::LARGE_BINARY:
      return f(std::type_identity<arrow::LargeBinaryArray>());
    default:
      return InvalidArgumentError("{} is not a string or binary type", type.ToString());
  }
}

bool IsInteger(const arrow::DataType& type);
bool IsFloat(const arrow::DataType& type);
bool IsBytes(const arrow::DataType& type);

// What produces batches: one file, one query, one shard. Not thread-safe; several sources may be
// read by several threads.
class BatchSource {
 public:
  virtual ~BatchSource() = default;
  // The next batch, or null at the end. After an error the source is done.
  virtual StatusOr<std::shared_ptr<arrow::RecordBatch>> Next() = 0;
};

}  // namespace bessemer::columnar

#endif  // BESSEMER_COLUMNAR_FEATURE_COLUMN_H_
