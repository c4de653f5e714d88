#ifndef BESSEMER_TENSORFLOW_HOST_TENSOR_H_
#define BESSEMER_TENSORFLOW_HOST_TENSOR_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/tensorflow/attr.h"

namespace bessemer::tf {

// The dtype of a C++ type: float, double, int8_t … uint64_t, bool.
template <typename T>
constexpr DataType DataTypeOf() {
  if constexpr (std::is_same_v<T, float>) return ::tensorflow::DT_FLOAT;
  if constexpr (std::is_same_v<T, double>) return ::tensorflow::DT_DOUBLE;
  if constexpr (std::is_same_v<T, int8_t>) return ::tensorflow::DT_INT8;
  if constexpr (std::is_same_v<T, int16_t>) return ::tensorflow::DT_INT16;
  if constexpr (std::is_same_v<T, int32_t>) return ::tensorflow::DT_INT32;
  if constexpr (std::is_same_v<T, int64_t>) return ::tensorflow::DT_INT64;
  if constexpr (std::is_same_v<T, uint8_t>) return ::tensorflow::DT_UINT8;
  if constexpr (std::is_same_v<T, uint16_t>) return ::tensorflow::DT_UINT16;
  if constexpr (std::is_same_v<T, uint32_t>) return ::tensorflow::DT_UINT32;
  if constexpr (std::is_same_v<T, uint64_t>) return ::tensorflow::DT_UINT64;
  if constexpr (std::is_same_v<T, bool>) return ::tensorflow::DT_BOOL;
  return ::tensorflow::DT_INVALID;
}

// Bytes of one value; 0 for strings and types that have no plain form.
int64_t DataTypeSize(DataType dtype);

// A tensor in memory: what a session is fed and what it returns. Row-major. Copies share the
// memory. Needs no TensorFlow.
class HostTensor {
 public:
  HostTensor() = default;  // DT_INVALID

  // Zeros, or empty strings. The type must be a plain number, bool or DT_STRING; sizes ≥ 0.
  static HostTensor Make(DataType dtype, Shape shape);
  template <typename T>
  static HostTensor Of(std::span<const T> values, Shape shape) {
    HostTensor tensor = Make(DataTypeOf<T>(), std::move(shape));
    const std::span<T> out = tensor.mutable_values<T>();
    std::copy_n(values.begin(), std::min(values.size(), out.size()), out.begin());
    return tensor;
  }
  template <typename T>
  static HostTensor Vector(const std::vector<T>& values) {
    return Of<T>(std::span<const T>(values), {static_cast<int64_t>(values.size())});
  }
  static HostTensor Strings(std::vector<std::string> values);               // a vector
  static HostTensor Strings(std::vector<std::string> values, Shape shape);  // as many values
  // Memory owned by something else.
  static HostTensor Wrap(DataType dtype, Shape shape, std::shared_ptr<void> data,
                         int64_t num_bytes);

  DataType dtype() const { return dtype_; }
  const Shape& shape() const { return shape_; }
  int64_t num_elements() const { return num_elements_; }
  int64_t num_rows() const { return shape_.empty() ? 1 : shape_[0]; }

  // The values; empty if T is not the dtype.
  template <typename T>
  std::span<const T> values() const {
    if (DataTypeOf<T>() != dtype_) return {};
    return {static_cast<const T*>(data_.get()), static_cast<size_t>(num_elements_)};
  }
  template <typename T>
  std::span<T> mutable_values() {
    if (DataTypeOf<T>() != dtype_) return {};
    return {static_cast<T*>(data_.get()), static_cast<size_t>(num_elements_)};
  }
  const std::vector<std::string>& strings() const;  // empty unless DT_STRING
  std::vector<std::string>* mutable_strings() { return strings_.get(); }  // null unless DT_STRING

  const void* data() const { return data_.get(); }
  int64_t num_bytes() const { return num_bytes_; }

  // Numbers and bools of any type as double. INVALID_ARGUMENT for strings and half types.
  StatusOr<std::vector<double>> ToDoubles() const;

 private:
  DataType dtype_ = ::tensorflow::DT_INVALID;
  Shape shape_;
  int64_t num_elements_ = 0;
  int64_t num_bytes_ = 0;
  std::shared_ptr<void> data_;
  std::shared_ptr<std::vector<std::string>> strings_;
};

// Tensors of one dtype and one shape but for the first dimension, one below the other.
// INVALID_ARGUMENT if they differ, are scalars or of a type that has no plain form.
StatusOr<HostTensor> ConcatRows(const std::vector<HostTensor>& parts);

}  // namespace bessemer::tf

#endif  // BESSEMER_TENSORFLOW_HOST_TENSOR_H_
